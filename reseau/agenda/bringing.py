"""What calendars say enters the agenda, and follows them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.agenda.models import Event, EventState
from reseau.agenda.services import log
from reseau.core.changes import Op
from reseau.core.ids import new_id
from reseau.directory.models import Structure

NAMELESS = "sans-uid-"
"""Beginning of what stands for the UID of an event that has none."""
TRAY, KEPT, GONE = EventState.TRAY.value, EventState.KEPT.value, EventState.GONE.value
_KEPT_FIELDS = ("title", "description", "place", "url", "lang", "starts_at", "ends_at", "timezone", "all_day")


@dataclass(frozen=True, slots=True)
class Brought:
    """One occurrence as a calendar says it, cleaned (see ``models.Event``). ``structure``: id, or ""."""

    uid: str
    occurrence: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    place: str = ""
    url: str = ""
    description: str = ""
    lang: str = "fr"
    timezone: str = "Europe/Paris"
    all_day: bool = False
    structure: str = ""

    @property
    def source_id(self) -> str:
        """Its name in its calendar."""
        return f"{self.uid}|{self.occurrence}"

    @property
    def parts(self) -> tuple[str, ...]:
        """An occurrence is one thing."""
        return (self.source_id,)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that is kept."""
        said = [str(getattr(self, name)) for name in (*_KEPT_FIELDS, "structure")]
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def upcoming_count(session: Session, source: str, now: datetime) -> int:
    """How many events to come a calendar had, those that it took back left out."""
    wanted = sa.select(sa.func.count()).select_from(Event).where(*_to_come(source, now))
    return session.scalar(wanted) or 0


def _to_come(source: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (Event.source == source, Event.starts_at >= now, Event.state != GONE)


def bring(session: Session, source: str, batch: Sequence[Brought], now: datetime) -> Counter[str]:
    """New occurrences wait in the tray; those that are known follow their calendar, kept ones too (the log tells); one
    that comes back is again what it was.

    :return: created, updated, unchanged.
    """
    known = _known(session, source, {one.uid for one in batch})
    places = _places(session, {one.structure for one in batch})
    counts: Counter[str] = Counter()
    for one in batch:
        event = known.get((one.uid, one.occurrence))
        if event is None:
            event = Event(
                id=new_id(), source=source, uid=one.uid, occurrence=one.occurrence, state=TRAY, created_at=now
            )
            _write(event, one, places, now)
            session.add(event)
            known[one.uid, one.occurrence] = event
            counts["created"] += 1
        elif event.digest != one.digest or event.state == GONE:
            _follow(session, event, one, places, now)
            counts["updated"] += 1
        else:
            counts["unchanged"] += 1
    session.flush()
    return counts


def missing(
    session: Session, source: str, named: Set[str], now: datetime, until: datetime | None = None,
    unread: Set[str] = frozenset(),
) -> int:  # fmt: skip
    """After a complete reading: what is to come and was not named is gone; what is past stays. Dropped ones stay so.

    :param named: ``Brought.source_id``. :param until: only what begins before. :param unread: UIDs of events that are
        there and could not be read; "" stands for all that have none. :return: how many.
    """
    where = [*_to_come(source, now), Event.state.in_((TRAY, KEPT))]
    if until is not None:
        where.append(Event.starts_at < until)
    found = session.scalars(sa.select(Event).where(*where))
    gone = [e for e in found if f"{e.uid}|{e.occurrence}" not in named and not _is_unread(e.uid, unread)]
    for event in gone:
        was_kept = event.state == KEPT
        event.state, event.updated_at = GONE, now
        event.rev += 1
        if was_kept:
            log(session, event, Op.WITHDRAW)
    session.flush()
    return len(gone)


def _is_unread(uid: str, unread: Set[str]) -> bool:
    return uid in unread or ("" in unread and uid.startswith(NAMELESS))


def _known(session: Session, source: str, uids: Set[str]) -> dict[tuple[str, str], Event]:
    rows = session.scalars(sa.select(Event).where(Event.source == source, Event.uid.in_(uids)))
    return {(row.uid, row.occurrence): row for row in rows}


def _places(session: Session, said: Set[str]) -> dict[str, UUID]:
    """Those of the ids that are places of ours."""
    ids: dict[str, UUID] = {}
    for text in said:
        try:
            ids[text] = UUID(text)
        except ValueError:
            continue
    if not ids:
        return {}
    there = set(session.scalars(sa.select(Structure.id).where(Structure.id.in_(ids.values()))))
    return {text: id_ for text, id_ in ids.items() if id_ in there}


def _write(event: Event, one: Brought, places: dict[str, UUID], now: datetime) -> None:
    values: dict[str, Any] = {name: getattr(one, name) for name in _KEPT_FIELDS}
    for name, value in values.items():
        setattr(event, name, value)
    event.structure_id, event.digest, event.updated_at = places.get(one.structure), one.digest, now


def _follow(session: Session, event: Event, one: Brought, places: dict[str, UUID], now: datetime) -> None:
    back = event.state == GONE
    if back:  # only what was in the tray or kept can be gone: a decision says which
        event.state = KEPT if event.decided_at else TRAY
    _write(event, one, places, now)
    event.rev += 1
    if event.state == KEPT:
        log(session, event, Op.PUBLISH if back else Op.UPDATE)
