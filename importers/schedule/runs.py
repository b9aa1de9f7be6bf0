"""Runs of importers for their pages: the list, one run, its rejects, what it changed. Reads; what is asked of a run is
written down here, and done by the worker."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.adapters import ADAPTERS
from importers.models import ImportReject, ImportRun, ImportSource, MatchPair, RunState, Trigger
from reseau.core.db import dicts
from reseau.core.paging import Page, nearest, offset
from reseau.directory.models import FieldChange, SourceRecord, Structure
from reseau.directory.services import listed

PAGE, REJECTS, CHANGED, PLACES = 30, 20, 20, 50
#: Changes of one structure that are shown.
MOST_CHANGES = 30
#: States of ``?etat=`` in addresses.
STATES = {
    "en-cours": RunState.RUNNING, "finis": RunState.DONE, "sans-changement": RunState.SAME,
    "refuses": RunState.REFUSED, "a-decider": RunState.HELD, "ecartes": RunState.DROPPED,
    "interrompus": RunState.FAILED,
}  # fmt: skip
#: Keys of ``import_run.preview`` that are ours: a replay that was asked for, and what its trial said.
REPLAY, TRIAL = "replay", "trial"


@dataclass(frozen=True, slots=True)
class Listed:
    """A run in a list, and the title of its source if that is in the table."""

    run: ImportRun
    title: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Rejects of one kind. ``whole``: the row was refused, not only a value of it."""

    code: str
    whole: bool
    number: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A structure that a run changed. ``place``: id, slug and nom; None: gone since. ``more``: changes that are not
    among ``changes``."""

    place: Mapping[str, Any] | None
    changes: tuple[FieldChange, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run with what its page says. ``source``: its row, if it has one. ``changed``: how many structures."""

    run: ImportRun
    source: ImportSource | None
    reasons: tuple[Reason, ...]
    changed: int

    @property
    def places(self) -> bool:
        """Whether what it brought are places."""
        adapter = ADAPTERS.get(self.source.adapter if self.source else self.run.source)
        return adapter is not None and adapter.kind == "structure"

    @property
    def asked(self) -> Mapping[str, Any] | None:
        """The replay that waits for the worker, if one does."""
        return (self.run.preview or {}).get(REPLAY)

    @property
    def trial(self) -> Mapping[str, Any] | None:
        """What the last trial of a replay would have changed: ``counts`` or ``error``."""
        return (self.run.preview or {}).get(TRIAL)

    @property
    def previewed(self) -> bool:
        """See :func:`previewed`."""
        return previewed(self.run)

    @property
    def accepted(self) -> bool:
        """A person said yes, and the worker has not begun."""
        return self.run.state == RunState.HELD.value and self.run.decided_at is not None


def previewed(run: ImportRun) -> bool:
    """Whether nothing is written, and it says what would be."""
    unwritten = (RunState.HELD.value, RunState.DROPPED.value)
    return run.state in unwritten and "structures" in (run.preview or {})


def page(session: Session, number: int, *, source: str = "", state: RunState | None = None) -> Page[Listed]:
    """Runs, the newest first; two statements."""
    where: list[Any] = [ImportRun.source == source] if source else []
    where += [ImportRun.state == state.value] if state else []
    total = session.execute(sa.select(sa.func.count()).select_from(ImportRun).where(*where)).scalar_one()
    number = nearest(number, total, PAGE)
    found = sa.select(ImportRun, ImportSource.title).outerjoin(ImportSource, ImportSource.name == ImportRun.source)
    found = found.where(*where).order_by(ImportRun.started_at.desc(), ImportRun.id.desc())
    rows = session.execute(found.limit(PAGE).offset(offset(number, PAGE))).all()
    return Page([Listed(run, title) for run, title in rows], total, number, PAGE)


