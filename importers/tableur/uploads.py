"""Spreadsheets on their way in: sent, columns confirmed, tried, imported, withdrawn. Never commits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from importers.models import ASKED_AT, ColumnMapping, ImportRun, ImportSource, SheetUpload
from importers.pipeline.raws import Raw
from importers.sheets.fields import FIELDS, JOINS, SOMEWHERE
from reseau.core.paging import Page, nearest, offset
from reseau.core.slugs import slugify

ADAPTER, PAGE = "tableur", 20
NO_RAW = "0" * 64
ASKED, DONE, REFUSED, READING = "asked", "done", "refused", "reading"
MAX_MAPPINGS = 50  # headers that a source remembers


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person confirms. ``sheet``: rank among the tables of the file. ``columns``: rank (text) → field."""

    sheet: int
    columns: Mapping[str, str]
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """An upload in a list. ``state``: ``columns``, ``reading`` (another line of titles), ``trying``, ``tried``,
    ``refused``, ``waiting`` (for another file of the same partner), ``asked``, ``begun`` (there is a run),
    ``replaced``."""

    upload: SheetUpload
    state: str
    title: str | None


def add(
    session: Session, raw: Raw, filename: str, sheets: Sequence[Mapping[str, Any]], *, by: UUID | None, now: datetime
) -> SheetUpload:  # fmt: skip
    """A file that was kept and described. Where its header is known, the columns are those that were confirmed, and it
    is to be tried at once."""
    made = SheetUpload(at=now, by=by, filename=filename[:200], raw=raw.digest, size=raw.size, columns=list(sheets))
    session.add(made)
    for rank, sheet in enumerate(sheets):
        known = session.get(ColumnMapping, sheet["digest"])
        source = _source(session, known.mapping.get("source")) if known else None
        if known and source and not wrong(known.mapping.get("columns", {})):
            made.source_id = source.id
            made.mapping = {"sheet": rank, "columns": known.mapping["columns"], "complete": False}
            made.trial, made.columns = {"state": ASKED}, told_less(made.columns, rank, known.mapping["columns"])
            break
    session.flush()
    return made


def _source(session: Session, name: Any) -> ImportSource | None:
    found = sa.select(ImportSource).where(ImportSource.name == str(name), ImportSource.adapter == ADAPTER)
    return session.scalar(found)


def get(session: Session, id_: UUID) -> SheetUpload | None:
    """One, or None."""
    found: SheetUpload | None = session.get(SheetUpload, id_)
    return found


def partners(session: Session) -> list[ImportSource]:
    """Those who gave a spreadsheet, or may."""
    found = sa.select(ImportSource).where(ImportSource.adapter == ADAPTER)
    return list(session.scalars(found.order_by(ImportSource.title, ImportSource.name)))


def partner(session: Session, upload: SheetUpload) -> ImportSource | None:
    """Who gave this one."""
    return session.get(ImportSource, upload.source_id) if upload.source_id else None


def new_partner(session: Session, title: str, *, by: UUID | None, now: datetime) -> ImportSource:
    """A source more; one that has the same title is that one."""
    same = sa.select(ImportSource).where(ImportSource.adapter == ADAPTER, ImportSource.title == title)
    if found := session.scalar(same):
        return found
    base = re.sub(r"^[^a-z]+", "", slugify(title))[:34].strip("-") or "partenaire"
    taken = set(session.scalars(sa.select(ImportSource.name).where(ImportSource.name.startswith(base))))
    taken |= {"nouvelle", "ordre"}  # addresses of ``importers.schedule``
    name = next(one for one in (base, *(f"{base}-{n}" for n in range(2, 100_000))) if one not in taken)
    made = ImportSource(
        name=name, adapter=ADAPTER, title=title, location="", enabled=False, created_at=now, created_by=by
    )
    session.add(made)
    session.flush()
    return made


def wrong(columns: Mapping[str, str]) -> tuple[str, str] | None:
    """Why these columns cannot be imported: (``sans-nom`` | ``sans-lieu`` | ``deux``, field)."""
    fields = list(columns.values())
    if double := next((one for one in fields if one not in JOINS and fields.count(one) > 1), None):
        return "deux", double
    if "nom" not in fields:
        return "sans-nom", "nom"
    return None if set(fields) & set(SOMEWHERE) else ("sans-lieu", "commune")


