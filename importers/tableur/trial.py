"""A dry run: what a spreadsheet would change, each batch applied, looked at and rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.pipeline import rows
from importers.pipeline.contract import COUNTS, How, Read
from importers.tableur.source import Tableur
from reseau.core.ids import new_id
from reseau.directory.models import SourceRecord, Structure

BATCH, SHOWN, PROBLEMS = 500, 100, 200
MAX_VALUE = 200  # characters of a refused value


class Trial:
    """:param factory: makes writing sessions. :param territory: INSEE codes, None: everywhere."""

    def __init__(
        self,
        factory: sessionmaker[Any],
        source: Tableur,
        sources: tuple[str, ...],
        territory: frozenset[str] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.factory, self.source, self.sources = factory, source, sources
        self.territory, self.clock, self.target = territory, clock, source.target
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.shown: list[dict[str, Any]] = []
        self.joined: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []
        self.named: set[str] = set()

    def run(self, path: Path) -> dict[str, Any]:
        """The report, for ``SheetUpload.trial``. Changes nothing. :raises pipeline.contract.Refused:"""
        self.source.check(path)
        reads = rows.distinct(self.source.read(path))
        while batch := list(islice(reads, BATCH)):
            self._try(batch)
        going = self._going()
        return {
            "counts": {name: self.counts[name] for name in COUNTS}, "reasons": dict(self.reasons),
            "structures": self.shown, "joined": self.joined, "problems": self.problems, "absent": going,
        }  # fmt: skip

    def _try(self, batch: list[Read]) -> None:
        for read in batch:
            self.named.update(read.parts)
            self._told(read)
        since = new_id()
        how = How(self.source.name, self.sources, self.clock(), new_id())
        with self.factory() as session:
            kept = rows.concerned(session, self.target, how, batch, self.territory)
            records = [read.incoming for read in kept if read.incoming]
            self.counts["read"] += len(batch)
            self.counts["rejected"] += len(kept) - len(records)
            self.counts["outside"] += len(batch) - len(kept)
            self.counts.update(self.target.apply(session, how, records))
            session.flush()
            if len(self.shown) < SHOWN:
                self.shown += self.target.changes(session, how, since, SHOWN - len(self.shown))
            self.joined += _joined(session, self.source.name, since, SHOWN - len(self.joined))
            session.rollback()

    def _told(self, read: Read) -> None:
        for problem in read.problems:
            self.reasons[problem.reason] += 1
            if len(self.problems) < PROBLEMS:
                told = {"line": problem.row, "field": problem.field, "reason": problem.reason}
                self.problems.append({**told, "value": problem.value[:MAX_VALUE]})

    def _going(self) -> list[dict[str, Any]]:
        how = How(self.source.name, self.sources, self.clock())
        with self.factory() as session:
            found = self.target.going(session, how, self.named, self.territory, SHOWN)
            session.rollback()
        return found


def _joined(session: Session, source: str, since: Any, limit: int) -> list[dict[str, Any]]:
    """Lines that were linked to a place that was there: what they call it, and the place."""
    if limit <= 0:
        return []
    statement = sa.select(SourceRecord.mapped, Structure.id, Structure.nom).join(
        Structure, Structure.id == SourceRecord.structure_id
    )
    statement = statement.where(SourceRecord.source == source, SourceRecord.id > since, Structure.id < since)
    found = session.execute(statement.order_by(SourceRecord.id).limit(limit))
    return [{"said": str(row.mapped.get("nom") or ""), "id": str(row.id), "name": row.nom} for row in found]