def run_of(session: Session, run: ImportRun) -> Run:
    """What the page of a run says; three statements."""
    id_ = run.id
    source = session.scalar(sa.select(ImportSource).where(ImportSource.name == run.source))
    whole = ImportReject.field.is_(None)
    counts = sa.select(ImportReject.reason, whole, sa.func.count()).where(ImportReject.run_id == id_)
    counts = counts.group_by(ImportReject.reason, whole).order_by(sa.func.count().desc(), ImportReject.reason)
    reasons = tuple(Reason(code, bool(all_of_it), n) for code, all_of_it, n in session.execute(counts))
    places = sa.select(sa.func.count(sa.distinct(FieldChange.structure_id))).where(FieldChange.ref == id_)
    return Run(run, source, reasons, session.execute(places).scalar_one())


def replaced_by(session: Session, run: ImportRun) -> ImportRun | None:
    """Of a run that was held and that nobody refused: the later one of its source that took its place."""
    if run.state != RunState.DROPPED.value:
        return None
    ended = (RunState.DONE.value, RunState.SAME.value, RunState.HELD.value, RunState.DROPPED.value)
    later = sa.select(ImportRun).where(
        ImportRun.source == run.source, ImportRun.id > run.id, ImportRun.state.in_(ended),
        ImportRun.trigger != Trigger.REPLAY.value,
    )  # fmt: skip
    if run.decided_at:  # by a person who refused it; or accepted, and then something newer had come
        later = later.where(ImportRun.ended_at <= run.decided_at)
    return session.scalar(later.order_by(ImportRun.id).limit(1))


