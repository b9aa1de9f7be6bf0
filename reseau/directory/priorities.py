"""The order of sources, as coordinators set it: of two that say something of one field, the first is believed.

Whoever computes sheets asks :func:`order`. A new order changes only the sheets that two sources know; they are computed
in the request when they are few, else by a job: until then ``source_rank.pending`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.actors import SYSTEM
from reseau.directory.models import Cause, SourceRank, SourceRecord
from reseau.directory.reproject import Because, Projector

#: Sheets that are computed while the person waits.
AT_ONCE = 200
BATCH = 500


def order(session: Session, default: Sequence[str]) -> tuple[str, ...]:
    """Names of sources, best first; one statement. :param default: the setting ``sources``."""
    ranked = session.scalars(sa.select(SourceRank.source).order_by(SourceRank.position, SourceRank.source)).all()
    return (*ranked, *(name for name in default if name not in ranked))


def set_order(session: Session, names: Sequence[str], default: Sequence[str]) -> frozenset[str]:
    """Write a new order down. Sheets are not computed here: see :func:`due` and :func:`compute`.

    :param names: all sources, best first, each once. :return: those whose place among the others changed.
    :raises ValueError: a name twice.
    """
    if len(set(names)) != len(names):
        raise ValueError(f"a source twice: {names!r}")
    known = order(session, default)
    before = [*known, *sorted(set(names) - set(known))]  # as the projection takes those that nobody ordered
    moved = _moved([name for name in before if name in names], names)
    ranks = {row.source: row for row in session.scalars(sa.select(SourceRank).with_for_update())}
    for position, name in enumerate([*names, *(name for name in ranks if name not in names)]):
        row = ranks.get(name)
        if row is None:
            session.add(SourceRank(source=name, position=position, pending=name in moved))
            continue
        row.position, row.pending = position, row.pending or name in moved
    session.flush()
    return moved


def _moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Names that come after one that they came before, or the reverse."""
    was = {name: rank for rank, name in enumerate(before)}
    pairs = ((one, other) for rank, one in enumerate(after) for other in after[rank + 1 :] if was[one] > was[other])
    return frozenset(name for pair in pairs for name in pair)


def pending(session: Session) -> frozenset[str]:
    """Sources that have moved since sheets were computed."""
    return frozenset(session.scalars(sa.select(SourceRank.source).where(SourceRank.pending)))


def due(session: Session, moved: frozenset[str]) -> int:
    """How many structures a move concerns: those of which a moved source and another one say something."""
    return session.execute(sa.select(sa.func.count()).select_from(_concerned(moved).subquery())).scalar_one()


def compute(session: Session, moved: frozenset[str], sources: Sequence[str], now: datetime) -> int:
    """Compute what a move concerns, in the caller's transaction, and forget that it was to be done.

    :return: how many sheets changed.
    """
    changed = 0
    for ids in batches(session, moved):
        changed += compute_batch(session, ids, sources, now)
    done(session, moved)
    return changed


def compute_batch(session: Session, ids: Sequence[UUID], sources: Sequence[str], now: datetime) -> int:
    """Compute some structures again because the order changed. :return: how many changed."""
    return len(Projector(session, sources, now).reproject(ids, Because(Cause.RULES, SYSTEM)))


def batches(session: Session, moved: frozenset[str]) -> Iterator[list[UUID]]:
    """Ids of what a move concerns, in order, ``BATCH`` at a time, read as they are needed."""
    last: UUID | None = None
    while True:
        statement = _concerned(moved).order_by(SourceRecord.structure_id).limit(BATCH)
        ids = list(session.scalars(statement.where(SourceRecord.structure_id > last) if last else statement))
        if not ids:
            return
        yield ids
        last = ids[-1]


def done(session: Session, moved: frozenset[str]) -> None:
    """All sheets follow the order."""
    session.execute(sa.update(SourceRank).where(SourceRank.source.in_(moved)).values(pending=False))


def _concerned(moved: frozenset[str]) -> sa.Select[UUID]:
    theirs = sa.select(SourceRecord.structure_id).where(SourceRecord.source.in_(sorted(moved)))
    several = sa.func.min(SourceRecord.source) != sa.func.max(SourceRecord.source)
    known = sa.select(SourceRecord.structure_id).where(SourceRecord.structure_id.in_(theirs))
    return known.group_by(SourceRecord.structure_id).having(several)
