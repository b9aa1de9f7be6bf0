"""Who is in which group. Below the pages; whoever calls commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.groups.models import Belonging, GroupMember, WorkingGroup
from reseau.members.models import Person, PersonState


def mine(session: Session, person_id: UUID) -> frozenset[UUID]:
    """The groups that a person is in; one statement."""
    wanted = sa.select(GroupMember.group_id).where(
        GroupMember.person_id == person_id, GroupMember.belonging == Belonging.IN.value
    )
    return frozenset(session.scalars(wanted))


def members(session: Session, group_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Group → who is in it and still there; one statement, none for none."""
    found: dict[UUID, set[UUID]] = {}
    wanted = (
        sa.select(GroupMember.group_id, GroupMember.person_id)
        .join(Person, Person.id == GroupMember.person_id)
        .where(
            GroupMember.group_id.in_(list(group_ids)),
            GroupMember.belonging == Belonging.IN.value,
            Person.state == PersonState.ACTIVE.value,
        )
    )
    for group_id, person_id in session.execute(wanted) if group_ids else ():
        found.setdefault(group_id, set()).add(person_id)
    return found


def create(
    session: Session, name: str, slug: str, *, by: UUID | None, now: datetime, description: str = "",
    seen: str = "network", joining: str = "ask", lang: str = "fr", animators: Collection[UUID] = (),
) -> WorkingGroup:  # fmt: skip
    """A new group. :param animators: who keeps it, members from now on."""
    made = WorkingGroup(name=name, slug=slug, description=description, seen=seen, joining=joining, lang=lang,
                        created_by=by, created_at=now)  # fmt: skip
    session.add(made)
    session.flush()
    for person_id in animators:
        session.add(GroupMember(group_id=made.id, person_id=person_id, animates=True, since=now))
    session.flush()
    return made


def find(session: Session, slug: str) -> WorkingGroup | None:
    """The group of an address, or None."""
    return session.scalars(sa.select(WorkingGroup).where(WorkingGroup.slug == slug)).one_or_none()


def membership(session: Session, group_id: UUID, person_id: UUID) -> GroupMember | None:
    """Where a person stands in a group, or None."""
    return session.get(GroupMember, (group_id, person_id))
