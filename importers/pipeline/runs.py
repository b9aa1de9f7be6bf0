"""Rows of the table of runs: from the first moment of a run to what a person decides of it.

Every change of state is an UPDATE that names the state before: two processes that decide the same thing at the same
moment do it once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, sessionmaker

from importers.models import GOOD, ImportReject, ImportRun, RunState, Trigger
from importers.pipeline.contract import Held, Options, Problem, Read, Refused, Summary
from reseau.core.contacts import without_people
from reseau.core.db import affected, site_day
from reseau.core.ids import new_id

MAX_VALUE = 500
MAX_CELLS = 60
"""Of a refused row that is kept to be looked at."""
MOST_RESUMES = 2
"""Times that a run is taken up without having done one more batch: what dies a third time in the same place dies of
what it reads (of memory, most often), and would take the site with it each time."""
RESUMED = "resumed"
"""Key of the summary of a run: how often it was taken up since its last batch, which writes the summary anew."""
WITNESS = "witness"
"""Key of the facts of a run that was counted as one more that does not name what is absent."""
_DAY = timedelta(hours=26)
"""No day is longer, also when the clocks change."""
_REJECT: Any = ImportReject.__table__


@dataclass(frozen=True, slots=True)
class Ticket:
    """A run that has begun. ``cursor`` and ``counted``: of one that is taken up where a dead process left it."""

    run_id: UUID
    cursor: int = 0
    counted: Mapping[str, Any] = field(default_factory=dict)
    accepted: bool = False


class Stuck(Refused):
    """A run died ``MOST_RESUMES`` + 1 times in the same place: it has failed, and is not taken up again."""

    def __init__(self) -> None:
        super().__init__("echec", error="trois arrêts au même endroit, faute de mémoire peut-être")


@dataclass(frozen=True, slots=True)
class Good:
    """The last file of a source that was read to its end. ``asked``: how, see :meth:`Runs.asked`."""

    raw: str | None
    asked: Mapping[str, Any]


class Runs:
    """The runs of one source. :param factory: makes writing sessions. :param rules: version of what reads the rows."""

    def __init__(self, factory: sessionmaker[Any], source: str, clock: Callable[[], datetime], rules: str = "") -> None:
        self.factory, self.source, self.clock, self.rules = factory, source, clock, rules

    def asked(self, options: Options) -> dict[str, Any]:
        """How a file is read, as JSON: the same file, asked for in the same way, has nothing new to say."""
        territory = None if options.territory is None else sorted(options.territory)
        return {
            "territory": territory, "complete": options.complete, "match": options.match, "rules": self.rules,
        }  # fmt: skip

    def begin(
        self,
        location: str,
        options: Options,
        trigger: Trigger = Trigger.COMMAND,
        source_id: UUID | None = None,
    ) -> Ticket:
        """One more run. A trial leaves no row."""
        run = ImportRun(
            id=new_id(), source=self.source, source_id=source_id, location=location, started_at=self.clock(),
            trigger=trigger.value, options=self.asked(options),
        )  # fmt: skip
        ticket = Ticket(run.id)
        if not options.dry_run:
            with self.factory.begin() as session:
                session.add(run)
        return ticket

    def take_up(self, ticket: Ticket, raw: str, size: int, options: Options) -> Ticket:
        """The file is known now. A run that a dead process left is gone on with if it was of this file, asked for in
        the same way; else it has failed. The caller holds the lock of the source: whoever else runs is dead."""
        if options.dry_run:
            return ticket
        with self.factory.begin() as session:
            statement = sa.select(ImportRun).where(
                ImportRun.source == self.source,
                ImportRun.state == RunState.RUNNING.value,
                ImportRun.id != ticket.run_id,
            )
            dead = session.scalars(statement.order_by(ImportRun.started_at, ImportRun.id)).all()
            same = (run for run in dead[-1:] if run.raw == raw and run.options == self.asked(options))
            found = next((run for run in same if take_over(run)), None)
            for run in dead:
                if run is not found:
                    run.state, run.ended_at, run.error = RunState.FAILED.value, self.clock(), "interrompu"
            if found is None:
                own = session.get_one(ImportRun, ticket.run_id)
                own.raw, own.size = raw, size
                return ticket
            session.execute(sa.delete(ImportRun).where(ImportRun.id == ticket.run_id))
            return Ticket(found.id, found.cursor, dict(found.summary), found.decided_at is not None)

    def last_good(self) -> Good | None:
        """Of the last run that read anything, if it came to its end."""
        tried = (*GOOD, RunState.FAILED.value)
        statement = sa.select(ImportRun.state, ImportRun.raw, ImportRun.options).where(
            ImportRun.source == self.source, ImportRun.state.in_(tried), ImportRun.raw.is_not(None)
        )
        with self.factory() as session:
            row = session.execute(statement.order_by(ImportRun.started_at.desc(), ImportRun.id.desc()).limit(1)).first()
        return Good(row.raw, row.options) if row and row.state in GOOD else None

    def waiting(self, ticket: Ticket, raw: str, options: Options) -> Held | None:
        """The held run of this very file, asked for in the same way, that nobody has begun again; ``ticket`` goes."""
        statement = sa.select(ImportRun).where(ImportRun.source == self.source, ImportRun.state == RunState.HELD.value)
        with self.factory.begin() as session:
            run = session.scalars(statement.order_by(ImportRun.started_at.desc()).limit(1)).first()
            if run is None or run.raw != raw or run.options != self.asked(options):
                return None
            if not options.dry_run:
                session.execute(sa.delete(ImportRun).where(ImportRun.id == ticket.run_id))
            return Held(run.id, run.error or "", **run.error_detail)

    def advance(self, session: Session, ticket: Ticket, cursor: int, summary: Summary) -> None:
        """In the transaction of a batch: it is done."""
        self._set(session, ticket, cursor=cursor, summary=storable(summary.as_dict()))

    def finish(self, session: Session, ticket: Ticket, summary: Summary) -> None:
        """In the last transaction: the run is done, and what was held before it is of the past."""
        self._set(
            session, ticket, state=RunState.DONE.value, ended_at=self.clock(), summary=storable(summary.as_dict())
        )
        self._supersede(session, ticket)

    def same(self, session: Session, ticket: Ticket, raw: str | None, summary: Summary) -> None:
        """In the last transaction: the source has nothing new, and what was held before it is of the past."""
        said = storable(summary.as_dict()) if summary.facts else {}
        self._set(session, ticket, state=RunState.SAME.value, ended_at=self.clock(), raw=raw, summary=said)
        self._supersede(session, ticket)

    def witness(self, session: Session, ticket: Ticket, options: Options) -> bool:
        """Whether the run is one more that does not name what is absent: it stands for all of the source, the source
        was asked (a raw file that was read to its end and is replayed says nothing twice), and it is the first such run
        of the day."""
        if not options.complete:
            return False
        own = session.get(ImportRun, ticket.run_id)
        others = sa.select(ImportRun.id).where(
            ImportRun.source == self.source, ImportRun.id != ticket.run_id, ImportRun.state.in_(GOOD)
        )
        replayed = own is not None and own.trigger == Trigger.REPLAY.value
        if own and replayed and session.scalar(others.where(ImportRun.raw == own.raw).limit(1)):
            return False
        now = self.clock()
        recent = others.with_only_columns(ImportRun.ended_at, ImportRun.summary).where(ImportRun.ended_at > now - _DAY)
        return not any(
            summary.get("facts", {}).get(WITNESS) and site_day(session, ended) == site_day(session, now)
            for ended, summary in session.execute(recent)
        )

    def refuse(self, ticket: Ticket, error: Refused, options: Options) -> None:
        """The file is refused; twice is once."""
        self._stop(ticket, RunState.REFUSED, error.code, error.details, options)

    def fail(self, ticket: Ticket, error: BaseException, options: Options) -> None:
        """Stopped half-way; what was done stays. An error may say what a row says: only its name is kept."""
        details = error.details if isinstance(error, Stuck) else {"error": type(error).__name__}
        self._stop(ticket, RunState.FAILED, "echec", details, options)

    def hold(
        self, ticket: Ticket, held: Held, summary: Summary, preview: Mapping[str, Any], refused: Iterable[Read] = ()
    ) -> None:
        """A person has to look. :param refused: rows that are kept for them, in the same transaction: a run that is
        killed here begins again, and has none of them twice."""
        with self.factory.begin() as session:
            store_problems(session, ticket.run_id, refused)
            self._supersede(session, ticket)
            self._set(
                session, ticket, state=RunState.HELD.value, ended_at=self.clock(), error=held.code,
                error_detail=storable(held.details), preview=storable(preview), summary=storable(summary.as_dict()),
            )  # fmt: skip

    def _stop(self, ticket: Ticket, state: RunState, code: str, details: Mapping[str, Any], options: Options) -> None:
        if options.dry_run:
            return
        shown = {name: storable(str(value))[:MAX_VALUE] for name, value in details.items()}
        # Whatever stopped the run (a full disk, a lost server) may stop this too, and must not hide the first error.
        with contextlib.suppress(sa.exc.DBAPIError), self.factory.begin() as session:
            self._set(session, ticket, state=state.value, ended_at=self.clock(), error=code, error_detail=shown)

    def _set(self, session: Session, ticket: Ticket, **values: Any) -> None:
        running = sa.update(ImportRun).where(ImportRun.id == ticket.run_id, ImportRun.state == RunState.RUNNING.value)
        session.execute(running.values(**values))

    def _supersede(self, session: Session, ticket: Ticket) -> None:
        held = sa.update(ImportRun).where(
            ImportRun.source == self.source, ImportRun.state == RunState.HELD.value, ImportRun.id != ticket.run_id,
            ImportRun.decided_at.is_(None), _trigger_of(ticket.run_id) != Trigger.REPLAY.value,
        )  # fmt: skip
        session.execute(held.values(state=RunState.DROPPED.value))


def _trigger_of(run_id: UUID) -> Any:
    own = aliased(ImportRun)
    return sa.select(own.trigger).where(own.id == run_id).scalar_subquery()


def run_of(session: Session, run_id: UUID) -> ImportRun:
    """A run, detached. :raises Refused: ``import-inconnu``."""
    run = session.get(ImportRun, run_id, populate_existing=True)
    if run is None:
        raise Refused("import-inconnu", run=run_id)
    session.expunge(run)
    return run


def take_over(run: ImportRun) -> bool:
    """Go on with a run that a dead process left, and count it. :return: False: it is :class:`Stuck`."""
    times = int(run.summary.get(RESUMED, 0)) + 1
    if times > MOST_RESUMES:
        return False
    run.summary = {**run.summary, RESUMED: times}
    return True


def options_of(run: ImportRun, *, dry_run: bool = False) -> Options:
    """As it was asked for."""
    asked: Mapping[str, Any] = run.options
    territory = asked.get("territory")
    return Options(
        None if territory is None else frozenset(territory), asked.get("complete", False), dry_run,
        match=asked.get("match", True),
    )  # fmt: skip


def newer_file(session: Session, run: ImportRun) -> bool:
    """Whether another file of the source was written since, all of it or a part."""
    later = sa.select(ImportRun.id).where(
        ImportRun.source == run.source, ImportRun.id > run.id, ImportRun.raw != run.raw,
        ImportRun.state.in_((RunState.DONE.value, RunState.FAILED.value)),
    )  # fmt: skip
    return session.execute(later.limit(1)).first() is not None


def newer_good(session: Session, run: ImportRun) -> bool:
    """Whether the source was read to its end since: what a held run would write is of the past. A replay is no reading
    of the source."""
    later = sa.select(ImportRun.id).where(
        ImportRun.source == run.source, ImportRun.id > run.id, ImportRun.state.in_(GOOD),
        ImportRun.trigger != Trigger.REPLAY.value,
    )  # fmt: skip
    return session.execute(later.limit(1)).first() is not None


def approve(session: Session, run_id: UUID, by: UUID | None, now: datetime) -> bool:
    """A person accepts a held run; whoever has the lock then runs it. :return: False when it was decided already."""
    return _decide(session, run_id, by, now, RunState.HELD)


def drop(session: Session, run_id: UUID, by: UUID | None, now: datetime) -> bool:
    """A person says no to a held run. :return: False when it was decided already."""
    return _decide(session, run_id, by, now, RunState.DROPPED)


def _decide(session: Session, run_id: UUID, by: UUID | None, now: datetime, state: RunState) -> bool:
    held = sa.update(ImportRun).where(
        ImportRun.id == run_id, ImportRun.state == RunState.HELD.value, ImportRun.decided_at.is_(None)
    )
    return affected(session, held.values(decided_at=now, decided_by=by, state=state.value)) == 1


def too_late(session: Session, run_id: UUID) -> bool:
    """A held run that was accepted is put aside, see :func:`newer_good`. :return: False when it is not there."""
    held = sa.update(ImportRun).where(ImportRun.id == run_id, ImportRun.state == RunState.HELD.value)
    return affected(session, held.values(state=RunState.DROPPED.value)) == 1


def accepted(session: Session) -> list[UUID]:
    """Held runs that a person has accepted, and that nobody has begun; oldest decision first."""
    held = sa.select(ImportRun.id).where(ImportRun.state == RunState.HELD.value, ImportRun.decided_at.is_not(None))
    return list(session.scalars(held.order_by(ImportRun.decided_at, ImportRun.id)))


def interrupted(session: Session) -> list[tuple[UUID, str]]:
    """Runs that say that they are running, and their sources: those whose lock is free are of dead processes."""
    running = sa.select(ImportRun.id, ImportRun.source).where(ImportRun.state == RunState.RUNNING.value)
    return [(row.id, row.source) for row in session.execute(running.order_by(ImportRun.started_at))]


def start_held(session: Session, run_id: UUID) -> bool:
    """A held run that was accepted begins, from its first row; a replay stays one. :return: False when it is not there
    to begin."""
    held = sa.update(ImportRun).where(
        ImportRun.id == run_id, ImportRun.state == RunState.HELD.value, ImportRun.decided_at.is_not(None)
    )
    replay = ImportRun.trigger == Trigger.REPLAY.value
    begun = held.values(
        state=RunState.RUNNING.value, cursor=0,
        trigger=sa.case((replay, Trigger.REPLAY.value), else_=Trigger.ACCEPT.value),
        summary={}, ended_at=None, error=None, error_detail={},
    )  # fmt: skip
    if affected(session, begun) != 1:
        return False
    session.execute(sa.delete(ImportReject).where(ImportReject.run_id == run_id))
    return True


def store_problems(session: Session, run_id: UUID, reads: Iterable[Read]) -> None:
    """Keep what was wrong; of a refused row the row itself, with people's addresses masked."""
    rows = [_reject(run_id, read, problem) for read in reads for problem in read.problems]
    if rows:
        session.execute(sa.insert(_REJECT), rows)


def _reject(run_id: UUID, read: Read, problem: Problem) -> dict[str, Any]:
    raw = None
    if problem.field is None and read.raw is not None:
        raw = {str(name)[:100]: _shown(value) for name, value in list(read.raw.items())[:MAX_CELLS] if value}
    return {
        "id": new_id(), "run_id": run_id, "row_number": problem.row, "source_id": storable(problem.source_id),
        "field": problem.field, "reason": problem.reason, "value": storable(problem.value[:MAX_VALUE]),
        "raw": storable(raw),
    }  # fmt: skip


def _shown(value: Any) -> Any:
    if isinstance(value, bool | int):
        return value
    # Masked before it is cut: half an address is no address to a rule, and still somebody's name.
    return without_people(str(value)[: 10 * MAX_VALUE])[0][:MAX_VALUE]


def storable(value: Any) -> Any:
    """Text as both engines can hold it, wherever it is in a value: no NUL (PostgreSQL), no lone surrogate (both)."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(name): storable(inner) for name, inner in value.items()}
    return [storable(inner) for inner in value] if isinstance(value, list | tuple) else value
