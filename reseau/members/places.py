"""Where people belong. A structure that was merged into another is that other: memberships are not moved when an import
merges two places (the directory knows no members), they are read through the signpost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Entry, Op, record
from reseau.core.db import dicts
from reseau.directory.models import Status, Structure
from reseau.members.models import Membership, Person, PersonState

KIND = "person"
"""In the log: somebody may read less than before. Nothing of a person is there but their id."""


def reads_less(session: Session, person_id: UUID) -> None:
    """Write in the log that somebody lost a place, a role or their access: what they are about to be told is looked at
    again (``reseau.notices``)."""
    record(session, Entry(KIND, person_id, 1, Op.UPDATE))


def present_place() -> tuple[sa.ColumnElement[UUID], Any]:
    """(the structure that a membership means today, the join that this needs)."""
    place: Any = sa.func.coalesce(Structure.merged_into, Structure.id)
    return place, sa.join(Membership, Structure, Structure.id == Membership.structure_id)


def referents_first() -> sa.ColumnElement[int]:
    """For ``order_by``: référents before members."""
    return sa.case((Membership.role == "referent", 0), else_=1)


def has_role(role: str) -> sa.ColumnElement[bool]:
    """Of people who hold a role on the site. The column is a JSON list of codes, which hold no quote: its text has
    ``"code"`` or not, on both engines, and no account needs to be read to know.
    """
    return sa.cast(Person.roles, sa.Text).like(f'%"{role}"%')


def team(session: Session, structure_id: UUID) -> list[tuple[Person, Membership]]:
    """The people of a structure, référents first, then by name; each once."""
    place, join = present_place()
    rows = session.execute(
        sa.select(Person, Membership)
        .select_from(join.join(Person, Person.id == Membership.person_id))
        .where(place == structure_id, Person.state != PersonState.GONE.value)
        .order_by(referents_first(), Person.name, Person.id, Membership.since)
    )
    found: dict[UUID, tuple[Person, Membership]] = {}
    for person, membership in rows:
        found.setdefault(person.id, (person, membership))
    return list(found.values())


def referents(session: Session, structure_ids: Iterable[UUID]) -> dict[UUID, list[Person]]:
    """The active référents of some structures, by structure (only structures that have one)."""
    wanted = list(structure_ids)
    place, join = present_place()
    found: dict[UUID, list[Person]] = {}
    for start in range(0, len(wanted), 1000):
        rows = session.execute(
            sa.select(place, Person)
            .select_from(join.join(Person, Person.id == Membership.person_id))
            .where(place.in_(wanted[start : start + 1000]), Membership.role == "referent")
            .where(Person.state == PersonState.ACTIVE.value)
            .order_by(Person.created_at, Person.id)
        )
        for structure_id, person in rows:
            if person not in (known := found.setdefault(structure_id, [])):
                known.append(person)
    return found


def people_with(session: Session, role: str) -> list[Person]:
    """Active people with a role on the site (code of ``security.SITE_ROLES``), and nobody else is read."""
    found = sa.select(Person).where(Person.state == PersonState.ACTIVE.value, has_role(role))
    return list(session.scalars(found.order_by(Person.created_at, Person.id)))


def with_referent() -> sa.Select[Any]:
    """Ids of the structures that have an active référent, as a subquery for lists of those that have none."""
    place, join = present_place()
    return (
        sa.select(place)
        .select_from(join.join(Person, Person.id == Membership.person_id))
        .where(Membership.role == "referent", Person.state == PersonState.ACTIVE.value)
    )


def names(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names of people who are still there; whoever is not in the answer is an "ancien membre"."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    rows = session.execute(
        sa.select(Person.id, Person.name).where(Person.id.in_(wanted), Person.state != PersonState.GONE.value)
    )
    return {row[0]: row[1] for row in rows} if wanted else {}


def structures_named(session: Session, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """id → (id, slug, nom, commune, status) of some structures."""
    table: Any = Structure.__table__
    columns = (table.c.id, table.c.slug, table.c.nom, table.c.commune, table.c.status)
    wanted = sorted(set(ids))
    found = session.execute(sa.select(*columns).where(table.c.id.in_(wanted)))
    return {row["id"]: row for row in dicts(found)} if wanted else {}


def belongs(session: Session, person_id: UUID, structure_id: UUID) -> Membership | None:
    """The membership of a person in a structure, as it is today."""
    place, join = present_place()
    found = sa.select(Membership).select_from(join)
    found = found.where(Membership.person_id == person_id, place == structure_id)
    return session.scalars(found.order_by(referents_first(), Membership.id)).first()


def join_structure(session: Session, person_id: UUID, structure_id: UUID, role: str, by: UUID | None) -> Membership:
    """Add a person to a structure, or raise their role; never lowers it."""
    known = belongs(session, person_id, structure_id)
    if known is None:
        known = Membership(person_id=person_id, structure_id=structure_id, role=role, added_by=by)
        session.add(known)
    elif role == "referent":
        known.role = role
    session.flush()
    return known


def is_active(session: Session, structure_id: UUID) -> bool:
    """Whether the structure is there and listed."""
    status = session.execute(sa.select(Structure.status).where(Structure.id == structure_id)).scalar()
    return status == Status.ACTIVE.value
