"""Verification: somebody of the place, or of the coordination, says that the whole sheet is still exact."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts, site_day
from reseau.directory.edits import locked
from reseau.directory.models import FieldChange, Status, Structure
from reseau.directory.reproject import Because, Projector, add_months, change_row

RHYTHMS = (1, 3, 6, 12)
"""Months after which a sheet is to be verified again."""
_table: Any = Structure.__table__
DUE_COLUMNS = ("id", "slug", "nom", "commune", "due_on", "fresh_on", "verified_at", "verified_by", "reminders")


def verify(session: Session, structure_id: UUID, because: Because, sources: Sequence[str], now: datetime) -> bool:
    """The sheet is exact today: its date, its reminders, its history, its revision and the log follow.

    :param because: cause ``VERIFY``; its side is what the public page says.
    :return: False, and nothing is written, when the same side said so today already, or the place is not open (or was
        merged meanwhile: nobody has seen what the sheet says now).
    :raises LookupError: there is no such structure.
    """
    if verify_some(session, [structure_id], because, sources, now):
        return True
    if session.execute(sa.select(_table.c.id).where(_table.c.id == structure_id)).first() is None:
        raise LookupError(structure_id)
    return False


def verify_some(
    session: Session, ids: Collection[UUID], because: Because, sources: Sequence[str], now: datetime
) -> list[UUID]:
    """As :func:`verify`, of a few hundred at most: a number of statements that does not grow with them.

    :return: those of which it was said; the others are left.
    """
    there = sa.and_(_table.c.id.in_(ids), _table.c.status == Status.ACTIVE.value)
    rows = session.execute(
        sa.select(_table.c.id, _table.c.verified_at, _table.c.verified_by)
        .where(there)
        .order_by(_table.c.id)
        .with_for_update()
    ).all()
    side, today = because.actor.side.value, site_day(session, now)
    todo = [
        row for row in rows
        if not (row.verified_at and row.verified_by == side and site_day(session, row.verified_at) == today)
    ]  # fmt: skip
    if not todo:
        return []
    done = [row.id for row in todo]
    values = {"verified_at": now, "verified_by": side, "reminders": 0}
    session.execute(sa.update(_table).where(_table.c.id.in_(done)).values(values))
    said = [row.verified_at.isoformat() if row.verified_at else None for row in todo]
    told = [change_row(id_, "", last, now.isoformat(), because, now) for id_, last in zip(done, said, strict=True)]
    session.execute(sa.insert(FieldChange), told)
    Projector(session, sources, now).reproject(done, because)
    return done


def set_rhythm(
    session: Session, structure_id: UUID, months: int, because: Because, sources: Sequence[str], now: datetime
) -> bool:
    """Choose after how many months the sheet is to be verified again. Told in its history, not published: no ``rev``.

    :return: False when it was so already. :raises ValueError: not one of ``RHYTHMS``. :raises LookupError: no
    structure.
    """
    if months not in RHYTHMS:
        raise ValueError(months)
    row = locked(session, structure_id)
    if row["verify_every"] == months:
        return False
    fresh = row["fresh_on"]
    due = add_months(date.fromisoformat(fresh), months).isoformat() if fresh else ""
    session.execute(sa.update(_table).where(_table.c.id == row["id"]).values(verify_every=months, due_on=due))
    told = change_row(row["id"], "verify_every", row["verify_every"], months, because, now)
    session.execute(sa.insert(FieldChange).values(told))
    Projector(session, sources, now).reproject([row["id"]], because)
    return True


@dataclass(frozen=True, slots=True)
class Due:
    """Sheets to verify. ``rows``: mappings with ``DUE_COLUMNS``, of one page. ``total``: of all pages."""

    rows: list[Mapping[str, Any]]
    total: int


def is_due(today: date) -> sa.ColumnElement[bool]:
    """The condition on ``structure`` under which an open place is to be verified; without any date: at once."""
    return sa.and_(_table.c.status == Status.ACTIVE.value, _table.c.due_on <= today.isoformat())


def due_order() -> tuple[Any, ...]:
    """The longest overdue first (undated ones before all)."""
    return _table.c.due_on, _table.c.nom, _table.c.id


def due(
    session: Session,
    today: date,
    structure_ids: Sequence[UUID] | None = None,
    limit: int | None = None,
    offset: int = 0,
    where: sa.ColumnElement[bool] | None = None,
) -> Due:
    """Sheets that are to be verified, in :func:`due_order`; two statements.

    :param structure_ids: only among these; None: all. :param where: only those, a condition on ``structure`` (of which
        rooms know more than we do: who has a référent).
    """
    condition = is_due(today)
    if structure_ids is not None:
        condition = sa.and_(condition, _table.c.id.in_(list(structure_ids)))
    if where is not None:
        condition = sa.and_(condition, where)
    total = session.execute(sa.select(sa.func.count()).select_from(_table).where(condition)).scalar_one()
    found = sa.select(*(_table.c[name] for name in DUE_COLUMNS)).where(condition)
    found = found.order_by(*due_order()).limit(limit).offset(offset)
    return Due(list(dicts(session.execute(found))), total)
