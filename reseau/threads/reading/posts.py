"""The posts of one page of a thread, with all that the page says of them and of its reader: one statement.

Pages hold ``POSTS_PER_PAGE`` posts, counted from the first one that this reader may see. A cursor is the id of a post:
what comes after it or before it, or the page that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.ids import parse_id
from reseau.directory.models import Structure
from reseau.members.models import Person, PersonState
from reseau.notices.models import Level, Subscription
from reseau.threads.base.access import Reader
from reseau.threads.base.models import (
    KIND,
    Bookmark,
    Post,
    PostState,
    PostThank,
    PostTranslation,
    ReadAll,
    Thread,
    ThreadRead,
    TranslationWish,
)
from reseau.threads.base.shapes import POSTS_PER_PAGE

Row = Any
#: Made once: SQLAlchemy copies every column of a table for each alias of it, a third of the time of a page.
_PLACE, _MOVED = aliased(Structure), aliased(Structure)
_QUOTED, _QUOTER = aliased(Post), aliased(Person)
_SAID, _SAYER = aliased(PostTranslation), aliased(Person)
_THERE = aliased(Post)
_OTHER = aliased(PostTranslation)
_PLACE_COLUMNS = [
    sa.inspect(_MOVED).selectable.c[column.name].label(f"place_{name}")
    for name, column in (("id", Structure.id), ("slug", Structure.slug), ("nom", Structure.nom))
]
_SCALAR = sa.ScalarSelect[Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Which posts. At most one of the three; none: from the first one. ``size``: how many at most."""

    after: UUID | None = None
    before: UUID | None = None
    holding: UUID | None = None
    size: int = POSTS_PER_PAGE

    @classmethod
    def asked(cls, after: str, before: str, holding: str) -> Window:
        """From an address; what is no id is as if it were not there."""
        found = parse_id(holding), parse_id(after), parse_id(before)
        if found[0]:
            return cls(holding=found[0])
        return cls(after=found[1]) if found[1] else cls(before=found[2])


@dataclass(frozen=True, slots=True)
class State:
    """What the reader has to do with the thread. ``read_to``: how far they had read; None: never opened it.
    ``unread``: the first post that they have not read."""

    follows: bool = False
    bookmarked: bool = False
    read_to: datetime | None = None
    unread: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """``rows``: of the page, in order. ``answer``: the row of the post that helped, wherever it is. ``first``,
    ``last``: ids of the first and the last post of the thread."""

    rows: tuple[Row, ...]
    answer: Row | None
    first: UUID | None
    last: UUID | None
    state: State

    @property
    def begins(self) -> bool:
        """Whether nothing comes before this page."""
        return not self.rows or self.rows[0].Post.id == self.first

    @property
    def ends(self) -> bool:
        """Whether nothing comes after it."""
        return not self.rows or self.rows[-1].Post.id == self.last


def load(
    session: Session, thread: Thread, reader: Reader, window: Window, lang: str, waiting: datetime | None = None
) -> Found:
    """The posts of a page; one statement, or two when the cursor leads nowhere.

    :param lang: in which translations are wanted. :param waiting: a mark of the reader that is not written yet.
    """
    rows = session.execute(_wanted(thread, reader, window, lang, waiting)).all()
    on_page = [row for row in rows if row.on_page]
    if not on_page and (window.after or window.before or window.holding):
        return load(session, thread, reader, Window(size=window.size), lang, waiting)
    answer = next((row for row in rows if row.Post.id == thread.answer_id), None)
    if not on_page:
        return Found((), answer, None, None, State())
    one = on_page[0]
    state = _state_of(one, waiting) if reader.person_id else State()
    return Found(tuple(on_page), answer, one.first_id, one.last_id, state)


def _state_of(row: Row, waiting: datetime | None) -> State:
    marks = [mark for mark in (row.read_to, row.read_all, waiting) if mark is not None]
    return State(row.level == Level.FOLLOW.value, bool(row.bookmarked), max(marks, default=None), row.unread)


def visible(reader: Reader) -> sa.ColumnElement[bool]:
    """The posts that have a place on the reader's page: what waits for a look is there for its author and moderators,
    what was hidden or deleted keeps its place for all."""
    if reader.moderates:
        return sa.true()
    shown = Post.state != PostState.WAITING.value
    return sa.or_(shown, Post.author_id == reader.person_id) if reader.person_id else shown


