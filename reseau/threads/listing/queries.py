"""Lists of threads, by the database. Pages follow each other by the place of their last line (``params.Mark``): a page
costs the same however far it is, and nothing is shown twice because something was written meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import UTCDateTime
from reseau.core.paging import nearest, offset, pages_of
from reseau.directory.models import Structure
from reseau.groups.models import WorkingGroup
from reseau.members.models import Person
from reseau.notices.models import Level, Subscription
from reseau.search.protocol import Engine
from reseau.threads.base import finding
from reseau.threads.base.access import LISTED, Reader
from reseau.threads.base.models import (
    ASKING,
    KIND,
    TOPIC_KIND,
    Bookmark,
    Post,
    PostState,
    ReadAll,
    Thread,
    ThreadRead,
    ThreadState,
    Topic,
)
from reseau.threads.base.questions import unanswered
from reseau.threads.base.shapes import PER_PAGE
from reseau.threads.listing.params import Criteria, Mark, mark

MOST_PINNED = 5
_PINS = 200  # pinned anywhere at a time: nobody pins so many
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST = (Thread.last_at.desc(), Thread.id.desc())
_OLDEST = (Thread.last_at, Thread.id)
Where = list[sa.ColumnElement[bool]]
Ids = sa.Select[UUID]


@dataclass(frozen=True, slots=True)
class Row:
    """A thread with what its line needs. ``author``, ``place``: names, "" when there is none. ``unread``: whoever asks
    has not read all of it. ``pinned``: it is at the top for now."""

    thread: Thread
    author: str = ""
    place: str = ""
    unread: bool = False
    pinned: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One page. ``newer``, ``older``: what the address of the page beside asks, None where there is none. ``total``,
    ``page``, ``pages``: of the answer to words only. ``loosened``, ``corrections``: see ``finding.Found``."""

    rows: list[Row]
    newer: Criteria | None = None
    older: Criteria | None = None
    total: int | None = None
    page: int = 1
    pages: int = 1
    loosened: bool = False
    corrections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside a list: questions that nobody answered, whether the reader follows its topic, the name of the
    group whose topic it is."""

    unanswered: int = 0
    follows: bool = False
    group: str = ""


def listed(
    session: Session, engine: Engine, reader: Reader, asked: Criteria, now: datetime, topic: Topic | None = None
) -> Listed:
    """A page of threads. :param topic: of the page, if it is one topic's."""
    topics = [topic.id] if topic else [one.id for one in reader.topics if asked.topic in ("", one.slug)]
    if asked.q:
        of_topic = [Thread.topic_id.in_(topics)] if topic or asked.topic else []
        return _answer(session, engine, reader, asked, [*of_topic, *_asked(reader, asked)])
    where = [*_visible(topics), *_asked(reader, asked)]
    pinned = _pinned(where, now)
    where.append(Thread.id.not_in(pinned))
    if asked.before:
        found = _newer(session, reader, where, asked)
        if found is not None:
            return found
        asked = replace(asked, before=None)
    return _older(session, reader, where, asked, pinned)


def aside(session: Session, reader: Reader, topic: Topic | None = None) -> Aside:
    """What stands beside a list; one statement."""
    where = [*_visible([topic.id] if topic else reader.topic_ids), *unanswered()]
    waiting = sa.select(sa.func.count()).select_from(Thread).where(*where).scalar_subquery()
    follows = sa.exists().where(
        Subscription.person_id == reader.person_id, Subscription.object_kind == TOPIC_KIND,
        Subscription.object_id == topic.id, Subscription.level == Level.FOLLOW.value,
    ) if topic and reader.person_id else sa.false()  # fmt: skip
    group: Any = sa.literal(None, sa.String)
    if topic and topic.group_id:
        group = sa.select(WorkingGroup.name).where(WorkingGroup.id == topic.group_id).scalar_subquery()
    count, following, name = session.execute(sa.select(waiting, follows, group)).one()
    return Aside(count, bool(following), name or "")


