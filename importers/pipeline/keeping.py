"""Which raw files and which runs are of use, and what is kept of a file."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Set
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import BAD, GOOD, KEEP_RAW, OPEN, ImportReject, ImportRun, ImportSource, RunState, SheetUpload
from importers.pipeline.raws import Raw
from reseau.core.db import affected
from reseau.core.slugs import slugify

LAST = 60
"""Runs of a source that are always kept; raw files of older ones go."""
OLD = timedelta(days=90)
"""The others are kept for that time."""
COMING = "coming-"
"""Begins the names of folders of what is being downloaded."""
GIVEN_UP, GONE = timedelta(days=7), timedelta(days=1)
"""A download that nobody has gone on with; and one of a source that is no more."""
CHUNK = 200
_RANK = sa.func.row_number().over(
    partition_by=ImportRun.source, order_by=(ImportRun.started_at.desc(), ImportRun.id.desc())
)


def kept(session: Session) -> Set[str]:
    """Digests of the raw files that are of use: the newest of the last runs of each source, that of its last good one,
    those that a person or a dead run waits for, and spreadsheets on their way in."""
    keep = {row.name: row.keep_raw for row in session.execute(sa.select(ImportSource.name, ImportSource.keep_raw))}
    found: set[str] = set(session.scalars(sa.select(SheetUpload.raw)))
    found.update(session.scalars(sa.select(ImportRun.raw).where(ImportRun.state.in_(OPEN), ImportRun.raw.is_not(None))))
    found.update(session.scalars(sa.select(ImportRun.raw).where(ImportRun.id.in_(_last_good(with_raw=True)))))
    ranked = sa.select(ImportRun.source, ImportRun.raw, _RANK.label("rank")).subquery()
    recent = sa.select(ranked.c.source, ranked.c.raw).where(ranked.c.rank <= LAST, ranked.c.raw.is_not(None))
    of: dict[str, list[str]] = {}
    for source, raw in session.execute(recent.order_by(ranked.c.source, ranked.c.rank)):
        newest = of.setdefault(source, [])
        if raw not in newest and len(newest) < keep.get(source, KEEP_RAW):
            newest.append(raw)
    return found.union(*of.values())


def old_runs(session: Session, now: datetime) -> list[Any]:
    """Ids of the runs that nobody needs any more: beyond the ``LAST`` of their source and older than ``OLD``; but never
    one that is open, the last good ones, the last of a source, nor one whose raw file is kept."""
    ranked = sa.select(
        ImportRun.id, ImportRun.raw, ImportRun.state, ImportRun.started_at, _RANK.label("rank")
    ).subquery()  # fmt: skip
    wanted = sa.select(ranked.c.id, ranked.c.raw).where(
        ranked.c.rank > LAST, ranked.c.started_at < now - OLD, ranked.c.state.not_in(OPEN),
        ranked.c.id.not_in(_last_good()), ranked.c.id.not_in(_last_good(with_raw=True)),
        ranked.c.id.not_in(sa.select(ImportSource.last_run_id).where(ImportSource.last_run_id.is_not(None))),
    )  # fmt: skip
    rows = session.execute(wanted.order_by(ranked.c.id)).all()
    use = kept(session) if rows else frozenset()
    return [row.id for row in rows if row.raw not in use]


def purge(session: Session, ids: list[Any]) -> int:
    """Delete runs that :func:`old_runs` found, with what they refused. :return: how many."""
    session.execute(sa.delete(ImportReject).where(ImportReject.run_id.in_(ids)))
    return affected(session, sa.delete(ImportRun).where(ImportRun.id.in_(ids), ImportRun.state.not_in(OPEN)))


def names(session: Session) -> Set[str]:
    """Names of the sources that are there."""
    return set(session.scalars(sa.select(ImportSource.name)))


def forget(session: Session, source: ImportSource) -> bool:
    """Take away a source from which nothing ever came, with its runs that failed. :return: False: something did (what
    it gave names it for ever), or is on its way."""
    if has_given(session, source):
        return False
    purge(session, list(session.scalars(_runs_of(source))))
    session.delete(source)
    session.flush()
    return True


def has_given(session: Session, source: ImportSource) -> bool:
    """Whether anything ever came from a source, or is on its way; one statement."""
    came = sa.or_(ImportRun.state.not_in(BAD), ImportRun.cursor > 0)
    return bool(source.last_good_at or session.scalar(_runs_of(source).where(came).limit(1)))


def _runs_of(source: ImportSource) -> Any:
    return sa.select(ImportRun.id).where(sa.or_(ImportRun.source_id == source.id, ImportRun.source == source.name))


def sweep_coming(folder: Path, now: datetime, names: Set[str] | None = None) -> int:
    """Remove what was begun to be downloaded and that nobody has gone on with, or whose source is no more.

    :param names: of the sources that are there; None: not looked at. :return: how many folders.
    """
    known = None if names is None else {f"{COMING}{slugify(name)}" for name in names}
    removed = 0
    for one in folder.glob(f"{COMING}*"):
        newest = max((path.stat().st_mtime for path in (one, *one.rglob("*"))), default=0.0)
        after = GIVEN_UP if known is None or one.name in known else GONE
        if newest < (now - after).timestamp():
            shutil.rmtree(one, ignore_errors=True)
            removed += 1
    return removed


def tidy_coming(folder: Path, *, whole: bool) -> None:
    """After a download. :param whole: it came to its end, nothing of it is needed; else only what serves to go on with
    a file that was cut stays: its first bytes, and the note beside them (``fetch.downloading``)."""
    if whole:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.rglob("*"):
        begun = path.suffix == ".part" or (path.suffix == ".json" and path.with_suffix(".part").exists())
        if path.is_file() and not begun:
            path.unlink(missing_ok=True)


def _last_good(*, with_raw: bool = False) -> Any:
    """Ids of the last good run of each source, one each. :param with_raw: of those that read a file to its end."""
    good = sa.select(ImportRun.id, _RANK.label("rank")).where(ImportRun.state.in_(GOOD))
    if with_raw:
        good = good.where(ImportRun.raw.is_not(None), ImportRun.state == RunState.DONE.value)
    last = good.subquery()
    return sa.select(last.c.id).where(last.c.rank == 1)


def raw_of(path: Path) -> Raw:
    """Digest and size of a file, as if it were kept."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            digest.update(chunk)
            size += len(chunk)
    return Raw(digest.hexdigest(), size)
