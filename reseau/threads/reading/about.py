"""The threads about one object: the panel on its page, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.cards import Card
from reseau.directory.models import KIND as PLACE
from reseau.directory.models import Structure
from reseau.groups.models import KIND as GROUP
from reseau.notices.models import Level, Subscription
from reseau.threads.base.access import LISTED, Reader
from reseau.threads.base.models import KIND, Thread, ThreadKind
from reseau.threads.base.shapes import KIND_LABELS, PER_PAGE
from resources.base.models import KIND as RESOURCE

if TYPE_CHECKING:
    from pyramid.request import Request

RESOURCE_ACTION = "reseau.threads.reading:templates/resource_action.jinja2"
RESOURCE_PANEL = "reseau.threads.reading:templates/resource_panel.jinja2"
PLACE_PANEL = "reseau.threads.reading:templates/place_panel.jinja2"
KINDS = frozenset({RESOURCE, PLACE, GROUP, KIND})
"""What threads are about."""
SHOWN = 3
"""Threads that the page of their object shows."""
_KEY = "reseau.object_threads"


@dataclass(frozen=True, slots=True)
class About:
    """``threads``: the last ones. ``total``: of all that the reader may read. ``follows``: the reader follows the
    object."""

    threads: tuple[Thread, ...]
    total: int
    follows: bool
    signed_in: bool

    @property
    def labels(self) -> dict[ThreadKind, str]:
        """Kinds of threads in words, msgids."""
        return KIND_LABELS

    @property
    def stamp(self) -> tuple[object, ...]:
        """What changes when the panel does, for a visitor."""
        return (self.total, *((one.id, one.rev, one.replies, one.state) for one in self.threads))


def readable(card: Card, reader: Reader) -> bool:
    """Whether a reader may know of an object."""
    return card.readable(reader.network, reader.group_ids)


def object_threads(request: Request, kind: str, id_: UUID) -> About:
    """``request.object_threads(kind, id)``: for the page of an object; one statement a request, and that of
    ``request.reader``."""
    kept: dict[Any, About] = request.environ.setdefault(_KEY, {})
    if (kind, id_) not in kept:
        kept[kind, id_] = recent(request.db, request.reader, kind, id_)
    return kept[kind, id_]


def stamp_of_place(request: Request, id_: UUID) -> tuple[object, ...]:
    """What the panel adds to the stamp of a place's page, for browsers that keep it (``registry["sheet.stamps"]``)."""
    return object_threads(request, PLACE, id_).stamp


def recent(session: Session, reader: Reader, kind: str, id_: UUID) -> About:
    """The last threads about an object, and how many there are; one statement, none for who may read no topic."""
    if not reader.topics:
        return About((), 0, False, reader.person_id is not None)
    where = _about(reader, kind, id_)
    count = sa.select(sa.func.count()).select_from(Thread).where(*where).scalar_subquery()
    level = sa.select(Subscription.level).where(
        Subscription.person_id == reader.person_id, Subscription.object_kind == kind, Subscription.object_id == id_
    )
    head = sa.select(count.label("total"), level.scalar_subquery().label("level")).subquery("head")
    last = sa.select(Thread).where(*where).order_by(Thread.last_at.desc(), Thread.id.desc()).limit(SHOWN).subquery()
    one = aliased(Thread, last)
    wanted = sa.select(head.c.total, head.c.level, one).select_from(head.outerjoin(one, sa.true()))
    rows = session.execute(wanted.order_by(last.c.last_at.desc(), last.c.id.desc())).all()
    threads = tuple(row[2] for row in rows if row[2] is not None)
    return About(threads, rows[0][0], rows[0][1] == Level.FOLLOW.value, reader.person_id is not None)


def page(session: Session, reader: Reader, kind: str, id_: UUID, before: UUID | None) -> tuple[Sequence[Thread], bool]:
    """(threads about an object, the last ones first, whether there are more); one statement.

    :param before: the last one of the page before.
    """
    wanted = sa.select(Thread).where(*_about(reader, kind, id_))
    if before:
        there = aliased(Thread)
        at = sa.select(there.last_at).where(there.id == before).scalar_subquery()
        wanted = wanted.where(sa.or_(Thread.last_at < at, sa.and_(Thread.last_at == at, Thread.id < before)))
    wanted = wanted.order_by(Thread.last_at.desc(), Thread.id.desc()).limit(PER_PAGE + 1)
    found = list(session.scalars(wanted))
    return found[:PER_PAGE], len(found) > PER_PAGE


def _about(reader: Reader, kind: str, id_: UUID) -> list[sa.ColumnElement[bool]]:
    """A place has the threads of those that were merged into it."""
    same: sa.ColumnElement[bool] = Thread.object_id == id_
    if kind == PLACE:
        same = sa.or_(same, Thread.object_id.in_(sa.select(Structure.id).where(Structure.merged_into == id_)))
    return [Thread.object_kind == kind, same, Thread.topic_id.in_(reader.topic_ids), Thread.state.in_(LISTED)]
