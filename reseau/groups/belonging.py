"""Coming into a group, being asked, leaving. Below the pages; whoever calls commits.

Each change locks the group first: the last animator cannot be two people who leave at the same time.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.vocabularies import fold
from reseau.groups.access import in_network
from reseau.groups.models import KIND, Belonging, GroupMember, Joining, WorkingGroup
from reseau.groups.services import changed, lock
from reseau.members.models import Membership, Person, PersonState
from reseau.members.places import structures_named
from reseau.members.signin import by_address
from reseau.notices import following
from reseau.notices.models import Subscription

MAX_MESSAGE = 1_000


class Done(enum.StrEnum):
    """What came of it. ``LAST``: they are the last who animate it. ``CLOSED``: one comes in by invitation, or the group
    works no more."""

    IN = "dedans"
    ASKED = "demande"
    INVITED = "invite"
    LEFT = "parti"
    CHANGED = "change"
    NOTHING = "rien"
    LAST = "dernier"
    CLOSED = "ferme"


def _row(session: Session, group_id: UUID, person_id: UUID) -> GroupMember | None:
    return session.get(GroupMember, (group_id, person_id), populate_existing=True)


def _enter(session: Session, group_id: UUID, person_id: UUID, now: datetime) -> Done:
    row = _row(session, group_id, person_id)
    if row is None:
        session.add(GroupMember(group_id=group_id, person_id=person_id, since=now))
    else:
        row.belonging, row.since, row.message = Belonging.IN.value, now, ""
    session.flush()
    following.join(session, person_id, (KIND, group_id), now)
    return Done.IN


def join(session: Session, group_id: UUID, person_id: UUID, message: str, now: datetime) -> Done:
    """Somebody of the network comes in, or asks to. Who was invited is in at once."""
    group, row = lock(session, group_id), _row(session, group_id, person_id)
    if group is None or group.archived_at is not None:
        return Done.CLOSED
    if row is not None and row.belonging in (Belonging.IN.value, Belonging.ASKED.value):
        return Done.NOTHING
    if row is not None or group.joining == Joining.OPEN.value:
        return _enter(session, group_id, person_id, now)
    if group.joining == Joining.INVITE.value:
        return Done.CLOSED
    session.add(GroupMember(group_id=group_id, person_id=person_id, belonging=Belonging.ASKED.value,
                            message=message[:MAX_MESSAGE], since=now))  # fmt: skip
    session.flush()
    return Done.ASKED


def leave(session: Session, group_id: UUID, person_id: UUID) -> Done:
    """Somebody leaves, takes their request back, or declines. The last animator stays until another one is named."""
    return _take_out(session, group_id, person_id)


def remove(session: Session, group_id: UUID, person_id: UUID) -> Done:
    """Somebody is taken out, or is invited no more."""
    return _take_out(session, group_id, person_id)


def _take_out(session: Session, group_id: UUID, person_id: UUID) -> Done:
    group, row = lock(session, group_id), _row(session, group_id, person_id)
    if group is None or row is None:
        return Done.NOTHING
    if _is_last(session, row):
        return Done.LAST
    session.delete(row)
    mine = Subscription.person_id == person_id, Subscription.object_kind == KIND, Subscription.object_id == group_id
    session.execute(sa.delete(Subscription).where(*mine))
    session.flush()
    changed(session, group)
    return Done.LEFT


def _is_last(session: Session, row: GroupMember) -> bool:
    if row.belonging != Belonging.IN.value or not row.animates:
        return False
    wanted = sa.select(GroupMember.person_id).join(Person, Person.id == GroupMember.person_id)
    others = wanted.where(GroupMember.group_id == row.group_id, GroupMember.person_id != row.person_id,
                          GroupMember.animates, GroupMember.belonging == Belonging.IN.value,
                          Person.state == PersonState.ACTIVE.value)  # fmt: skip
    return session.scalar(others.limit(1)) is None


def accept(session: Session, group_id: UUID, person_id: UUID, now: datetime) -> Done:
    """Let in who asked."""
    lock(session, group_id)
    row = _row(session, group_id, person_id)
    asked = row is not None and row.belonging == Belonging.ASKED.value
    return _enter(session, group_id, person_id, now) if asked else Done.NOTHING


def refuse(session: Session, group_id: UUID, person_id: UUID) -> Done:
    """Do not let in who asked: they may ask again."""
    lock(session, group_id)
    row = _row(session, group_id, person_id)
    if row is None or row.belonging != Belonging.ASKED.value:
        return Done.NOTHING
    session.delete(row)
    session.flush()
    return Done.CHANGED


def invite(session: Session, group_id: UUID, person_id: UUID, now: datetime) -> Done:
    """Ask somebody to come. Who had asked is in."""
    group, row = lock(session, group_id), _row(session, group_id, person_id)
    if group is None or group.archived_at is not None:
        return Done.CLOSED
    if row is not None and row.belonging == Belonging.ASKED.value:
        return _enter(session, group_id, person_id, now)
    if row is not None:
        return Done.NOTHING
    session.add(GroupMember(group_id=group_id, person_id=person_id, belonging=Belonging.INVITED.value, since=now))
    session.flush()
    return Done.INVITED


def set_animator(session: Session, group_id: UUID, person_id: UUID, animates: bool) -> Done:
    """A member keeps the group too, or no more."""
    lock(session, group_id)
    row = _row(session, group_id, person_id)
    if row is None or row.belonging != Belonging.IN.value or row.animates == animates:
        return Done.NOTHING
    if not animates and _is_last(session, row):
        return Done.LAST
    row.animates = animates
    session.flush()
    return Done.CHANGED


def animators(session: Session, group: WorkingGroup) -> list[Person]:
    """Who keeps a group and is still there."""
    wanted = sa.select(Person).join(GroupMember, GroupMember.person_id == Person.id)
    mine = (GroupMember.group_id == group.id, GroupMember.animates, GroupMember.belonging == Belonging.IN.value)
    return list(session.scalars(wanted.where(*mine, Person.state == PersonState.ACTIVE.value).order_by(Person.id)))


# --- somebody by name or address ------------------------------------------------------------------------------


MOST_ALIKE, LETTERS = 20, 2
"""People who are offered for a part of a name; letters of such a part."""


def named(session: Session, text: str) -> list[Person]:
    """The people of the network of this address or this whole name; without any, those whose names have words that
    begin so, one more than are offered. Accents and case do not count. Accounts outside the network are as none."""
    if "@" in text:
        person = by_address(session, text.strip().lower())
        return [person] if person is not None and in_network(session, person) else []
    wanted = fold(text).split()
    rows = session.execute(sa.select(Person.id, Person.name).where(Person.state == PersonState.ACTIVE.value)).all()
    folded = {id_: fold(name).split() for id_, name in rows}
    whole = _placed(session, [id_ for id_, words in folded.items() if wanted and words == wanted])
    if whole or sum(map(len, wanted)) < LETTERS:
        return whole
    return _placed(session, [id_ for id_, words in folded.items() if _begin(wanted, words)])


def _begin(wanted: Sequence[str], words: Sequence[str]) -> bool:
    parts = [*words, *(part for word in words for part in word.split("-"))]
    return all(any(part.startswith(one) for part in parts) for one in wanted)


def _placed(session: Session, ids: Sequence[UUID]) -> list[Person]:
    """Those of the network, by name."""
    placed = sa.exists().where(Membership.person_id == Person.id)
    wanted = sa.select(Person, placed).where(Person.id.in_(ids)).order_by(Person.name, Person.id)
    known = [person for person, place in session.execute(wanted) if place or person.roles] if ids else []
    return known[: MOST_ALIKE + 1]


def is_whole(person: Person, text: str) -> bool:
    """Whether a text is all of somebody's name, or an address."""
    return "@" in text or fold(person.name).split() == fold(text).split()


def places_of_people(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Person → names of their places; two statements."""
    wanted = sa.select(Membership.person_id, Membership.structure_id).where(Membership.person_id.in_(ids))
    rows = session.execute(wanted.order_by(Membership.id)).all()
    known = structures_named(session, [place for _person, place in rows])
    found: dict[UUID, list[str]] = {}
    for person_id, place in rows:
        if place in known:
            found.setdefault(person_id, []).append(str(known[place]["nom"]))
    return found
