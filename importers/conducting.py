"""Conducts one source from its address to the end: fetch, keep raw, run the pipeline, under the lock of the source.

The command, the worker and the pages of sources call this, and nothing else runs a pipeline. What ends a run for the
one who asked: a ``Summary`` (done, or ``same``), ``Refused``, ``Held``, or ``locks.Locked`` (somebody else is at it).
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from importers import fetch
from importers.models import ImportRun, ImportSource, RunState, Trigger
from importers.pipeline import keeping, remembering, runs
from importers.pipeline.contract import COUNTS, Fetched, Held, Options, Refused, Summary, Where
from importers.pipeline.raws import Raw
from importers.pipeline.running import Pipeline
from importers.pipeline.runs import Runs, Stuck, Ticket, accepted, approve, drop, interrupted
from importers.planning import Conducting, Plan, plan_of
from reseau.core import audit
from reseau.core.actors import IMPORT
from reseau.core.locks import exclusive
from reseau.core.slugs import slugify
from reseau.directory import priorities

__all__ = [
    "EXIT_FAILED", "EXIT_HELD", "EXIT_LOCKED", "EXIT_OK", "Conducting", "accept", "accepted", "approve", "conduct",
    "drop", "interrupted", "replay", "resume",
]  # fmt: skip

# What a cron understands (``docs/importing.md``): worst of all when several sources run.
EXIT_OK = 0
"""Done, or nothing new."""
EXIT_FAILED = 1
"""Refused, or stopped on an error."""
EXIT_HELD = 3
"""A person has to look."""
EXIT_LOCKED = 75
"""Somebody else is at it: try later (``EX_TEMPFAIL`` of ``sysexits.h``)."""


def conduct(
    tools: Conducting,
    name: str,
    location: str | None = None,
    options: Options | None = None,
    *,
    trigger: Trigger = Trigger.COMMAND,
    given: Mapping[str, Any] | None = None,
) -> Summary:
    """Run one source.

    :param name: of a row of ``import_source``, or code of an adapter. :param location: a path or an address, instead of
        that of the row: then the row only gives the name and the options. :param options: instead of those of the row
        (its territory, or that of the site; complete or not). :param given: those that replace the ones of the row; the
        others stay.
    :raises Refused: :raises Held: :raises locks.Locked: nothing was changed.
    """
    plan = plan_of(tools, name, location, options, given or {})
    with _locked(tools, plan.source.name):
        return _Run(tools, plan, trigger).fetch_and_run()


def replay(tools: Conducting, run_id: UUID, *, dry_run: bool = False) -> Summary:
    """Read the kept raw file of a run again, by the rules of today, without the network.

    It only stands for all of the source if nothing newer was read since: an old file says nothing of what came later.
    :raises Refused: ``import-inconnu``, ``brut-absent``, and as :func:`conduct`.
    """
    run = _run(tools, run_id)
    with _locked(tools, run.source):
        options = runs.options_of(run, dry_run=dry_run)
        if run.raw is None:
            raise Refused("brut-absent")
        if options.complete:
            with tools.factory() as session:
                options = dataclasses.replace(options, complete=not runs.newer_file(session, run))
        plan = plan_of(tools, run.source, run.location, options)
        with tools.raws.open(run.raw) as path:
            return _Run(tools, plan, Trigger.REPLAY).run_kept(path, Raw(run.raw, run.size or 0))


def accept(tools: Conducting, run_id: UUID, by: UUID | None = None) -> Summary:
    """Run the very file that the guard held. Twice, or at the same time: once.

    :param by: who accepts; not needed when :func:`approve` has said so. :raises Refused: ``deja-decide``,
        ``plus-recent`` (the source was read to its end since), ``brut-absent``…
    :raises locks.Locked: the held run stays accepted, and is to be run later.
    """
    run = _run(tools, run_id)
    with tools.factory.begin() as session:
        approve(session, run_id, by, tools.clock())
    with _locked(tools, run.source):
        with tools.factory.begin() as session:
            late = runs.newer_good(session, run)
            started = False if late else runs.start_held(session, run_id)
            late = late and runs.too_late(session, run_id)
        if not started:
            raise Refused("plus-recent" if late else "deja-decide")
        run = _run(tools, run_id)
        return _go_on(tools, run, Ticket(run_id, accepted=True))


def resume(tools: Conducting, run_id: UUID) -> Summary:
    """Go on with a run that a dead process left, from its kept raw file. :raises locks.Locked: it is not dead.
    :raises Stuck: it died too often in the same place."""
    run = _run(tools, run_id)
    with _locked(tools, run.source):
        with tools.factory.begin() as session:
            row = session.get(ImportRun, run_id)
            if row is None or row.state != RunState.RUNNING.value:
                raise Refused("deja-decide")
            alive = runs.take_over(row)
        run = _run(tools, run_id)
        ticket = Ticket(run_id, run.cursor, dict(run.summary), run.decided_at is not None)
        return _go_on(tools, run, ticket, alive=alive)


class _Run:
    """One run, under the lock of its source."""

    def __init__(self, tools: Conducting, plan: Plan, trigger: Trigger) -> None:
        self.tools, self.plan, self.source = tools, plan, plan.source
        self.options, self.trigger, self.seconds = plan.options, trigger, 0.0
        self.runs = Runs(tools.factory, self.source.name, tools.clock, getattr(self.source, "rules", ""))
        self.taken: Ticket | None = None

    def fetch_and_run(self) -> Summary:
        """From the address."""
        start = time.perf_counter()
        with self._ticket() as ticket, self._fetched() as fetched:
            self.seconds = round(time.perf_counter() - start, 3)
            if fetched.path is None:
                return self._same(ticket, self.plan.row.digest if self.plan.row else None, fetched)
            raw = keeping.raw_of(fetched.path) if self.options.dry_run else self.tools.raws.keep(fetched.path)
            return self._run(ticket, fetched.path, raw, fetched)

    def run_kept(self, path: Path, raw: Raw) -> Summary:
        """From a raw file that was kept."""
        self.options = dataclasses.replace(self.options, force=True)
        with self._ticket() as ticket:
            return self._run(ticket, path, raw, None)

    def go_on(self, ticket: Ticket, raw: str, *, alive: bool = True) -> Summary:
        """One that has begun. :param alive: False: it is not to be tried once more."""
        with self._told(ticket):
            if not alive:
                raise Stuck
            with self.tools.raws.open(raw) as path:
                return self._through(ticket, path, None)

    @contextmanager
    def _ticket(self) -> Iterator[Ticket]:
        row = self.plan.row
        ticket = self.runs.begin(fetch.shown(self.plan.location), self.options, self.trigger, row.id if row else None)
        with self._told(ticket):
            if self.plan.wrong:
                raise self.plan.wrong
            yield ticket

    @contextmanager
    def _told(self, ticket: Ticket) -> Iterator[None]:
        """Whatever stops a run is written in its row and in that of the source."""
        try:
            yield
        except Held:
            self._sweep()
            raise
        except BaseException as error:
            refused = isinstance(error, Refused) and not isinstance(error, Stuck)
            if isinstance(error, Refused) and refused:
                self.runs.refuse(ticket, error, self.options)
            else:
                self.runs.fail(ticket, error, self.options)
            ended = isinstance(error, Refused) and error.code == fetch.STOPPED  # that is no fault of the source
            self._stopped(self.taken.run_id if self.taken else ticket.run_id, failed=not ended)
            self._sweep()
            raise

    @contextmanager
    def _fetched(self) -> Iterator[Fetched]:
        fetches = getattr(self.source, "fetch", None)
        local = not fetch.is_web(self.plan.location)
        # A path is the raw file itself, but for a source that makes one of several files of this machine.
        own = getattr(self.source, "local", False)
        if local and not own and (fetches is None or Path(self.plan.location).is_file()):
            yield Fetched(fetch.file_at(self.plan.location))
            return
        # Not a temporary folder: what a dead process had got is gone on with.
        folder = self.tools.folder / f"{keeping.COMING}{slugify(self.source.name)}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pace = getattr(self.source, "pace", 0.0)
        allowed, stopping = self.tools.settings.allow_private_addresses, self.tools.stopping
        make = self.tools.asker or (lambda pace: fetch.Asker(allowed, pace, stopping=stopping))
        whole = False
        try:
            with make(pace) as asker:
                where = self._where()
                fetched = fetches(where, asker, folder) if fetches else asker.download(where, folder)
            whole = True
            yield fetched
        finally:
            keeping.tidy_coming(folder, whole=whole)

    def _where(self) -> Where:
        """With what to ask: on condition only if what the last good run made of that file is what is asked for now."""
        row, known = self.plan.row, getattr(self.source.target, "known", None)
        with self.tools.factory() as session:
            kept: Mapping[str, Any] = known(session, self.source.name) if known else {}
        if row is None or not self.plan.own:
            options = getattr(self.source, "options", {})
            return Where(self.plan.location, options, None, None, kept, self.options.territory, self.tools.raws)
        fresh = not self.options.force and row.digest is not None and self._is_last(row.digest)
        return Where(
            self.plan.location, row.options, row.etag if fresh else None, row.last_modified if fresh else None, kept,
            self.options.territory, self.tools.raws,
        )  # fmt: skip

    def _is_last(self, raw: str) -> bool:
        good = self.runs.last_good()
        return good is not None and good.raw == raw and good.asked == self.runs.asked(self.options)

    def _run(self, ticket: Ticket, path: Path, raw: Raw, fetched: Fetched | None) -> Summary:
        taken = self.runs.take_up(ticket, raw.digest, raw.size, self.options)
        self.taken = taken
        if taken is ticket and not self.options.force and not self.options.dry_run:
            if self._is_last(raw.digest):
                return self._same(ticket, raw.digest, fetched)
            if not self.options.accepted and (held := self.runs.waiting(ticket, raw.digest, self.options)):
                raise held
        # Of a replay, the row of the source keeps nothing: it tells what the address gave last.
        return self._through(taken, path, fetched, raw.digest if fetched else None)

    def _through(self, ticket: Ticket, path: Path, fetched: Fetched | None, digest: str | None = None) -> Summary:
        tools, row = self.tools, self.plan.row
        pipeline = Pipeline(tools.factory, self.source, self._order(), clock=tools.clock, progress=tools.progress)
        # Another file, or an old one, may have another schema than the last of the address.
        before = row.facts if row and self.plan.own and self.trigger is not Trigger.REPLAY else {}
        if self.seconds:
            spent = {**ticket.counted.get("seconds", {}), "fetch": self.seconds}
            ticket = dataclasses.replace(ticket, counted={**ticket.counted, "seconds": spent})
        try:
            summary = pipeline.run(path, self.plan.location, self.options, ticket=ticket, before=before)
        except Refused:
            raise
        except Held:
            self._journal(ticket.run_id, state="held")
            self._stopped(ticket.run_id, failed=False)
            raise
        except BaseException:
            self._journal(ticket.run_id, state="failed")
            raise
        counts = {name: count for name in COUNTS if (count := getattr(summary, name))}
        self._journal(ticket.run_id, **counts)
        self._remember(ticket.run_id, fetched, digest, summary.facts)
        self._sweep()
        return summary

    def _same(self, ticket: Ticket, raw: str | None, fetched: Fetched | None) -> Summary:
        pipeline = Pipeline(self.tools.factory, self.source, self._order(), clock=self.tools.clock)
        summary = pipeline.same(ticket, raw, self.options)
        if summary.archived:
            self._journal(ticket.run_id, archived=summary.archived)
        self._remember(ticket.run_id, fetched, raw)
        self._sweep()
        return summary

    def _order(self) -> tuple[str, ...]:
        with self.tools.factory() as session:
            return priorities.order(session, self.tools.settings.sources)

    def _journal(self, run_id: UUID, **detail: Any) -> None:
        if not self.options.dry_run:
            with self.tools.factory.begin() as session:
                now = self.tools.clock()
                audit.record(session, IMPORT, "import.run", now, run_id, source=self.source.name, **detail)

    @property
    def _remembered(self) -> ImportSource | None:
        """The row that is told of this run: of a trial, of a replay (an old file says nothing of the source), none."""
        untold = self.options.dry_run or self.trigger is Trigger.REPLAY
        return None if untold else self.plan.row

    def _remember(
        self, run_id: UUID, fetched: Fetched | None, digest: str | None, facts: Mapping[str, Any] | None = None
    ) -> None:
        """In the row of the source: it went well."""
        if (row := self._remembered) is None:
            return
        with self.tools.factory.begin() as session:
            remembering.read(session, row, run_id, self.tools.clock())
            if self.plan.own:
                remembering.came(session, row, fetched, digest, facts)

    def _stopped(self, run_id: UUID, *, failed: bool) -> None:
        """In the row of the source: it did not. Of a file that was given by hand, it is not the source that fails."""
        if (row := self._remembered) is None or not self.plan.own:
            return
        # What stopped the run may stop this too, and must not hide the first error.
        with contextlib.suppress(sa.exc.DBAPIError), self.tools.factory.begin() as session:
            remembering.stopped(session, row, run_id, failed=failed)

    def _sweep(self) -> None:
        """Raw files that are of no use any more, also after a run that was refused or held."""
        if not self.options.dry_run:
            with contextlib.suppress(sa.exc.DBAPIError, OSError), self.tools.factory() as session:
                self.tools.raws.sweep(keeping.kept(session))


def _go_on(tools: Conducting, run: ImportRun, ticket: Ticket, *, alive: bool = True) -> Summary:
    options = dataclasses.replace(runs.options_of(run), accepted=ticket.accepted)
    conducted = _Run(tools, plan_of(tools, run.source, run.location, options), Trigger(run.trigger))
    return conducted.go_on(ticket, run.raw or "", alive=alive)


def _run(tools: Conducting, run_id: UUID) -> ImportRun:
    with tools.factory() as session:
        return runs.run_of(session, run_id)


@contextmanager
def _locked(tools: Conducting, source: str) -> Iterator[None]:
    with exclusive(tools.engine, tools.settings.data_dir, f"import-{source}"):
        yield