def activity(session: Session, topic_ids: Sequence[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """Topic → how many threads it has, when something was last written there; one statement."""
    wanted = sa.select(Thread.topic_id, sa.func.count(), sa.func.max(Thread.last_at)).where(*_visible(topic_ids))
    return {id_: (count, at) for id_, count, at in session.execute(wanted.group_by(Thread.topic_id))}


def latest(session: Session, reader: Reader, topic_ids: Sequence[UUID], most: int) -> list[Row]:
    """The last active threads of some topics; one statement."""
    return _rows(session, reader, sa.select(Thread.id).where(*_visible(topic_ids)).order_by(*_NEWEST).limit(most))


def by_ids(session: Session, reader: Reader, ids: Sequence[UUID]) -> list[Row]:
    """Threads that the reader may read, in the order of their ids; one statement, none for none."""
    found = _rows(session, reader, sa.select(Thread.id).where(Thread.id.in_(list(ids)))) if ids else []
    places = {id_: at for at, id_ in enumerate(ids)}
    return sorted(found, key=lambda row: places[row.thread.id])


# --- pages ----------------------------------------------------------------------------------------------------


def _older(session: Session, reader: Reader, where: Where, asked: Criteria, pinned: Ids) -> Listed:
    if asked.after:
        where = [*where, _place() < _at(asked.after)]
    wanted = sa.select(Thread.id).where(*where).order_by(*_NEWEST).limit(PER_PAGE + 1)
    rows = _rows(session, reader, wanted, None if asked.after else pinned)
    top, rest = [row for row in rows if row.pinned], [row for row in rows if not row.pinned]
    shown = rest[:PER_PAGE]
    older = replace(asked, after=mark(shown[-1].thread)) if len(rest) > PER_PAGE else None
    newer = replace(asked, after=None, before=mark(shown[0].thread)) if asked.after and shown else None
    if asked.after and not shown:
        newer = replace(asked, after=None)
    return Listed([*top, *shown], newer, older)


def _pinned(where: Where, now: datetime) -> Ids:
    """Those that come before all others. Found once, for themselves, whatever they are compared with: SQLite would read
    a whole topic, or all threads in the order of the list, to find none. The limit inside and an order of what is no
    bare column make it begin with the few that are pinned."""
    pins = sa.select(Thread.id).where(Thread.pinned_until > now).limit(_PINS).subquery()
    order = (sa.func.coalesce(column, column, type_=column.type).desc() for column in (Thread.last_at, Thread.id))
    found = sa.select(Thread.id).join(pins, pins.c.id == Thread.id).where(*where).order_by(*order).limit(MOST_PINNED)
    return sa.select(found.cte("pinned").prefix_with("MATERIALIZED").c.id)


def _newer(session: Session, reader: Reader, where: Where, asked: Criteria) -> Listed | None:
    """The page before a place; None when it is the first one, which shows more."""
    if asked.before is None:
        return None
    where = [*where, _place() > _at(asked.before)]
    rows = _rows(session, reader, sa.select(Thread.id).where(*where).order_by(*_OLDEST).limit(PER_PAGE + 1))
    if len(rows) <= PER_PAGE:
        return None
    shown = rows[1:]  # the newest one is only there to say that there is more
    here = replace(asked, before=None)
    return Listed(shown, replace(here, before=mark(shown[0].thread)), replace(here, after=mark(shown[-1].thread)))


def _answer(session: Session, engine: Engine, reader: Reader, asked: Criteria, where: Where) -> Listed:
    """The threads that answer words, best first."""
    found = finding.found(session, engine, reader, asked.q, *where)
    total = len(found.ids)
    page = nearest(asked.page, total, PER_PAGE)
    start = offset(page, PER_PAGE)
    rows = by_ids(session, reader, found.ids[start : start + PER_PAGE])
    return Listed(
        rows, total=total, page=page, pages=pages_of(total, PER_PAGE), loosened=found.loosened,
        corrections=found.corrections,
    )  # fmt: skip


def _place() -> sa.Tuple:
    return sa.tuple_(Thread.last_at, Thread.id)


def _at(place: Mark) -> sa.Tuple:
    return sa.tuple_(sa.literal(place[0], UTCDateTime()), sa.literal(place[1], sa.Uuid()))


def _rows(session: Session, reader: Reader, wanted: Ids, pinned: Ids | None = None) -> list[Row]:
    """Threads with their lines, the last active first; one statement. :param pinned: ids of those that come before."""
    rest = wanted.subquery()
    chosen = sa.select(rest.c.id.label("id"), sa.literal(0).label("top")).subquery()
    if pinned is not None:
        above = pinned.subquery()
        both = (sa.select(above.c.id, sa.literal(1).label("top")), sa.select(rest.c.id, sa.literal(0).label("top")))
        chosen = sa.union_all(*both).subquery()
    unread = _unread(reader) if reader.person_id else sa.false()
    found = (
        sa.select(chosen.c.top, Thread, Person.name, Person.roles, Structure.nom, unread)
        .join(Thread, Thread.id == chosen.c.id)
        .outerjoin(Person, Person.id == Thread.author_id)
        .outerjoin(Structure, Structure.id == Thread.structure_id)
        .order_by(chosen.c.top.desc(), *_NEWEST)
    )
    return [
        Row(thread, author or "", place or "", bool(new), bool(top), tuple(roles or ()))
        for top, thread, author, roles, place, new in session.execute(found)
    ]


# --- conditions -----------------------------------------------------------------------------------------------


def _visible(topics: Sequence[UUID]) -> Where:
    shown = Thread.state.in_(LISTED)
    if len(topics) == 1:
        return [Thread.topic_id == topics[0], shown]
    # Of several topics, SQLite would read all their threads and sort them, for the first twenty-five. What is no bare
    # column it does not look up: it walks the index of the order instead, or that of the questions, or of the pins.
    topic = sa.func.coalesce(Thread.topic_id, Thread.topic_id, type_=sa.Uuid())
    return [topic.in_(list(topics)), shown]


def _asked(reader: Reader, asked: Criteria) -> Where:
    where: Where = [Thread.kind == asked.kind] if asked.kind else []
    solved = sa.or_(Thread.answer_id.is_not(None), Thread.answer_ref_id.is_not(None))
    states: dict[str, Where] = {
        "sans-reponse": [*unanswered()],
        "sans-solution": [Thread.kind.in_(ASKING), Thread.state == ThreadState.OPEN.value, ~solved],
        "resolu": [Thread.kind.in_(ASKING), solved],
        "ferme": [Thread.state == ThreadState.CLOSED.value],
    }
    where += states.get(asked.state, [])
    if asked.lang:
        where.append(sa.or_(Thread.lang == asked.lang, Thread.lang.startswith(f"{asked.lang}-")))
    return where + (_mine(reader, asked.mine) if reader.person_id and asked.mine else [])


def narrowed(asked: Criteria) -> Where:
    """What the filters of an address ask of threads, whoever asks: for feeds of a search."""
    return _asked(Reader(None, False, False, ()), asked)


def _mine(reader: Reader, mine: str) -> Where:
    """Threads that whoever asks has something to do with."""
    me = reader.person_id
    if mine == "favoris":
        return [Thread.id.in_(sa.select(Bookmark.thread_id).where(Bookmark.person_id == me))]
    if mine == "suivis":
        follows = sa.select(Subscription.object_id).where(
            Subscription.person_id == me, Subscription.object_kind == KIND,
            Subscription.level == Level.FOLLOW.value,
        )  # fmt: skip
        return [Thread.id.in_(follows)]
    if mine == "miens":
        wrote = sa.select(Post.thread_id).where(Post.author_id == me, Post.state != PostState.DELETED.value)
        return [sa.or_(Thread.author_id == me, Thread.id.in_(wrote))]
    return [_unread(reader)]


def _unread(reader: Reader) -> sa.ColumnElement[bool]:
    """Whether somebody else wrote in the thread since whoever asks read it, said that they had read all, or came."""
    me = reader.person_id
    read = sa.select(ThreadRead.read_to).where(ThreadRead.thread_id == Thread.id, ThreadRead.person_id == me)
    said = sa.select(ReadAll.before).where(ReadAll.person_id == me).scalar_subquery()
    came = sa.select(Person.created_at).where(Person.id == me).correlate(None).scalar_subquery()
    since = sa.func.coalesce(said, came, type_=UTCDateTime())
    new = (
        Post.thread_id == Thread.id, Post.state == PostState.SHOWN.value, Post.at > since,
        Post.at > sa.func.coalesce(read.correlate(Thread).scalar_subquery(), sa.literal(_NEVER, UTCDateTime())),
        sa.or_(Post.author_id.is_(None), Post.author_id != me),
    )  # fmt: skip
    return sa.and_(Thread.last_at > since, sa.exists().where(*new).correlate(Thread))
