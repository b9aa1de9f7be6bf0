"""What was joined wrongly is two structures again; a structure is put inside another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.ids import new_id
from reseau.directory.edits import locked_as_it_is
from reseau.directory.merging import one_at_a_time
from reseau.directory.models import KIND, Cause, FieldChange, SourceRecord, Status, Structure
from reseau.directory.projection import RecordView, project
from reseau.directory.reproject import Because, Projector, change_row, register_day, structure_values

_STRUCTURE = cast("sa.Table", Structure.__table__)


class NotSplittable(ValueError):
    """``code``: ``gone`` (there is no such record), ``alone`` (nothing else stands for its structure), ``other`` (the
    structure to bring back was not merged into this one)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotNestable(ValueError):
    """``code``: ``same``, ``gone`` (one of them is not there, or not open), ``round`` (the outer one is in the
    inner one)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def detach(
    session: Session,
    record_id: UUID,
    because: Because,
    sources: Sequence[str],
    now: datetime,
    merged: UUID | None = None,
) -> tuple[UUID, UUID]:
    """Give a record that was joined wrongly a structure of its own. What people wrote stays where it is.

    :param sources: order of sources. :param merged: the structure that was merged into that of the record, to be open
        again with it; None: a new one. :return: the structure that the record leaves, and that which it has now.
    :raises NotSplittable: nothing is changed.
    """
    one_at_a_time(session)
    found = session.execute(
        sa.select(SourceRecord.structure_id, SourceRecord.source, SourceRecord.date_maj, SourceRecord.mapped).where(
            SourceRecord.id == record_id
        )
    ).first()
    if found is None:
        raise NotSplittable("gone")
    left: UUID = found[0]
    row = locked_as_it_is(session, left)
    if not _stands_alone(session, left, record_id):
        raise NotSplittable("alone")
    view = RecordView(record_id, found[1], found[2], found[3])
    reached = _again(session, merged, left, now) if merged else _new(session, view, sources, now)
    execute = session.connection().execute
    execute(sa.update(SourceRecord).where(SourceRecord.id == record_id).values(structure_id=reached, joined=None))
    other = str(view.mapped.get("nom") or "")
    execute(
        sa.insert(FieldChange),
        [change_row(left, "", other, None, because, now), change_row(reached, "", row["nom"], None, because, now)],
    )
    projector = Projector(session, sources, now)
    projector.reproject([left], because)
    if merged:
        projector.reproject([merged], because, changes.Op.PUBLISH)
    return left, reached


def _stands_alone(session: Session, structure_id: UUID, record_id: UUID) -> bool:
    """Whether the structure is something without the record: another record, or a person who made it."""
    others = sa.select(SourceRecord.id).where(SourceRecord.structure_id == structure_id, SourceRecord.id != record_id)
    made = sa.select(FieldChange.id).where(
        FieldChange.structure_id == structure_id, FieldChange.cause == Cause.CREATE.value
    )
    return session.execute(sa.select(others.exists() | made.exists())).scalar_one()


def _new(session: Session, view: RecordView, sources: Sequence[str], now: datetime) -> UUID:
    projection = project([view], {}, sources)
    values = structure_values(projection, None, register_day(projection))
    id_ = new_id()
    state: dict[str, Any] = {
        "rev": 1,
        "status": Status.ACTIVE.value,
        "origin": "",
        "created_at": now,
        "updated_at": now,
    }
    session.connection().execute(sa.insert(_STRUCTURE).values(id=id_, **state, **values))
    changes.record(session, changes.Entry(KIND, id_, 1, changes.Op.PUBLISH, digest=values["digest"]))
    return id_


def _again(session: Session, merged: UUID, into: UUID, now: datetime) -> UUID:
    """Open a signpost again; its values are computed by the caller."""
    was = (_STRUCTURE.c.id == merged) & (_STRUCTURE.c.merged_into == into)
    values: dict[str, Any] = {"status": Status.ACTIVE.value, "merged_into": None, "updated_at": now, "digest": ""}
    values |= dict.fromkeys(("closed_on", "closed_reason", "archived_at"))
    if not session.connection().execute(sa.update(_STRUCTURE).where(was).values(values)).rowcount:
        raise NotSplittable("other")
    return merged


def nest(
    session: Session, inner: UUID, outer: UUID | None, because: Because, sources: Sequence[str], now: datetime
) -> UUID | None:
    """Say that a structure is inside another one (``parent_id``); None: inside none.

    :return: the one that it was in until now. :raises NotNestable: nothing is changed.
    """
    if inner == outer:
        raise NotNestable("same")
    one_at_a_time(session)
    rows = {}
    for id_ in sorted(id_ for id_ in (inner, outer) if id_):
        try:
            rows[id_] = locked_as_it_is(session, id_)
        except LookupError:
            raise NotNestable("gone") from None
    if any(row["status"] != Status.ACTIVE.value for row in rows.values()):
        raise NotNestable("gone")
    if outer and _is_above(session, inner, outer):
        raise NotNestable("round")
    before: UUID | None = rows[inner]["parent_id"]
    if before != outer:
        execute = session.connection().execute
        execute(sa.update(_STRUCTURE).where(_STRUCTURE.c.id == inner).values(parent_id=outer))
        name = rows[outer]["nom"] if outer else None
        execute(sa.insert(FieldChange).values(change_row(inner, "", None, name, because, now)))
        Projector(session, sources, now).reproject([inner], because)
    return before


def _is_above(session: Session, above: UUID, below: UUID) -> bool:
    seen: set[UUID] = set()
    at: UUID | None = below
    while at is not None and at not in seen:
        seen.add(at)
        at = session.execute(sa.select(_STRUCTURE.c.parent_id).where(_STRUCTURE.c.id == at)).scalar()
    return above in seen
