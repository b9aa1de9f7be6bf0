"""One pipeline for every source: read twice, refuse or apply, report.

First pass: the whole file is read and nothing is written; a file that is not what it should be (HTML, truncated,
another schema, far too small to be complete) is refused with nothing changed. Second pass: rows are mapped and applied
in batches, one transaction each, so that a run that is killed keeps what it did and can be run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.models import ImportReject, ImportRun
from importers.pipeline.contract import How, Options, Problem, Read, Refused, Source, Summary
from reseau.core.clock import utcnow
from reseau.core.ids import new_id

BATCH = 500
GUARD_RATIO = 0.8
MAX_VALUE = 500


class Pipeline:
    """Runs one source against the directory.

    :param factory: makes writing sessions. :param sources: order of sources of the settings.
    :param progress: called with the number of rows done, after each batch.
    """

    def __init__(
        self,
        factory: sessionmaker[Any],
        source: Source,
        sources: tuple[str, ...],
        *,
        clock: Callable[[], datetime] = utcnow,
        progress: Callable[[int], None] = lambda _rows: None,
    ) -> None:
        self.factory, self.source, self.sources = factory, source, sources
        self.clock, self.progress = clock, progress

    def run(self, path: Path, location: str, options: Options) -> Summary:
        """Import ``path``; ``location`` is how the report names it.

        :raises Refused: nothing was changed.
        """
        summary = Summary(facts=_storable(self.source.check(path)))
        if options.complete:
            self._guard(path, options.territory)
        run_id = self._begin(location, options)
        try:
            self._apply_all(path, options, summary, run_id)
        except BaseException:
            self._end(run_id, "failed", summary, options)
            raise
        self._end(run_id, "done", summary, options)
        return summary

    def _guard(self, path: Path, territory: frozenset[str] | None) -> None:
        with self.factory() as session:
            known = self.source.target.count(session, self._how(None), territory)
        inside = self.source.target.inside
        incoming = sum(1 for read in self._distinct(path) if read.incoming and inside(read.incoming, territory))
        if incoming < GUARD_RATIO * known:
            raise Refused("trop-peu", incoming=incoming, known=known)

    def _distinct(self, path: Path) -> Iterator[Read]:
        """Rows of the file; one that shares a part of its id with an earlier one is refused: which is true?"""
        owner: dict[str, int] = {}
        for read in self.source.read(path):
            if read.incoming and (first := next((owner[p] for p in read.incoming.parts if p in owner), None)):
                problem = Problem(read.row, read.incoming.source_id, None, "identifiant-deja-lu", f"ligne {first}")
                yield Read(read.row, None, (*read.problems, problem), read.parts)
                continue
            if read.incoming:
                owner |= dict.fromkeys(read.incoming.parts, read.row)
            yield read

    def _apply_all(self, path: Path, options: Options, summary: Summary, run_id: UUID) -> None:
        rows = self._distinct(path)
        named: set[str] = set()
        while batch := list(islice(rows, BATCH)):
            with self.factory() as session:
                self._apply_batch(session, batch, options, summary, run_id)
                _close(session, options.dry_run)
            if options.complete:
                named.update(part for read in batch for part in read.parts)
            self.progress(summary.read)
        if options.complete:
            with self.factory() as session:
                counts = self.source.target.absent(session, self._how(run_id), named, options.territory)
                summary.absent, summary.archived = counts["absent"], counts["archived"]
                _close(session, options.dry_run)

    def _apply_batch(
        self, session: Session, batch: list[Read], options: Options, summary: Summary, run_id: UUID
    ) -> None:
        how = self._how(run_id, options)
        batch = self._kept(session, how, batch, options, summary)
        for read in batch:
            if read.incoming is None:
                summary.rejected += 1
                summary.reasons.update({problem.reason: 1 for problem in read.problems if problem.field is None})
            summary.values.update(problem.reason for problem in read.problems if problem.field is not None)
        counts = self.source.target.apply(session, how, [read.incoming for read in batch if read.incoming])
        for name in ("created", "updated", "unchanged", "merged", "linked", "queued"):
            setattr(summary, name, getattr(summary, name) + counts[name])
        if not options.dry_run:  # there is no run that they could belong to
            _store_problems(session, run_id, (problem for read in batch for problem in read.problems))

    def _kept(self, session: Session, how: How, batch: list[Read], options: Options, summary: Summary) -> list[Read]:
        """Rows of the batch without those outside the territory; but a place that we know in it and that has moved out
        is kept, or its sheet would give its old address for ever."""
        summary.read += len(batch)
        territory = options.territory or frozenset()
        target = self.source.target
        outside = [read for read in batch if read.incoming and not target.inside(read.incoming, options.territory)]
        parts = {part for read in outside for part in read.parts}
        known = target.kept_outside(session, how, parts, territory) if outside else frozenset()
        gone = {read.row for read in outside if known.isdisjoint(read.parts)}
        summary.outside += len(gone)
        return [read for read in batch if read.row not in gone]

    def _how(self, run: UUID | None, options: Options | None = None) -> How:
        return How(self.source.name, self.sources, self.clock(), run, match=options.match if options else True)

    def _begin(self, location: str, options: Options) -> UUID:
        run = ImportRun(id=new_id(), source=self.source.name, location=location, started_at=self.clock())
        with self.factory() as session:
            # The caller holds the lock of the source: a run still "running" belongs to a process that died.
            session.execute(
                sa.update(ImportRun)
                .where(ImportRun.source == self.source.name, ImportRun.state == "running")
                .values(state="failed", ended_at=self.clock())
            )
            session.add(run)
            session.flush()
            _close(session, options.dry_run)
        return run.id

    def _end(self, run_id: UUID, state: str, summary: Summary, options: Options) -> None:
        with self.factory() as session:
            session.execute(
                sa.update(ImportRun)
                .where(ImportRun.id == run_id)
                .values(state=state, ended_at=self.clock(), summary=summary.as_dict())
            )
            _close(session, options.dry_run)


def _store_problems(session: Session, run_id: UUID, problems: Iterable[Problem]) -> None:
    rows = [
        {"id": new_id(), "run_id": run_id, "row_number": p.row, "source_id": _storable(p.source_id), "field": p.field,
         "reason": p.reason, "value": _storable(p.value[:MAX_VALUE])}
        for p in problems
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(ImportReject.__table__), rows)  # type: ignore[arg-type]


def _storable(value: Any) -> Any:
    """Text as both engines can hold it, wherever it is in a value: no NUL (PostgreSQL), no lone surrogate (both)."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _close(session: Session, dry_run: bool) -> None:
    if dry_run:
        session.rollback()
    else:
        session.commit()
