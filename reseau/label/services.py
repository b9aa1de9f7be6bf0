"""The label of a place: who holds it, given, renewed, withdrawn. Without Pyramid; flushes, never commits.

A structure that was merged into another is that other one: labels are not moved, they are read through the signpost, as
memberships are (``members.places``). Each change writes the log (kind ``label``) and ``Structure.label_until``, so that
sheet, facts and index follow.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core import changes
from reseau.core.db import site_day
from reseau.directory import edits
from reseau.directory.models import Status, Structure
from reseau.directory.reproject import set_label_until
from reseau.label import spans
from reseau.label.models import KIND, Criteria, Label
from reseau.label.spans import Span


class Refused(ValueError):
    """What the label does not allow. ``code``: ``closed`` (the place is), ``order`` (ends before it starts),
    ``criteria`` (starts before that version of them), ``overlap`` (with ``span``, days already given), ``over`` (the
    label to withdraw or renew ended), ``day`` (of a withdrawal: to come, or before the label), ``reason`` (none)."""

    def __init__(self, code: str, span: Span | None = None) -> None:
        super().__init__(code)
        self.code, self.span = code, span


# --- who holds it ---------------------------------------------------------------------------------------------


def held_on(day: date) -> sa.ColumnElement[bool]:
    """Labels that are held on a day."""
    return sa.and_(
        Label.starts_on <= day, Label.ends_on >= day, sa.or_(Label.withdrawn_on.is_(None), Label.withdrawn_on > day)
    )


def place_of() -> tuple[sa.ColumnElement[UUID], Any]:
    """(the structure that a label means today, the join that this needs)."""
    was = aliased(Structure)
    return sa.func.coalesce(was.merged_into, was.id), sa.join(Label, was, was.id == Label.structure_id)


def places(day: date) -> sa.Select[Any]:
    """Ids of the open structures that hold the label on a day, each once: to be counted, or put into a statement."""
    place, join = place_of()
    return (
        sa.select(Structure.id)
        .where(Structure.status == Status.ACTIVE.value)
        .where(Structure.id.in_(sa.select(place).select_from(join).where(held_on(day))))
    )


def holders(day: date) -> sa.Select[Any]:
    """Ids of the structures that hold the label on a day, and of those that were merged into one (people may still be
    written down there), to be put into another statement."""
    now = places(day).scalar_subquery()
    return sa.select(Structure.id).where(sa.or_(Structure.id.in_(now), Structure.merged_into.in_(now)))


def renewed() -> sa.ColumnElement[bool]:
    """Labels after which the same place has another one."""
    after, was, mine = aliased(Label), aliased(Structure), aliased(Structure)
    same = sa.func.coalesce(was.merged_into, was.id) == sa.func.coalesce(mine.merged_into, mine.id)
    return sa.exists().where(
        mine.id == Label.structure_id, was.id == after.structure_id, same,
        after.withdrawn_on.is_(None), after.ends_on > Label.ends_on,
    )  # fmt: skip


def labels_of(session: Session, structure_ids: Collection[UUID]) -> dict[UUID, list[Label]]:
    """All labels that places ever had, by place, the oldest first; one statement for a thousand ids."""
    found: dict[UUID, list[Label]] = {}
    wanted, (place, join) = list(structure_ids), place_of()
    for start in range(0, len(wanted), 1000):
        rows = session.execute(
            sa.select(place, Label)
            .select_from(join)
            .where(place.in_(wanted[start : start + 1000]))
            .order_by(Label.starts_on, Label.id)
            .execution_options(populate_existing=True)
        )
        for id_, label in rows:
            found.setdefault(id_, []).append(label)
    return found


def held(session: Session, structure_id: UUID, day: date) -> Label | None:
    """The label that a place (where it is now) holds on a day; after a merge of two that hold it, the one that lasts
    longer."""
    place, join = place_of()
    found = sa.select(Label).select_from(join).where(place == structure_id, held_on(day))
    return session.scalars(found.order_by(Label.ends_on.desc(), Label.id).limit(1)).first()


# --- given, renewed, withdrawn --------------------------------------------------------------------------------


def grant(
    session: Session, structure_id: UUID, criteria: Criteria, starts_on: date, ends_on: date, decided_on: date,
    by: UUID | None, note: str = "", *, now: datetime,
) -> Label:  # fmt: skip
    """Give the label to a place (where it is now), from its first to its last day.

    :param by: who writes it down. :param note: for the committee. :raises Refused: says why, nothing is changed.
    :raises LookupError: there is no such structure.
    """
    place = edits.locked(session, structure_id)
    if place["status"] != Status.ACTIVE.value:
        raise Refused("closed")
    if ends_on < starts_on:
        raise Refused("order")
    if starts_on < criteria.from_on:
        raise Refused("criteria")
    if there := spans.in_the_way(labels_of(session, [place["id"]]).get(place["id"], []), starts_on, ends_on):
        raise Refused("overlap", there)
    label = Label(
        structure_id=place["id"], criteria_id=criteria.id, starts_on=starts_on, ends_on=ends_on, decided_on=decided_on,
        decided_by=by, note=note, created_at=now,
    )  # fmt: skip
    session.add(label)
    session.flush()
    _tell(session, label, changes.Op.PUBLISH, site_day(session, now))
    refresh(session, place["id"], now)
    return label


def renew(
    session: Session, label: Label, criteria: Criteria, ends_on: date, decided_on: date, by: UUID | None,
    note: str = "", *, now: datetime,
) -> Label:  # fmt: skip
    """A new label that begins the day after this one ends. :raises Refused: ``over``: it was withdrawn; see grant."""
    if label.withdrawn_on is not None:
        raise Refused("over")
    return grant(session, label.structure_id, criteria, following_day(label), ends_on, decided_on, by, note, now=now)


def following_day(label: Label) -> date:
    """The first day on which a label is not held any more."""
    return date.fromordinal(spans.last_day(label).toordinal() + 1)


def withdraw(session: Session, label: Label, reason: str, on: date, by: UUID | None, *, now: datetime) -> None:
    """The place holds the label no more, from ``on``: nor any that would follow.

    :param reason: told to the committee, the coordination and the place. :raises Refused: says why, nothing is changed.
    """
    place = edits.locked(session, label.structure_id)
    session.refresh(label)
    today = site_day(session, now)
    if not reason.strip():
        raise Refused("reason")
    if label.ended or label.withdrawn_on is not None or label.ends_on < today:
        raise Refused("over")
    if not min(label.starts_on, today) <= on <= today:
        raise Refused("day")
    for one in labels_of(session, [place["id"]]).get(place["id"], []):
        follows = one.starts_on > label.starts_on and not one.ended and one.withdrawn_on is None
        if one is label or follows:
            one.withdrawn_on, one.withdrawn_reason, one.withdrawn_by = on, reason.strip(), by
            end(session, one, today)
    refresh(session, place["id"], now)


def end(session: Session, label: Label, today: date) -> None:
    """Tell the log that a label is over. The caller writes :func:`refresh`."""
    label.ended, label.rev = True, label.rev + 1
    session.flush()
    _tell(session, label, changes.Op.WITHDRAW, today)


def refresh(session: Session, structure_id: UUID, now: datetime) -> bool:
    """Write on a place until when it holds the label, as its labels say today. :return: whether that changed."""
    edits.locked_as_it_is(session, structure_id)  # first: what was decided meanwhile counts
    today = site_day(session, now)
    span = spans.held(labels_of(session, [structure_id]).get(structure_id, []), today)
    return set_label_until(session, structure_id, span.until if span else None, now)


# --- the log --------------------------------------------------------------------------------------------------


def otherwise(session: Session, today: date, limit: int) -> list[tuple[UUID, UUID]]:
    """(label, place) of labels that are not over and that the log tells otherwise than they are: they have begun; their
    place has closed, is open again, is another one. One statement."""
    newest = (
        sa.select(changes.Change.digest)
        .where(changes.Change.object_id == Label.id, changes.Change.kind == KIND)
        .order_by(changes.Change.seq.desc())
        .limit(1)
        .correlate(Label)
        .scalar_subquery()
    )
    found = _with_places().add_columns(newest).where(Label.ended.is_(False)).order_by(Label.id)
    differ = (
        (label.id, place) for label, place, status, told in session.execute(found)
        if told != _digest(label, place, status, today)
    )  # fmt: skip
    return list(itertools.islice(differ, limit))


def tell_again(session: Session, label_id: UUID, structure_id: UUID, today: date) -> None:
    """Tell the log what a label is today. :param structure_id: its place, which is locked first."""
    edits.locked_as_it_is(session, structure_id)
    label = session.get(Label, label_id, populate_existing=True)
    if label is not None and not label.ended:
        label.rev += 1
        session.flush()
        _tell(session, label, changes.Op.UPDATE, today)


def _with_places() -> sa.Select[Any]:
    """Labels, with id and status of the places that they mean today."""
    here, (place, join) = aliased(Structure), place_of()
    columns: tuple[Any, ...] = (Label, here.id, here.status)
    return sa.select(*columns).select_from(join.join(here, here.id == place))


def _tell(session: Session, label: Label, op: changes.Op, today: date) -> None:
    _label, place, status = session.execute(_with_places().where(Label.id == label.id)).one()
    digest = _digest(label, place, status, today)
    changes.record(session, changes.Entry(KIND, label.id, label.rev, op, digest=digest))


def _digest(label: Label, place: UUID, status: str, today: date) -> str:
    """Of all that readers of the log may see of a label: it changes with its place, and on its first day."""
    return changes.digest({
        "structure": place, "status": status, "criteria": label.criteria_id, "starts_on": label.starts_on,
        "ends_on": label.ends_on, "withdrawn_on": label.withdrawn_on, "begun": label.starts_on <= today,
    })  # fmt: skip
