"""Reads the log, and writes who is to hear of what.

One batch is one transaction: the notices and the place of the reader in the log are committed together, under a lock
on that place. A process killed at any moment, or two at once, write each notice once: what was not committed is read
again, what was is not, and (person, object) is unique whatever happens. A row of the log that cannot be told is
passed over and written down: it stops nobody else's news.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.changes import Change, Op, current_seq
from reseau.core.db import insert
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.members.places import KIND as PERSON_KIND
from reseau.notices import recalling, sources
from reseau.notices.models import LogCursor, Notice, NoticeChoice, NoticeState
from reseau.notices.preferences import due, mode_of
from reseau.notices.recalling import Changed
from reseau.notices.sources import Candidate
from reseau.settings import Settings

log = logging.getLogger(__name__)

CURSOR = "notices"
BATCH = 200
_ROWS = 500  # of one INSERT
_ONCE = ["person_id", "object_kind", "object_id"]


def derive(tools: Tools) -> str | None:
    """Read the log up to its end."""
    count = 0
    while True:
        made, more = _batch(tools)
        count += made
        if not more or tools.stopping():
            return f"avis : {count}" if count else None


def _batch(tools: Tools) -> tuple[int, bool]:
    """One batch, committed; if it cannot be told whole, row by row."""
    try:
        with tools.sessions.begin() as session:
            return step(session, tools.settings, tools.clock())
    except OperationalError:
        raise  # the database is away, or busy: nothing is wrong with the rows
    except Exception:
        log.exception("a batch of the log cannot be told: row by row")
    with tools.sessions.begin() as session:
        return step(session, tools.settings, tools.clock(), one_by_one=True)


def step(
    session: Session, settings: Settings, now: datetime, batch: int = BATCH, *, one_by_one: bool = False
) -> tuple[int, bool]:
    """One batch, to be committed by the caller. :param one_by_one: rows that fail are passed over.

    :return: (notices written, whether there is more to read).
    """
    cursor = _cursor(session)
    # Read before the rows: all of them up to this one are there, whatever is committed meanwhile (``core.changes``).
    end = current_seq(session)
    if cursor.seq >= end:
        return 0, False
    wanted = sa.select(Change).where(Change.seq > cursor.seq, Change.seq <= end, Change.kind.in_(sources.watched()))
    rows = list(session.scalars(wanted.order_by(Change.seq).limit(batch)))
    made = sum(_alone(session, row, settings, now) for row in rows) if one_by_one else (
        _say(session, rows, settings, now)
    )  # fmt: skip
    cursor.seq = rows[-1].seq if len(rows) == batch else end
    session.flush()
    return made, cursor.seq < end


def _say(session: Session, rows: Sequence[Change], settings: Settings, now: datetime) -> int:
    made = _publish(session, rows, settings, now)
    _withdraw(session, rows)
    return made


def _alone(session: Session, row: Change, settings: Settings, now: datetime) -> int:
    """One row, in a savepoint; 0 if it is passed over."""
    try:
        with session.begin_nested():
            return _say(session, [row], settings, now)
    except OperationalError:
        raise
    except Exception:
        log.exception("change %d of the log (%s %s) is told to nobody", row.seq, row.kind, row.object_id)
        return 0


def begin(session: Session) -> None:
    """Tell what happens from now on: called where the site is made ready, or what happens until the first run of the
    worker would be told to nobody. A site whose log is read already goes on where it was. The caller commits."""
    values = {"name": CURSOR, "seq": current_seq(session)}
    session.execute(insert(session, LogCursor).values(values).on_conflict_do_nothing())


def pass_over(session: Session) -> None:
    """What the log holds is told to nobody: what was invented for a demonstration. The caller commits."""
    _cursor(session).seq = current_seq(session)
    session.flush()


def _cursor(session: Session) -> LogCursor:
    """Our place in the log, which no other worker reads until the commit. A new site does not tell its past."""
    locked = sa.select(LogCursor).where(LogCursor.name == CURSOR).with_for_update()
    found = session.scalars(locked).first()
    if found is None:
        begin(session)
        found = session.scalars(locked).one()
    return found


def _publish(session: Session, rows: Sequence[Change], settings: Settings, now: datetime) -> int:
    by_kind: dict[str, list[UUID]] = {}
    for row in rows:
        if row.op == Op.PUBLISH.value:
            by_kind.setdefault(row.kind, []).append(row.object_id)
    made = 0
    for kind, ids in by_kind.items():
        if source := sources.source_of(kind):
            made += tell(session, source.candidates(session, list(dict.fromkeys(ids)), now), settings, now)
    return made


def tell(session: Session, candidates: Iterable[Candidate], settings: Settings, now: datetime) -> int:
    """Write one notice for each person and object, with the first reason that is said. :return: how many are new."""
    best: dict[tuple[UUID, Ref], Candidate] = {}
    for one in candidates:
        best.setdefault((one.person_id, one.object), one)
    if not best:
        return 0
    people = {person_id for person_id, _ in best}
    mine = sa.select(NoticeChoice).where(NoticeChoice.person_id.in_(people))
    choices = {row.person_id: row for row in session.scalars(mine)}
    rows = [_row(one, choices.get(one.person_id), settings, now) for one in best.values()]
    table, made = Notice.__table__, 0
    for start in range(0, len(rows), _ROWS):
        statement = insert(session, table).values(rows[start : start + _ROWS])
        once = statement.on_conflict_do_nothing(index_elements=_ONCE).returning(table.c.id)
        made += len(session.execute(once).all())
    _again(session, {one.object for one in best.values()})
    return made


def _row(one: Candidate, choice: NoticeChoice | None, settings: Settings, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "person_id": one.person_id, "kind": one.kind, "reason": one.reason,
        "object_kind": one.object[0], "object_id": one.object[1], "about_kind": one.about[0], "about_id": one.about[1],
        "at": one.at, "due_at": due(mode_of(choice, one.kind), choice, now, settings.timezone),
        "state": NoticeState.WAITING.value,
    }  # fmt: skip


def _again(session: Session, objects: set[Ref]) -> None:
    """What was hidden, and is shown again: those who had not been told are to be told after all."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, id_ in objects:
        by_kind.setdefault(kind, set()).add(id_)
    for kind, ids in by_kind.items():  # a few: with its kind, the index of the object serves
        dropped = sa.update(Notice).where(
            Notice.object_kind == kind, Notice.object_id.in_(ids),
            Notice.state == NoticeState.DROPPED.value, Notice.mail_key.is_(None),
        )  # fmt: skip
        waiting = dropped.values(state=NoticeState.WAITING.value)
        session.execute(waiting.execution_options(synchronize_session=False))


def _withdraw(session: Session, rows: Sequence[Change]) -> None:
    later = [row for row in rows if row.op != Op.PUBLISH.value]
    people = {row.object_id for row in later if row.kind == PERSON_KIND}
    gone = {row.object_id for row in later if row.op in (Op.WITHDRAW.value, Op.ERASE.value)}
    hangs: dict[str, set[UUID]] = {}
    for row in later:
        hangs.setdefault(row.kind, set()).add(row.object_id)
    if later:
        changed = {row.object_id for row in later} - gone - people
        recalling.recheck(session, Changed(gone - people, changed, hangs, people))
