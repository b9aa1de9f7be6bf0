"""The list of people, for coordinators: who is here, where, with which roles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.vocabularies import fold
from reseau.directory.models import Structure
from reseau.members.models import Membership, Person, PersonState
from reseau.members.places import referents_first

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One person. ``places``: (id, slug, nom, role) of today, by name."""

    person: Person
    places: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class People:
    """One page of people. ``total``: of all pages."""

    rows: list[Listed]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


def listed(session: Session, words: str, page: int) -> People:
    """People by name, whose name or address holds all the words; three statements, however many there are.

    Names are compared here, not by the database: SQLite does not fold accents.
    """
    rows = session.execute(
        sa.select(Person.id, Person.name, Person.email).where(Person.state != PersonState.GONE.value)
    )
    wanted = [(fold(word), word.lower()) for word in words.split()]
    found = sorted(
        (fold(name), str(id_), id_)
        for id_, name, email in rows
        if all((folded and folded in fold(name)) or raw in (email or "") for folded, raw in wanted)
    )
    last = max(1, -(-len(found) // PER_PAGE))
    page = min(max(1, page), last)
    ids = [id_ for *_, id_ in found[(page - 1) * PER_PAGE : page * PER_PAGE]]
    people = {person.id: person for person in session.scalars(sa.select(Person).where(Person.id.in_(ids)))}
    where = _places(session, ids)
    return People([Listed(people[id_], where[id_]) for id_ in ids if id_ in people], len(found), page)


def _places(session: Session, ids: list[UUID]) -> dict[UUID, list[Any]]:
    table: Any = Structure.__table__
    was, now = table.alias(), table.alias()
    found = (
        sa.select(Membership.person_id, Membership.role, now.c.id, now.c.slug, now.c.nom)
        .join(was, was.c.id == Membership.structure_id)
        .join(now, now.c.id == sa.func.coalesce(was.c.merged_into, was.c.id))
        .where(Membership.person_id.in_(ids))
        .order_by(now.c.nom, now.c.id, referents_first())
    )
    places: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(found):
        if all(row.id != known.id for known in places[row.person_id]):
            places[row.person_id].append(row)
    return places
