"""Relays: made by the coordination, known by whoever belongs to their structure. Flushes, never commits."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Edition, Relay, RelayReach, RelayVisit, Subscriber, SubscriberState
from reseau.core.ids import parse_id
from reseau.directory.models import Status, Structure

ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"
"""Letters of codes: told apart when read aloud or badly printed (no 0 O 1 I L), and no vowel, so no word."""
LENGTH = 6
PAGE = 50
SEVERAL = 8  # structures that are proposed for a name


class Already(Exception):
    """The structure is a relay. ``relay_id``: which."""

    def __init__(self, relay_id: UUID) -> None:
        super().__init__(str(relay_id))
        self.relay_id = relay_id


@dataclass(frozen=True, slots=True)
class Shown:
    """A relay in a list. ``contacts``: who receives its edition; ``came``: active subscribers who came by its code;
    ``visits``: openings of its address, ``declared``: people to whom it says that it passed issues on, since ever."""

    relay: Relay
    name: str
    contacts: int = 0
    came: int = 0
    visits: int = 0
    declared: int = 0


def new_code() -> str:
    """A code; 387 million of them: two relays with one is refused by the database, and asked for again."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def make(session: Session, structure_id: UUID, by: UUID | None, now: datetime) -> Relay:
    """A structure becomes a relay. :raises Already: it is one."""
    session.execute(sa.select(Structure.id).where(Structure.id == structure_id).with_for_update())  # two at once
    found = session.scalar(sa.select(Relay).where(Relay.structure_id == structure_id))
    if found is not None:
        raise Already(found.id)
    code = next(one for one in iter(new_code, "") if not session.scalar(sa.select(Relay.id).where(Relay.code == one)))
    made = Relay(structure_id=structure_id, code=code, created_at=now, created_by=by)
    session.add(made)
    session.flush()
    return made


def find(session: Session, code: str) -> Relay | None:
    """The relay of a code, whatever became of its case, active or not."""
    return session.scalar(sa.select(Relay).where(Relay.code == code.upper()))


def named(session: Session, relay: Relay) -> str:
    """The name of its structure."""
    return session.scalar(sa.select(Structure.nom).where(Structure.id == relay.structure_id)) or ""


def of_places(session: Session, places: Collection[UUID]) -> list[Shown]:
    """The active relays of some structures, by name, without numbers; one statement, none for no place."""
    if not places:
        return []
    wanted = sa.select(Relay, Structure.nom).join(Structure, Structure.id == Relay.structure_id)
    wanted = wanted.where(Relay.structure_id.in_(places), Relay.active.is_(True)).order_by(Structure.nom, Relay.id)
    return [Shown(relay, name) for relay, name in session.execute(wanted)]


def listed(session: Session, page: int = 1) -> tuple[list[Shown], int]:
    """(a page of all relays with their numbers, how many there are). Three statements."""
    total = session.scalar(sa.select(sa.func.count()).select_from(Relay)) or 0
    wanted = sa.select(Relay, Structure.nom).join(Structure, Structure.id == Relay.structure_id)
    wanted = wanted.order_by(Relay.active.desc(), Structure.nom, Relay.id).limit(PAGE).offset((page - 1) * PAGE)
    rows = session.execute(wanted).all()
    known = numbers(session, [relay.id for relay, _name in rows])
    return [Shown(relay, name, *known[relay.id]) for relay, name in rows], total


def numbers(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int, int]]:
    """Relay → (contacts, came, visits, declared); one statement, whatever the number of relays."""
    active = Subscriber.state == SubscriberState.ACTIVE.value
    for_them = sa.and_(active, Subscriber.edition == Edition.RELAY.value)
    parts = [
        _sums(0, Subscriber.relay_id, sa.func.count(), ids, for_them),
        _sums(1, Subscriber.came_by, sa.func.count(), ids, active),
        _sums(2, RelayVisit.relay_id, sa.func.sum(RelayVisit.number), ids),
        _sums(3, RelayReach.relay_id, sa.func.sum(RelayReach.people), ids),
    ]
    found = {(id_, place): int(number) for place, id_, number in session.execute(sa.union_all(*parts))}
    zero = dict.fromkeys([(id_, place) for id_ in ids for place in range(4)], 0) | found
    return {id_: (zero[id_, 0], zero[id_, 1], zero[id_, 2], zero[id_, 3]) for id_ in ids}


def _sums(place: int, column: Any, number: Any, ids: Sequence[UUID], *where: Any) -> sa.Select[Any]:
    return sa.select(sa.literal(place), column, number).where(column.in_(ids), *where).group_by(column)


def candidates(session: Session, text: str) -> list[tuple[str, str]]:
    """(id, name and commune) of the structures that somebody may mean: the id or the address of a sheet, or a part of
    its name. :param text: as typed."""
    wanted = sa.select(Structure.id, Structure.nom, Structure.commune).where(Structure.status == Status.ACTIVE.value)
    id_ = parse_id(text.strip().partition("?")[0].rstrip("/")[-36:])
    if id_ is not None:
        wanted = wanted.where(Structure.id == id_)
    else:
        for word in text.lower().split()[:6]:
            wanted = wanted.where(sa.func.lower(Structure.nom).contains(word, autoescape=True))
    rows = session.execute(wanted.order_by(Structure.nom, Structure.id).limit(SEVERAL))
    return [(str(found), f"{name} ({commune})" if commune else name) for found, name, commune in rows]


def set_active(session: Session, relay: Relay, active: bool) -> bool:
    """Whether it passes the letter on. Its contacts stay what they are. :return: whether that changed."""
    changed = relay.active != active
    relay.active = active
    session.flush()
    return changed
