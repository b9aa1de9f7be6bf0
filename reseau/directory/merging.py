"""Two structures are one: what hangs on the one that goes moves to the one that stays, and its address leads there."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.db import dicts
from reseau.directory.edits import overrides, put
from reseau.directory.fields import GROUPS
from reseau.directory.fields import companions as said_of
from reseau.directory.models import KIND, FieldChange, Override, Service, SourceRecord, Status, Structure, Suggestion
from reseau.directory.projection import is_empty, project
from reseau.directory.reproject import UNTOLD, Because, change_row, override_views, records_of, same

__all__ = ["absorb", "hold", "one_at_a_time", "said_of"]

Row = Mapping[str, Any]
_table: Any = Structure.__table__
_OVERRIDE: Any = Override.__table__
KEPT, LOST = "kept", "lost"


def one_at_a_time(session: Session) -> None:
    """Only one transaction joins structures, or imports, until its commit; to be called before it locks anything.

    The order of two row locks is not enough: a merge also writes the signposts that lead to the place that goes, and a
    ring of three merges then waits for itself (seen on PostgreSQL); and an import that matched a record with its
    structure must not find it elsewhere when it writes. SQLite has one writer.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(zlib.crc32(b"reseau:merge"))))


def absorb(
    session: Session,
    kept: UUID,
    lost: UUID,
    because: Because,
    now: datetime,
    *,
    theirs: Collection[str] = (),
    newest: bool = False,
) -> list[str]:
    """Move records, overrides, offers and suggestions of ``lost`` to ``kept``; ``lost`` becomes a signpost.

    Where both have an override of one field, or of fields that only mean something together, that of ``kept`` stays;
    the other is told in the history of the sheet that it was on. The caller computes ``kept`` again afterwards.
    ``merged_into`` never points to a structure that is merged itself: one step leads to where the place is now.

    :param theirs: first names of groups (``fields.GROUPS``) of which that of ``lost`` stays instead.
    :param newest: the newest stays, whose ever it is: nobody has chosen. :return: fields of overrides that moved.
    """
    execute = session.connection().execute
    session.flush()
    wanted = sa.select(_table).where(_table.c.id.in_((kept, lost))).order_by(_table.c.id).with_for_update()
    rows = {row["id"]: row for row in dicts(session.execute(wanted))}
    moved = _move_overrides(session, rows[kept], rows[lost], because, now, theirs, newest)
    for table in (SourceRecord, Service, Suggestion):  # they are about the place, which goes on
        execute(sa.update(table).where(table.structure_id == lost).values(structure_id=kept))
    if lost in _ancestors(session, rows[kept]):
        execute(sa.update(Structure).where(Structure.id == kept).values(parent_id=None))
    execute(sa.update(Structure).where(Structure.parent_id == lost).values(parent_id=kept))
    execute(sa.update(Structure).where(Structure.merged_into == lost).values(merged_into=kept))
    if rows[lost]["in_territory"]:
        execute(sa.update(Structure).where(Structure.id == kept).values(in_territory=True))
    if until := max((row["label_until"] for row in rows.values() if row["label_until"]), default=None):
        execute(sa.update(Structure).where(Structure.id == kept).values(label_until=until))
    rev, name = rows[lost]["rev"] + 1, rows[lost]["nom"]
    signpost = {"status": Status.MERGED.value, "merged_into": kept, "rev": rev, "updated_at": now, "archived_at": None}
    execute(sa.update(Structure).where(Structure.id == lost).values(signpost))
    execute(sa.insert(FieldChange).values(change_row(kept, "", name, str(lost), because, now)))
    changes.record(session, changes.Entry(KIND, lost, rev, changes.Op.WITHDRAW, digest=rows[lost]["digest"]))
    return moved


def _move_overrides(
    session: Session, kept: Row, lost: Row, because: Because, now: datetime, theirs: Collection[str], newest: bool
) -> list[str]:
    found = sa.select(_OVERRIDE).where(_OVERRIDE.c.structure_id.in_((kept["id"], lost["id"])))
    of: dict[UUID, dict[str, Row]] = {kept["id"]: {}, lost["id"]: {}}
    for one in dicts(session.execute(found)):
        of[one["structure_id"]][one["field"]] = one
    moved: list[Row] = []
    dropped: list[Row] = []
    for group in GROUPS:
        ours, others = ([of[row["id"]][name] for name in group if name in of[row["id"]]] for row in (kept, lost))
        later = newest and ours and others and _newest(others) > _newest(ours)
        if others and (not ours or later or group[0] in theirs):
            moved += others
            dropped += ours  # the projection tells what it showed
        else:
            dropped += others
    told = [
        change_row(lost["id"], one["field"], one["value"]["v"], kept[one["field"]], because, now)
        for one in dropped
        if one["structure_id"] == lost["id"] and not same(one["value"]["v"], kept[one["field"]])
    ]
    execute = session.connection().execute
    execute(sa.delete(_OVERRIDE).where(_OVERRIDE.c.id.in_([one["id"] for one in dropped])))
    execute(sa.update(_OVERRIDE).where(_OVERRIDE.c.structure_id == lost["id"]).values(structure_id=kept["id"]))
    if told:
        execute(sa.insert(FieldChange), told)
    return [one["field"] for one in moved]


def _newest(some: Sequence[Row]) -> datetime:
    moments: list[datetime] = [one["set_at"] for one in some]
    return max(moments)


def _ancestors(session: Session, row: Row) -> set[UUID]:
    """All structures that one is a branch of, however far."""
    found: set[UUID] = set()
    parent = row["parent_id"]
    while parent is not None and parent not in found:
        found.add(parent)
        parent = session.execute(sa.select(_table.c.parent_id).where(_table.c.id == parent)).scalar()
    return found


def hold(
    session: Session,
    kept: Row,
    lost: Row,
    keep: Mapping[str, str],
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> None:
    """After :func:`absorb`: what ``kept`` showed stays shown, or what was chosen, whatever the union of the records
    would say. Written as overrides of whoever merges, where the union says something else, or might later.

    :param kept: and ``lost``: all columns, as they were before. :param keep: first name of a group → ``kept`` or
        ``lost``. Of a group that is not there, what ``kept`` showed stays; where it showed nothing, the gap is filled.
    """
    id_ = kept["id"]
    records = records_of(session, [id_])[id_]
    said = project(records, {}, sources).values
    for group in GROUPS:
        if not UNTOLD.isdisjoint(group):
            continue
        present = override_views(session, overrides(session, id_).values())
        shown = project(records, present, sources).values
        choice = keep.get(group[0])
        wanted = {name: (lost if choice == LOST else kept)[name] for name in group}
        as_wanted = all(same(value, shown[name]) for name, value in wanted.items())
        if choice is None:
            stays = as_wanted or all(is_empty(value) for value in wanted.values())
        else:
            alike = all(same(kept[name], lost[name]) for name in group)
            stays = as_wanted and (alike or all(name in present for name in group))
        if not stays and not is_empty(wanted.get("nom", "a name")):
            put(session, id_, wanted, said, because, now)
