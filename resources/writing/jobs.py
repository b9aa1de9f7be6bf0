"""What is done by the clock: authors are asked whether their resources are still right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.clock import local_day
from reseau.core.jobs import Job, Tools
from reseau.core.letters import Site
from reseau.core.mail import Mail, queue
from reseau.members.models import Person
from reseau.members.places import referents
from reseau.members.profile import wants
from reseau.settings import Settings
from resources.base.addresses import path_of
from resources.base.models import Resource, State
from resources.writing import authors, emails

EVERY = timedelta(days=30)
#: Under which name of ``members.profile.MAILS`` people choose to be reminded.
PREFERENCE = "ressources"
_KIND = "ressource-a-verifier"


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one person is to be asked: ``resources``, as (title, address in the site)."""

    person_id: UUID
    email: str
    lang: str
    resources: list[tuple[str, str]]


def ask_to_verify(tools: Tools) -> str | None:
    """Ask authors about the resources whose day has passed; one mail a person in 30 days."""
    now, sent = tools.clock(), 0
    with tools.sessions() as session:
        todo = reminders(session, tools.settings, now)
    for one in todo:
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            sent += remind(session, one, tools.settings, now)
    return f"{sent} rappels" if sent else None


def remind(session: Session, one: Reminder, settings: Settings, now: datetime) -> int:
    """Write to one person about all of theirs. :return: how many mails were written."""
    site = Site.of(settings)
    letter = emails.still_right(one.lang, [(title, f"{site.url}{path}/verifier") for title, path in one.resources])
    # Two workers at once: the second finds the key of the first.
    key = f"{_KIND}:{one.person_id}:{local_day(now, settings.timezone)}"
    return int(queue(session, letter, one.email, site=site, now=now, key=key, optional_for=one.person_id))


def reminders(session: Session, settings: Settings, now: datetime) -> list[Reminder]:
    """Who is to be asked, and what: authors; the référents of its place when no author can be asked; nobody who was
    asked less than 30 days ago. As many statements for one resource as for many (up to 1,000 places)."""
    today = local_day(now, settings.timezone).isoformat()
    wanted = (
        sa.select(Resource)
        .where(Resource.state == State.PUBLISHED.value, Resource.due_on != "", Resource.due_on <= today)
        .order_by(Resource.due_on, Resource.title)
    )
    due = list(session.scalars(wanted))
    if not due:
        return []
    written = authors.people(session, [resource.id for resource in due])
    asked = {resource.id: _reachable(written.get(resource.id, [])) for resource in due}
    left = {resource.structure_id for resource in due if resource.structure_id and not asked[resource.id]}
    keepers = referents(session, left) if left else {}
    told, people, theirs = _told_lately(session, now), dict[UUID, Person](), defaultdict[UUID, list[Resource]](list)
    for resource in due:
        place = resource.structure_id
        for person in asked[resource.id] or _reachable(keepers.get(place, []) if place else []):
            if person.email not in told:
                people[person.id] = person
                theirs[person.id].append(resource)
    return [
        Reminder(id_, person.email or "", person.lang, [(one.title, path_of(one)) for one in theirs[id_]])
        for id_, person in sorted(people.items())
    ]


def _reachable(people: Iterable[Person]) -> list[Person]:
    return [person for person in people if person.email and wants(person, PREFERENCE)]


def _told_lately(session: Session, now: datetime) -> set[str]:
    # A mail is kept for 30 days after it left: as long as it counts.
    return set(session.scalars(sa.select(Mail.recipient).where(Mail.kind == _KIND, Mail.created_at > now - EVERY)))


JOBS: tuple[Job, ...] = (Job("ressources-a-verifier", timedelta(days=1), ask_to_verify),)
