"""What moderators change of a thread as it stands: closed, pinned, its topic, kind, title. Each takes a thread that the
caller has locked; whoever calls commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Op
from reseau.search.protocol import Engine
from reseau.threads.base import finding, services
from reseau.threads.base.access import Reader
from reseau.threads.base.models import Post, PostState, PostVersion, Thread, ThreadKind, ThreadState, Topic

CHANGEABLE = (ThreadKind.QUESTION.value, ThreadKind.DISCUSSION.value)


def close(session: Session, thread: Thread, reason: str, *, now: datetime) -> bool:
    """No more answers. :return: False when it is not open."""
    if not thread.open:
        return False
    services.close(session, thread, now=now, reason=reason)
    return True


def may_reopen(thread: Thread, moderates: bool) -> bool:
    """Its author opens again what they closed, which says no reason; what moderators closed, moderators open."""
    return thread.state == ThreadState.CLOSED.value and (moderates or not thread.closed_reason)


def reopen(session: Session, thread: Thread) -> bool:
    """Answers again. :return: False when it is not closed."""
    if thread.state != ThreadState.CLOSED.value:
        return False
    services.reopen(session, thread)
    return True


def pin(session: Session, thread: Thread, until: datetime | None) -> bool:
    """First in the lists until a moment; None: as any other. :return: whether this changes anything."""
    if thread.pinned_until == until:
        return False
    thread.pinned_until = until
    services.tell(session, thread, Op.UPDATE)
    return True


def move(session: Session, thread: Thread, topic: Topic) -> bool:
    """Into another topic, with its readers. Nobody is told again; who may not read it any more does not see it: lists,
    pages and notices look at its topic when they are made. :return: False when it is there already."""
    if thread.topic_id == topic.id:
        return False
    former = session.get_one(Topic, thread.topic_id)
    thread.topic_id = topic.id
    services.tell(session, thread, Op.UPDATE)
    services.tell_narrowed(session, thread, former, topic)
    return True


def change_kind(session: Session, thread: Thread, kind: ThreadKind) -> bool:
    """A question becomes a discussion, or the other way; what asks nothing has no answer.

    :return: False for other kinds, and when it is so already.
    """
    if thread.kind == kind.value or {thread.kind, kind.value} != set(CHANGEABLE):
        return False
    thread.kind = kind.value
    if kind is ThreadKind.DISCUSSION:
        thread.answer_id = thread.answered_at = thread.answer_ref_kind = thread.answer_ref_id = None
    services.tell(session, thread, Op.UPDATE)
    return True


def retitle(session: Session, thread: Thread, title: str, *, by: UUID | None, now: datetime) -> bool:
    """Another title; the former one is kept with the first post. Its address stays. :return: False for the same."""
    if not title or title == thread.title:
        return False
    first = services.first_post(session, thread.id)
    kept = PostVersion(post_id=first.id, until=now, title=thread.title, text=first.text, lang=first.lang, by=by)
    session.add(kept)
    thread.title = title
    services.tell(session, thread, Op.UPDATE)
    return True


# --- what its page shows ----------------------------------------------------------------------------------------

POSTS_SHOWN = 50


def movable(session: Session, thread: Thread, since: UUID | None = None) -> tuple[list[Post], UUID | None]:
    """Posts that may go into a thread of their own, in order, from a post on; one statement, two with ``since``.

    :return: the posts, and the one with which the next page begins.
    """
    wanted = sa.select(Post).where(Post.thread_id == thread.id, ~Post.first, Post.state != PostState.DELETED.value)
    if since:
        start = sa.select(Post.at).where(Post.id == since, Post.thread_id == thread.id).scalar_subquery()
        wanted = wanted.where(Post.at >= start)
    found = list(session.scalars(wanted.order_by(Post.at).limit(POSTS_SHOWN + 1)))
    return found[:POSTS_SHOWN], found[POSTS_SHOWN].id if len(found) > POSTS_SHOWN else None


def matching(session: Session, engine: Engine, reader: Reader, words: str, but: UUID, most: int = 10) -> list[Thread]:
    """Threads but one that the reader may read and that hold all the words, as the search of the site understands them,
    best first; two statements."""
    ids = finding.matching(session, engine, reader, words, "all", Thread.id != but, most=most).ids
    rows = {row.id: row for row in session.scalars(sa.select(Thread).where(Thread.id.in_(ids)))} if ids else {}
    return [rows[id_] for id_ in ids if id_ in rows]
