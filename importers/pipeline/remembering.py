"""What the row of a source remembers of its runs: when it was last read, how the next request is made, failures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import ImportSource
from importers.pipeline.contract import Fetched
from importers.pipeline.runs import storable

FACTS = ("format", "columns", "filled")
"""Of the last good file, to see whether the next has another schema."""


def read(session: Session, row: ImportSource, run_id: UUID, now: datetime) -> None:
    """It was read to its end, by whatever way: also a file that somebody had and gave by hand."""
    session.execute(_of(row).values(last_run_id=run_id, last_good_at=now))


def stopped(session: Session, row: ImportSource, run_id: UUID, *, failed: bool) -> None:
    """It was asked at its address, and that ended before the end. :param failed: False: a person has to look."""
    failures = ImportSource.failures + (1 if failed else 0)
    session.execute(_of(row).values(last_run_id=run_id, failures=failures))


def came(
    session: Session, row: ImportSource, fetched: Fetched | None, digest: str | None, facts: Mapping[str, Any] | None
) -> None:
    """What came from its address is good. How the next request is made, and the schema, only as long as the source is
    still the one that was asked: a person may have changed it meanwhile.

    :param row: as it was when it was asked. :param fetched: None: from a kept file, which says nothing of what the
        address would answer. :param facts: None: nothing was read.
    """
    now = session.get(ImportSource, row.id, with_for_update=True, populate_existing=True)
    if now is None:
        return
    now.failures = 0
    if (now.location, now.options, now.territory) == (row.location, row.options, row.territory):
        if fetched:
            now.etag, now.last_modified, now.digest = fetched.etag, fetched.last_modified, digest or now.digest
        if facts:
            own = {name: value for name, value in now.facts.items() if name not in FACTS}
            now.facts = own | storable({name: facts[name] for name in FACTS if name in facts})
    session.flush()


def _of(row: ImportSource) -> Any:
    return sa.update(ImportSource).where(ImportSource.id == row.id)
