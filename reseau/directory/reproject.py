"""Writes projections: computes structures again from their records, overrides and offers; what changed goes into the
row, into the history of the sheet, and into the log, in the caller's transaction.

The one place where a shown value changes, whoever changes it. What the sources say under each override is compared here
too, so a conflict shows as soon as a register says something new.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.actors import IMPORT, Actor
from reseau.core.db import dicts
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
_SHOWN = ("status", "verified_at", "verified_by", "closed_on", "closed_reason", "parent_id")
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
        self, structure_ids: Iterable[UUID], because: Because, op: changes.Op = changes.Op.UPDATE
    ) -> list[UUID]:
        """Compute the structures again; write, tell and log those that changed.

        :param op: what the log says of those that changed. A structure that is closed or merged is not updated for the
            readers of the log: they have been told to forget it.
        :return: ids of those that changed.
        """
        rows, told = [], []
        records, overrides, offers = self._sources_of(wanted := list(structure_ids))
        statement = sa.select(_STRUCTURE).where(_STRUCTURE.c.id.in_(wanted)).order_by(_STRUCTURE.c.id)
        for row in list(dicts(self.session.execute(statement.with_for_update()))):
            id_ = row["id"]
            views = {o.field: OverrideView(o.value["v"], o.set_at.date().isoformat()) for o in overrides[id_]}
            projection = project(records[id_], views, self.sources)
            if overrides[id_]:
                self._look_for_conflicts(overrides[id_], project(records[id_], {}, self.sources))
            values = structure_values(projection, row, offers[id_])
            if all(row[name] == value for name, value in values.items() if name != "provenance"):
                continue
            rev = row["rev"] + 1
            rows.append({"structure": id_, **values, "rev": rev, "updated_at": self.now})
            told += self._history(row, values, because)
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

    def _look_for_conflicts(self, overrides: Iterable[Override], sources: Projection) -> None:
        """A register that says nothing any more is no conflict: nobody contradicts the person."""
        for override in overrides:
            now = sources.values[override.field]
            differs = not (is_empty(now) or same(now, override.source_value["v"]) or same(now, override.value["v"]))
            since = (override.conflict_since or self.now) if differs else None
            if override.source_now["v"] != now or override.conflict_since != since:
                override.source_now, override.conflict_since = {"v": now}, since

    def _sources_of(
        self, ids: Sequence[UUID]
    ) -> tuple[dict[UUID, list[RecordView]], dict[UUID, list[Override]], dict[UUID, list[Mapping[str, Any]]]]:
        records: dict[UUID, list[RecordView]] = defaultdict(list)
        columns = (SourceRecord.structure_id, SourceRecord.id, SourceRecord.source, SourceRecord.date_maj)
        found = sa.select(*columns, SourceRecord.mapped).where(SourceRecord.structure_id.in_(ids))
        for record in self.session.execute(found):
            records[record[0]].append(RecordView(*record[1:]))
        overrides: dict[UUID, list[Override]] = defaultdict(list)
        set_by_people = sa.select(Override).where(Override.structure_id.in_(ids)).order_by(Override.field)
        for override in self.session.scalars(set_by_people.execution_options(populate_existing=True)):
            overrides[override.structure_id].append(override)
        offers: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for offer in dicts(self.session.execute(sa.select(_SERVICE).where(_SERVICE.c.structure_id.in_(ids)))):
            offers[offer["structure_id"]].append(offer)
        return records, overrides, offers


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
    projection: Projection, row: Mapping[str, Any] | None, offers: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The columns of a structure that follow from its projection. :param row: as it is now; None for a new one."""
    values = projection.values
    evening, weekend = hours_facts(values["horaires"])
    fresh = newest_day(projection.provenance, row["verified_at"] if row else None)
    every = row["verify_every"] if row else VERIFY_EVERY
    shown = {name: row[name] for name in _SHOWN} if row else {"status": Status.ACTIVE.value}
    public_offers = [{k: v for k, v in offer.items() if k not in _OFFER_UNSEEN} for offer in offers]
    content = {**values, "provenance": projection.provenance}
    content |= {name: value for name, value in shown.items() if value is not None}
    if public_offers:
        content["offres"] = sorted(public_offers, key=lambda offer: str(offer["id"]))
    return {
        **values,
        "slug": slugify(values["nom"]),
        "digest": changes.digest(content),
        "provenance": projection.provenance,
        "opens_evening": evening,
        "opens_weekend": weekend,
        "fresh_on": fresh,
        "due_on": add_months(date.fromisoformat(fresh), every).isoformat() if fresh else "",
        "quality": quality.timeless(values),
    }


def newest_day(provenance: Mapping[str, Any], verified_at: datetime | None) -> str | None:
    """The newest day (ISO) on which a register or a person said something of the sheet, or None."""
    days = [origin.get("date") for origin in provenance.values()]
    days.append(verified_at.date().isoformat() if verified_at else None)
    return max((day for day in days if day), default=None)


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last one of the month when there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
