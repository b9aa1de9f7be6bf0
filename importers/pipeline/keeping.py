"""Which raw files are of use, and what is kept of one."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import ImportRun, ImportSource, RunState, SheetUpload
from importers.pipeline.raws import Raw

KEEP_RAW = 7
"""Raw files that are kept of a source that has no row of its own."""


def kept(session: Session) -> Set[str]:
    """Digests of the raw files that are of use: the newest of each source, those that a person or a dead run waits
    for, and spreadsheets on their way in."""
    keep = {row.name: row.keep_raw for row in session.execute(sa.select(ImportSource.name, ImportSource.keep_raw))}
    found: set[str] = set(session.scalars(sa.select(SheetUpload.raw)))
    of: dict[str, list[str]] = {}
    columns = (ImportRun.source, ImportRun.raw, ImportRun.state)
    statement = sa.select(*columns).where(ImportRun.raw.is_not(None))
    statement = statement.order_by(ImportRun.started_at.desc(), ImportRun.id.desc())
    rows: Any = session.execute(statement.execution_options(yield_per=1_000))
    for source, raw, state in rows:
        newest = of.setdefault(source, [])
        if raw not in newest and len(newest) < keep.get(source, KEEP_RAW):
            newest.append(raw)
        if state in (RunState.HELD.value, RunState.RUNNING.value):
            found.add(raw)
    return found.union(*of.values())


def raw_of(path: Path) -> Raw:
    """Digest and size of a file, as if it were kept."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            digest.update(chunk)
            size += len(chunk)
    return Raw(digest.hexdigest(), size)
