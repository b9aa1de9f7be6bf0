"""The state of a site as it can be compared with that of another: same places, records, log; other ids and moments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core.db import Base

#: What tells how it came about, and not what is: runs and their rejects, the journal, the schedule.
HISTORY = ("import_run", "import_reject", "import_source", "audit", "job_run", "alembic_version")
#: Of the real clock; in no order inside a batch; over the ids of records.
BY_NATURE = {"change": ("at", "seq", "digest"), "structure": ("digest",)}
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}")


def state(engine: sa.Engine) -> dict[str, list[str]]:
    """Every row of every table that has some, in an order that says nothing, without what differs by nature: ids are
    replaced by the ids at the source of what they stand for. The same on both engines."""
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        names = _names(connection)
        for name, table in Base.metadata.tables.items():
            if name in HISTORY:
                continue
            left_out = BY_NATURE.get(name, ())
            rows = [
                json.dumps({k: _plain(v, names) for k, v in row.items() if k not in left_out}, sort_keys=True)
                for row in connection.execute(sa.select(table)).mappings()
            ]
            if rows:
                found[name] = sorted(rows)
    return found


def counts(engine: sa.Engine) -> dict[str, int]:
    """Rows of each table, but for the tables of runs; ``change`` is the log."""
    with engine.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
            if name not in HISTORY
        }


def _names(connection: sa.Connection) -> dict[str, str]:
    record = Base.metadata.tables["source_record"]
    names: dict[str, str] = {}
    ordered = sa.select(record.c.id, record.c.structure_id, record.c.source_id).order_by(record.c.source_id)
    for id_, structure_id, source_id in connection.execute(ordered):
        names[id_.hex] = f"record {source_id}"
        names.setdefault(structure_id.hex, f"structure {source_id}")
    return names


def _plain(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {str(_plain(k, names)): _plain(v, names) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, names) for one in value]
    if isinstance(value, UUID):
        return names.get(value.hex, "an id")
    if isinstance(value, str):
        return names.get(value.replace("-", ""), "an id" if _ID.fullmatch(value) else value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)
