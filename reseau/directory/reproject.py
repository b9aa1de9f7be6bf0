"""Writes projections: computes structures again from their records, overrides and offers; what changed goes into the
row, into the history of the sheet, and into the log, in the caller's transaction.

The one place where a shown value changes, whoever changes it. What the sources say under each override is compared here
too, so a conflict shows as soon as a register says something new.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.actors import IMPORT, Actor
from reseau.core.db import dicts, site_day
from reseau.core.ids import new_id
from reseau.core.slugs import slugify
from reseau.directory import quality
from reseau.directory.facts_hours import hours_facts
from reseau.directory.fields import FIELDS
from reseau.directory.models import (
    KIND,
    VERIFY_EVERY,
    Cause,
    FieldChange,
    Override,
    Service,
    SourceRecord,
    Status,
    Structure,
)
from reseau.directory.projection import OverrideView, Projection, RecordView, is_empty, project

_STRUCTURE = cast("sa.Table", Structure.__table__)
_SERVICE = cast("sa.Table", Service.__table__)

#: Not in the history: they tell of the register, not of the place.
UNTOLD = frozenset({"date_maj", "source"})
#: Columns of the row, besides its fields, that a reader sees: they count in the digest.
_SHOWN = ("status", "verified_at", "verified_by", "closed_on", "closed_reason", "parent_id", "label_until")
_VERIFIED = ("verified_at", "verified_by")
_OFFER_UNSEEN = frozenset({"structure_id", "created_at", "updated_at", "updated_by", "rev"})


@dataclass(frozen=True, slots=True)
class Because:
    """Why values change. :param source: name of the register. :param ref: suggestion, import run or offer."""

    cause: Cause
    actor: Actor
    source: str | None = None
    ref: UUID | None = None


def imported(source: str, run: UUID | None = None) -> Because:
    """An import says so."""
    return Because(Cause.IMPORT, IMPORT, source, run)


def same(one: Any, other: Any) -> bool:
    """Whether two values of a field say the same: all ways of saying nothing are one."""
    return (is_empty(one) and is_empty(other)) or one == other


class Projector:
    """Computes structures again. :param sources: order of sources of the settings. :param now: aware."""

    def __init__(self, session: Session, sources: Sequence[str], now: datetime) -> None:
        self.session, self.sources, self.now = session, sources, now

    def reproject(
        self,
        structure_ids: Iterable[UUID],
        because: Because,
        op: changes.Op = changes.Op.UPDATE,
        joined: Mapping[UUID, Collection[str]] = MappingProxyType({}),
    ) -> list[UUID]:
        """Compute the structures again; write, tell and log those that changed.

        :param op: what the log says of those that changed. A structure that is closed or merged is not updated for the
            readers of the log: they have been told to forget it.
        :param joined: structures that others were just merged into → fields whose overrides take what the registers
            say now as known: a merge is no news of a register. Who verified such a sheet verified it as it was: once a
            merge shows anything else, it is verified no more.
        :return: ids of those that changed.
        """
        rows, told = [], []
        records, overrides, offers = self._sources_of(wanted := list(structure_ids))
        there = _STRUCTURE.c.id.in_(wanted) & (_STRUCTURE.c.status != Status.MERGED.value)  # a signpost says nothing
        statement = sa.select(_STRUCTURE).where(there).order_by(_STRUCTURE.c.id)
        for row in list(dicts(self.session.execute(statement.with_for_update()))):
            id_ = row["id"]
            said = projection = project(records[id_], {}, self.sources)
            if overrides[id_]:
                projection = project(records[id_], override_views(self.session, overrides[id_]), self.sources)
                _look_for_conflicts(overrides[id_], said, self.now, joined.get(id_, ()))
            changed = self._history(row, projection.values, because)
            verified: dict[str, Any] = {name: row[name] for name in _VERIFIED}
            if id_ in joined and changed:
                verified = dict.fromkeys(_VERIFIED)
            now = {**row, **verified}
            fresh = fresh_day(self.session, now, said, alone=not records[id_])
            values = structure_values(projection, now, fresh, offers[id_]) | verified
            if all(row[name] == value for name, value in values.items() if name != "provenance"):
                continue
            rev = row["rev"] + 1
            rows.append({"structure": id_, **values, "rev": rev, "updated_at": self.now})
            told += changed
            if op is not changes.Op.UPDATE or row["status"] == Status.ACTIVE.value:
                changes.record(self.session, changes.Entry(KIND, id_, rev, op, digest=values["digest"]))
        if rows:
            update = sa.update(_STRUCTURE).where(_STRUCTURE.c.id == sa.bindparam("structure"))
            self.session.connection().execute(update, rows)
        if told:
            self.session.connection().execute(sa.insert(FieldChange.__table__), told)  # type: ignore[arg-type]
        return [row["structure"] for row in rows]

    def _history(self, row: Mapping[str, Any], values: Mapping[str, Any], because: Because) -> list[dict[str, Any]]:
        return [
            change_row(row["id"], field.name, row[field.name], values[field.name], because, self.now)
            for field in FIELDS
            if field.name not in UNTOLD and not same(row[field.name], values[field.name])
        ]

    def _sources_of(
        self, ids: Sequence[UUID]
    ) -> tuple[dict[UUID, list[RecordView]], dict[UUID, list[Override]], dict[UUID, list[Mapping[str, Any]]]]:
        overrides: dict[UUID, list[Override]] = defaultdict(list)
        set_by_people = sa.select(Override).where(Override.structure_id.in_(ids)).order_by(Override.field)
        for override in self.session.scalars(set_by_people.execution_options(populate_existing=True)):
            overrides[override.structure_id].append(override)
        offers: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for offer in dicts(self.session.execute(sa.select(_SERVICE).where(_SERVICE.c.structure_id.in_(ids)))):
            offers[offer["structure_id"]].append(offer)
        return records_of(self.session, ids), overrides, offers


def records_of(session: Session, ids: Collection[UUID]) -> dict[UUID, list[RecordView]]:
    """What the registers say of some structures; [] of one that none knows."""
    records: dict[UUID, list[RecordView]] = defaultdict(list)
    columns = (SourceRecord.structure_id, SourceRecord.id, SourceRecord.source, SourceRecord.date_maj)
    for row in session.execute(sa.select(*columns, SourceRecord.mapped).where(SourceRecord.structure_id.in_(ids))):
        records[row[0]].append(RecordView(*row[1:]))
    return records


def override_views(session: Session, overrides: Iterable[Override]) -> dict[str, OverrideView]:
    """What the projection needs of overrides, by field; the day of each is that of the places."""
    return {one.field: OverrideView(one.value["v"], site_day(session, one.set_at).isoformat()) for one in overrides}


def _look_for_conflicts(
    overrides: Iterable[Override], registers: Projection, at: datetime, known: Collection[str]
) -> None:
    """A register that says nothing any more is no conflict: nobody contradicts the person.

    :param known: fields of which what the registers say now is no news, where there was no conflict before.
    """
    for override in overrides:
        now = registers.values[override.field]
        if override.field in known and override.conflict_since is None and override.source_value["v"] != now:
            override.source_value = {"v": now}
        differs = not (is_empty(now) or same(now, override.source_value["v"]) or same(now, override.value["v"]))
        since = (override.conflict_since or at) if differs else None
        if override.source_now["v"] != now or override.conflict_since != since:
            override.source_now, override.conflict_since = {"v": now}, since


def change_row(
    structure_id: UUID, field: str, before: Any, after: Any, because: Because, now: datetime
) -> dict[str, Any]:
    """One row of the history, as a mapping for a bulk insert."""
    return {
        "id": new_id(), "structure_id": structure_id, "field": field, "before": {"v": before}, "after": {"v": after},
        "at": now, "cause": because.cause.value, "side": because.actor.side.value,
        "author_id": because.actor.person_id, "source": because.source, "ref": because.ref,
    }  # fmt: skip


def structure_values(
    projection: Projection,
    row: Mapping[str, Any] | None,
    fresh: str | None,
    offers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The columns of a structure that follow from its projection.

    :param row: as it is now; None for a new one. :param fresh: see :func:`fresh_day`.
    """
    values = projection.values
    evening, weekend = hours_facts(values["horaires"])
    every = row["verify_every"] if row else VERIFY_EVERY
    return {
        **values,
        "slug": slugify(values["nom"]),
        "digest": shown_digest(values, projection.provenance, row or {"status": Status.ACTIVE.value}, offers),
        "provenance": projection.provenance,
        "opens_evening": evening,
        "opens_weekend": weekend,
        "fresh_on": fresh,
        "due_on": add_months(date.fromisoformat(fresh), every).isoformat() if fresh else "",
        "quality": quality.timeless(values),
    }


