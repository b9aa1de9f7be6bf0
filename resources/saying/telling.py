"""Who is told of what people say, and when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.core.letters import Letter, Site
from reseau.core.limits import Limit, allow
from reseau.core.mail import Mail, queue
from reseau.members.models import Person, PersonState
from reseau.members.places import people_with
from reseau.members.profile import wants
from reseau.settings import Settings
from resources.base.addresses import path_of
from resources.base.models import Opinion, Resource, ResourceAuthor, ResourceReport, State
from resources.saying import emails
from resources.saying.reports import RESOLVED

REPORTS, RESOURCES = "suggestions", "ressources"
"""Kinds of mail, as people choose them (``members.profile.MAILS``): reports, for the coordination; what is said of
their resources, for authors."""
#: A comment is told once: who changes their grade only moves the date of their opinion, and says nothing new to read.
TOLD = Limit("comment-told", 1, timedelta(days=730))
#: Comments that are older are not told any more, if the worker was away for so long.
LOOK_BACK = 7


def address(settings: Settings, resource: Resource, suffix: str = "") -> str:
    """Full address of a resource."""
    return settings.public_url.rstrip("/") + path_of(resource) + suffix


def authors(session: Session, resource_id: UUID) -> list[Person]:
    """Who wrote it and can be written to."""
    found = sa.select(Person).join(ResourceAuthor, ResourceAuthor.person_id == Person.id)
    where = (ResourceAuthor.resource_id == resource_id, Person.state == PersonState.ACTIVE.value)
    return list(session.scalars(found.where(*where).order_by(Person.created_at, Person.id)))


def tell_report(session: Session, report: ResourceReport, resource: Resource, settings: Settings, now: datetime) -> int:
    """Write to the authors and to the coordination: one mail a person an hour at most. :return: mails."""
    wrote = authors(session, resource.id)
    known = {person.id for person in wrote}
    people = [(person, False) for person in wrote]
    people += [(person, True) for person in people_with(session, "coordinator") if person.id not in known]
    url, sent = address(settings, resource, f"/signalements/{report.id}"), 0
    for person, coordination in people:
        kind = REPORTS if coordination else RESOURCES
        if not person.email or not wants(person, kind) or person.id == report.author_id:
            continue
        letter = emails.reported(person.lang, resource.title, report.reason, url, coordination=coordination)
        key = f"ressource-signalement:{person.id}:{now:%Y-%m-%dT%H}"
        site = Site.of(settings)
        sent += queue(session, letter, person.email, site=site, now=now, key=key, optional_for=person.id)
    return sent


def tell_answer(
    session: Session, report: ResourceReport, resource: Resource, settings: Settings, now: datetime
) -> bool:
    """Write to who reported, if there is an address. Anybody may type the address of anybody: only that of an account,
    given by who is signed in to it, is sent the words of the answer. :return: whether there was one."""
    theirs, resolved = _address_of(session, report.author_id), report.state == RESOLVED
    to = report.contact or theirs
    if to and theirs and to.casefold() == theirs.casefold():
        url = address(settings, resource)
        letter = emails.answered(report.lang, resource.title, report.answer, url, resolved=resolved)
    else:
        url = address(settings, resource, f"/signalements/{report.id}/reponse")
        letter = emails.answered_stranger(report.lang, resource.title, url, resolved=resolved)
    return _queue(session, letter, to, settings, now, f"ressource-signalement-reponse:{report.id}")


def tell_hidden(
    session: Session, resource: Resource, person_id: UUID, reason: str, settings: Settings, now: datetime
) -> bool:
    """Write to the author of a comment that was hidden: once, however often it is hidden and shown. :return: whether a
    mail was written."""
    person = session.get_one(Person, person_id)
    letter = emails.hidden(person.lang, resource.title, reason, address(settings, resource, "/avis"))
    return _queue(session, letter, _address_of(session, person_id), settings, now,
                  f"avis-masque:{resource.id}:{person_id}")  # fmt: skip


def _queue(session: Session, letter: Letter, to: str | None, settings: Settings, now: datetime, key: str) -> bool:
    if not to:
        return False
    try:
        return queue(session, letter, to, site=Site.of(settings), now=now, key=key)
    except ValueError:  # what a visitor gave as an address is none: an answer must not fail for that
        return False


def _address_of(session: Session, person_id: UUID | None) -> str | None:
    person = session.get(Person, person_id) if person_id else None
    return person.email if person is not None and person.state == PersonState.ACTIVE.value else None


# --- comments, once a day ----------------------------------------------------------------------------------------


def tell_comments(session: Session, settings: Settings, now: datetime) -> int:
    """Write to each author what was said of their resources until yesterday and was not told yet: one mail a day.

    What was told is known by the mails themselves (``avis:{person}:{day}``, the last day that it tells).
    """
    yesterday = site_day(session, now) - timedelta(days=1)
    first = yesterday - timedelta(days=LOOK_BACK - 1)
    told = _told(session, now)
    found = _comments(session, settings, first, yesterday)
    people = _people(session, found)
    sent = 0
    for person_id, said in found.items():
        person, since = people.get(person_id), told.get(person_id, first - timedelta(days=1))
        if person is None:
            continue
        new = [one for one in said if one.day > since and allow(session, TOLD, f"{person_id}:{one.mark}", now)]
        numbers = Counter(one.resource.id for one in new)
        resources = {one.resource.id: one.resource for one in new}
        if not resources:
            continue
        lines = [(one.title, numbers[one.id], address(settings, one, "/avis")) for one in resources.values()]
        key = f"avis:{person.id}:{yesterday.isoformat()}"
        letter = emails.commented(person.lang, lines)
        site = Site.of(settings)
        sent += queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)
    return sent


@dataclass(frozen=True, slots=True)
class _Comment:
    """``mark``: of who said what about which resource."""

    day: date
    resource: Resource
    mark: str


def _comments(session: Session, settings: Settings, first: date, last: date) -> dict[UUID, list[_Comment]]:
    """Author → each comment of somebody else that can be read."""
    zone = ZoneInfo(settings.timezone)
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    wanted = (
        sa.select(ResourceAuthor.person_id, Opinion, Resource)
        .join(Opinion, Opinion.resource_id == ResourceAuthor.resource_id)
        .join(Resource, Resource.id == ResourceAuthor.resource_id)
        .where(Opinion.at >= start, Opinion.at < end, Opinion.comment != "", Opinion.hidden_at.is_(None))
        .where(Opinion.person_id != ResourceAuthor.person_id, Resource.state == State.PUBLISHED.value)
        .order_by(Resource.title, Resource.id)
    )
    found: dict[UUID, list[_Comment]] = defaultdict(list)
    for person_id, said, resource in session.execute(wanted):
        mark = f"{resource.id}:{said.person_id}:{said.comment}"
        found[person_id].append(_Comment(said.at.astimezone(zone).date(), resource, mark))
    return found


def _told(session: Session, now: datetime) -> dict[UUID, date]:
    """Person → the last day of which they were told."""
    recent = now - timedelta(days=LOOK_BACK + 2)
    keys = session.scalars(sa.select(Mail.key).where(Mail.kind == "avis", Mail.created_at > recent))
    found: dict[UUID, date] = {}
    for key in keys:
        _kind, person, day = (key or "::").split(":")
        if person:
            id_ = UUID(person)
            found[id_] = max(found.get(id_, date.min), date.fromisoformat(day))
    return found


def _people(session: Session, ids: Iterable[UUID]) -> dict[UUID, Person]:
    wanted: Any = sa.select(Person).where(Person.id.in_(sorted(ids)), Person.state == PersonState.ACTIVE.value)
    return {one.id: one for one in session.scalars(wanted) if one.email and wants(one, RESOURCES)}
