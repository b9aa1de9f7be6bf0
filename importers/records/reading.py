"""Records of a structure, as they are in the tables. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import ImportRun, ImportSource
from reseau.directory.models import SourceRecord

__all__ = ["PAGE", "Beside", "Found", "records"]

PAGE = 3
"""Records on a page: each says up to 34 fields, four times."""


MOST = 200
"""Records of a sheet that are compared."""


@dataclass(frozen=True, slots=True)
class Found:
    """``rows``: columns of ``source_record``, ``parts``, ``run`` (id of the run that last changed it, or None: it is
    older than the runs that are kept) and ``source_title`` (None: no source has this name any more). ``beside``: all
    records of the sheet, ``MOST`` at most."""

    rows: list[Mapping[str, Any]]
    total: int
    beside: list[Beside]


@dataclass(frozen=True, slots=True)
class Beside:
    """What tells one record of a sheet from the others. ``day``: ISO, of its last update as its source says it.
    ``point``: (latitude, longitude) in degrees, None: unknown, or no longer in its source."""

    id: UUID
    source: str
    source_id: str
    day: str | None
    point: tuple[float, float] | None


def _beside(session: Session, structure_id: UUID) -> list[Beside]:
    point = [SourceRecord.mapped[name] for name in ("latitude", "longitude")]
    chosen = sa.select(
        SourceRecord.id, SourceRecord.source, SourceRecord.source_id, SourceRecord.date_maj,
        SourceRecord.not_seen_since, *point,
    )  # fmt: skip
    mine = chosen.where(SourceRecord.structure_id == structure_id).order_by(SourceRecord.id).limit(MOST)
    return [
        Beside(id_, source, source_id, day, None if gone else _point(lat, lon))
        for id_, source, source_id, day, gone, lat, lon in session.execute(mine)
    ]


def _point(latitude: object, longitude: object) -> tuple[float, float] | None:
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    return float(latitude), float(longitude)


def records(session: Session, structure_id: UUID, start: int = 0) -> Found:
    """Records of a structure, those that are in their source first, then the newest; two statements."""
    run = (
        sa.select(ImportRun.id)
        .where(ImportRun.source == SourceRecord.source, ImportRun.started_at <= SourceRecord.changed_at)
        .order_by(ImportRun.started_at.desc(), ImportRun.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    title = sa.select(ImportSource.title).where(ImportSource.name == SourceRecord.source).scalar_subquery()
    mine = SourceRecord.structure_id == structure_id
    statement = (
        sa.select(*SourceRecord.__table__.columns, run.label("run"), title.label("source_title"))
        .where(mine)
        .order_by(SourceRecord.not_seen_since.isnot(None), SourceRecord.changed_at.desc(), SourceRecord.id)
        .limit(PAGE)
        .offset(start)
    )
    all_ = _beside(session, structure_id)
    total = len(all_)
    if total == MOST:
        total = session.execute(sa.select(sa.func.count()).where(mine)).scalar_one()
    return Found([dict(row) for row in session.execute(statement).mappings()], total, all_)