def shown_digest(
    values: Mapping[str, Any],
    provenance: Mapping[str, Any],
    row: Mapping[str, Any],
    offers: Sequence[Mapping[str, Any]],
) -> str:
    """The digest of what readers see of a structure. :param values: of its fields. :param row: its other columns."""
    content = {**values, "provenance": provenance}
    content |= {name: row[name] for name in _SHOWN if row.get(name) is not None}
    if offers:
        public = [{k: v for k, v in offer.items() if k not in _OFFER_UNSEEN} for offer in offers]
        content["offres"] = sorted(public, key=lambda offer: str(offer["id"]))
    return changes.digest(content)


def set_label_until(session: Session, structure_id: UUID, until: date | None, now: datetime) -> bool:
    """Write the last day of the local label that a structure holds (None: it holds none); readers of the log are told.
    The projection is not computed again: no value of a field changes. :return: whether it changed.
    """
    statement = sa.select(_STRUCTURE).where(_STRUCTURE.c.id == structure_id).with_for_update()
    row = next(dicts(session.execute(statement)), None)
    if row is None or row["label_until"] == until:
        return False
    offers = list(dicts(session.execute(sa.select(_SERVICE).where(_SERVICE.c.structure_id == structure_id))))
    values = {field.name: row[field.name] for field in FIELDS}
    digest = shown_digest(values, row["provenance"], {**row, "label_until": until}, offers)
    written = {"label_until": until, "digest": digest, "rev": row["rev"] + 1, "updated_at": now}
    session.connection().execute(sa.update(_STRUCTURE).where(_STRUCTURE.c.id == structure_id).values(written))
    if row["status"] == Status.ACTIVE.value:
        changes.record(session, changes.Entry(KIND, structure_id, row["rev"] + 1, changes.Op.UPDATE, digest=digest))
    return True


def fresh_day(session: Session, row: Mapping[str, Any], registers: Projection, *, alone: bool) -> str | None:
    """The newest day (ISO) on which somebody verified the whole sheet, or a register said something of it.

    A value that a person corrected does not count: nobody looked at the others. A sheet that no register knows
    (``alone``) was written as a whole on the day it was made.

    :param registers: what the registers alone say. :return: None when no register gave a date, and nobody verified it.
    """
    days = [register_day(registers), site_day(session, row["created_at"]).isoformat() if alone else None]
    days.append(site_day(session, row["verified_at"]).isoformat() if row["verified_at"] else None)
    return max((day for day in days if day), default=None)


def register_day(registers: Projection) -> str | None:
    """The newest day (ISO) that the registers gave, of what they say when nobody overrides them; or None."""
    return max((origin["date"] for origin in registers.provenance.values() if origin.get("date")), default=None)


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last one of the month when there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
