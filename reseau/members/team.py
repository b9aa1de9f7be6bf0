"""The team of a place: roles of its people, who leaves. Nobody leaves a place without anyone to keep its sheet, unless
they are of the coordination and know it.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.directory.models import Structure
from reseau.members.invitations import close, lock_place
from reseau.members.models import Membership, Person
from reseau.members.places import reads_less, referents

ROLES = ("member", "referent")


class Done(enum.StrEnum):
    """What came of a change."""

    DONE = "done"
    NOT_THERE = "not-there"
    LAST_REFERENT = "last-referent"


def set_role(
    session: Session, structure_id: UUID, person_id: UUID, role: str, now: datetime, *, may_orphan: bool
) -> Done:
    """Make someone of the team a member or a référent; the invitations that would undo it are taken back.

    :param may_orphan: also the last référent.
    """
    found = _memberships(session, structure_id, person_id)
    if not found:
        return Done.NOT_THERE
    if role != "referent" and not may_orphan and _is_last(session, structure_id, person_id, found):
        return Done.LAST_REFERENT
    for membership in found:
        membership.role = role
    session.flush()
    close(session, _address_of(session, person_id), structure_id, ROLES, now)
    return Done.DONE


def remove(session: Session, structure_id: UUID, person_id: UUID, now: datetime, *, may_orphan: bool) -> Done:
    """Take someone out of the team, and their other invitations back; what they wrote stays."""
    found = _memberships(session, structure_id, person_id)
    if not found:
        return Done.NOT_THERE
    if not may_orphan and _is_last(session, structure_id, person_id, found):
        return Done.LAST_REFERENT
    for membership in found:
        session.delete(membership)
    session.flush()
    reads_less(session, person_id)
    close(session, _address_of(session, person_id), structure_id, ROLES, now)
    return Done.DONE


def _address_of(session: Session, person_id: UUID) -> str | None:
    return session.scalar(sa.select(Person.email).where(Person.id == person_id))


def _memberships(session: Session, structure_id: UUID, person_id: UUID) -> list[Membership]:
    """Those of a person in a place and in what was merged into it; the place is locked first."""
    lock_place(session, structure_id)
    place = sa.func.coalesce(Structure.merged_into, Structure.id)
    found = sa.select(Membership).join(Structure, Structure.id == Membership.structure_id)
    found = found.where(place == structure_id, Membership.person_id == person_id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def _is_last(session: Session, structure_id: UUID, person_id: UUID, found: list[Membership]) -> bool:
    if all(membership.role != "referent" for membership in found):
        return False
    others = [p for p in referents(session, [structure_id]).get(structure_id, []) if p.id != person_id]
    return not others and session.get(Person, person_id) is not None
