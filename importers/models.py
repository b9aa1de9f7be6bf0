"""Tables of the importers: sources and their runs, what was refused, pairs of places that may be one, the watch."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base, Json
from reseau.core.ids import new_id


class RunState(enum.StrEnum):
    """What became of a run. ``SAME``: the source had nothing new. ``REFUSED``: the file is not what it should be,
    nothing was changed. ``HELD``: the guard stopped it, a person looks. ``DROPPED``: a person said no. ``FAILED``:
    stopped half-way; what was done stays, the next one goes on."""

    RUNNING = "running"
    DONE = "done"
    SAME = "same"
    REFUSED = "refused"
    HELD = "held"
    DROPPED = "dropped"
    FAILED = "failed"


OPEN = (RunState.HELD.value, RunState.RUNNING.value)
"""Runs that are not over."""
GOOD = (RunState.DONE.value, RunState.SAME.value)
"""Runs that say what the source says."""
BAD = (RunState.REFUSED.value, RunState.FAILED.value)
"""Runs that count as failures of the source."""
KEEP_RAW = 7
"""Raw files that are kept of a source, unless somebody says otherwise."""


class Trigger(enum.StrEnum):
    """What began a run."""

    COMMAND = "command"
    SCHEDULE = "schedule"
    BUTTON = "button"
    REPLAY = "replay"
    ACCEPT = "accept"


ASKED_AT = "asked"
"""Key of ``ImportSource.facts``: the moment (ISO 8601) at which a person asked that it be read; a source that is
switched off is read at that one only, when it is also ``next_at``."""


class ImportSource(Base):
    """One place that things come from, again and again: a register, a feed, a calendar, a partner's spreadsheet.

    ``name`` is what records, provenance and locks say. ``adapter``: how it is read (``importers.adapters``).
    ``location``: http(s) address or path; "" for what is only uploaded. ``territory``: codes as
    ``core.territories`` reads (INSEE, ``epci:…``, ``dep:…``); empty: that of the site. ``complete``: a scheduled run
    stands for all of the source. ``every_h``: hours between two runs. ``keep_raw``: raw files that are kept.
    ``etag`` … ``facts``: of the last good file; but ``facts[ASKED_AT]`` is a request. ``failures``: in a row;
    ``told_at``: when a person was last told of it.
    """

    __tablename__ = "import_source"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    adapter: Mapped[str] = mapped_column(sa.String(20), index=True)
    title: Mapped[str] = mapped_column(sa.Text)
    location: Mapped[str] = mapped_column(sa.Text, default="")
    territory: Mapped[list[str]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    complete: Mapped[bool] = mapped_column(default=False)
    every_h: Mapped[int] = mapped_column(default=24)
    keep_raw: Mapped[int] = mapped_column(default=KEEP_RAW)
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    last_run_id: Mapped[UUID | None]
    last_good_at: Mapped[datetime | None]
    etag: Mapped[str | None] = mapped_column(sa.Text)
    last_modified: Mapped[str | None] = mapped_column(sa.Text)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failures: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by: Mapped[UUID | None]


class ImportRun(Base):
    """One run of an importer.

    ``raw``: SHA-256 of the kept raw file (``pipeline.raws``), ``size`` in bytes. ``cursor``: rows of it that are
    applied and committed. ``error``: code of ``sentences.REFUSALS``, with ``error_detail``. ``preview``: what a held
    run would change; and, beside it, ``replay``: one that is asked for (``{"dry": bool}``), ``trial``: what the last
    dry one would have changed (``counts`` or ``error``), see ``schedule.runs``. ``options``: territory, complete, as it
    was asked for. ``decided_*``: who accepted or dropped it.
    """

    __tablename__ = "import_run"
    __table_args__ = (sa.Index("ix_import_run_newest", "source", "started_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(sa.String(40), index=True)
    source_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("import_source.id", ondelete="SET NULL"), index=True)
    location: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default=RunState.RUNNING.value)
    trigger: Mapped[str] = mapped_column(sa.String(10), default=Trigger.COMMAND.value)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]
    raw: Mapped[str | None] = mapped_column(sa.String(64))
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    cursor: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None] = mapped_column(sa.String(40))
    error_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    preview: Mapped[dict[str, Any] | None] = mapped_column(Json)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class ImportReject(Base):
    """One row, or one value of a row, that could not be used. ``field`` is NULL when the whole row was refused; then
    ``raw`` is the row as it came (people's addresses masked)."""

    __tablename__ = "import_reject"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey("import_run.id", ondelete="CASCADE"), index=True)
    row_number: Mapped[int]
    source_id: Mapped[str | None] = mapped_column(sa.Text)
    field: Mapped[str | None] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(60))
    value: Mapped[str] = mapped_column(sa.Text)
    raw: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Verdict(enum.StrEnum):
    """What a person said of two places. ``INSIDE``: the left one is in the right one; ``AROUND``: the reverse."""

    OPEN = "open"
    SAME = "same"
    DISTINCT = "distinct"
    INSIDE = "inside"
    AROUND = "around"


class MatchPair(Base):
    """Two places that may be one, and what was decided; kept for ever. ``left_id`` < ``right_id``.

    ``score``: 0 to 100; ``reasons``: criterion → what it says (``importers.matching``). ``run_id``: the run that saw
    it. ``auto``: the import linked them by itself; a person may undo it.
    """

    __tablename__ = "match_pair"
    __table_args__ = (sa.UniqueConstraint("left_id", "right_id"), sa.Index("ix_match_pair_queue", "verdict", "score"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    left_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"))
    right_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    score: Mapped[float] = mapped_column(sa.Double)
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[str] = mapped_column(sa.String(10), default=Verdict.OPEN.value)
    run_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class WatchState(enum.StrEnum):
    """Where an entry of the watch is. ``TURNED``: it became a resource (``resource_id``)."""

    NEW = "new"
    KEPT = "kept"
    DROPPED = "dropped"
    TURNED = "turned"


class WatchItem(Base):
    """One entry of a feed that is watched. ``cluster_id``: id of the first entry about the same thing (its own, when it
    is the first). ``for_letter``: to be told in the next newsletter."""

    __tablename__ = "watch_item"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "guid"), sa.Index("ix_watch_item_tray", "state", "seen_at"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[UUID] = mapped_column(sa.ForeignKey("import_source.id", ondelete="CASCADE"))
    guid: Mapped[str] = mapped_column(sa.String(64))
    url: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    lang: Mapped[str] = mapped_column(sa.String(35), default="fr")
    theme: Mapped[str] = mapped_column(sa.String(40), default="")
    published_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    digest: Mapped[str] = mapped_column(sa.String(64))
    cluster_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(sa.String(10), default=WatchState.NEW.value)
    for_letter: Mapped[bool] = mapped_column(default=False)
    resource_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("resource.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class SheetUpload(Base):
    """A partner's spreadsheet on its way in. ``raw``: SHA-256 of the kept file. ``columns``: its header, with samples.
    ``mapping``: column (as text of its rank) → field. ``trial``: the report of the dry run."""

    __tablename__ = "sheet_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("import_source.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    by: Mapped[UUID | None]
    filename: Mapped[str] = mapped_column(sa.String(200))
    raw: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    columns: Mapped[list[Any]] = mapped_column(Json, default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    trial: Mapped[dict[str, Any] | None] = mapped_column(Json)
    run_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("import_run.id", ondelete="SET NULL"))


class ColumnMapping(Base):
    """What a header meant last time it was confirmed. ``digest``: of its folded names, in order."""

    __tablename__ = "column_mapping"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    mapping: Mapped[dict[str, Any]]
    by: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utcnow)
