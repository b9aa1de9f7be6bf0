"""One pipeline for every source: read twice, refuse or apply, report.

First pass: the whole file is read and nothing is written; a file that is not what it should be (HTML, truncated,
another schema, far too small to be complete) is refused with nothing changed. Second pass: rows are mapped and applied
in batches, one transaction each, so that a run that is killed keeps what it did and can be run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.models import ImportReject, ImportRun
from reseau.core.clock import utcnow
from reseau.core.communes import Commune, communes, fold_name
from reseau.core.ids import new_id
from reseau.directory.apply import Applier, Incoming, present_count

BATCH = 500
GUARD_RATIO = 0.8
MAX_VALUE = 500


class Refused(Exception):
    """The file as a whole is refused and nothing has changed. ``code`` and ``details`` make the sentence."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code, self.details = code, details


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, or a value of it, that could not be used. ``field`` None: the whole row."""

    row: int
    source_id: str | None
    field: str | None
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Read:
    """A row once read and mapped: a place (``incoming``) or not, what was wrong, the parts of its id if it has one."""

    row: int
    incoming: Incoming | None
    problems: tuple[Problem, ...] = ()
    parts: tuple[str, ...] = ()


class Source(Protocol):
    """What a source module gives. ``name`` is what the command and provenance say."""

    name: str

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read the whole file, write nothing; facts for the report. :raises Refused:"""

    def read(self, path: Path) -> Iterator[Read]:
        """Rows in the order of the file."""


@dataclass(slots=True)
class Summary:
    """The end of a run, in figures."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    rejected: int = 0
    outside: int = 0
    absent: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON of the summary, for the table of runs."""
        counts = {name: getattr(self, name) for name in COUNTS}
        return {**counts, "reasons": dict(self.reasons), "values": dict(self.values), "facts": self.facts}


COUNTS = ("read", "created", "updated", "unchanged", "merged", "rejected", "outside", "absent")


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. ``territory``: INSEE codes, None: everywhere. ``complete``: the file stands for all of the source."""

    territory: frozenset[str] | None = None
    complete: bool = False
    dry_run: bool = False


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
            known = present_count(session, self.source.name, territory)
        incoming = sum(1 for read in self._distinct(path) if read.incoming and _inside(read.incoming, territory))
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
                summary.absent = self._applier(session).mark_absent(named, options.territory)
                _close(session, options.dry_run)

    def _apply_batch(
        self, session: Session, batch: list[Read], options: Options, summary: Summary, run_id: UUID
    ) -> None:
        applier = self._applier(session, run_id)
        batch = self._kept(applier, batch, options, summary)
        for read in batch:
            if read.incoming is None:
                summary.rejected += 1
                summary.reasons.update({problem.reason: 1 for problem in read.problems if problem.field is None})
            summary.values.update(problem.reason for problem in read.problems if problem.field is not None)
        counts = applier.apply([read.incoming for read in batch if read.incoming])
        for name in ("created", "updated", "unchanged", "merged"):
            setattr(summary, name, getattr(summary, name) + counts[name])
        if not options.dry_run:  # there is no run that they could belong to
            _store_problems(session, run_id, (problem for read in batch for problem in read.problems))

    def _kept(self, applier: Applier, batch: list[Read], options: Options, summary: Summary) -> list[Read]:
        """Rows of the batch without those outside the territory; but a place that we know in it and that has moved out
        is kept, or its sheet would give its old address for ever."""
        summary.read += len(batch)
        territory = options.territory or frozenset()
        outside = [read for read in batch if read.incoming and not _inside(read.incoming, options.territory)]
        parts = (part for read in outside for part in read.parts)
        known = applier.parts_known_in(territory, parts) if outside else frozenset()
        gone = {read.row for read in outside if known.isdisjoint(read.parts)}
        summary.outside += len(gone)
        return [read for read in batch if read.row not in gone]

    def _applier(self, session: Session, run: UUID | None = None) -> Applier:
        return Applier(session, self.source.name, self.sources, self.clock(), run)

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


def locate(mapped: dict[str, Any]) -> dict[str, Any]:
    """Give a record the INSEE code and the official name of its commune when they follow from what it says.

    Most rows of the registers have no ``code_insee``. Only what is certain is added (``Communes.resolve``); a code that
    does not exist is dropped; a name is only re-cased, never replaced by another.
    """
    known = communes()
    code, name = mapped.get("code_insee"), mapped.get("commune")
    found = known.by_code(code) if code else _resolve(name, mapped.get("code_postal"))
    if found is None:
        return {**mapped, "code_insee": None}
    same = not name or fold_name(name) == fold_name(found.name)
    return {**mapped, "code_insee": found.code, "commune": found.name if same else name}


@lru_cache(8_192)
def _resolve(name: str | None, postcode: str | None) -> Commune | None:
    return communes().resolve(name, postcode)


def _inside(incoming: Incoming, territory: frozenset[str] | None) -> bool:
    return territory is None or incoming.mapped.get("code_insee") in territory


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
