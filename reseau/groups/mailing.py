"""Who is written to about who comes into a group. Whoever chose to read of groups on the site only gets no mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.groups import emails
from reseau.groups.addresses import group_path
from reseau.groups.belonging import animators
from reseau.groups.models import WorkingGroup
from reseau.members.models import Person, PersonState
from reseau.members.places import people_with
from reseau.notices.models import NoticeChoice
from reseau.notices.preferences import Mode, mode_of
from reseau.settings import Settings

PREFERENCE = "groupes"
"""Of ``notices.preferences.KINDS``."""


def wanting(session: Session, people: Iterable[Person]) -> list[Person]:
    """Those who want mails about groups and can be written to; one statement."""
    known = {one.id: one for one in people if one.email and one.state == PersonState.ACTIVE.value}
    rows = session.scalars(sa.select(NoticeChoice).where(NoticeChoice.person_id.in_(list(known)))) if known else ()
    off = {row.person_id for row in rows if mode_of(row, PREFERENCE) is Mode.SITE}
    return [one for one in known.values() if one.id not in off]


def _send(session: Session, person: Person, letter: Letter, settings: Settings, now: datetime, key: str) -> bool:
    return queue(session, letter, person.email or "", site=Site.of(settings), now=now, key=key, optional_for=person.id)


def _url(settings: Settings, group: WorkingGroup, suffix: str = "") -> str:
    return f"{settings.public_url.rstrip('/')}{group_path(group.slug)}{suffix}"


def tell_invited(
    session: Session, group: WorkingGroup, person: Person, by: str, settings: Settings, now: datetime
) -> int:
    """An invitation: once a day at most for a person and group. :return: mails."""
    day, url = site_day(session, now), _url(settings, group)
    return sum(
        _send(session, one, emails.invited(one.lang, by, group.name, url), settings, now,
              f"groupe-invitation:{group.id}:{one.id}:{day}")
        for one in wanting(session, [person])
    )  # fmt: skip


def tell_asked(session: Session, group: WorkingGroup, settings: Settings, now: datetime) -> int:
    """A request: the animators, one mail a day at most for each and group; without any, the coordination."""
    day, url = site_day(session, now), _url(settings, group, "/membres")
    keepers = animators(session, group) or people_with(session, "coordinator")
    return sum(
        _send(session, one, emails.asked(one.lang, group.name, url), settings, now,
              f"groupe-demande:{group.id}:{one.id}:{day}")
        for one in wanting(session, keepers)
    )  # fmt: skip


def tell_answered(
    session: Session, group: WorkingGroup, person_id: UUID, accepted: bool, settings: Settings, now: datetime
) -> int:
    """What became of a request."""
    person, day = session.get(Person, person_id), site_day(session, now)
    url = _url(settings, group) if accepted else f"{settings.public_url.rstrip('/')}/groupes"
    return sum(
        _send(session, one, emails.answered(one.lang, group.name, url, accepted=accepted), settings, now,
              f"groupe-reponse:{group.id}:{one.id}:{day}:{accepted}")
        for one in wanting(session, [person] if person else [])
    )  # fmt: skip
