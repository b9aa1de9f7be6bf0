"""Who may write a resource by name: added among the people of the network, removed, leaving."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.letters import Site
from reseau.core.limits import Limit, allow
from reseau.core.mail import queue
from reseau.members.models import Membership, Person, PersonState
from reseau.members.signin import by_address
from reseau.settings import Settings
from resources.base import services
from resources.base.models import Resource, ResourceAuthor
from resources.base.routes import path_of
from resources.writing import emails

PER_HOUR = Limit("resource-author", 10, timedelta(hours=1))


class Added(enum.Enum):
    """What became of an address. ``UNKNOWN``: nobody of the network has it, whether or not there is an account."""

    ADDED = "added"
    ALREADY = "already"
    UNKNOWN = "unknown"
    TOO_MANY = "too-many"


def in_network(session: Session, person: Person) -> bool:
    """Whether a person belongs to a place or has a role on the site."""
    if person.state != PersonState.ACTIVE.value:
        return False
    wanted = sa.select(Membership.id).where(Membership.person_id == person.id).limit(1)
    return bool(person.roles) or session.scalar(wanted) is not None


def add(session: Session, resource: Resource, address: str, *, by: Person, settings: Settings, now: datetime) -> Added:
    """Let somebody else write a resource; they hear of it by mail."""
    if not allow(session, PER_HOUR, str(by.id), now):
        return Added.TOO_MANY
    person = by_address(session, address.strip().lower())
    if person is None or not in_network(session, person):
        return Added.UNKNOWN
    if person.id in services.author_ids(session, resource.id):
        return Added.ALREADY
    session.add(ResourceAuthor(resource_id=resource.id, person_id=person.id, added_at=now))
    session.flush()
    site = Site.of(settings)
    title = services.working(session, resource).title
    letter = emails.made_author(person.lang, by.name, title, f"{site.url}{path_of(resource)}/modifier")
    queue(session, letter, person.email or "", site=site, now=now, key=f"ressource:{resource.id}:auteur:{person.id}")
    return Added.ADDED


def remove(session: Session, resource: Resource, person_id: UUID) -> bool:
    """Somebody writes it no more. :return: False when they were no author, or when nobody would be left to write it:
    the last author of a resource of no place."""
    services.lock(session, resource)
    known = services.author_ids(session, resource.id)
    if person_id not in known or (len(known) == 1 and resource.structure_id is None):
        return False
    row = session.get_one(ResourceAuthor, (resource.id, person_id))
    session.delete(row)
    session.flush()
    return True


def people(session: Session, resource: Resource, but: UUID | None = None) -> list[Person]:
    """The authors who can be written to, but one."""
    wanted = (
        sa.select(Person)
        .join(ResourceAuthor, ResourceAuthor.person_id == Person.id)
        .where(ResourceAuthor.resource_id == resource.id, Person.state == PersonState.ACTIVE.value)
        .where(Person.email.is_not(None))
        .order_by(ResourceAuthor.added_at, Person.id)
    )
    return [person for person in session.scalars(wanted) if person.id != but]
