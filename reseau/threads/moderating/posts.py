"""One post before moderators: reported, hidden, shown again, kept, accepted, refused. Whoever calls commits.

Its thread is locked while anything is decided: two moderators at once, or one while the thread is merged, meet one
after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Op
from reseau.core.db import affected, insert
from reseau.threads.base import services
from reseau.threads.base.models import Post, PostReport, PostState, Thread, ThreadState

OPEN, HIDDEN, KEPT = "open", "hidden", "kept"
STATES = (OPEN, HIDDEN, KEPT)
MAX_REPORT, MAX_REASON = 1000, 500


class Late(Exception):
    """Somebody was faster: the post is not in the state that the page showed."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong. ``reason``: code of ``shapes.REASONS``."""

    reason: str
    text: str = ""


def locked(session: Session, post_id: UUID) -> tuple[Thread, Post]:
    """A post and its thread, which nobody else changes until the commit. :raises NoResultFound: there is none."""
    while True:
        thread_id = session.execute(sa.select(Post.thread_id).where(Post.id == post_id)).scalar_one()
        thread = services.lock(session, thread_id)
        post = session.get_one(Post, post_id, populate_existing=True)
        if post.thread_id == thread.id:  # else it was moved while we waited
            return thread, post


# --- reports --------------------------------------------------------------------------------------------------


def report(
    session: Session, post_id: UUID, said: Said, *, id_: UUID, author_id: UUID | None, now: datetime
) -> PostReport | None:
    """Store a report. :param id_: of its form: a second click stores nothing.

    :return: None when this person reported it already, and nobody has looked yet. :raises Late: it is not shown.
    """
    _thread, post = locked(session, post_id)
    if post.state != PostState.SHOWN.value:
        raise Late
    mine = (PostReport.post_id == post_id, PostReport.author_id == author_id, PostReport.state == OPEN)
    if author_id and session.scalar(sa.select(sa.exists().where(*mine))):
        return None
    values = {"id": id_, "post_id": post_id, "author_id": author_id, "at": now, "reason": said.reason,
              "text": said.text, "state": OPEN}  # fmt: skip
    made = insert(session, PostReport).values(values).on_conflict_do_nothing(index_elements=["id"])
    stored = session.scalar(made.returning(PostReport.id))
    return session.get_one(PostReport, id_) if stored else None


def keep(session: Session, post_id: UUID, *, by: UUID | None, now: datetime) -> int:
    """The post may stay: its open reports are answered. :return: how many there were."""
    locked(session, post_id)
    return _decide(session, post_id, KEPT, by, now)


def _decide(session: Session, post_id: UUID, state: str, by: UUID | None, now: datetime) -> int:
    waiting = sa.update(PostReport).where(PostReport.post_id == post_id, PostReport.state == OPEN)
    return affected(session, waiting.values(state=state, decided_at=now, decided_by=by))


# --- hidden and shown -----------------------------------------------------------------------------------------


def hide(session: Session, post_id: UUID, reason: str, *, by: UUID | None, now: datetime) -> Post:
    """Nobody reads it any more but its author and moderators; a first post takes its thread along.

    :raises Late: it is not shown.
    """
    thread, post = locked(session, post_id)
    if post.state != PostState.SHOWN.value:
        raise Late
    post.hidden_by, post.hidden_reason = by, reason
    if post.first:
        thread.state = ThreadState.HIDDEN.value
    services.withdraw(session, thread, post, PostState.HIDDEN)
    if post.first:
        services.tell(session, thread, Op.WITHDRAW)
    _decide(session, post_id, HIDDEN, by, now)
    session.flush()
    return post


def show(session: Session, post_id: UUID) -> Post:
    """Read by all again; its thread is as it was. :raises Late: it is not hidden."""
    thread, post = locked(session, post_id)
    if post.state != PostState.HIDDEN.value:
        raise Late
    post.hidden_by, post.hidden_reason = None, ""
    if post.first and thread.state == ThreadState.HIDDEN.value:
        thread.state = (ThreadState.CLOSED if thread.closed_at else ThreadState.OPEN).value
    services.appear(session, thread, post)
    session.flush()
    return post


# --- first posts that wait for a look ---------------------------------------------------------------------------


def accept(session: Session, post_id: UUID, *, now: datetime) -> Post:
    """A post that waited appears now: after all that was read meanwhile, so that nobody's marks pass over it.

    :raises Late: it does not wait.
    """
    thread, post = locked(session, post_id)
    if post.state != PostState.WAITING.value:
        raise Late
    last = session.scalars(
        sa.select(Post.at).where(Post.thread_id == thread.id, Post.id != post.id).order_by(Post.at.desc()).limit(1)
    ).first()
    post.at = max(now, last + timedelta(microseconds=1)) if last else now
    if post.first:
        thread.created_at = post.at
    services.appear(session, thread, post)
    session.flush()
    return post


def refuse(session: Session, post_id: UUID, reason: str, *, by: UUID | None) -> Post:
    """A post that waited stays unread: its author and moderators know why. :raises Late: it does not wait."""
    thread, post = locked(session, post_id)
    if post.state != PostState.WAITING.value:
        raise Late
    post.state, post.hidden_by, post.hidden_reason = PostState.HIDDEN.value, by, reason
    if post.first:
        thread.state = ThreadState.HIDDEN.value
    session.flush()  # nothing for the log: nobody was ever told
    return post
