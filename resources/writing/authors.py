"""Who may write a resource by name: added among the people of the network, removed, leaving."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.letters import Site
from reseau.core.limits import Limit, allow
from reseau.core.mail import queue
from reseau.members.models import Membership, Person, PersonState
from reseau.members.profile import wants
from reseau.members.signin import by_address
from reseau.settings import Settings
from resources.base import services
from resources.base.addresses import path_of
from resources.base.models import Resource, ResourceAuthor
from resources.writing import emails

#: Under which name of ``members.profile.MAILS`` authors choose to hear of what they write.
PREFERENCE = "ressources"
PER_HOUR = Limit("resource-author", 10, timedelta(hours=1))


class Added(enum.Enum):
    """What became of an address. ``UNKNOWN``: nobody of the network has it, whether or not there is an account.
    ``OUTSIDER``: whoever asks is not of the network."""

    ADDED = "added"
    ALREADY = "already"
    UNKNOWN = "unknown"
    TOO_MANY = "too-many"
    OUTSIDER = "outsider"


def in_network(session: Session, person: Person) -> bool:
    """Whether a person belongs to a place or has a role on the site."""
    if person.state != PersonState.ACTIVE.value:
        return False
    wanted = sa.select(Membership.id).where(Membership.person_id == person.id).limit(1)
    return bool(person.roles) or session.scalar(wanted) is not None


def add(session: Session, resource: Resource, address: str, *, by: Person, settings: Settings, now: datetime) -> Added:
    """Let somebody else write a resource; they hear of it by mail, if they want such mails."""
    if not in_network(session, by):
        return Added.OUTSIDER  # without a word on the address
    if not allow(session, PER_HOUR, str(by.id), now):
        return Added.TOO_MANY
    person = by_address(session, address.strip().lower())
    if person is None or not in_network(session, person):
        return Added.UNKNOWN
    if person.id in services.author_ids(session, resource.id):
        return Added.ALREADY
    session.add(ResourceAuthor(resource_id=resource.id, person_id=person.id, added_at=now))
    session.flush()
    if not wants(person, PREFERENCE):
        return Added.ADDED
    site = Site.of(settings)
    title = services.working(session, resource).title
    letter = emails.made_author(person.lang, by.name, title, f"{site.url}{path_of(resource)}/modifier")
    key = f"ressource:{resource.id}:auteur:{person.id}"
    queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)
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


def people(session: Session, resource_ids: Iterable[UUID]) -> dict[UUID, list[Person]]:
    """The authors of resources who can be written to, by resource; one statement."""
    wanted = (
        sa.select(ResourceAuthor.resource_id, Person)
        .join(Person, ResourceAuthor.person_id == Person.id)
        .where(ResourceAuthor.resource_id.in_(set(resource_ids)), Person.state == PersonState.ACTIVE.value)
        .where(Person.email.is_not(None))
        .order_by(ResourceAuthor.added_at, Person.id)
    )
    found: dict[UUID, list[Person]] = defaultdict(list)
    for resource_id, person in session.execute(wanted):
        found[resource_id].append(person)
    return found


def listening(session: Session, resource: Resource, but: UUID) -> list[Person]:
    """The authors who want to hear of what becomes of a resource, but one."""
    known = people(session, [resource.id]).get(resource.id, [])
    return [person for person in known if person.id != but and wants(person, PREFERENCE)]