def confirm(
    session: Session, upload: SheetUpload, source: ImportSource, wanted: Wanted, *, by: UUID | None, now: datetime
) -> None:  # fmt: skip
    """Write down what the columns mean, for this file and for the next ones with the same header; to be tried."""
    sheet = upload.columns[wanted.sheet]
    columns = {rank: field for rank, field in wanted.columns.items() if field in FIELDS}
    upload.source_id = source.id
    upload.mapping = {"sheet": wanted.sheet, "columns": columns, "complete": wanted.complete}
    upload.trial, upload.columns = {"state": ASKED}, told_less(upload.columns, wanted.sheet, columns)
    said = {"columns": columns, "source": source.name}
    session.merge(ColumnMapping(digest=sheet["digest"], mapping=said, by=by, at=now))
    session.flush()


def options_of(upload: SheetUpload, source: ImportSource) -> dict[str, Any]:
    """Options of the source with which this file is read."""
    sheet = upload.columns[upload.mapping["sheet"]]
    known = dict(list(source.options.get("mappings", {}).items())[-MAX_MAPPINGS:])
    known.pop(sheet["digest"], None)
    known[sheet["digest"]] = {"sheet": sheet["name"], "columns": upload.mapping["columns"]}
    if sheet.get("chosen"):
        known[sheet["digest"]]["line"] = sheet["line"]
    return {**source.options, "raw": upload.raw, "mappings": known}


