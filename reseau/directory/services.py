"""What the pages, and other rooms, ask of the directory. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.directory.models import Service, SourceRecord, Status, Structure
from reseau.directory.present import LISTED

_table = Structure.__table__


def listed(
    session: Session, ids: Sequence[UUID], columns: Sequence[str] = ("id", "slug", "nom", "label_until", *LISTED)
) -> list[Mapping[str, Any]]:
    """Some columns (by default those that a list shows), in the order of ``ids``; one statement for a thousand ids.

    Ids that are gone are left out.
    """
    rows: dict[UUID, Mapping[str, Any]] = {}
    for start in range(0, len(ids), 1000):
        statement = sa.select(*(_table.c[name] for name in columns)).where(_table.c.id.in_(ids[start : start + 1000]))
        rows |= {row["id"]: row for row in dicts(session.execute(statement))}
    return [rows[id_] for id_ in ids if id_ in rows]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A structure with all that its page shows. ``moved_to``: it was merged into another (id, slug).

    ``parent`` and ``branches``: id, slug and nom of the open structures it is a branch of, or that are its branches.
    """

    row: Mapping[str, Any]
    offers: list[Service]
    moved_to: tuple[UUID, str] | None
    not_seen_since: datetime | None
    parent: Mapping[str, Any] | None = None
    branches: tuple[Mapping[str, Any], ...] = ()

    @property
    def closed_on(self) -> date | None:
        """The day on which the place closed for good, or None."""
        closed = self.row["status"] == Status.CLOSED.value and self.row["closed_on"]
        return date.fromisoformat(closed) if closed else None

    @property
    def archived(self) -> bool:
        """Whether nobody closed it, but its registers gave it no more (``absences``)."""
        return self.closed_on is not None and self.row["archived_at"] is not None


def sheet(session: Session, id_: UUID) -> Sheet | None:
    """One structure, or None; at most five statements."""
    row = next(dicts(session.execute(sa.select(_table).where(_table.c.id == id_))), None)
    if row is None:
        return None
    moved, seen = None, set[UUID]()
    current = row
    while current["status"] == Status.MERGED.value and current["id"] not in seen:
        seen.add(current["id"])
        current = next(dicts(session.execute(sa.select(_table).where(_table.c.id == current["merged_into"]))))
        moved = (current["id"], current["slug"])
    offers = session.scalars(sa.select(Service).where(Service.structure_id == id_).order_by(Service.nom, Service.id))
    absent = session.scalars(sa.select(SourceRecord.not_seen_since).where(SourceRecord.structure_id == id_)).all()
    gone = max((when for when in absent if when), default=None) if absent and all(absent) else None
    return Sheet(row, list(offers), moved, gone, *_family(session, row))


def _family(session: Session, row: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, tuple[Mapping[str, Any], ...]]:
    columns = (_table.c.id, _table.c.slug, _table.c.nom)
    related = sa.or_(_table.c.parent_id == row["id"], _table.c.id == row["parent_id"])
    found = sa.select(*columns).where(related, _table.c.status == Status.ACTIVE.value)
    known = list(dicts(session.execute(found.order_by(_table.c.nom, _table.c.id))))
    parent = next((one for one in known if one["id"] == row["parent_id"]), None)
    return parent, tuple(one for one in known if one is not parent)


def structures(session: Session, ids: Iterable[UUID] | None = None) -> Iterable[Mapping[str, Any]]:
    """Active structures with all their columns (of ``ids``, or all), a thousand at a time: for the indexer."""
    statement = sa.select(_table).where(_table.c.status == Status.ACTIVE.value)
    if ids is None:
        yield from dicts(session.execute(statement.execution_options(yield_per=1000)))
        return
    wanted = list(ids)
    for start in range(0, len(wanted), 1000):
        yield from dicts(session.execute(statement.where(_table.c.id.in_(wanted[start : start + 1000]))))
