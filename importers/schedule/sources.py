"""The sources of a site: listed, made, changed, switched, asked for now, deleted, put in order. Never commits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.adapters import ADAPTERS
from importers.models import ASKED_AT, ImportRun, ImportSource, RunState
from importers.pipeline import keeping
from importers.pipeline.contract import Adapter
from importers.schedule import calendar
from reseau.core.paging import Page, nearest, offset
from reseau.core.slugs import slugify
from reseau.directory import priorities
from reseau.directory.words import SOURCE_LABELS
from reseau.settings import Settings

PAGE = 25
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
#: Words of addresses that no source can have as its name.
RESERVED: frozenset[str] = frozenset({"nouvelle", "ordre"})
MAX_NAME = 40
#: Of a site on its first day, all switched off: nothing is asked of anybody before a person says so.
KNOWN: tuple[dict[str, Any], ...] = (
    {
        "name": "cartographie",
        "adapter": "cartographie",
        "title": "Cartographie nationale de la médiation numérique",
        "location": "https://www.data.gouv.fr/api/1/datasets/r/b5e5a1e1-122e-4f87-b6cf-d1ce342671be",
    },
    {"name": "lesbases", "adapter": "lesbases", "title": "Les Bases du numérique d’intérêt général",
     "location": "https://lesbases.anct.gouv.fr"},
    {"name": "inclusion", "adapter": "inclusion", "title": "data·inclusion",
     "location": "https://www.data.gouv.fr/api/1/datasets/r/915c05e8-77ea-44f6-9837-0f1eff897a54",
     "options": {"services": "https://www.data.gouv.fr/api/1/datasets/r/de4856b8-bb67-4b79-83bd-038e846a1774"}},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form says of a source. ``options``: after :func:`importers.schedule.options.merged`."""

    title: str
    location: str
    territory: tuple[str, ...]
    every_h: int
    complete: bool
    keep_raw: int
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A source in the list. ``state``: of its last run. ``running``, ``held``: ids of such runs, if there is one.
    ``late``: see ``calendar.lag``."""

    source: ImportSource
    state: str | None
    running: UUID | None
    held: UUID | None
    late: timedelta | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A source of sheets in the order of trust."""

    name: str
    title: str


def seed_of(settings: Settings, name: str) -> str:
    """What makes the moment of a source on this site: see ``calendar``."""
    return f"{settings.public_url}#{name}"


def listed(session: Session, number: int, now: datetime) -> Page[Line]:
    """One page of the sources, by title; three statements."""
    total = session.execute(sa.select(sa.func.count()).select_from(ImportSource)).scalar_one()
    number = nearest(number, total, PAGE)
    statement = sa.select(ImportSource, ImportRun.state).outerjoin(ImportRun, ImportRun.id == ImportSource.last_run_id)
    statement = statement.order_by(ImportSource.enabled.desc(), ImportSource.title, ImportSource.name)
    found = session.execute(statement.limit(PAGE).offset(offset(number, PAGE))).all()
    open_ones = open_runs(session, [source.name for source, _state in found])
    lines = [_line(source, state, open_ones, now) for source, state in found]
    return Page(lines, total, number, PAGE)


def line(session: Session, source: ImportSource, now: datetime) -> Line:
    """One of them."""
    state = session.scalar(sa.select(ImportRun.state).where(ImportRun.id == source.last_run_id))
    return _line(source, state, open_runs(session, [source.name]), now)


def _line(
    source: ImportSource, state: str | None, runs: Mapping[tuple[str, str], UUID], now: datetime
) -> Line:  # fmt: skip
    late = calendar.lag(now, source.last_good_at, source.every_h) if source.enabled else None
    running, held = (runs.get((source.name, one.value)) for one in (RunState.RUNNING, RunState.HELD))
    return Line(source, state, running, held, late)


def open_runs(session: Session, names: Sequence[str]) -> dict[tuple[str, str], UUID]:
    """(source, state) → the newest run that is running, or that waits for a person."""
    states = (RunState.RUNNING.value, RunState.HELD.value)
    found = sa.select(ImportRun.source, ImportRun.state, ImportRun.id)
    found = found.where(ImportRun.source.in_(names), ImportRun.state.in_(states)).order_by(ImportRun.started_at)
    return {(source, state): id_ for source, state, id_ in session.execute(found)}


def by_name(session: Session, name: str) -> ImportSource | None:
    """A source, or None."""
    return session.scalar(sa.select(ImportSource).where(ImportSource.name == name))


def adapter_of(source: ImportSource) -> Adapter | None:
    """How it is read; None: by something that this version has not."""
    return ADAPTERS.get(source.adapter)


def titled(session: Session, title: str, but: UUID | None = None) -> ImportSource | None:
    """Another source that people would take for the same. :param but: the one that is changed."""
    wanted = title.casefold()
    found = session.scalars(sa.select(ImportSource).order_by(ImportSource.name))
    return next((row for row in found if row.id != but and row.title.casefold() == wanted), None)


def last_run(session: Session, source: ImportSource) -> ImportRun | None:
    """Its last run, that of its failures too."""
    return session.get(ImportRun, source.last_run_id) if source.last_run_id else None


