"""Feeds as readers of the log: documents of a fixed length of it, each object in its newest state, deletions too.

The log is cut into windows of ``WINDOW`` rows (by ``seq``, which never changes). The window of the newest row that
concerns a feed is open: it is the document to subscribe to, with older entries until there are ``LEAST``. The windows
before it that hold a row of the feed are its archives (RFC 5005, §4). An object is told where its newest row is, so
that an archive only ever loses entries: what changes again moves to a newer document, and who follows the archives from
the newest to the oldest meets each object once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feeds.syndication.publishers import Item, Place, registered, told
from reseau.core.changes import NARROWED, Change, Op

WINDOW = 200
"""Rows of the log in an archive: changing it changes what is at the addresses of archives."""
LEAST = 30
_ONE_BY_ONE = 1_000
"""A search that finds so few objects asks the log for each; one that finds more reads the log until it has enough."""
_ASKED_AT_ONCE = 5_000
_GONE = (Op.WITHDRAW.value, Op.ERASE.value)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a feed is made of. ``kinds``: of the log. ``only``: ids of the objects that are told, or a statement that
    gives them; None: all. ``upto``: newest ``seq`` that is looked at (words are found once they are indexed).
    ``place``: whose reader's rows are looked at; None: all rows, and :func:`document` leaves out what is hidden."""

    kinds: tuple[str, ...]
    only: frozenset[UUID] | sa.Select[Any] | None = None
    upto: int | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The newest row of an object. ``again``: it is not its first. ``narrowed``: everybody could read it once."""

    seq: int
    at: datetime
    kind: str
    id: UUID
    op: str
    again: bool
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An object as its newest row tells it."""

    row: Row
    item: Item

    @property
    def updated(self) -> datetime:
        """When what is told last changed."""
        return self.item.updated or self.row.at


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a feed is. ``seq``, ``at``: of its newest row (0, None: it has none). ``previous``: window of the newest
    row before the open window, or None. ``others``: newest row of what changes its words besides. ``changed``: when the
    newest of both was written."""

    seq: int = 0
    at: datetime | None = None
    previous: int | None = None
    others: int = 0
    changed: datetime | None = None

    @property
    def window(self) -> int:
        """The open window."""
        return window_of(self.seq)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one document, the newest first. ``number``: of the archive that it is; None: the one to subscribe to.
    ``previous``, ``next``: archives beside it. ``changed``: after which no document of the feed was written otherwise;
    None: not known (what a search finds changes without a row of it)."""

    rows: tuple[Row, ...]
    number: int | None = None
    previous: int | None = None
    next: int | None = None
    others: int = 0
    changed: datetime | None = None

    @property
    def mark(self) -> str:
        """Changes when what the document says may."""
        seqs = ",".join(str(row.seq) for row in self.rows)
        return f"{self.number}/{self.previous}/{self.next}/{self.others}/{seqs}"

    @property
    def at(self) -> datetime | None:
        """When its newest row was written."""
        return self.rows[0].at if self.rows else None


@dataclass(frozen=True, slots=True)
class Document:
    """What a part tells, the newest first. ``gone``: what may not be read any more."""

    part: Part
    entries: tuple[Told, ...]
    gone: tuple[Row, ...]


def window_of(seq: int) -> int:
    """The window that holds a row of the log."""
    return max(seq - 1, 0) // WINDOW


def stamp(session: Session, selection: Selection) -> Stamp:
    """Where the feed is; one statement, whatever the length of the log."""
    if not selection.kinds:
        return Stamp()
    others = {kind for one in registered(selection.kinds) for kind in one.also} - set(selection.kinds)
    newest = sa.select(_newest(selection.kinds, *_upto(selection)).label("seq")).cte("newest")
    opened = (newest.c.seq - 1) // WINDOW * WINDOW
    before = _newest(selection.kinds, Change.seq <= sa.select(opened).scalar_subquery())
    other = _newest(sorted(others), *_upto(selection)) if others else sa.literal(0)
    at = sa.select(Change.at).where(Change.seq == newest.c.seq).scalar_subquery()
    beside = sa.select(Change.at).where(Change.seq == sa.select(other.label("seq")).scalar_subquery()).scalar_subquery()
    seq, when, previous, more, also = session.execute(sa.select(newest.c.seq, at, before, other, beside)).one()
    changed = max((moment for moment in (when, also) if moment), default=None)
    return Stamp(seq or 0, when, window_of(previous) if previous else None, more or 0, changed)


