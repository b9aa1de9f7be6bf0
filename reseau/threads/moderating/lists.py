"""What moderators read: reports, posts that wait, questions that waited too long, the past of one post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.paging import Page, nearest, offset
from reseau.members.places import names
from reseau.notices.models import Notice
from reseau.threads.base.models import (
    HELP_KIND,
    Post,
    PostReport,
    PostState,
    PostTranslation,
    PostVersion,
    Thread,
    ThreadState,
    Topic,
)
from reseau.threads.base.questions import unanswered
from reseau.threads.moderating.posts import OPEN
from resources.base.diff import Piece, difference

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Reported:
    """A post, its thread, and what was said of it, oldest first."""

    post: Post
    thread: Thread
    reports: list[PostReport]


def reported() -> Any:
    """(post, since when) of posts with open reports, the oldest first."""
    since = sa.func.min(PostReport.at)
    return (
        sa.select(Post.id, since.label("since"))
        .join(PostReport, PostReport.post_id == Post.id)
        .where(PostReport.state == OPEN)
        .group_by(Post.id)
        .order_by(since, Post.id)
    )


def reports(session: Session, number: int) -> Page[Reported]:
    """Posts with open reports, the first reported first; three statements."""
    total = _count(session, reported())
    here = nearest(number, total, PAGE_SIZE)
    ids = [row[0] for row in session.execute(reported().limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE)))]
    rows: dict[UUID, Reported] = {}
    wanted = (
        sa.select(PostReport, Post, Thread)
        .join(Post, Post.id == PostReport.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(PostReport.state == OPEN, Post.id.in_(ids))
        .order_by(PostReport.at, PostReport.id)
    )
    for said, post, thread in session.execute(wanted):
        rows.setdefault(post.id, Reported(post, thread, [])).reports.append(said)
    return Page([rows[id_] for id_ in ids if id_ in rows], total, here, PAGE_SIZE)


def waiting(session: Session, number: int) -> Page[tuple[Post, Thread]]:
    """First posts that wait for a look, the oldest first; two statements."""
    return _posts(session, sa.select(Post, Thread).join(Thread, Thread.id == Post.thread_id)
                  .where(*awaited()).order_by(Post.at, Post.id), number)  # fmt: skip


def awaited() -> tuple[sa.ColumnElement[bool], ...]:
    """Of posts that wait for a look."""
    return Post.state == PostState.WAITING.value, Thread.state != ThreadState.DELETED.value


@dataclass(frozen=True, slots=True)
class Asking:
    """A question without an answer. ``told``: how many people were asked whether they know."""

    thread: Thread
    topic: Topic
    told: int


def questions(session: Session, number: int) -> Page[Asking]:
    """Questions that nobody answered, the oldest first; two statements."""
    total = _count(session, sa.select(Thread.id).where(*unanswered()))
    here = nearest(number, total, PAGE_SIZE)
    told = sa.select(sa.func.count()).where(Notice.object_kind == HELP_KIND, Notice.object_id == Thread.id)
    wanted = sa.select(Thread, Topic, told.scalar_subquery()).join(Topic, Topic.id == Thread.topic_id)
    wanted = wanted.where(*unanswered()).order_by(Thread.created_at, Thread.id)
    rows = session.execute(wanted.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE)))
    return Page([Asking(*row) for row in rows], total, here, PAGE_SIZE)


def forgotten(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Of those of them that were asked before a moment: too long ago."""
    return *unanswered(), Thread.created_at <= before


def _posts(session: Session, wanted: Any, number: int) -> Page[Any]:
    total = _count(session, wanted)
    here = nearest(number, total, PAGE_SIZE)
    rows = session.execute(wanted.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE)))
    return Page([(row[0], row[1]) for row in rows], total, here, PAGE_SIZE)


def _count(session: Session, wanted: Any) -> int:
    inner = wanted.order_by(None).with_only_columns(sa.literal(1), maintain_column_froms=True).subquery()
    return int(session.execute(sa.select(sa.func.count()).select_from(inner)).scalar_one())


# --- one post -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a post. ``title``: its thread's before, "" when that stayed. ``by``: who changed it."""

    version: PostVersion
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Past:
    """All that is known of one post. ``former``: translations that were written over or taken away. ``names``: of the
    people in it who are still there."""

    steps: list[Step]
    translations: list[PostTranslation]
    former: list[PostVersion]
    reports: list[PostReport]
    names: dict[UUID, str]


def _of(post: Post, model: Any) -> Any:
    return sa.select(model).where(model.post_id == post.id)


def past(session: Session, post: Post) -> Past:
    """The versions of a post with what each change changed, the last first; four statements."""
    kept = list(session.scalars(_of(post, PostVersion).order_by(PostVersion.until, PostVersion.id)))
    versions, former = [one for one in kept if not one.translation], [one for one in kept if one.translation]
    after = [*(one.text for one in versions), post.text][1:]
    steps = [Step(one, difference(one.text, then)) for one, then in zip(versions, after, strict=True)]
    translations = list(session.scalars(_of(post, PostTranslation).order_by(PostTranslation.lang)))
    said = list(session.scalars(_of(post, PostReport).order_by(PostReport.at.desc(), PostReport.id)))
    people = {post.author_id, post.hidden_by, *(one.by for one in kept), *(one.by for one in translations)}
    people |= {one.author_id for one in said} | {one.decided_by for one in said}
    return Past(steps[::-1], translations, former[::-1], said, names(session, people))


def words_of(session: Session, posts: list[Post], others: Iterable[UUID | None] = ()) -> dict[UUID, str]:
    """Names of those who wrote some posts, and of others; one statement."""
    return names(session, {*(post.author_id for post in posts), *others})


def kept_words(session: Session, posts: list[Post]) -> dict[UUID, str]:
    """The last words of those of some posts that their authors took away before anybody decided on their reports; one
    statement, none when there are none."""
    gone = [post.id for post in posts if post.state == PostState.DELETED.value]
    wanted = sa.select(PostVersion.post_id, PostVersion.text).where(
        PostVersion.post_id.in_(gone), ~PostVersion.translation
    )
    rows = session.execute(wanted.order_by(PostVersion.until, PostVersion.id)) if gone else ()
    return {row[0]: row[1] for row in rows}  # the last one stays