def free_name(session: Session, title: str) -> str:
    """A name made of a title, that no source has."""
    base = re.sub(r"^[^a-z]+", "", slugify(title))[: MAX_NAME - 3].strip("-") or "source"
    taken = set(session.scalars(sa.select(ImportSource.name).where(ImportSource.name.startswith(base)))) | RESERVED
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 100_000))) if name not in taken)


def create(
    session: Session, name: str, adapter: str, wanted: Wanted, *, by: UUID | None, now: datetime
) -> ImportSource | None:  # fmt: skip
    """A new source, switched off: a person looks at it, then says go. :return: None: the name is taken."""
    if by_name(session, name) is not None:
        return None
    made = ImportSource(name=name, adapter=adapter, enabled=False, created_at=now, created_by=by)
    _write(made, wanted)
    session.add(made)
    session.flush()
    return made


def change(session: Session, source: ImportSource, wanted: Wanted) -> list[str]:
    """Write what is new. Another address or other options: the source may not say "nothing new" of the old ones.

    :return: names of what changed; of options, only that.
    """
    names = ("title", "location", "territory", "every_h", "complete", "keep_raw", "options")
    before = {name: getattr(source, name) for name in names}
    _write(source, wanted)
    changed = [name for name in names if getattr(source, name) != before[name]]
    if {"location", "options", "territory"} & set(changed):
        source.etag = source.last_modified = source.digest = None
    session.flush()
    return changed


def _write(source: ImportSource, wanted: Wanted) -> None:
    source.title, source.location, source.territory = wanted.title, wanted.location, list(wanted.territory)
    source.every_h, source.complete, source.keep_raw = wanted.every_h, wanted.complete, wanted.keep_raw
    source.options = dict(wanted.options)


def switch(session: Session, source: ImportSource, on: bool, now: datetime) -> bool:
    """On: it is read at its next moment, at once if it never was. :return: whether that changed something."""
    if source.enabled == on:
        return False
    source.enabled = on
    source.next_at = (source.next_at or now) if on else None
    if on:
        source.failures, source.told_at = 0, None
    session.flush()
    return True


def ask_now(session: Session, source: ImportSource, now: datetime) -> bool:
    """The worker reads it as soon as it can, also one that is switched off. :return: False: it waits already."""
    if source.next_at is not None and source.next_at <= now:
        return False
    source.next_at = now
    source.facts = {**source.facts, ASKED_AT: now.isoformat()}
    session.flush()
    return True


def was_asked(source: ImportSource) -> bool:
    """Whether its next moment is one that a person asked for: one that is switched off is read at no other."""
    return source.next_at is not None and source.facts.get(ASKED_AT) == source.next_at.isoformat()


def nothing_came(session: Session, source: ImportSource) -> bool:
    """Whether it may be deleted."""
    return not keeping.has_given(session, source)


def delete(session: Session, source: ImportSource) -> bool:
    """Take away a source from which nothing ever came (``keeping.forget``). :return: False: something did."""
    return keeping.forget(session, source)


def lay(session: Session, now: datetime) -> int:
    """The known sources, on a new site: those of ``KNOWN`` whose adapter is there and that nobody made yet.

    :return: how many were made.
    """
    if session.scalar(sa.select(ImportSource.id).limit(1)):
        return 0  # somebody may have deleted one
    made = 0
    for known in KNOWN:
        if adapter := ADAPTERS.get(known["adapter"]):
            hours = int(adapter.every.total_seconds() // 3600)
            more = {"every_h": hours, "complete": adapter.complete, "enabled": False, "created_at": now}
            session.add(ImportSource(**known, **more))
            made += 1
    session.flush()
    return made


def ranking(session: Session, default: Sequence[str]) -> list[Ranked]:
    """Sources of sheets, the most trusted first: those of the table, and those that only the setting names; two
    statements."""
    titles: dict[str, str] = {}
    for source in session.scalars(sa.select(ImportSource).order_by(ImportSource.name)):
        adapter = adapter_of(source)
        if adapter and adapter.kind == "structure":  # of a place another source may say otherwise
            titles[source.name] = source.title
    known = priorities.order(session, default)
    names = [*known, *(name for name in titles if name not in known)]
    return [Ranked(name, titles.get(name) or SOURCE_LABELS.get(name, name)) for name in names]


def shift(session: Session, name: str, up: bool, default: Sequence[str]) -> frozenset[str]:
    """One place up or down. :return: the sources that moved; nothing: it is at the end already, or is none."""
    names = [one.name for one in ranking(session, default)]
    if name not in names:
        return frozenset()
    rank = names.index(name)
    other = rank - 1 if up else rank + 1
    if not 0 <= other < len(names):
        return frozenset()
    names[rank], names[other] = names[other], names[rank]
    return priorities.set_order(session, names, default)


def follow_order(session: Session, settings: Settings, now: datetime) -> bool:
    """Compute the sheets that a new order concerns, when they are few and nothing is being imported; else the job
    does it. :return: whether all is done."""
    moved = priorities.pending(session)
    running = session.scalar(sa.select(ImportRun.id).where(ImportRun.state == RunState.RUNNING.value).limit(1))
    if running or priorities.due(session, moved) > priorities.AT_ONCE:
        return False
    priorities.compute(session, moved, priorities.order(session, settings.sources), now)
    return True
