"""One pipeline for every source: read and clean once, look before writing, apply in batches, say what happened.

First pass: the whole file is read and cleaned into a spool, and nothing is written; a file that is not what it should
be (HTML, truncated, another schema) is *refused*, one that looks wrong (far too small, full of rejects, other columns)
is *held* until a person has looked. Second pass: rows are applied in batches, one transaction each, with the number of
rows done in it: a run that is killed keeps what it did, and is gone on with.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from importers.pipeline import guard, rows
from importers.pipeline.contract import COUNTS, Held, How, Options, Read, Refused, Source, Summary
from importers.pipeline.guard import Figures
from importers.pipeline.keeping import raw_of
from importers.pipeline.runs import WITNESS, Runs, Ticket, storable, store_problems
from importers.pipeline.spool import Spool
from reseau.core.clock import utcnow
from reseau.core.ids import new_id

BATCH = 500
PREVIEW = 200
"""Structures that a held run shows, and names that it would mark as absent."""
HELD_REJECTS = 1_000
COUNTED = ("created", "updated", "unchanged", "merged", "linked", "queued")


class Pipeline:
    """Runs one source against the site. The caller holds the lock of the source (``conducting``).

    :param factory: makes writing sessions. :param sources: order of sources.
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
        self.runs = Runs(factory, source.name, clock, getattr(source, "rules", ""))

    def run(
        self,
        path: Path,
        location: str,
        options: Options,
        *,
        ticket: Ticket | None = None,
        before: Mapping[str, Any] | None = None,
    ) -> Summary:
        """Import ``path``; ``location`` is how the report names it.

        :param ticket: of a run that has begun; else one begins here. :param before: facts of the last good file of the
            same source, to see whether its schema has changed.
        :raises Refused: nothing was changed. :raises Held: nothing was changed, a person has to look.
        """
        if ticket is None:
            ticket = self.runs.begin(location, options)
            if not options.dry_run and path.is_file():
                raw = raw_of(path)
                ticket = self.runs.take_up(ticket, raw.digest, raw.size, options)
        summary = _again(ticket)
        try:
            with Spool() as spool:
                self._run(path, options, summary, ticket, spool, before or {})
        except Refused as error:
            self.runs.refuse(ticket, error, options)
            raise
        except Held:
            raise
        except BaseException as error:
            self.runs.fail(ticket, error, options)
            raise
        return summary

    def _run(
        self,
        path: Path,
        options: Options,
        summary: Summary,
        ticket: Ticket,
        spool: Spool,
        before: Mapping[str, Any],
    ) -> None:
        with _timed(summary, "check"):
            summary.facts |= storable(self.source.check(path))
        with _timed(summary, "read"):
            figures = self._read_all(path, options, spool)
        summary.facts["same_rows"] = figures.same
        # One that is taken up passed the guard when it began; what it has applied since counts as known now.
        seen = options.accepted or ticket.accepted or ticket.cursor
        if found := None if seen else self._guard(figures, options, summary, before):
            self._hold(found, options, summary, ticket, spool, figures)
        with _timed(summary, "apply"):
            self._apply_all(spool, options, summary, ticket)
        self._finish(options, summary, ticket, figures.named)

    # --- first pass ---

    def _read_all(self, path: Path, options: Options, spool: Spool) -> Figures:
        figures, inside = Figures(), self.source.target.inside
        reads = self._rows(path, self._known(options))
        while batch := list(islice(reads, BATCH)):
            for read in batch:
                figures.rows += 1
                figures.same += read.same
                figures.inside += read.same or bool(read.incoming and inside(read.incoming, options.territory))
                if read.incoming is None and not read.same:
                    figures.rejected += 1
                    figures.reasons.update({problem.reason: 1 for problem in read.problems if problem.field is None})
                if options.complete:
                    figures.named.update(read.parts)
            spool.add(batch)
        return figures

    def _known(self, options: Options) -> Set[bytes]:
        digests = getattr(self.source.target, "digests", None)
        if digests is None or not hasattr(self.source, "reread"):
            return frozenset()
        with self.factory() as session:
            known: Set[bytes] = digests(session, self._how(None), options.territory)
            return known

    def _rows(self, path: Path, known: Set[bytes]) -> Iterator[Read]:
        reread = getattr(self.source, "reread", None)
        return rows.distinct(reread(path, known) if known and reread else self.source.read(path))

    # --- guard ---

    def _guard(
        self, figures: Figures, options: Options, summary: Summary, before: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]] | None:
        if options.complete:
            with self.factory() as session:
                known = self.source.target.count(session, self._how(None), options.territory)
            if details := guard.too_few(figures, known):
                return "trop-peu", details
        if details := guard.too_many_rejects(figures, self.source.target.kind):
            return "trop-de-rejets", details
        if details := guard.other_schema(summary.facts, before):
            return "schema-change", details
        return None

    def _hold(
        self,
        found: tuple[str, dict[str, Any]],
        options: Options,
        summary: Summary,
        ticket: Ticket,
        spool: Spool,
        figures: Figures,
    ) -> None:
        code, details = found
        held = Held(None if options.dry_run else ticket.run_id, code, **details)
        if options.dry_run:
            raise held
        with _timed(summary, "preview"):
            preview = self._preview(spool, options, ticket, figures.named)
        summary.read, summary.rejected, summary.reasons = figures.rows, figures.rejected, figures.reasons
        refused = (read for batch in spool for read in batch if read.incoming is None and read.problems)
        self.runs.hold(ticket, held, summary, preview, islice(refused, HELD_REJECTS))
        raise held

    def _preview(self, spool: Spool, options: Options, ticket: Ticket, named: Set[str]) -> dict[str, Any]:
        """What the run would change: each batch is applied, looked at and rolled back."""
        target, trial, shown = self.source.target, Summary(), list[dict[str, Any]]()
        changes, going = getattr(target, "changes", None), getattr(target, "going", None)
        for batch in spool:
            since = new_id()
            with self.factory() as session:
                how = self._how(ticket, options)
                self._apply_batch(session, how, batch, options, trial, None)
                if changes and len(shown) < PREVIEW:
                    session.flush()
                    shown += changes(session, how, since, PREVIEW - len(shown))
                session.rollback()
        gone: list[dict[str, Any]] = []
        if options.complete:
            with self.factory() as session:
                how = self._last_how(session, ticket, options)
                gone = going(session, how, named, options.territory, PREVIEW) if going else []
                counts = target.absent(session, how, named, options.territory)
                trial.absent, trial.archived = counts["absent"], counts["archived"]
                session.rollback()
        more = trial.created + trial.updated > len(shown) or trial.absent > len(gone)
        counted = {name: getattr(trial, name) for name in COUNTS}
        return {"counts": counted, "structures": shown, "absent": gone, "more": more}

    # --- second pass ---

    def _apply_all(self, spool: Spool, options: Options, summary: Summary, ticket: Ticket) -> None:
        done = 0
        for batch in spool:
            done += len(batch)
            if done <= ticket.cursor:
                continue
            left = batch[-(done - ticket.cursor) :]  # all of it, but after a run with batches of another size
            with self.factory() as session:
                self._apply_batch(session, self._how(ticket, options), left, options, summary, ticket)
                if not options.dry_run:
                    self.runs.advance(session, ticket, done, summary)
                _close(session, options.dry_run)
            self.progress(summary.read)

    def _apply_batch(
        self,
        session: Session,
        how: How,
        batch: list[Read],
        options: Options,
        summary: Summary,
        ticket: Ticket | None,
    ) -> None:
        """:param ticket: of the run that what was wrong belongs to; None: nothing is kept of it."""
        batch = self._kept(session, how, batch, options, summary)
        for read in batch:
            if read.same:
                summary.unchanged += 1
            elif read.incoming is None:
                summary.rejected += 1
                summary.reasons.update({problem.reason: 1 for problem in read.problems if problem.field is None})
            else:
                summary.repairs.update(str(repair["rule"]) for repair in getattr(read.incoming, "repairs", ()))
            summary.values.update(problem.reason for problem in read.problems if problem.field is not None)
        if records := [read.incoming for read in batch if read.incoming]:
            counts = self.source.target.apply(session, how, records)
            for name in COUNTED:
                setattr(summary, name, getattr(summary, name) + counts[name])
        if ticket and not options.dry_run:  # there is no run that they could belong to
            store_problems(session, ticket.run_id, batch)

    def _kept(self, session: Session, how: How, batch: list[Read], options: Options, summary: Summary) -> list[Read]:
        summary.read += len(batch)
        kept = rows.concerned(session, self.source.target, how, batch, options.territory)
        summary.outside += len(batch) - len(kept)
        return kept

    def _finish(self, options: Options, summary: Summary, ticket: Ticket, named: Set[str]) -> None:
        """Absent and done, in one transaction: a complete run counts once, however often it was killed."""
        with self.factory() as session:
            if options.complete:
                with _timed(summary, "absent"):
                    how = self._last_how(session, ticket, options)
                    counts = self.source.target.absent(session, how, named, options.territory)
                    summary.absent, summary.archived = counts["absent"], counts["archived"]
                    summary.facts |= {WITNESS: True} if how.witness else {}
            if not options.dry_run:
                self.runs.finish(session, ticket, summary)
            _close(session, options.dry_run)

    def same(self, ticket: Ticket, raw: str | None, options: Options) -> Summary:
        """The source has nothing new: it was asked again, and what it did not name it still does not name. That counts
        for what is absent already (``Target.again``); nothing is read. :param raw: digest of what it gave last."""
        summary = Summary(same=True, run_id=None if options.dry_run else ticket.run_id)
        if options.dry_run:
            return summary
        again = getattr(self.source.target, "again", None)
        with self.factory.begin() as session:
            how = self._last_how(session, ticket, options)
            if again and how.witness:
                counts: Counter[str] = again(session, how, options.territory)
                summary.archived = counts["archived"]
                summary.facts[WITNESS] = True
            self.runs.same(session, ticket, raw, summary)
        return summary

    def _last_how(self, session: Session, ticket: Ticket, options: Options) -> How:
        """For what a run says of what it does not name."""
        return dataclasses.replace(self._how(ticket, options), witness=self.runs.witness(session, ticket, options))

    def _how(self, ticket: Ticket | None, options: Options | None = None) -> How:
        run = ticket.run_id if ticket and not (options and options.dry_run) else None
        return How(self.source.name, self.sources, self.clock(), run, match=options.match if options else True)


def _again(ticket: Ticket) -> Summary:
    """The summary of a run, as far as it came."""
    summary = Summary(run_id=ticket.run_id)
    for name in COUNTS:
        setattr(summary, name, ticket.counted.get(name, 0))
    for name in ("reasons", "values", "repairs"):
        getattr(summary, name).update(ticket.counted.get(name, {}))
    summary.facts |= ticket.counted.get("facts", {})
    summary.seconds |= ticket.counted.get("seconds", {})
    return summary


@contextmanager
def _timed(summary: Summary, step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    summary.seconds[step] = round(summary.seconds.get(step, 0) + time.perf_counter() - start, 3)


def _close(session: Session, dry_run: bool) -> None:
    if dry_run:
        session.rollback()
    else:
        session.commit()
