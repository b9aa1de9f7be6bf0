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

from importers.models import ColumnMapping, ImportRun, ImportSource, SheetUpload
from importers.pipeline.raws import Raw
from importers.sheets.fields import FIELDS, JOINS, SOMEWHERE
from reseau.core.paging import Page, nearest, offset
from reseau.core.slugs import slugify

ADAPTER, PAGE = "tableur", 20
ASKED, DONE, REFUSED = "asked", "done", "refused"
MAX_MAPPINGS = 50  # headers that a source remembers


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person confirms. ``sheet``: rank among the tables of the file. ``columns``: rank (text) → field."""

    sheet: int
    columns: Mapping[str, str]
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """An upload in a list. ``state``: ``columns``, ``trying``, ``tried``, ``refused``, ``asked``, ``imported``."""

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
            made.trial = {"state": ASKED}
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
    upload.trial = {"state": ASKED}
    said = {"columns": columns, "source": source.name}
    session.merge(ColumnMapping(digest=sheet["digest"], mapping=said, by=by, at=now))
    session.flush()


def options_of(upload: SheetUpload, source: ImportSource) -> dict[str, Any]:
    """Options of the source with which this file is read."""
    sheet = upload.columns[upload.mapping["sheet"]]
    known = dict(list(source.options.get("mappings", {}).items())[-MAX_MAPPINGS:])
    known.pop(sheet["digest"], None)
    known[sheet["digest"]] = {"sheet": sheet["name"], "columns": upload.mapping["columns"]}
    return {**source.options, "raw": upload.raw, "mappings": known}


def ask_import(session: Session, upload: SheetUpload, complete: bool, now: datetime) -> bool:
    """The worker imports it as soon as it can. :return: False: it was not tried, or it is asked for already."""
    source = partner(session, upload)
    if source is None or (upload.trial or {}).get("state") != DONE or (upload.trial or {}).get("asked"):
        return False
    source.options, source.location = options_of(upload, source), f"tableur:{upload.filename}"
    source.complete, source.next_at = complete, now
    upload.mapping = {**upload.mapping, "complete": complete}
    upload.trial = {**(upload.trial or {}), "asked": now.isoformat()}
    session.flush()
    return True


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


def state_of(upload: SheetUpload) -> str:
    """See :class:`Listed`."""
    trial = upload.trial or {}
    if trial.get("asked"):
        return "asked"
    return {ASKED: "trying", DONE: "tried", REFUSED: "refused"}.get(trial.get("state", ""), "columns")


def listed(session: Session, number: int) -> Page[Listed]:
    """One page, the newest first; two statements."""
    total = session.execute(sa.select(sa.func.count()).select_from(SheetUpload)).scalar_one()
    number = nearest(number, total, PAGE)
    found = sa.select(SheetUpload, ImportSource.title).outerjoin(ImportSource, ImportSource.id == SheetUpload.source_id)
    found = found.options(defer(SheetUpload.columns)).order_by(SheetUpload.at.desc(), SheetUpload.id.desc())
    rows = session.execute(found.limit(PAGE).offset(offset(number, PAGE)))
    return Page([Listed(one, state_of(one), title) for one, title in rows], total, number, PAGE)


def to_try(session: Session) -> list[UUID]:
    """Uploads that wait for the worker, the oldest first."""
    asked = sa.select(SheetUpload.id).where(SheetUpload.trial["state"].as_string() == ASKED)
    return list(session.scalars(asked.order_by(SheetUpload.at)))


def forget(session: Session, before: datetime) -> int:
    """Withdraw what was sent before. :return: how many."""
    old = session.scalars(sa.delete(SheetUpload).where(SheetUpload.at < before).returning(SheetUpload.id))
    return len(old.all())
