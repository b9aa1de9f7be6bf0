"""Who knows which group, and what stands on its page: each list in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.paging import Page, nearest, offset
from reseau.groups.models import KIND, Belonging, GroupMember, Seen, WorkingGroup
from reseau.members.models import Membership, Person, PersonState
from reseau.notices.models import Level, Subscription

GROUPS, PEOPLE = 50, 100
"""Groups of a page of the list; people of a page of a group."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. ``coordinates``: they see all groups, and keep them."""

    person_id: UUID | None = None
    network: bool = False
    coordinates: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A group, as somebody stands before it. ``members``, ``asked``: how many. ``muted``: they want to hear nothing."""

    group: WorkingGroup
    mine: GroupMember | None
    members: int
    animators: int
    asked: int
    muted: bool

    @property
    def belonging(self) -> str:
        """``in``, ``asked``, ``invited`` or ""."""
        return self.mine.belonging if self.mine else ""

    @property
    def inside(self) -> bool:
        """Whether they are a member."""
        return self.belonging == Belonging.IN.value

    @property
    def animates(self) -> bool:
        """Whether they keep it as a member."""
        return self.inside and self.mine is not None and self.mine.animates

    def reads(self, reader: Reader) -> bool:
        """Whether they read its page and documents."""
        if self.inside or reader.coordinates or self.group.seen == Seen.PUBLIC.value:
            return True
        return self.group.seen == Seen.NETWORK.value and reader.network

    def knows(self, reader: Reader) -> bool:
        """Whether they may know that it is there: who is invited reads what it is for."""
        return self.reads(reader) or self.belonging == Belonging.INVITED.value

    def names(self, reader: Reader) -> bool:
        """Whether they see who is in it."""
        return self.inside or ((reader.network or reader.coordinates) and self.reads(reader))


def _wanted(reader: Reader) -> sa.Select[Any]:
    """(group, membership of whoever asks, members, animators, who asked, what whoever asks said of it)."""
    row = sa.orm.aliased(GroupMember)
    of_group = sa.select(sa.func.count()).select_from(row).join(Person, Person.id == row.person_id)
    of_group = of_group.where(row.group_id == WorkingGroup.id, Person.state == PersonState.ACTIVE.value)
    inside = of_group.where(row.belonging == Belonging.IN.value)
    said = sa.select(Subscription.level).where(
        Subscription.person_id == reader.person_id, Subscription.object_kind == KIND,
        Subscription.object_id == WorkingGroup.id,
    )  # fmt: skip
    mine = sa.and_(GroupMember.group_id == WorkingGroup.id, GroupMember.person_id == reader.person_id)
    return sa.select(
        WorkingGroup, GroupMember, inside.scalar_subquery(), inside.where(row.animates).scalar_subquery(),
        of_group.where(row.belonging == Belonging.ASKED.value).scalar_subquery(), said.scalar_subquery(),
    ).outerjoin(GroupMember, mine)  # fmt: skip


def _found(row: Any) -> Found:
    group, mine, members, animators, asked, level = row
    return Found(group, mine, members, animators, asked, level == Level.MUTE.value)


def find(session: Session, slug: str, reader: Reader) -> Found | None:
    """The group of an address, whether or not whoever asks may know it; one statement."""
    row = session.execute(_wanted(reader).where(WorkingGroup.slug == slug)).one_or_none()
    return _found(row) if row else None


def listed(session: Session, reader: Reader, number: int) -> Page[Found]:
    """A page of the groups that somebody may know: theirs first, closed ones last, by name; two statements."""
    wanted = _wanted(reader)
    if not reader.coordinates:
        seen = [Seen.PUBLIC.value, *([Seen.NETWORK.value] if reader.network else [])]
        known = sa.or_(WorkingGroup.seen.in_(seen),
                       GroupMember.belonging.in_([Belonging.IN.value, Belonging.INVITED.value]))  # fmt: skip
        wanted = wanted.where(known)
    ids = wanted.with_only_columns(WorkingGroup.id).subquery()
    total = session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0
    number = nearest(number, total, GROUPS)
    order = (WorkingGroup.archived_at.is_not(None), GroupMember.person_id.is_(None), WorkingGroup.name, WorkingGroup.id)
    rows = session.execute(wanted.order_by(*order).limit(GROUPS).offset(offset(number, GROUPS))) if total else ()
    return Page([_found(row) for row in rows], total, number, GROUPS)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a group, to be shown."""

    id: UUID
    name: str
    animates: bool
    row: GroupMember


def people(session: Session, group_id: UUID, belonging: Belonging = Belonging.IN, number: int = 1) -> list[Member]:
    """A page of the people who stand so in a group: animators first, then by name; one statement."""
    wanted = (
        sa.select(GroupMember, Person.name)
        .join(Person, Person.id == GroupMember.person_id)
        .where(GroupMember.group_id == group_id, GroupMember.belonging == belonging.value)
        .where(Person.state == PersonState.ACTIVE.value)
        .order_by(GroupMember.animates.desc(), Person.name, Person.id)
    )
    rows = session.execute(wanted.limit(PEOPLE).offset(offset(max(number, 1), PEOPLE)))
    return [Member(row.person_id, name, row.animates, row) for row, name in rows]


def in_network(session: Session, person: Person) -> bool:
    """Whether a person belongs to a place or has a role on the site."""
    if person.state != PersonState.ACTIVE.value:
        return False
    wanted = sa.select(Membership.id).where(Membership.person_id == person.id).limit(1)
    return bool(person.roles) or session.scalar(wanted) is not None
