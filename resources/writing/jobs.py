"""What is done by the clock: authors are asked whether their resources are still right."""

from __future__ import annotations

from collections import defaultdict
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
from resources.base.models import Resource, State
from resources.base.routes import path_of
from resources.writing import authors, emails

EVERY = timedelta(days=30)
#: Under which name of ``members.profile.MAILS`` people choose to be reminded.
PREFERENCE = "rappels"
_KIND = "ressource-a-verifier"


def ask_to_verify(tools: Tools) -> str | None:
    """Ask authors about the resources whose day has passed; one mail a person in 30 days."""
    now, sent = tools.clock(), 0
    with tools.sessions() as session:
        people = sorted(_due(session, tools.settings, now))
    for person_id in people:
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            sent += remind(session, person_id, tools.settings, now)
    return f"{sent} rappels" if sent else None


def remind(session: Session, person_id: UUID, settings: Settings, now: datetime) -> int:
    """Ask one person about all of theirs; 0 when they were asked less than 30 days ago."""
    resources = _due(session, settings, now).get(person_id, [])
    person = session.get(Person, person_id)
    if person is None or not resources or not _reachable(person) or _told_lately(session, person, now):
        return 0
    site = Site.of(settings)
    named = [(one.title, f"{site.url}{path_of(one)}/verifier") for one in resources]
    # Two workers at once: the second finds the key of the first.
    key = f"{_KIND}:{person.id}:{local_day(now, settings.timezone)}"
    letter = emails.still_right(person.lang, named)
    return int(queue(session, letter, person.email or "", site=site, now=now, key=key))


def _due(session: Session, settings: Settings, now: datetime) -> dict[UUID, list[Resource]]:
    """Person → resources that are to be verified: authors; the référents of its place when no author can be asked."""
    today = local_day(now, settings.timezone).isoformat()
    wanted = (
        sa.select(Resource)
        .where(Resource.state == State.PUBLISHED.value, Resource.due_on != "", Resource.due_on <= today)
        .order_by(Resource.due_on, Resource.title)
    )
    found: dict[UUID, list[Resource]] = defaultdict(list)
    for resource in session.scalars(wanted).all():
        people = [person for person in authors.people(session, resource) if _reachable(person)]
        if not people and (place := resource.structure_id):
            people = [person for person in referents(session, [place]).get(place, []) if _reachable(person)]
        for person in people:
            found[person.id].append(resource)
    return found


def _reachable(person: Person) -> bool:
    return bool(person.email) and wants(person, PREFERENCE)


def _told_lately(session: Session, person: Person, now: datetime) -> bool:
    # A mail is kept for 30 days after it left: as long as it counts.
    wanted = sa.select(Mail.id).where(Mail.kind == _KIND, Mail.recipient == person.email, Mail.created_at > now - EVERY)
    return session.scalars(wanted.limit(1)).first() is not None


JOBS: tuple[Job, ...] = (Job("ressources-a-verifier", timedelta(days=1), ask_to_verify),)
