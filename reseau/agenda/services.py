"""What the coordination keeps of the agenda, and what is to come. Without pages, for any room."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.agenda.models import KIND, Event, EventState
from reseau.core import changes
from reseau.core.changes import Entry, Op
from reseau.core.paging import Page, nearest, offset

PAGE_SIZE = 40
MOST_AT_ONCE = 200


class View(enum.StrEnum):
    """Which events are listed: the value is that of the parameter ``etat``."""

    TRAY = "nouveaux"
    KEPT = "gardes"
    DROPPED = "ecartes"
    GONE = "retires"


STATES = {
    View.TRAY: EventState.TRAY,
    View.KEPT: EventState.KEPT,
    View.DROPPED: EventState.DROPPED,
    View.GONE: EventState.GONE,
}


def log(session: Session, event: Event, op: Op) -> None:
    """Leave a row in the log. Its ``rev`` has been raised."""
    changes.record(session, Entry(KIND, event.id, event.rev, op, digest=event.digest))


def _ahead(now: datetime) -> sa.ColumnElement[bool]:
    """Not over yet."""
    return sa.func.coalesce(Event.ends_at, Event.starts_at) >= now


def upcoming(session: Session, now: datetime, limit: int = 50) -> list[Event]:
    """Kept events that are not over, the next one first; one statement."""
    wanted = sa.select(Event).where(Event.state == EventState.KEPT.value, _ahead(now))
    return list(session.scalars(wanted.order_by(Event.starts_at, Event.id).limit(limit)))


def listed(session: Session, view: View, now: datetime, number: int = 1, source: str = "") -> Page[Event]:
    """Events that are not over, in the order of their dates; two statements."""
    where = [Event.state == STATES[view].value, _ahead(now)]
    if source:
        where.append(Event.source == source)
    total = session.scalar(sa.select(sa.func.count()).select_from(Event).where(*where)) or 0
    here = nearest(number, total, PAGE_SIZE)
    wanted = sa.select(Event).where(*where).order_by(Event.starts_at, Event.id)
    return Page(list(session.scalars(wanted.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE)))), total, here, PAGE_SIZE)


def series(session: Session, events: Sequence[Event], now: datetime) -> dict[tuple[str, str], int]:
    """(source, uid) → how many dates of it wait in the tray, for those of ``events``; one statement."""
    uids = {event.uid for event in events}
    wanted = sa.select(Event.source, Event.uid, sa.func.count()).where(Event.uid.in_(uids), *waiting(now))
    rows = session.execute(wanted.group_by(Event.source, Event.uid))
    return {(source, uid): number for source, uid, number in rows}


def series_of(session: Session, id_: UUID, now: datetime) -> list[UUID]:
    """The dates in the tray that are of the same series as one of them, the next first."""
    one = sa.select(Event.source, Event.uid).where(Event.id == id_).subquery()
    wanted = sa.select(Event.id).join(one, sa.and_(Event.source == one.c.source, Event.uid == one.c.uid))
    return list(session.scalars(wanted.where(*waiting(now)).order_by(Event.starts_at).limit(MOST_AT_ONCE)))


def counts(session: Session, now: datetime) -> dict[View, int]:
    """How many each list has; one statement."""
    wanted = sa.select(Event.state, sa.func.count()).where(_ahead(now)).group_by(Event.state)
    found = {state: number for state, number in session.execute(wanted)}  # noqa: C416 (rows are no pairs for the types)
    return {view: found.get(state.value, 0) for view, state in STATES.items()}


def waiting(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What is in the tray."""
    return (Event.state == EventState.TRAY.value, _ahead(now))


def keep(session: Session, ids: Sequence[UUID], *, by: UUID | None, now: datetime) -> int:
    """Keep events, whatever was decided before; those that their calendar took back stay gone. :return: how many."""
    return _decide(session, ids, EventState.KEPT, by, now)


def drop(session: Session, ids: Sequence[UUID], *, by: UUID | None, now: datetime) -> int:
    """Drop events. :return: how many."""
    return _decide(session, ids, EventState.DROPPED, by, now)


def undo(session: Session, ids: Sequence[UUID], to: EventState, *, by: UUID | None, now: datetime) -> int:
    """Give back the state ``to`` (``TRAY``, ``KEPT`` or ``DROPPED``) to what ``by`` decided. :return: how many."""
    return _decide(session, ids, to, by, now, mine=True)


def _decide(
    session: Session, ids: Sequence[UUID], state: EventState, by: UUID | None, now: datetime, *, mine: bool = False
) -> int:
    where: list[sa.ColumnElement[bool]] = [
        Event.id.in_(list(ids)[:MOST_AT_ONCE]),
        Event.state.not_in((state.value, EventState.GONE.value)),
    ]
    if mine:
        where.append(Event.decided_by == by)
    found = list(session.scalars(sa.select(Event).where(*where).with_for_update()))
    for event in found:
        was_kept = event.state == EventState.KEPT.value
        event.state, event.updated_at = state.value, now
        decided = state is not EventState.TRAY
        event.decided_at, event.decided_by = (now, by) if decided else (None, None)
        event.rev += 1
        if was_kept or state is EventState.KEPT:
            log(session, event, Op.WITHDRAW if was_kept else Op.PUBLISH)
    session.flush()
    return len(found)