def _upto(selection: Selection) -> list[sa.ColumnElement[bool]]:
    return [] if selection.upto is None else [Change.seq <= selection.upto]


def _newest(kinds: Sequence[str], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """Newest row of some kinds: one look into the index for each."""
    parts = [sa.select(sa.func.max(Change.seq).label("seq")).where(Change.kind == kind, *where) for kind in kinds]
    each = sa.union_all(*parts).subquery()
    return sa.select(sa.func.max(each.c.seq)).scalar_subquery()


def current(session: Session, selection: Selection) -> Part:
    """The document to subscribe to; two statements, a few more for a search."""
    known = stamp(session, selection)
    if not known.seq:
        return Part((), others=known.others, changed=_settled(selection, known))
    rows = _kept(_rows(session, selection, known.window * WINDOW, None, LEAST), selection)
    if isinstance(selection.only, frozenset):
        rows = _with_older(session, selection, selection.only, rows)
    return Part(tuple(rows), None, known.previous, None, known.others, _settled(selection, known))


def archive(session: Session, selection: Selection, number: int) -> Part | None:
    """A window that is complete; three statements. None: it is not complete, or holds nothing of these kinds."""
    known = stamp(session, selection)
    if not 0 <= number < known.window:
        return None
    low, high = number * WINDOW, (number + 1) * WINDOW
    inside, before, after = session.execute(
        sa.select(
            _newest(selection.kinds, Change.seq > low, Change.seq <= high),
            _newest(selection.kinds, Change.seq <= low),
            _oldest(selection.kinds, Change.seq > high, Change.seq <= known.window * WINDOW),
        )
    ).one()
    if inside is None:
        return None
    rows = _kept(_rows(session, selection, low, high, 0), selection)
    previous, following = (None if seq is None else window_of(seq) for seq in (before, after))
    return Part(tuple(rows), number, previous, following, known.others, _settled(selection, known))


def _settled(selection: Selection, known: Stamp) -> datetime | None:
    return known.changed if selection.only is None else None


def _oldest(kinds: Sequence[str], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    parts = [sa.select(sa.func.min(Change.seq).label("seq")).where(Change.kind == kind, *where) for kind in kinds]
    each = sa.union_all(*parts).subquery()
    return sa.select(sa.func.min(each.c.seq)).scalar_subquery()


def since(session: Session, selection: Selection, place: Place, seq: int, limit: int = LEAST) -> list[Told]:
    """What is new or has changed after a row of the log, the newest first, at most ``limit``: for who is told by mail.

    Objects that may not be read any more are left out.
    """
    selection = replace(selection, place=place)
    if isinstance(selection.only, frozenset):
        rows = _of_ids(session, selection, sorted(selection.only), 2 * limit, Change.seq > seq)
    else:
        rows = _read(session, _latest(selection, Change.seq > seq).order_by(Change.seq.desc()).limit(2 * limit))
    return list(document(session, Part(tuple(rows)), place).entries[:limit])


# --- rows -----------------------------------------------------------------------------------------------------


def _latest(selection: Selection, *where: sa.ColumnElement[bool], kind: str | None = None) -> sa.Select[Any]:
    """Rows after which nothing more was said of their object."""
    other, first = aliased(Change), aliased(Change)
    same = sa.and_(*_of_same(other), other.seq > Change.seq)
    if selection.upto is not None:
        same = sa.and_(same, other.seq <= selection.upto)
    before = sa.and_(*_of_same(first), first.seq < Change.seq)
    of_kinds = Change.kind == kind if kind else Change.kind.in_(selection.kinds)
    narrowed = _narrowed()
    wanted: Any = sa.select(
        Change.seq, Change.at, Change.kind, Change.object_id, Change.op, sa.exists().where(before).label("again"),
        narrowed.label("narrowed"),
    ).where(of_kinds, ~sa.exists().where(same), *where, *_upto(selection))  # fmt: skip
    for one in registered([kind] if kind else selection.kinds):
        if selection.place is not None and one.hidden is not None:
            hidden = one.hidden(selection.place, Change.__table__.c.object_id)
            wanted = wanted.where(sa.or_(Change.kind != one.kind, sa.not_(hidden), narrowed))
    if isinstance(selection.only, sa.Select):
        wanted = wanted.where(sa.or_(Change.object_id.in_(selection.only), Change.op.in_(_GONE)))
    found: sa.Select[Any] = wanted
    return found


def _narrowed() -> sa.Exists:
    """Whether the log says that everybody could read the object once."""
    marked = aliased(Change)
    kind = sa.func.coalesce(marked.kind, "", type_=sa.String())  # as in _of_same
    return sa.exists().where(marked.object_id == Change.object_id, kind == Change.kind.concat(NARROWED))


def _of_same(other: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Rows of the same object: a few, by the index of objects. As a bare column, the kind would have SQLite read all
    rows of the kind instead (2 s for 20,000)."""
    kind = sa.func.coalesce(other.kind, "", type_=sa.String())
    return other.object_id == Change.object_id, kind == Change.kind


def _rows(session: Session, selection: Selection, low: int, high: int | None, least: int) -> list[Row]:
    """The newest rows of the objects of a window, the newest first. :param least: so many at least, older ones then."""
    inside = _latest(selection, Change.seq > low, *([Change.seq <= high] if high is not None else []))
    parts: list[Any] = [sa.select(inside.subquery())]
    if least:  # by kind: each is read from the end of its index
        for kind in selection.kinds:
            older = _latest(selection, Change.seq <= low, kind=kind).order_by(Change.seq.desc()).limit(least)
            parts.append(sa.select(older.subquery()))
    every = sa.union_all(*parts).subquery()
    rows = _read(session, sa.select(every).order_by(every.c.seq.desc()).limit(WINDOW + least))
    fresh = sum(row.seq > low for row in rows)
    return rows[: max(fresh, least)] if least else rows


def _read(session: Session, wanted: sa.Select[Any]) -> list[Row]:
    found = session.execute(wanted)
    return [
        Row(seq, at, kind, id_, op, bool(again), bool(once)) for seq, at, kind, id_, op, again, once in found
    ]  # fmt: skip


def _is_of(row: Row, selection: Selection) -> bool:
    return not isinstance(selection.only, frozenset) or row.id in selection.only or row.op in _GONE


def _kept(rows: Sequence[Row], selection: Selection) -> list[Row]:
    return [row for row in rows if _is_of(row, selection)]


def _with_older(session: Session, selection: Selection, only: frozenset[UUID], rows: list[Row]) -> list[Row]:
    """With the newest objects of a search before them, until there are enough."""
    if sum(row.op not in _GONE for row in rows) >= min(LEAST, len(only)):
        return rows
    known = {row.id for row in rows}
    older: list[Row] = []
    if len(only) > _ONE_BY_ONE:
        newest = _latest(selection).order_by(Change.seq.desc()).limit(10 * WINDOW)
        older = [row for row in _read(session, newest) if row.id in only][:LEAST]
    if len(older) < LEAST:
        older = _of_ids(session, selection, sorted(only), LEAST)
    merged = [*rows, *(row for row in older if row.id not in known)]
    kept = sorted(merged, key=lambda row: -row.seq)
    return kept[: max(len(rows), LEAST)]


def _of_ids(
    session: Session, selection: Selection, ids: Sequence[UUID], limit: int, *where: sa.ColumnElement[bool]
) -> list[Row]:
    """The newest rows of some objects, a statement for so many of them."""
    found: list[Row] = []
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        some = Change.object_id.in_(ids[start : start + _ASKED_AT_ONCE])
        found += _read(session, _latest(selection, some, *where).order_by(Change.seq.desc()).limit(limit))
    return sorted(found, key=lambda row: -row.seq)[:limit]


def document(session: Session, part: Part, place: Place) -> Document:
    """What the rows tell the reader of a place; a statement or two for each kind among them."""
    items: dict[tuple[str, UUID], Item | None] = {}
    for publisher in registered({row.kind for row in part.rows}):
        ids = [row.id for row in part.rows if row.kind == publisher.kind]
        said = told(session, publisher, ids, place)
        items |= {(publisher.kind, id_): item for id_, item in said.items()}
    entries, gone = [], []
    for row in part.rows:
        item = items.get((row.kind, row.id))
        if item is not None:
            entries.append(Told(row, item))
        elif row.narrowed or ((row.kind, row.id) not in items and (row.again or row.op in _GONE)):
            gone.append(row)
    return Document(part, tuple(entries), tuple(gone))
