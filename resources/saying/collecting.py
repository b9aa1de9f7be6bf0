"""Collections: ordered lists of resources, of a person or of a place, that their owner may share."""

from __future__ import annotations

import enum
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.db import affected, insert
from reseau.core.paging import Page, nearest, offset
from reseau.core.wording import _
from reseau.directory.models import Structure
from reseau.members.models import Person
from resources.base.models import Collection, CollectionItem, Resource, State, Visibility
from resources.saying.services import place_of, readable

#: All notes of a full collection come in one form, in Arabic too: see ``web.app.MAX_FORM``.
MAX_TITLE, MAX_DESCRIPTION, MAX_NOTE = 150, 2000, 300
MAX_ITEMS, MAX_COLLECTIONS = 100, 100
PAGE_SIZE = 30


class Shared(enum.StrEnum):
    """Who reads a collection."""

    PRIVATE = "private"
    LINK = "link"
    NETWORK = "network"
    PUBLIC = "public"


LABELS = {
    Shared.PRIVATE: _("Moi (ou les membres de mon lieu)"),
    Shared.LINK: _("Les personnes qui ont l’adresse"),
    Shared.NETWORK: _("Les personnes du réseau"),
    Shared.PUBLIC: _("Tout le monde"),
}


class Full(Exception):
    """No more collections, or no more resources in this one."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. ``places``: structures to which they belong. ``network``: whether they are of the network."""

    person_id: UUID | None = None
    places: frozenset[UUID] = field(default_factory=frozenset)
    network: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A collection with whom it belongs to. ``place_id``, ``place``: the structure that it is today, or None and "".
    ``person``: name of its owner, "" for a place's. ``persons_place``: name of the place of that person, or "".
    ``size``: how many resources it holds, where that was counted."""

    collection: Collection
    place_id: UUID | None
    place: str
    person: str
    persons_place: str
    size: int = 0

    def may_edit(self, reader: Reader) -> bool:
        """Its owner may; members of the place that owns it may."""
        if self.place_id is not None:
            return self.place_id in reader.places
        return reader.person_id is not None and self.collection.person_id == reader.person_id

    def may_read(self, reader: Reader) -> bool:
        """Whoever may edit it, and those with whom it is shared."""
        shared = self.collection.visibility
        if shared in (Shared.LINK.value, Shared.PUBLIC.value) or self.may_edit(reader):
            return True
        return shared == Shared.NETWORK.value and reader.network

    def owner(self, network: bool) -> str:
        """Whose it is, for whom reads it: names of persons are for the network. "": somebody of the network."""
        return self.place or (self.person if network else "") or self.persons_place


@dataclass(frozen=True, slots=True)
class Item:
    """A resource of a collection."""

    resource: Resource
    note: str


# --- Reading ---------------------------------------------------------------------------------------------------------


def _all(*more: Any) -> sa.Select[Any]:
    was, now = aliased(Structure), aliased(Structure)
    return (
        sa.select(Collection, now.id, now.nom, Person.name, place_of(Collection.person_id), *more)
        .outerjoin(was, was.id == Collection.structure_id)
        .outerjoin(now, now.id == sa.func.coalesce(was.merged_into, was.id))
        .outerjoin(Person, Person.id == Collection.person_id)
    )


def _found(row: Sequence[Any]) -> Found:
    collection, place_id, place, person, persons_place, *size = row
    return Found(collection, place_id, place or "", person or "", persons_place or "", size[0] if size else 0)


def find(session: Session, secret: str) -> Found | None:
    """The collection of an address; one statement."""
    row = session.execute(_all().where(Collection.secret == secret)).first()
    return _found(tuple(row)) if row else None


def _size(network: bool, everything: bool = False) -> sa.ScalarSelect[Any]:
    """How many of its resources can be read. :param everything: all that it holds."""
    found = (
        sa.select(sa.func.count())
        .select_from(CollectionItem)
        .join(Resource, Resource.id == CollectionItem.resource_id)
        .where(CollectionItem.collection_id == Collection.id)
    )
    if not everything:
        found = found.where(Resource.state == State.PUBLISHED.value)
        found = found if network else found.where(Resource.visibility == Visibility.PUBLIC.value)
    return found.scalar_subquery()


def mine(session: Session, reader: Reader) -> list[Found]:
    """The collections that somebody may edit, the last changed first; one statement."""
    if reader.person_id is None:
        return []
    was = aliased(Structure)
    of_places = sa.select(was.id).where(sa.func.coalesce(was.merged_into, was.id).in_(sorted(reader.places)))
    where = sa.or_(Collection.person_id == reader.person_id, Collection.structure_id.in_(of_places))
    found = _all(_size(True, everything=True)).where(where).order_by(Collection.updated_at.desc(), Collection.id)
    return [_found(tuple(row)) for row in session.execute(found)]


def shared(session: Session, reader: Reader, number: int) -> Page[Found]:
    """Collections that everyone (and, to the network, that the network) may read and that hold something to read, the
    last changed first; two statements."""
    kinds = [Shared.PUBLIC.value, Shared.NETWORK.value] if reader.network else [Shared.PUBLIC.value]
    size = _size(reader.network)
    where = (Collection.visibility.in_(kinds), size > 0)
    total = session.execute(sa.select(sa.func.count()).select_from(Collection).where(*where)).scalar_one()
    here = nearest(number, total, PAGE_SIZE)
    found = _all(size).where(*where).order_by(Collection.updated_at.desc(), Collection.id)
    rows = session.execute(found.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE)))
    return Page([_found(tuple(row)) for row in rows], total, here, PAGE_SIZE)


def items(session: Session, collection_id: UUID, network: bool) -> tuple[list[Item], int]:
    """(what a reader can read of a collection, in order; how many are left out); one statement."""
    every = _rows(session, collection_id)
    kept = [Item(resource, item.note) for item, resource in every if readable(resource, network)]
    return kept, len(every) - len(kept)


def _rows(session: Session, collection_id: UUID) -> list[tuple[CollectionItem, Resource]]:
    found = (
        sa.select(CollectionItem, Resource)
        .join(Resource, Resource.id == CollectionItem.resource_id)
        .where(CollectionItem.collection_id == collection_id)
        .order_by(CollectionItem.position, CollectionItem.resource_id)
    )
    return [(item, resource) for item, resource in session.execute(found)]


def holding(session: Session, resource_id: UUID, ids: Iterable[UUID]) -> set[UUID]:
    """Which of some collections hold a resource."""
    found = sa.select(CollectionItem.collection_id).where(CollectionItem.resource_id == resource_id)
    return set(session.scalars(found.where(CollectionItem.collection_id.in_(sorted(set(ids))))))


# --- Writing ---------------------------------------------------------------------------------------------------------


def create(
    session: Session, title: str, *, person_id: UUID, structure_id: UUID | None = None, description: str = "",
    visibility: Shared = Shared.PRIVATE, now: datetime,
) -> Collection:  # fmt: skip
    """A collection of a person, or of a structure.

    :raises Full: its owner has ``MAX_COLLECTIONS``.
    """
    owner = Collection.structure_id == structure_id if structure_id else Collection.person_id == person_id
    if session.execute(sa.select(sa.func.count()).select_from(Collection).where(owner)).scalar_one() >= MAX_COLLECTIONS:
        raise Full
    made = Collection(
        title=title, description=description, person_id=None if structure_id else person_id,
        structure_id=structure_id, visibility=visibility.value, secret=new_secret(), created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def new_secret() -> str:
    """Of an address that nobody can guess: 128 bits."""
    return secrets.token_urlsafe(16)


def lock(session: Session, collection: Collection) -> None:
    """Nobody else changes it until the commit; its columns are read again."""
    session.flush()
    session.refresh(collection, with_for_update=True)


def add(session: Session, collection: Collection, resource: Resource, now: datetime) -> bool:
    """Put a resource at the end. :return: False when it is there already. :raises Full: there are ``MAX_ITEMS``."""
    lock(session, collection)
    mine_ = CollectionItem.collection_id == collection.id
    last, size = session.execute(
        sa.select(sa.func.coalesce(sa.func.max(CollectionItem.position), 0), sa.func.count()).where(mine_)
    ).one()
    if session.get(CollectionItem, (collection.id, resource.id)):
        return False
    if size >= MAX_ITEMS:
        raise Full
    values = {"collection_id": collection.id, "resource_id": resource.id, "position": last + 1, "note": ""}
    session.execute(insert(session, CollectionItem).values(values).on_conflict_do_nothing())
    collection.updated_at = now
    session.flush()
    return True


def remove(session: Session, collection: Collection, resource_id: UUID, now: datetime) -> bool:
    """Take a resource out. :return: False when it was not there."""
    lock(session, collection)
    where = (CollectionItem.collection_id == collection.id, CollectionItem.resource_id == resource_id)
    gone = affected(session, sa.delete(CollectionItem).where(*where)) > 0
    if gone:
        collection.updated_at = now
    session.flush()
    return gone


def clean(session: Session, collection: Collection, network: bool, now: datetime) -> int:
    """Take out what a reader cannot read. :return: how many."""
    lock(session, collection)
    gone = [item for item, resource in _rows(session, collection.id) if not readable(resource, network)]
    for item in gone:
        session.delete(item)
    if gone:
        collection.updated_at = now
    session.flush()
    return len(gone)


def move(session: Session, collection: Collection, resource_id: UUID, up: bool, network: bool, now: datetime) -> bool:
    """Put a resource before (or after) its neighbour among those that its owner sees. :return: whether it moved."""
    lock(session, collection)
    rows = _rows(session, collection.id)
    order = [item for item, _resource in rows]
    shown = [item for item, resource in rows if readable(resource, network)]
    at = next((rank for rank, item in enumerate(shown) if item.resource_id == resource_id), None)
    to = None if at is None else at - 1 if up else at + 1
    if at is None or to is None or not 0 <= to < len(shown):
        return False
    moving, other = shown[at], shown[to]
    order.remove(moving)
    order.insert(order.index(other) + (0 if up else 1), moving)
    for position, item in enumerate(order, 1):
        item.position = position
    collection.updated_at = now
    session.flush()
    return True


def seen(note: str) -> str:
    """What a form says of a note that it shows, so that nobody overwrites another one."""
    return hashlib.sha256(note.encode()).hexdigest()[:16]


def write_notes(
    session: Session, collection: Collection, notes: Mapping[UUID, tuple[str, str]], now: datetime
) -> dict[UUID, str]:
    """Write what is said beside resources.

    :param notes: resource → (:func:`seen` of what the writer had read, what they wrote). :return: notes that somebody
        else has written meanwhile, which stay: resource → what is there.
    """
    lock(session, collection)
    changed: list[tuple[CollectionItem, str]] = []
    clashes: dict[UUID, str] = {}
    for item, _resource in _rows(session, collection.id):
        before, after = notes.get(item.resource_id, ("", item.note))
        if after == item.note or seen(after) == before:
            continue
        if seen(item.note) != before:
            clashes[item.resource_id] = item.note
        changed.append((item, after))
    if clashes:
        return clashes
    for item, after in changed:
        item.note, collection.updated_at = after, now
    session.flush()
    return {}


def delete(session: Session, collection: Collection) -> None:
    """For good; resources are left alone."""
    session.execute(sa.delete(CollectionItem).where(CollectionItem.collection_id == collection.id))
    session.execute(sa.delete(Collection).where(Collection.id == collection.id))