def _wanted(thread: Thread, reader: Reader, window: Window, lang: str, waiting: datetime | None) -> sa.Select[Any]:
    mine = sa.select(Post.id).where(Post.thread_id == thread.id, visible(reader))
    page = [sa.select(one.subquery().c.id) for one in _parts(thread, mine, window)]
    page_ids = sa.union_all(*page).cte("page")
    answer = sa.select(Post.id).where(Post.id == thread.answer_id, Post.thread_id == thread.id)
    ids = sa.union(sa.select(page_ids.c.id), answer).subquery("wanted")
    place, moved, quoted, quoter, said, sayer = _PLACE, _MOVED, _QUOTED, _QUOTER, _SAID, _SAYER
    return (
        sa.select(
            Post, Person.name, Person.state.label("person_state"), Person.roles,
            *_PLACE_COLUMNS,
            quoted.id.label("quoted"), quoted.text.label("quoted_text"), quoted.state.label("quoted_state"),
            quoted.lang.label("quoted_lang"), quoter.name.label("quoted_name"),
            said.text.label("said"), said.digest.label("said_digest"), sayer.name.label("said_by"),
            Post.id.in_(sa.select(page_ids.c.id)).label("on_page"),
            _langs(), *_own(reader, lang), *_bounds(mine), *_state(thread, reader, mine, waiting),
        )
        .join(ids, ids.c.id == Post.id)
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(place, place.id == Post.structure_id)
        .outerjoin(moved, moved.id == sa.func.coalesce(place.merged_into, place.id))
        .outerjoin(quoted, sa.and_(quoted.id == Post.quoted_id, quoted.thread_id == Post.thread_id))
        .outerjoin(quoter, sa.and_(quoter.id == quoted.author_id, quoter.state != PersonState.GONE.value))
        .outerjoin(said, sa.and_(said.post_id == Post.id, said.lang == lang))
        .outerjoin(sayer, sa.and_(sayer.id == said.by, sayer.state != PersonState.GONE.value))
        .order_by(Post.at)
    )  # fmt: skip


def _parts(thread: Thread, mine: sa.Select[Any], window: Window) -> list[sa.Select[Any]]:
    """The ids of the page, in one piece or two."""

    def at(id_: UUID) -> _SCALAR:
        return sa.select(_THERE.at).where(_THERE.id == id_, _THERE.thread_id == thread.id).scalar_subquery()

    if window.after:
        return [mine.where(Post.at > at(window.after)).order_by(Post.at).limit(window.size)]
    if window.before:
        return [mine.where(Post.at < at(window.before)).order_by(Post.at.desc()).limit(window.size)]
    if window.holding:
        moment = at(window.holding)
        earlier = sa.select(sa.func.count()).select_from(mine.where(Post.at < moment).subquery())
        behind = earlier.scalar_subquery() % window.size
        return [
            mine.where(Post.at < moment).order_by(Post.at.desc()).limit(behind),
            mine.where(Post.at >= moment).order_by(Post.at).limit(window.size - behind),
        ]
    return [mine.order_by(Post.at).limit(window.size)]


def _langs() -> Any:
    """The languages into which somebody has translated the post, joined by commas."""
    listed = sa.select(sa.func.aggregate_strings(_OTHER.lang, ",")).where(_OTHER.post_id == Post.id)
    return listed.correlate(Post).scalar_subquery().label("langs")


def _own(reader: Reader, lang: str) -> list[Any]:
    if reader.person_id is None:
        return [sa.false().label("thanked"), sa.false().label("wished")]
    mine = PostThank.person_id == reader.person_id, PostThank.post_id == Post.id
    asked = (TranslationWish.person_id == reader.person_id, TranslationWish.post_id == Post.id,
             TranslationWish.lang == lang)  # fmt: skip
    return [sa.exists().where(*mine).label("thanked"), sa.exists().where(*asked).label("wished")]


def _bounds(mine: sa.Select[Any]) -> list[Any]:
    """Of the whole thread, not of the page: nothing of it is correlated."""
    first = mine.order_by(Post.at).limit(1).correlate(None).scalar_subquery()
    last = mine.order_by(Post.at.desc()).limit(1).correlate(None).scalar_subquery()
    return [first.label("first_id"), last.label("last_id")]


def _state(thread: Thread, reader: Reader, mine: sa.Select[Any], waiting: datetime | None) -> list[Any]:
    me = reader.person_id
    if me is None:
        return []
    read = sa.select(ThreadRead.read_to).where(ThreadRead.person_id == me, ThreadRead.thread_id == thread.id)
    before = sa.select(ReadAll.before).where(ReadAll.person_id == me)
    level = sa.select(Subscription.level).where(
        Subscription.person_id == me, Subscription.object_kind == KIND, Subscription.object_id == thread.id
    )
    kept = sa.exists().where(Bookmark.person_id == me, Bookmark.thread_id == thread.id)
    read_to, read_all = read.scalar_subquery(), before.scalar_subquery()
    others = sa.or_(Post.author_id.is_(None), Post.author_id != me)
    unread = mine.where(Post.state == PostState.SHOWN.value, others)
    unread = unread.where(sa.or_(read_to.is_(None), Post.at > read_to), sa.or_(read_all.is_(None), Post.at > read_all))
    if waiting:
        unread = unread.where(Post.at > waiting)
    found = unread.order_by(Post.at).limit(1).correlate(None).scalar_subquery()
    return [read_to.label("read_to"), read_all.label("read_all"), level.scalar_subquery().label("level"),
            kept.label("bookmarked"), found.label("unread")]  # fmt: skip
