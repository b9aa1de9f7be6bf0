"""What moderators change of a thread as it stands: closed, pinned, its topic, kind, title. Each takes a thread that the
caller has locked; whoever calls commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Op
from reseau.threads.base import services
from reseau.threads.base.models import Post, PostState, PostVersion, Thread, ThreadKind, ThreadState, Topic, TopicSeen

_READERS = {TopicSeen.PUBLIC.value: 2, TopicSeen.NETWORK.value: 1, TopicSeen.GROUP.value: 0}
CHANGEABLE = (ThreadKind.QUESTION.value, ThreadKind.DISCUSSION.value)


def readers_change(old: Topic, new: Topic) -> str:
    """Who reads a thread after it went from a topic to another: ``more``, ``fewer``, ``others`` (another group), or ""
    for the same."""
    if old.seen == new.seen:
        return "" if old.group_id == new.group_id else "others"
    return "more" if _READERS[new.seen] > _READERS[old.seen] else "fewer"


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
    thread.topic_id = topic.id
    services.tell(session, thread, Op.UPDATE)
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


def titled(session: Session, words: str, topic_ids: Sequence[UUID], but: UUID, limit: int = 10) -> list[Thread]:
    """Threads of some topics whose title holds all the words, the last written first; one statement."""
    wanted = sa.select(Thread).where(
        Thread.topic_id.in_(topic_ids), Thread.id != but,
        Thread.state.in_((ThreadState.OPEN.value, ThreadState.CLOSED.value)),
    )  # fmt: skip
    for word in words.split()[:8]:
        wanted = wanted.where(Thread.title.icontains(word, autoescape=True))
    return list(session.scalars(wanted.order_by(Thread.last_at.desc(), Thread.id).limit(limit)))
