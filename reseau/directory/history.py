"""What happened to a sheet, and where the registers now contradict people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.directory.edits import seen
from reseau.directory.fields import BY_NAME, TOGETHER
from reseau.directory.models import Cause, FieldChange, Override, SourceRecord, Status, Structure
from reseau.directory.projection import RecordView, is_empty, project
from reseau.directory.reproject import same

PAGE = 50
_table: Any = Structure.__table__


@dataclass(frozen=True, slots=True)
class Moment:
    """Changes that one author made at one moment, for one reason, in the order in which fields are shown."""

    first: FieldChange
    changes: list[FieldChange]


@dataclass(frozen=True, slots=True)
class History:
    """A page of moments, newest first. ``total``: changes on all pages. ``source``: the register that brought the
    place, None when a person did."""

    moments: list[Moment]
    total: int
    source: str | None


def history(session: Session, structure_id: UUID, page: int = 1, size: int = PAGE) -> History:
    """The history of a sheet; three statements. :param page: from 1; one that is not there is empty."""
    mine = FieldChange.structure_id == structure_id
    total = session.execute(sa.select(sa.func.count()).select_from(FieldChange).where(mine)).scalar_one()
    found = sa.select(FieldChange).where(mine).order_by(FieldChange.at.desc(), FieldChange.id.desc())
    rows = session.scalars(found.limit(size).offset((page - 1) * size))
    order = {name: rank for rank, name in enumerate(BY_NAME)}
    moments: dict[tuple[Any, ...], list[FieldChange]] = {}
    for row in rows:
        moments.setdefault((row.at, row.cause, row.side, row.author_id, row.source, row.ref), []).append(row)
    for changes in moments.values():
        changes.sort(key=lambda one: (order.get(one.field, len(order)), one.id))
    first = sa.select(SourceRecord.source).where(SourceRecord.structure_id == structure_id)
    made = sa.select(FieldChange.id).where(mine, FieldChange.cause == Cause.CREATE.value)
    source = session.execute(first.where(~made.exists()).order_by(SourceRecord.first_seen_at).limit(1)).scalar()
    return History([Moment(changes[0], changes) for changes in moments.values()], total, source)


@dataclass(frozen=True, slots=True)
class Restorable:
    """One change with what putting back would write (field → value), and what the sheet says of these fields now."""

    change: FieldChange
    values: dict[str, Any]
    now: dict[str, Any]

    @property
    def is_so(self) -> bool:
        """Whether the sheet says all of it already."""
        return all(same(value, self.now[name]) for name, value in self.values.items())


def restorable(session: Session, structure_id: UUID, change_id: UUID) -> Restorable | None:
    """What :func:`edits.restore` would write, or None when the change is not one of a field of this sheet."""
    change = session.get(FieldChange, change_id)
    if change is None or change.structure_id != structure_id or change.field not in BY_NAME:
        return None
    together = sa.select(FieldChange).where(
        FieldChange.structure_id == structure_id,
        FieldChange.at == change.at,
        FieldChange.field.in_(group_of(change.field)),
    )
    values = {one.field: one.before["v"] for one in session.scalars(together)} | {change.field: change.before["v"]}
    if "nom" in values and is_empty(values["nom"]):
        return None  # a place without a name cannot be shown: the name that it began with has nothing before it
    row = next(dicts(session.execute(sa.select(_table).where(_table.c.id == structure_id))))
    return Restorable(change, values, {name: row[name] for name in values})


def group_of(name: str) -> tuple[str, ...]:
    """The fields that only mean something together with one (itself included)."""
    return next((group for group in TOGETHER if name in group), (name,))


@dataclass(frozen=True, slots=True)
class Conflict:
    """People say one thing, the registers now say another, of fields that mean something together.

    ``mine`` and ``theirs``: field → value. ``override``: the newest one in conflict. ``origin``: provenance of what the
    registers say (``projection``). ``version``: changes when either side does; to be given back with the decision.
    """

    group: tuple[str, ...]
    mine: dict[str, Any]
    theirs: dict[str, Any]
    override: Override
    origin: Mapping[str, Any]
    since: datetime

    @property
    def name(self) -> str:
        """The field by which the group is called."""
        return self.group[0]

    @property
    def version(self) -> str:
        """Digest of both sides."""
        return seen([self.mine, self.theirs])


@dataclass(frozen=True, slots=True)
class SheetConflicts:
    """The conflicts of one sheet. ``row``: id, slug, nom, commune."""

    row: Mapping[str, Any]
    conflicts: list[Conflict]

    @property
    def since(self) -> datetime:
        """The oldest."""
        return min(conflict.since for conflict in self.conflicts)


@dataclass(frozen=True, slots=True)
class Conflicts:
    """A page of sheets with conflicts, oldest first. ``total``: sheets on all pages."""

    sheets: list[SheetConflicts]
    total: int


def conflicts(
    session: Session,
    structure_ids: Sequence[UUID] | None,
    sources: Sequence[str],
    limit: int | None = None,
    offset: int = 0,
) -> Conflicts:
    """Open sheets on which a register contradicts people; four statements, two when there are none.

    :param structure_ids: only among these; None: all. :param limit: in sheets.
    """
    condition = sa.and_(Override.conflict_since.is_not(None), Structure.status == Status.ACTIVE.value)
    if structure_ids is not None:
        condition = sa.and_(condition, Structure.id.in_(list(structure_ids)))
    joined = sa.join(Structure, Override, Override.structure_id == Structure.id)
    count = sa.select(sa.func.count(sa.distinct(Structure.id))).select_from(joined).where(condition)
    total = session.execute(count).scalar_one()
    since = sa.func.min(Override.conflict_since)
    columns = (_table.c.id, _table.c.slug, _table.c.nom, _table.c.commune)
    found = sa.select(*columns).select_from(joined).where(condition).group_by(*columns)
    rows = {
        row["id"]: row for row in dicts(session.execute(found.order_by(since, _table.c.id).limit(limit).offset(offset)))
    }
    if not rows:
        return Conflicts([], total)
    overrides: dict[UUID, dict[str, Override]] = defaultdict(dict)
    for one in session.scalars(sa.select(Override).where(Override.structure_id.in_(rows)).order_by(Override.field)):
        overrides[one.structure_id][one.field] = one
    records: dict[UUID, list[RecordView]] = defaultdict(list)
    said = (SourceRecord.structure_id, SourceRecord.id, SourceRecord.source, SourceRecord.date_maj, SourceRecord.mapped)
    for record in session.execute(sa.select(*said).where(SourceRecord.structure_id.in_(rows))):
        records[record[0]].append(RecordView(*record[1:]))
    sheets = [SheetConflicts(row, _of_sheet(overrides[id_], records[id_], sources)) for id_, row in rows.items()]
    return Conflicts(sheets, total)


def _of_sheet(overrides: dict[str, Override], records: list[RecordView], sources: Sequence[str]) -> list[Conflict]:
    register = project(records, {}, sources)
    found = []
    for group in dict.fromkeys(group_of(name) for name in BY_NAME):
        fighting = [overrides[n] for n in group if n in overrides and overrides[n].conflict_since is not None]
        if not fighting:
            continue
        mine = {name: overrides[name].value["v"] for name in group if name in overrides}
        theirs = {name: register.values[name] for name in group}
        origin: dict[str, Any] = next((register.provenance[n] for n in group if n in register.provenance), {})
        newest = max(fighting, key=lambda one: one.set_at)
        since = min(one.conflict_since for one in fighting if one.conflict_since)
        found.append(Conflict(group, mine, theirs, newest, origin, since))
    return found
