"""Who is in which group. Below the pages; whoever calls commits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes, slugs
from reseau.core.changes import Entry, Op
from reseau.core.ids import new_id
from reseau.groups.addresses import TAKEN
from reseau.groups.models import KIND, Belonging, GroupMember, WorkingGroup
from reseau.members.models import Person
from reseau.notices import following


def mine(session: Session, person_id: UUID) -> frozenset[UUID]:
    """The groups that a person is in; one statement."""
    wanted = sa.select(GroupMember.group_id).where(
        GroupMember.person_id == person_id, GroupMember.belonging == Belonging.IN.value
    )
    return frozenset(session.scalars(wanted))


def create(
    session: Session, name: str, slug: str, *, by: UUID | None, now: datetime, description: str = "",
    seen: str = "network", joining: str = "ask", lang: str = "fr", animators: Collection[UUID] = (),
    id_: UUID | None = None,
) -> WorkingGroup:  # fmt: skip
    """A new group. :param animators: who keeps it, members from now on."""
    made = WorkingGroup(id=id_ or new_id(), name=name, slug=slug, description=description, seen=seen, joining=joining,
                        lang=lang, created_by=by, created_at=now)  # fmt: skip
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


def lock(session: Session, group_id: UUID) -> WorkingGroup | None:
    """The group as it is now, until commit nobody else's: whoever changes who is in it goes through here."""
    wanted = sa.select(WorkingGroup).where(WorkingGroup.id == group_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def free_slug(session: Session, name: str) -> str:
    """An address for a new group."""
    made = slugs.readable(name, "groupe")
    return slugs.free(session, WorkingGroup.slug, "groupe" if made in TAKEN else made)


@dataclass(frozen=True, slots=True)
class Said:
    """What a group says of itself."""

    name: str
    description: str
    lang: str
    seen: str
    joining: str


class Clash(Exception):
    """Somebody else changed the group meanwhile. ``theirs``: as it is now."""

    def __init__(self, theirs: WorkingGroup) -> None:
        super().__init__("changed meanwhile")
        self.theirs = theirs


class Taken(Exception):
    """A group with this id is there already: the same form came twice. ``group``: what it made."""

    def __init__(self, group: WorkingGroup) -> None:
        super().__init__("the same form twice")
        self.group = group


def found(
    session: Session, said: Said, animator_id: UUID, *, by: UUID | None, now: datetime, id_: UUID | None = None
) -> WorkingGroup:
    """A new group with its first animator, who follows it. The caller tells ``registry["group.created"]``.

    :raises Taken: this id is there.
    """
    if by:  # the second click waits for the first
        session.execute(sa.select(Person.id).where(Person.id == by).with_for_update(key_share=True))
    if id_ and (known := session.get(WorkingGroup, id_, populate_existing=True)) is not None:
        raise Taken(known)
    made = create(session, said.name, free_slug(session, said.name), by=by, now=now, description=said.description,
                  seen=said.seen, joining=said.joining, lang=said.lang, animators=[animator_id], id_=id_)  # fmt: skip
    following.join(session, animator_id, (KIND, made.id), now)
    return made


def edit(session: Session, group_id: UUID, said: Said, *, seen_rev: int) -> WorkingGroup:
    """Change what a group says of itself. Its address stays.

    :param seen_rev: of what the writer had read. :raises Clash: somebody else changed it meanwhile.
    """
    group = lock(session, group_id)
    if group is None:
        raise LookupError(group_id)
    if said == of(group):
        return group
    if group.rev != seen_rev:
        raise Clash(group)
    group.name, group.description, group.lang = said.name, said.description, said.lang
    group.seen, group.joining, group.rev = said.seen, said.joining, group.rev + 1
    session.flush()
    changed(session, group)
    return group


def changed(session: Session, group: WorkingGroup) -> None:
    """Write in the log that who reads it may be others: what they were told is looked at again."""
    changes.record(session, Entry(KIND, group.id, group.rev, Op.UPDATE))


def of(group: WorkingGroup) -> Said:
    """What a group says of itself now."""
    return Said(group.name, group.description, group.lang, group.seen, group.joining)


def archive(session: Session, group_id: UUID, archived: bool, now: datetime) -> bool:
    """Close a group (it stays to be read), or open it again. :return: whether this changes something."""
    group = lock(session, group_id)
    if group is None or (group.archived_at is not None) == archived:
        return False
    group.archived_at = now if archived else None
    session.flush()
    return True
