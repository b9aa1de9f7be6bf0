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
from reseau.directory.edits import Restorable as Restorable
from reseau.directory.edits import can_be_restored, seen
from reseau.directory.edits import restorable as restorable
from reseau.directory.fields import BY_NAME, GROUPS, group_of
from reseau.directory.models import Cause, FieldChange, Override, SourceRecord, Status, Structure
from reseau.directory.projection import RecordView, project
from reseau.directory.reproject import records_of
from reseau.directory.territory import in_territory

PAGE = 50
_table: Any = Structure.__table__


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one moment that only mean something together (or of one field), to be shown and put back as one.

    ``changes``: in the order of the fields. ``restorable``: the change to name in order to put back all of them; None
    when there is nothing to put back here (see ``edits.can_be_restored``).
    """

    changes: list[FieldChange]
    restorable: UUID | None

    @property
    def name(self) -> str:
        """The field by which the group is called; "" for what concerns the whole sheet, or an offer."""
        return group_of(self.changes[0].field)[0]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that changed."""
        return tuple(one.field for one in self.changes)

    @property
    def before(self) -> dict[str, Any]:
        """Field → value before. Of cause ``KEPT``, not what the sheet said: what the register said meanwhile."""
        return {one.field: one.before["v"] for one in self.changes}

    @property
    def after(self) -> dict[str, Any]:
        """Field → value afterwards."""
        return {one.field: one.after["v"] for one in self.changes}


@dataclass(frozen=True, slots=True)
class Moment:
    """Changes that one author made at one moment, for one reason, in the order in which fields are shown.

    ``other``: the name of the sheet on which it was, when that is one that was merged into this one; None: this one.
    """

    first: FieldChange
    changes: list[FieldChange]
    groups: list[Group]
    other: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A page of moments, newest first. ``total``: changes on all pages. ``source``: the register that brought the
    place, None when a person did."""

    moments: list[Moment]
    total: int
    source: str | None


def history(session: Session, structure_id: UUID, page: int = 1, size: int = PAGE) -> History:
    """The history of a sheet, with those of the sheets that were merged into it; three statements.

    :param page: from 1; one that is not there is empty.
    """
    here = sa.or_(_table.c.id == structure_id, _table.c.merged_into == structure_id)
    joined = sa.join(FieldChange, _table, FieldChange.structure_id == _table.c.id)
    total = session.execute(sa.select(sa.func.count(FieldChange.id)).select_from(joined).where(here)).scalar_one()
    found = sa.select(FieldChange, _table.c.nom).select_from(joined).where(here)
    found = found.order_by(FieldChange.at.desc(), FieldChange.id.desc())
    names: dict[UUID, str | None] = {structure_id: None}
    moments: dict[tuple[Any, ...], list[FieldChange]] = {}
    for row, name in session.execute(found.limit(size).offset((page - 1) * size)):
        names.setdefault(row.structure_id, name)
        key = (row.at, row.cause, row.side, row.author_id, row.source, row.ref, row.structure_id)
        moments.setdefault(key, []).append(row)
    first = sa.select(SourceRecord.source).where(SourceRecord.structure_id == structure_id)
    created = (FieldChange.structure_id == structure_id, FieldChange.cause == Cause.CREATE.value)
    made = sa.select(FieldChange.id).where(*created)
    source = session.execute(first.where(~made.exists()).order_by(SourceRecord.first_seen_at).limit(1)).scalar()
    told = [_moment(changes, names[changes[0].structure_id]) for changes in moments.values()]
    return History(told, total, source)


_ORDER = {name: rank for rank, name in enumerate(BY_NAME)}


def _moment(changes: list[FieldChange], other: str | None) -> Moment:
    changes.sort(key=lambda one: (_ORDER.get(one.field, len(_ORDER)), one.id))
    groups: dict[Any, list[FieldChange]] = {}
    for one in changes:
        groups.setdefault(group_of(one.field) if one.field else one.id, []).append(one)
    return Moment(changes[0], changes, [Group(some, _restorable(some, other)) for some in groups.values()], other)


def _restorable(changes: list[FieldChange], other: str | None) -> UUID | None:
    if other is not None:
        return None
    return next((one.id for one in changes if can_be_restored(one)), None)


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
    territory: Sequence[str] = (),
) -> Conflicts:
    """Open sheets on which a register contradicts people; four statements, two when there are none.

    :param structure_ids: only among these; None: all. :param limit: in sheets. :param territory: only there.
    """
    condition = sa.and_(
        Override.conflict_since.is_not(None), Structure.status == Status.ACTIVE.value, in_territory(territory)
    )
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
    records = records_of(session, list(rows))
    sheets = [SheetConflicts(row, _of_sheet(overrides[id_], records[id_], sources)) for id_, row in rows.items()]
    return Conflicts(sheets, total)


def _of_sheet(overrides: dict[str, Override], records: list[RecordView], sources: Sequence[str]) -> list[Conflict]:
    register = project(records, {}, sources)
    found = []
    for group in GROUPS:
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
