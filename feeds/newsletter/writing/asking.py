"""Whom of the coordination is told what of an issue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue, LetterDate
from feeds.newsletter.writing import emails
from reseau.core.clock import local_day
from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.members.models import Person
from reseau.members.places import names, people_with
from reseau.settings import Settings

ROLE = "coordinator"


def subject_of(issue: Issue, lang: str) -> str:
    """What an issue is called."""
    return str(issue.subject.get(lang) or issue.subject.get("fr") or "")


def approval(session: Session, issue: Issue, by: UUID, settings: Settings, now: datetime) -> int:
    """Ask the other coordinators to read an issue and approve it. :return: how many are asked."""
    site = Site.of(settings)
    name = names(session, [by]).get(by, "")
    url = f"{site.url}/gestion/lettre/{issue.id}/approuver"
    return sum(
        _tell(
            session, person, emails.approval(person.lang, name, subject_of(issue, person.lang), url), settings, now,
            f"lettre-relecture:{issue.id}:{issue.rev}:{person.id}",
        )
        for person in people_with(session, ROLE) if person.id != by
    )  # fmt: skip


def kept_back(session: Session, issue: Issue, settings: Settings, now: datetime) -> int:
    """Say that a scheduled issue did not leave."""
    url = f"{Site.of(settings).url}/gestion/lettre/{issue.id}/envoyer"
    return sum(
        _tell(
            session, person, emails.kept_back(person.lang, subject_of(issue, person.lang), url), settings, now,
            f"lettre-retenue:{issue.id}:{issue.rev}:{person.id}",
        )
        for person in people_with(session, ROLE)
    )  # fmt: skip


def remind(session: Session, one: LetterDate, days: int, settings: Settings, now: datetime) -> int:
    """Say that a day of the calendar comes. :param days: until then."""
    url, today = f"{Site.of(settings).url}/gestion/lettre", local_day(now, settings.timezone)
    one.reminded_on = today
    return sum(
        _tell(
            session, person, emails.reminder(person.lang, one.day, days, one.title, url), settings, now,
            f"lettre-calendrier:{one.id}:{one.day}:{today}:{person.id}",
        )
        for person in people_with(session, ROLE)
    )  # fmt: skip


def _tell(session: Session, person: Person, letter: Letter, settings: Settings, now: datetime, key: str) -> bool:
    if not person.email:
        return False
    return queue(session, letter, person.email, site=Site.of(settings), now=now, key=key)