def told_less(sheets: Sequence[Mapping[str, Any]], sheet: int, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """The tables with the samples of columns that go somewhere only. ``sheet``: rank of the table that is chosen; -1
    for no samples at all."""
    return [
        {**one, "columns": [
            {**column, "samples": column["samples"] if rank == sheet and columns.get(str(column["rank"])) else []}
            for column in one["columns"]
        ]}
        for rank, one in enumerate(sheets)
    ]  # fmt: skip


def reread(session: Session, upload: SheetUpload, sheet: int, line: int) -> bool:
    """The worker reads that table again, with its titles at that line. :return: False: its import is asked for."""
    if (upload.trial or {}).get("asked"):
        return False
    upload.trial, upload.mapping = {"state": READING, "line": line}, {"sheet": sheet}
    session.flush()
    return True


def was_reread(session: Session, upload: SheetUpload, found: Mapping[str, Any]) -> None:
    """What ``running.describe`` found then: other columns to confirm, or why there are none. A file that speaks of
    people who are helped is not kept."""
    sheet, line = int(upload.mapping.get("sheet", 0)), (upload.trial or {}).get("line")
    upload.trial = None
    if found.get("refused") == "personnes-aidees":
        upload.raw, upload.mapping, upload.columns = NO_RAW, {"sheet": sheet}, told_less(upload.columns, -1, {})
        details = {"column": found.get("column", "")}
        upload.trial = {"state": REFUSED, "error": found["refused"], "details": details}
    elif "refused" in found:
        upload.mapping = {"sheet": sheet, "unread": line}
    else:
        made = {**found["sheets"][0], "chosen": True}
        upload.columns = [made if rank == sheet else one for rank, one in enumerate(upload.columns)]
        upload.mapping = {"sheet": sheet}


def ask_import(session: Session, upload: SheetUpload, complete: bool, now: datetime) -> bool:
    """The worker imports it as soon as it can: after the file of the same partner that was asked for before.

    :return: False: it was not tried, or it is asked for already.
    """
    if upload.source_id is None or (upload.trial or {}).get("state") != DONE or (upload.trial or {}).get("asked"):
        return False
    source = session.get(ImportSource, upload.source_id, with_for_update=True, populate_existing=True)
    if source is None:
        return False
    upload.mapping = {**upload.mapping, "complete": complete}
    upload.trial = {**(upload.trial or {}), "asked": now.isoformat(), "waiting": True}
    upload.columns = told_less(upload.columns, -1, {})
    session.flush()
    begin_waiting(session, now, source)
    return True


def begin_waiting(session: Session, now: datetime, only: ImportSource | None = None) -> int:
    """Let the sources that have nothing to read now read the oldest file that waits for them.

    :param only: this source, no other. :return: how many.
    """
    number = 0
    for upload in sorted(_waiting(session), key=lambda one: (one.trial or {})["asked"]):
        if only is not None and upload.source_id != only.id:
            continue
        source = session.get(ImportSource, upload.source_id, with_for_update=True, populate_existing=True)
        if source is None or (source.next_at is not None and source.next_at <= now and source.location):
            continue  # a moment is moved when the run has ended
        _replaced(session, source)
        source.options, source.location = options_of(upload, source), f"tableur:{upload.filename}"
        source.complete, source.next_at = bool(upload.mapping.get("complete")), now
        source.facts = {**source.facts, ASKED_AT: now.isoformat()}
        upload.trial = {**(upload.trial or {}), "waiting": False}
        session.flush()
        number += 1
    return number


def _waiting(session: Session) -> Sequence[SheetUpload]:
    return session.scalars(sa.select(SheetUpload).where(SheetUpload.trial["waiting"].as_boolean())).all()


def _replaced(session: Session, source: ImportSource) -> None:
    """Files of this source that were asked for, and of which nothing ever began: another takes their place."""
    found = sa.select(SheetUpload).where(
        SheetUpload.source_id == source.id, SheetUpload.trial["waiting"].as_boolean().is_(False)
    )
    for one in session.scalars(found).all():
        if run_of(session, one) is None:
            one.trial = {**(one.trial or {}), "replaced": True}


def withdraw(session: Session, upload: SheetUpload) -> None:
    """Forget a file; what it brought stays, and the raw file as long as a run needs it."""
    session.delete(upload)
    session.flush()


def run_of(session: Session, upload: SheetUpload) -> ImportRun | None:
    """The import of this file, once it has begun."""
    asked = (upload.trial or {}).get("asked")
    source = partner(session, upload) if asked else None
    if source is None:
        return None
    found = sa.select(ImportRun).where(
        ImportRun.source == source.name, ImportRun.raw == upload.raw,
        ImportRun.started_at >= datetime.fromisoformat(str(asked)),
    )  # fmt: skip
    return session.scalar(found.order_by(ImportRun.started_at.desc()).limit(1))


def state_of(upload: SheetUpload, begun: bool = False) -> str:
    """See :class:`Listed`. ``begun``: there is a run of it."""
    trial = upload.trial or {}
    if trial.get("asked"):
        return "begun" if begun else next((one for one in ("replaced", "waiting") if trial.get(one)), "asked")
    states = {ASKED: "trying", DONE: "tried", REFUSED: "refused", READING: "reading"}
    return states.get(trial.get("state", ""), "columns")


def _begun(session: Session, uploads: Sequence[SheetUpload]) -> set[UUID]:
    """Those of which there is a run; one statement."""
    raws = {one.raw for one in uploads if (one.trial or {}).get("asked")}
    found = sa.select(ImportSource.id, ImportRun.raw, sa.func.max(ImportRun.started_at)).join(
        ImportRun, ImportRun.source == ImportSource.name
    )
    found = found.where(ImportSource.adapter == ADAPTER, ImportRun.raw.in_(raws))
    found = found.group_by(ImportSource.id, ImportRun.raw)
    last = {(str(id_), raw): at for id_, raw, at in session.execute(found)} if raws else {}
    return {
        one.id for one in uploads if one.raw in raws and (at := last.get((str(one.source_id), one.raw)))
        and at >= datetime.fromisoformat(str((one.trial or {}).get("asked") or "9999-12-31T00:00:00+00:00"))
    }  # fmt: skip


def listed(session: Session, number: int) -> Page[Listed]:
    """One page, the newest first; three statements."""
    total = session.execute(sa.select(sa.func.count()).select_from(SheetUpload)).scalar_one()
    number = nearest(number, total, PAGE)
    found = sa.select(SheetUpload, ImportSource.title).outerjoin(ImportSource, ImportSource.id == SheetUpload.source_id)
    found = found.options(defer(SheetUpload.columns)).order_by(SheetUpload.at.desc(), SheetUpload.id.desc())
    rows = session.execute(found.limit(PAGE).offset(offset(number, PAGE))).all()
    begun = _begun(session, [one for one, _title in rows])
    return Page([Listed(one, state_of(one, one.id in begun), title) for one, title in rows], total, number, PAGE)


def to_try(session: Session) -> list[tuple[UUID, bool]]:
    """Uploads that wait for the worker, the oldest first; whether it is for another line of titles."""
    state = SheetUpload.trial["state"].as_string()
    found = sa.select(SheetUpload.id, state).where(state.in_((ASKED, READING))).order_by(SheetUpload.at)
    return [(id_, said == READING) for id_, said in session.execute(found)]


def forget_samples(session: Session, before: datetime) -> int:
    """Forget the samples of what was sent before. :return: of how many files."""
    number = 0
    for one in session.scalars(sa.select(SheetUpload).where(SheetUpload.at < before)):
        if any(column["samples"] for sheet in one.columns for column in sheet["columns"]):
            one.columns = told_less(one.columns, -1, {})
            number += 1
    return number


def forget(session: Session, before: datetime) -> int:
    """Withdraw what was sent before. :return: how many."""
    old = session.scalars(sa.delete(SheetUpload).where(SheetUpload.at < before).returning(SheetUpload.id))
    return len(old.all())
