"""Does what is due: runs that a person accepted, replays that were asked for, runs of dead processes, sources whose
moment has come. The worker's job and ``reseau sync`` call it; both may at once: each source has its lock.

A moment (``next_at``) is only moved when a run has ended: whoever is killed in between leaves it due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers import conducting, sentences
from importers.conducting import EXIT_FAILED, EXIT_HELD, EXIT_LOCKED, EXIT_OK, Conducting
from importers.fetch import shown
from importers.models import ImportRun, ImportSource, RunState, Trigger
from importers.pipeline.contract import COUNTS, Held, Refused, Summary
from importers.schedule import calendar, runs, sources, telling
from reseau.core.locks import Locked
from reseau.core.masking import masked
from reseau.directory import priorities

log = logging.getLogger(__name__)

#: Codes of an end, the worst first: what a command that ran several sources ends with.
WORST = (EXIT_FAILED, EXIT_HELD, EXIT_LOCKED, EXIT_OK)
#: Refusals that are no failure: somebody was quicker, or the process ends.
OVER = frozenset({"deja-decide", "plus-recent", "arret"})


@dataclass(frozen=True, slots=True)
class End:
    """How one piece of work ended. ``name``: of the source. ``code``: of ``importers.conducting``. ``said``: a French
    sentence. ``summary``: of one that went well. ``until``: the source asks not to be asked before. ``why``: code of a
    refusal."""

    name: str
    code: int
    said: str
    summary: Summary | None = None
    until: datetime | None = None
    why: str = ""


def worst(ends: Sequence[End]) -> int:
    """The code of all of them together."""
    codes = {end.code for end in ends}
    return next((code for code in WORST if code in codes), EXIT_OK)


def work(tools: Conducting, *, only: Sequence[str] = ()) -> Iterator[End]:
    """Do what is due, one piece after the other, until it is to stop; one that breaks stops no other.

    :param only: these sources now, due or not, and nothing else.
    """
    pieces = _sources(tools, only, Trigger.COMMAND) if only else _all(tools)
    for piece in pieces:
        if _stops(tools):
            return
        if (end := piece()) is not None:
            yield end


def _stops(tools: Conducting) -> bool:
    return tools.stopping is not None and tools.stopping()


def _all(tools: Conducting) -> Iterator[Callable[[], End | None]]:
    with tools.factory() as session:
        decided, left = conducting.accepted(session), conducting.interrupted(session)
        asked = runs.to_replay(session)
        names = dict(session.execute(sa.select(ImportRun.id, ImportRun.source).where(ImportRun.id.in_(decided))).all())
    for id_ in decided:
        yield lambda id_=id_: _accept(tools, id_, names.get(id_, ""))  # type: ignore[misc]
    for id_, how in asked:
        yield lambda id_=id_, how=how: _replay(tools, id_, how)  # type: ignore[misc]
    for id_, name in left:
        yield lambda id_=id_, name=name: _resume(tools, id_, name)  # type: ignore[misc]
    with tools.factory() as session:
        found = due(session, tools.clock())
    yield from _sources(tools, found, Trigger.SCHEDULE)


def due(session: Session, now: datetime) -> list[str]:
    """Names of the sources whose moment has come, the latest first. One that is switched off has a moment only when
    somebody asked for it now."""
    found = sa.select(ImportSource).where(ImportSource.next_at <= now, ImportSource.location != "")
    rows = session.scalars(found.order_by(ImportSource.next_at, ImportSource.name))
    return [row.name for row in rows if _is_due(row, now)]


def _is_due(source: ImportSource, now: datetime) -> bool:
    late = source.next_at is not None and source.next_at <= now
    return late and bool(source.location) and (source.enabled or sources.was_asked(source))


def _sources(tools: Conducting, names: Sequence[str], trigger: Trigger) -> Iterator[Callable[[], End | None]]:
    for name in names:
        yield lambda name=name: _one(tools, name, trigger)  # type: ignore[misc]


def _one(tools: Conducting, name: str, trigger: Trigger) -> End | None:
    """One source; None: somebody else has just done it."""
    with tools.factory() as session:
        source = sources.by_name(session, name)
        if source is None:
            return End(name, EXIT_FAILED, sentences.said("source-inconnue", {"name": name}))
        if trigger is Trigger.SCHEDULE:
            if not _is_due(source, tools.clock()):
                return None
            trigger = Trigger.BUTTON if sources.was_asked(source) else Trigger.SCHEDULE
    return _settled(tools, name, lambda: conducting.conduct(tools, name, trigger=trigger))


def _settled(tools: Conducting, name: str, run: Callable[[], Summary]) -> End:
    with tools.factory() as session:
        before = sources.by_name(session, name)
        session.expunge_all()
    end = _ended(name, run)
    if before is not None and end.code != EXIT_LOCKED and end.why not in OVER:  # else still due, or nothing was done
        _settle(tools, end, before)
    return end


def _ended(name: str, run: Callable[[], Summary]) -> End:
    """Run, whatever happens."""
    try:
        summary = run()
    except Locked:
        return End(name, EXIT_LOCKED, sentences.REFUSALS["deja-en-cours"])
    except Held as error:
        return End(name, EXIT_HELD, masked(sentences.said(error.code, error.details)))
    except Refused as error:
        return End(
            name, EXIT_FAILED, masked(sentences.said(error.code, error.details)), None, _until(error), error.code
        )
    except Exception as error:  # one broken source stops no other
        log.exception("import of %s", name)
        return End(name, EXIT_FAILED, masked(f"L'import s'est arrêté sur une erreur ({type(error).__name__})."))
    said = "Rien de nouveau." if summary.same else f"Fait : {summary.read} lignes lues."
    return End(name, EXIT_OK, said, summary)


def _until(error: Refused) -> datetime | None:
    try:
        return datetime.fromisoformat(str(error.details["until"])) if error.code == "trop-tard" else None
    except (KeyError, ValueError):
        return None


def _settle(tools: Conducting, end: End, before: ImportSource) -> None:
    """Write down when the source is read next, and tell who has to be told. :param before: as it was before the run;
    a person who gave it another moment since is obeyed."""
    now = tools.clock()
    with tools.factory.begin() as session:
        source = session.scalar(sa.select(ImportSource).where(ImportSource.name == end.name).with_for_update())
        if source is None:
            return
        if end.code == EXIT_FAILED and source.failures == before.failures:
            source.failures += 1  # it failed before there was a run
        if source.next_at == before.next_at:
            source.next_at = _next(tools, source, end, now) if source.enabled else None
        if end.code == EXIT_FAILED:
            telling.tell_failing(session, source, tools.settings, now)
        if end.code == EXIT_HELD and (run := _held(session, source.name)):
            telling.tell_held(session, source, run, tools.settings, now)


def _next(tools: Conducting, source: ImportSource, end: End, now: datetime) -> datetime:
    seed = sources.seed_of(tools.settings, source.name)
    if end.code != EXIT_FAILED:
        return calendar.next_run(now, source.every_h, seed, tools.settings.timezone)
    again = calendar.retry_at(now, source.failures, seed)
    return max(again, end.until + (calendar.retry_at(now, 1, seed) - now) / 10) if end.until else again


def _held(session: Session, name: str) -> ImportRun | None:
    found = sa.select(ImportRun).where(ImportRun.source == name, ImportRun.state == RunState.HELD.value)
    return session.scalar(found.order_by(ImportRun.started_at.desc()).limit(1))


# --- what a person asked for, what a dead process left -------------------------------------------------------------


def _accept(tools: Conducting, id_: UUID, name: str) -> End | None:
    end = _on_source(tools, id_, name, lambda: conducting.accept(tools, id_))
    if end.why == "plus-recent":  # it was put aside: nothing to do, nobody to tell
        return End(name, EXIT_OK, end.said)
    return None if end.why in OVER else end


def _on_source(tools: Conducting, id_: UUID, name: str, run: Callable[[], Summary]) -> End:
    """A run that began at the address of its source is settled as those are that begin now; a replay, or a file that
    was given by hand, says nothing of the source."""
    with tools.factory() as session:
        found, source = session.get(ImportRun, id_), sources.by_name(session, name)
        there = source and (source.location, shown(source.location))  # a run keeps no secret of its address
        own = found and there and found.location in there and found.trigger != Trigger.REPLAY.value
    return _settled(tools, name, run) if own else _ended(name, run)


def _resume(tools: Conducting, id_: UUID, name: str) -> End | None:
    """A run that says that it is running: if its lock is free, it is of a dead process."""
    end = _on_source(tools, id_, name, lambda: conducting.resume(tools, id_))
    if end.code == EXIT_LOCKED or end.why in OVER:
        return None  # it runs, or has come to its end just now
    if end.code == EXIT_FAILED:  # not again each minute
        with tools.factory.begin() as session:
            left = sa.update(ImportRun).where(ImportRun.id == id_, ImportRun.state == RunState.RUNNING.value)
            session.execute(left.values(state=RunState.FAILED.value, ended_at=tools.clock(), error="interrompu"))
    return end


def _replay(tools: Conducting, id_: UUID, how: Mapping[str, Any]) -> End:
    dry = bool(how.get("dry"))
    with tools.factory() as session:
        run = session.get(ImportRun, id_)
        name = run.source if run else ""
    end = _ended(name, lambda: conducting.replay(tools, id_, dry_run=dry))
    if dry and end.code == EXIT_OK:
        end = replace(end, said=f"Essai de relecture, rien n’a été changé. {end.said}")
    if end.code == EXIT_LOCKED:
        return end  # still asked for
    trial: dict[str, Any] | None = None
    if dry:
        trial = {"error": end.said}
        if end.summary:
            trial = {"counts": {name: getattr(end.summary, name) for name in COUNTS}}
    with tools.factory.begin() as session:
        runs.replayed(session, id_, trial)
    return end


# --- the order of sources -------------------------------------------------------------------------------------------


def follow_order(tools: Conducting) -> int:
    """Compute the sheets that a new order of sources concerns, unless something is being imported: it began with the
    old order. Killed, it begins again; what is computed writes nothing twice. :return: how many sheets changed."""
    with tools.factory() as session:
        moved, changed = priorities.pending(session), 0
        running = session.scalar(sa.select(ImportRun.id).where(ImportRun.state == RunState.RUNNING.value).limit(1))
        order = priorities.order(session, tools.settings.sources)
        batches = [] if running or not moved else list(priorities.batches(session, moved))
    if running or not moved:
        return 0
    for ids in batches:
        if _stops(tools):
            return changed
        with tools.factory.begin() as session:
            changed += priorities.compute_batch(session, ids, order, tools.clock())
    with tools.factory.begin() as session:
        if priorities.order(session, tools.settings.sources) == order:  # else it moved meanwhile: once more
            priorities.done(session, moved)
    return changed