def named(session: Session, source: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Places by the ids that a source gives them: what a refused value belongs to; one statement."""
    found = sa.select(SourceRecord.source_id, Structure.id, Structure.slug, Structure.nom).join(
        Structure, Structure.id == SourceRecord.structure_id
    )
    found = found.where(SourceRecord.source == source, SourceRecord.source_id.in_(ids))
    return {row["source_id"]: row for row in dicts(session.execute(found))} if ids else {}


# --- lists of what a run brought -------------------------------------------------------------------------------------


class What(enum.StrEnum):
    """Which list: the value is that of the parameter ``liste``."""

    CREATED = "nouvelles"
    LINKED = "rattachees"
    QUEUED = "paires"


@dataclass(frozen=True, slots=True)
class Brought:
    """A place of a list; of a pair both, and the pair's id. ``other``: None but for pairs."""

    place: Mapping[str, Any] | None
    other: Mapping[str, Any] | None = None
    pair: UUID | None = None


def brought(session: Session, run: ImportRun, what: What, number: int) -> Page[Brought]:
    """Places that a run made, that it joined to known ones, or pairs that it asks about; three statements at most."""
    wanted: Any
    if what is What.QUEUED:
        wanted = sa.select(MatchPair.left_id, MatchPair.right_id, MatchPair.id).where(MatchPair.run_id == run.id)
    else:
        joined = SourceRecord.joined.is_not(None) if what is What.LINKED else SourceRecord.joined.is_(None)
        wanted = sa.select(SourceRecord.structure_id, sa.null(), SourceRecord.id).where(
            SourceRecord.source == run.source, joined, SourceRecord.first_seen_at >= run.started_at
        )
        if run.ended_at:
            wanted = wanted.where(SourceRecord.first_seen_at <= run.ended_at)
    total = session.execute(sa.select(sa.func.count()).select_from(wanted.subquery())).scalar_one()
    number = nearest(number, total, PLACES)
    rows = session.execute(wanted.order_by(sa.literal_column("3")).limit(PLACES).offset(offset(number, PLACES))).all()
    places = there(session, [id_ for row in rows for id_ in row[:2] if id_])
    pairs = what is What.QUEUED
    return Page(
        [Brought(places.get(row[0]), places.get(row[1]), row[2] if pairs else None) for row in rows],
        total, number, PLACES,
    )  # fmt: skip


def rejects(session: Session, id_: UUID, number: int, reason: str = "") -> Page[ImportReject]:
    """Rejects of a run in the order of the file; two statements. :param reason: only those."""
    where = [ImportReject.run_id == id_, *([ImportReject.reason == reason] if reason else [])]
    total = session.execute(sa.select(sa.func.count()).select_from(ImportReject).where(*where)).scalar_one()
    number = nearest(number, total, REJECTS)
    found = sa.select(ImportReject).where(*where).order_by(ImportReject.row_number, ImportReject.id)
    rows = session.scalars(found.limit(REJECTS).offset(offset(number, REJECTS)))
    return Page(list(rows), total, number, REJECTS)


def changes(session: Session, id_: UUID, number: int) -> Page[Changed]:
    """Structures that a run changed, and how; four statements."""
    theirs = FieldChange.ref == id_
    total = session.execute(sa.select(sa.func.count(sa.distinct(FieldChange.structure_id))).where(theirs)).scalar_one()
    number = nearest(number, total, CHANGED)
    grouped = sa.select(FieldChange.structure_id, sa.func.count()).where(theirs).group_by(FieldChange.structure_id)
    grouped = grouped.order_by(FieldChange.structure_id).limit(CHANGED).offset(offset(number, CHANGED))
    counts = {row[0]: row[1] for row in session.execute(grouped)}
    rank = sa.func.row_number().over(partition_by=FieldChange.structure_id, order_by=FieldChange.id).label("rank")
    ranked = sa.select(FieldChange.id, rank).where(theirs, FieldChange.structure_id.in_(counts)).subquery()
    first = sa.select(FieldChange).join(ranked, ranked.c.id == FieldChange.id).where(ranked.c.rank <= MOST_CHANGES)
    found: dict[UUID, list[FieldChange]] = {structure: [] for structure in counts}
    for change in session.scalars(first.order_by(FieldChange.id)):
        found[change.structure_id].append(change)
    places = {row["id"]: row for row in listed(session, list(counts), ("id", "slug", "nom"))}
    rows = [Changed(places.get(id_), tuple(own), counts[id_] - len(own)) for id_, own in found.items()]
    return Page(rows, total, number, CHANGED)


def there(session: Session, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Places that still are, by id: what a preview names may be gone."""
    return {row["id"]: row for row in listed(session, ids, ("id", "slug", "nom"))}


# --- what is asked of a run -----------------------------------------------------------------------------------------


def ask_replay(session: Session, id_: UUID, dry: bool) -> bool:
    """The worker reads the kept raw file of a run again. :param dry: only to say what that would change.

    :return: False: one is asked for already, or there is no kept file.
    """
    run = session.get(ImportRun, id_, with_for_update=True, populate_existing=True)
    if run is None or not run.raw or REPLAY in (run.preview or {}):
        return False
    run.preview = {**(run.preview or {}), REPLAY: {"dry": dry}}
    session.flush()
    return True


def to_replay(session: Session) -> list[tuple[UUID, Mapping[str, Any]]]:
    """Runs of which a replay is asked for, and how, the oldest first. Asked each minute: few runs have a preview, and
    those whose raw file may still be there are fewer."""
    asked = ImportRun.preview[REPLAY]
    found = sa.select(ImportRun.id, asked).where(ImportRun.preview.is_not(None), ImportRun.raw.is_not(None))
    return [(id_, how) for id_, how in session.execute(found.order_by(ImportRun.started_at)) if how]


def replayed(session: Session, id_: UUID, trial: Mapping[str, Any] | None) -> None:
    """A replay is over. :param trial: what it would have changed, for the page."""
    run = session.get(ImportRun, id_, with_for_update=True, populate_existing=True)
    if run is not None:
        kept = {name: value for name, value in (run.preview or {}).items() if name not in (REPLAY, TRIAL)}
        run.preview = {**kept, TRIAL: trial} if trial is not None else kept or None
        session.flush()
