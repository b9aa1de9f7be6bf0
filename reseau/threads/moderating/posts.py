"""One post before moderators: reported, hidden, shown again, kept, accepted, refused. Whoever calls commits.

Its thread is locked while anything is decided: two moderators at once, or one while the thread is merged, meet one
after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Op, digest
from reseau.core.db import affected, insert
from reseau.threads.base import services
from reseau.threads.base.models import POST_KIND, Post, PostReport, PostState, Thread, ThreadState
from resources.files import attached
from resources.files.attached import Attached

OPEN, HIDDEN, KEPT = "open", "hidden", "kept"
STATES = (OPEN, HIDDEN, KEPT)
MAX_REPORT, MAX_REASON = 1000, 500


class Late(Exception):
    """Somebody was faster: the post is not in the state that the page showed."""


class Changed(Exception):
    """Its author changed it since it was read: the new words are to be read first."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong. ``reason``: code of ``shapes.REASONS``."""

    reason: str
    text: str = ""


# --- reports --------------------------------------------------------------------------------------------------


def report(
    session: Session, post_id: UUID, said: Said, *, id_: UUID, author_id: UUID | None, now: datetime
) -> PostReport | None:
    """Store a report. :param id_: of its form: a second click stores nothing.

    :return: None when this person reported it already, and nobody has looked yet. :raises Late: it is not shown.
    """
    _thread, post = services.locked(session, post_id)
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
    _thread, post = services.locked(session, post_id)
    services.forget_words(session, post)
    return _decide(session, post_id, KEPT, by, now)


def _decide(session: Session, post_id: UUID, state: str, by: UUID | None, now: datetime) -> int:
    waiting = sa.update(PostReport).where(PostReport.post_id == post_id, PostReport.state == OPEN)
    return affected(session, waiting.values(state=state, decided_at=now, decided_by=by))


# --- hidden and shown -----------------------------------------------------------------------------------------


def hide(session: Session, post_id: UUID, reason: str, *, by: UUID | None, now: datetime) -> Post:
    """Nobody reads it any more but its author and moderators; a first post takes its thread along.

    :raises Late: it is not shown.
    """
    thread, post = services.locked(session, post_id)
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
    thread, post = services.locked(session, post_id)
    if post.state != PostState.HIDDEN.value:
        raise Late
    post.hidden_by, post.hidden_reason = None, ""
    if post.first and thread.state == ThreadState.HIDDEN.value:
        thread.state = (ThreadState.CLOSED if thread.closed_at else ThreadState.OPEN).value
    services.appear(session, thread, post)
    session.flush()
    return post


# --- first posts that wait for a look ---------------------------------------------------------------------------


def mark(post: Post, thread: Thread, files: Sequence[Attached]) -> str:
    """What stands for all that a moderator reads of a post: its words, its title, its files. A revision would not do:
    what is not shown has none, and files have none at all."""
    title, shas = thread.title if post.first else "", sorted(one.ref.sha for one in files)
    return digest({"text": post.text, "lang": post.lang, "title": title, "files": shas})[:32]


def accept(session: Session, post_id: UUID, seen: str | None = None, *, now: datetime) -> Post:
    """A post that waited appears now: after all that was read meanwhile, so that nobody's marks pass over it.

    :param seen: its :func:`mark` as it was read; None: whoever accepts reads it now.
    :raises Late: it does not wait. :raises Changed: it says something else by now.
    """
    thread, post = services.locked(session, post_id)
    if post.state != PostState.WAITING.value:
        raise Late
    if seen is not None:
        files = attached.of(session, POST_KIND, [post_id]).get(post_id, [])
        if mark(post, thread, files) != seen:
            raise Changed
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
    thread, post = services.locked(session, post_id)
    if post.state != PostState.WAITING.value:
        raise Late
    post.state, post.hidden_by, post.hidden_reason = PostState.HIDDEN.value, by, reason
    if post.first:
        thread.state = ThreadState.HIDDEN.value
    session.flush()  # nothing for the log: nobody was ever told
    return post
