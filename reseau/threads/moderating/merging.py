"""Two threads become one, one becomes two. Posts keep their addresses, their authors, their order. Whoever calls
commits.

Both threads are locked, the smaller id first: of two people who join the same two threads, in one order or the other,
the second finds that it is done. Who posts meanwhile waits for the lock: their post is there and moves, or they are
told that the thread is closed, and led to the other (``services.led_to``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Op
from reseau.core.db import insert
from reseau.core.slugs import readable
from reseau.notices import following
from reseau.notices.models import Notice, Subscription
from reseau.threads.base import services
from reseau.threads.base.access import LISTED
from reseau.threads.base.models import (
    KIND,
    POST_KIND,
    Bookmark,
    Post,
    PostState,
    ReadAll,
    Thread,
    ThreadKind,
    ThreadRead,
    ThreadState,
)

_TICK = timedelta(microseconds=1)


class Impossible(Exception):
    """``args[0]``: a code, why."""


def lock_both(session: Session, one: UUID, other: UUID) -> tuple[Thread, Thread]:
    """Two threads, locked in one order for everybody. :raises NoResultFound: one is not there."""
    rows = {id_: services.lock(session, id_) for id_ in sorted((one, other), key=lambda id_: id_.int)}
    return rows[one], rows[other]


# --- one of two -----------------------------------------------------------------------------------------------


def ordered(one: Thread, other: Thread) -> tuple[Thread, Thread]:
    """(the one that goes, the one that stays): of two threads the older one stays, from whichever side they are
    joined, so that its first post is the first of all."""
    older = min(one, other, key=lambda thread: (thread.created_at, thread.id.int))
    return (other, one) if older is one else (one, other)


def check(thread: Thread, into: Thread) -> None:
    """Whether one can go into the other. :raises Impossible: see :func:`merge`."""
    if thread.id == into.id:
        raise Impossible("same")
    if thread.state not in LISTED or into.state not in LISTED:
        raise Impossible("gone")
    if thread.kind == ThreadKind.SONDAGE.value:
        raise Impossible("poll")


def merge(session: Session, thread_id: UUID, into_id: UUID) -> Thread:
    """All posts of a thread go into another, ordered by their moments. The answer, the title, the topic are those of
    the other. :return: the other.
    :raises Impossible: ``same``, ``gone`` (not read any more, merged meanwhile), ``poll``.
    """
    if thread_id == into_id:
        raise Impossible("same")
    thread, into = lock_both(session, thread_id, into_id)
    check(thread, into)
    moved = list(session.scalars(sa.select(Post.id).where(Post.thread_id == thread.id)))
    _reads_follow(session, thread, into)
    _posts_follow(session, thread, into)
    _people_follow(session, thread.id, into.id)
    session.execute(sa.update(Thread).where(Thread.merged_into == thread.id).values(merged_into=into.id))
    thread.state, thread.merged_into = ThreadState.MERGED.value, into.id
    thread.answer_id = thread.answered_at = thread.answer_ref_kind = thread.answer_ref_id = None
    thread.pinned_until = None
    _told(session, (thread, Op.WITHDRAW), (into, Op.UPDATE), moved)
    return into


def _posts_follow(session: Session, thread: Thread, into: Thread) -> None:
    """Posts change threads. A moment that is taken there becomes the next free one."""
    session.flush()
    taken = set(session.scalars(sa.select(Post.at).where(Post.thread_id == into.id)))
    move = sa.update(Post).execution_options(synchronize_session=False)
    mine = session.execute(sa.select(Post.id, Post.at).where(Post.thread_id == thread.id).order_by(Post.at))
    for id_, at in mine.all():
        free = at
        while free in taken:
            free += _TICK
        taken.add(free)
        if free != at:
            session.execute(move.where(Post.id == id_).values(thread_id=into.id, at=free, first=False))
    session.execute(move.where(Post.thread_id == thread.id).values(thread_id=into.id, first=False))
    session.expire_all()


def _people_follow(session: Session, old: UUID, new: UUID) -> None:
    """Subscriptions, bookmarks and notices go along; what somebody said of the other thread stays."""
    _copy_subscriptions(session, old, new)
    kept = sa.select(Bookmark.person_id, sa.literal(new, sa.Uuid()), Bookmark.at).where(Bookmark.thread_id == old)
    _copy(session, Bookmark, ["person_id", "thread_id", "at"], kept, ["person_id", "thread_id"])
    session.execute(sa.delete(Subscription).where(Subscription.object_kind == KIND, Subscription.object_id == old))
    session.execute(sa.delete(Bookmark).where(Bookmark.thread_id == old))
    about = sa.update(Notice).where(Notice.about_kind == KIND, Notice.about_id == old)
    session.execute(about.values(about_id=new).execution_options(synchronize_session=False))


def _reads_follow(session: Session, thread: Thread, into: Thread) -> None:
    """Who had read both to the end has read all; who had read both, as far as the shorter; nothing that somebody did
    not see is marked as read by that. Who read only the one that goes has the other still to read; who read only the
    other has read it as far as the first post of somebody else that comes in."""
    there = {
        row.person_id: row for row in session.scalars(sa.select(ThreadRead).where(ThreadRead.thread_id == into.id))
    }
    here = session.scalars(sa.select(ThreadRead).where(ThreadRead.thread_id == thread.id)).all()
    for row in here:
        other = there.pop(row.person_id, None)
        if other is not None:
            all_read = row.read_to >= thread.last_at and other.read_to >= into.last_at
            other.read_to = (max if all_read else min)(row.read_to, other.read_to)
        session.delete(row)
    _unseen(session, thread, there.values())
    session.flush()


def _unseen(session: Session, thread: Thread, rows: Collection[ThreadRead]) -> None:
    """Posts of a thread come in that these readers did not see, unless they said that all was read."""
    shown = (Post.thread_id == thread.id, Post.state == PostState.SHOWN.value)
    coming = session.execute(sa.select(Post.at, Post.author_id).where(*shown).order_by(Post.at)).all()
    said = sa.select(ReadAll).where(ReadAll.person_id.in_([row.person_id for row in rows]))
    before = {row.person_id: row.before for row in session.scalars(said)} if rows else {}
    for row in rows:
        done = before.get(row.person_id)
        new = (at for at, author_id in coming if author_id != row.person_id and (done is None or at > done))
        if (first := next(new, None)) is not None and first <= row.read_to:
            row.read_to = first - _TICK


def _copy_subscriptions(session: Session, old: UUID, new: UUID) -> None:
    row, key = Subscription, ["person_id", "object_kind", "object_id"]
    said = sa.select(row.person_id, row.object_kind, sa.literal(new, sa.Uuid()), row.level, row.chosen, row.at)
    said = said.where(row.object_kind == KIND, row.object_id == old)
    _copy(session, row, [*key, "level", "chosen", "at"], said, key)


def _copy(session: Session, model: Any, columns: list[str], rows: Any, key: list[str]) -> None:
    made = insert(session, model).from_select(columns, rows)
    session.execute(made.on_conflict_do_nothing(index_elements=key))


# --- two of one -------------------------------------------------------------------------------------------------


def split(
    session: Session, thread_id: UUID, post_ids: Collection[UUID], title: str, *, rest: bool = False,
    kind: ThreadKind | None = None,
) -> Thread:  # fmt: skip
    """Some posts go into a new thread of the same topic; the first of them opens it. Followers and reading marks go
    along, and the first post names the old thread among its links: that is how readers find back.

    :param rest: and all posts after the last of them. :param kind: of the new thread; None: a question if the old one
        is. :return: the new thread.
    :raises Impossible: ``none`` (not of this thread, or its first), ``first`` (the first is not shown), ``gone``.
    """
    thread = services.lock(session, thread_id)
    if thread.state not in LISTED:
        raise Impossible("gone")
    chosen = _chosen(session, thread, post_ids, rest)
    first, made = chosen[0], _new(thread, chosen[0], title, kind)
    session.add(made)
    session.flush()
    ids = [post.id for post in chosen]
    move = sa.update(Post).execution_options(synchronize_session=False)
    session.execute(move.where(Post.id.in_(ids)).values(thread_id=made.id))
    session.expire_all()
    first.first, first.links = True, [*first.links, [KIND, str(thread.id)]]
    if thread.answer_id in ids:
        thread.answer_id = thread.answered_at = None
    _copy_people(session, thread.id, made, chosen)
    _told(session, (thread, Op.UPDATE), (made, Op.PUBLISH), ids)
    return made


def _chosen(session: Session, thread: Thread, post_ids: Collection[UUID], rest: bool) -> Sequence[Post]:
    mine = sa.select(Post).where(Post.thread_id == thread.id, ~Post.first).order_by(Post.at)
    chosen = list(session.scalars(mine.where(Post.id.in_(list(post_ids)))))
    if chosen and rest:
        chosen += session.scalars(mine.where(Post.at > chosen[-1].at))
    if not chosen:
        raise Impossible("none")
    if chosen[0].state != PostState.SHOWN.value:
        raise Impossible("first")
    return chosen


def _new(thread: Thread, first: Post, title: str, kind: ThreadKind | None) -> Thread:
    asks = thread.kind == ThreadKind.QUESTION.value
    kind = kind or (ThreadKind.QUESTION if asks else ThreadKind.DISCUSSION)
    return Thread(
        topic_id=thread.topic_id, kind=kind.value, title=title,
        slug=readable(title, services.UNREADABLE), lang=first.lang, author_id=first.author_id,
        structure_id=first.structure_id, created_at=first.at, last_at=first.at, object_kind=thread.object_kind,
        object_id=thread.object_id, options=[], brought_at=thread.brought_at,
    )  # fmt: skip


def _copy_people(session: Session, old: UUID, made: Thread, chosen: Sequence[Post]) -> None:
    new = sa.literal(made.id, sa.Uuid())
    _copy_subscriptions(session, old, made.id)
    read = sa.select(ThreadRead.person_id, new, ThreadRead.read_to).where(ThreadRead.thread_id == old)
    _copy(session, ThreadRead, ["person_id", "thread_id", "read_to"], read, ["person_id", "thread_id"])
    for person_id in {post.author_id for post in chosen if post.author_id}:
        following.join(session, person_id, (KIND, made.id), made.created_at)
    ids = [post.id for post in chosen]
    about = sa.update(Notice).where(Notice.object_kind == POST_KIND, Notice.object_id.in_(ids), Notice.about_id == old)
    session.execute(about.values(about_id=made.id).execution_options(synchronize_session=False))


def _told(session: Session, one: tuple[Thread, Op], other: tuple[Thread, Op], moved: Collection[UUID]) -> None:
    """Counts of both threads, and the log: readers of posts find them in their new thread."""
    for thread, op in (one, other):
        services.recount(session, thread)
        services.tell(session, thread, op)
    shown = sa.select(Post).where(Post.id.in_(list(moved)), Post.state == PostState.SHOWN.value)
    for post in session.scalars(shown.order_by(Post.at)):
        services.tell_post(session, post, Op.UPDATE)
    session.flush()
