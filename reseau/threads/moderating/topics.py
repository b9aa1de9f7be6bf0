"""The topics as the coordination keeps them, and what its page says in numbers. Whoever calls commits."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import slugs
from reseau.core.changes import Entry, Op, digest, record, record_narrowed
from reseau.core.text import fold
from reseau.groups.models import WorkingGroup
from reseau.notices.models import Subscription
from reseau.threads.base import services
from reseau.threads.base.access import LISTED
from reseau.threads.base.models import (
    ASKING,
    KIND,
    TOPIC_KIND,
    Post,
    PostReport,
    PostState,
    Thread,
    ThreadState,
    Topic,
    TopicSeen,
)
from reseau.threads.base.questions import unanswered
from reseau.threads.moderating.lists import awaited, forgotten
from reseau.threads.moderating.posts import OPEN

LOOK_BACK = timedelta(days=90)
MOST = 5_000
"""Questions of which the time to an answer is looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a topic is to be. ``seen``: None for a group's, which stays its own."""

    titles: Mapping[str, str]
    description: str = ""
    seen: str | None = TopicSeen.PUBLIC.value
    procedures: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A topic of the desk. ``threads``: how many may be read. ``group``: whose it is, or None. ``empty``: it never held
    anything."""

    topic: Topic
    threads: int
    group: WorkingGroup | None
    empty: bool


def listed(session: Session) -> list[Listed]:
    """All topics in their order, those of groups last; one statement."""
    number = sa.select(sa.func.count()).where(Thread.topic_id == Topic.id, Thread.state.in_(LISTED)).scalar_subquery()
    held = sa.exists().where(Thread.topic_id == Topic.id)
    wanted = sa.select(Topic, number, WorkingGroup, ~held).outerjoin(WorkingGroup, WorkingGroup.id == Topic.group_id)
    rows = session.execute(wanted.order_by(Topic.group_id.is_not(None), Topic.position, Topic.slug))
    return [Listed(*row) for row in rows]


def create(session: Session, wanted: Wanted, *, now: datetime) -> Topic:
    """A new topic, after the others."""
    last = session.scalar(sa.select(sa.func.max(Topic.position)))
    slug = slugs.free(session, Topic.slug, slugs.readable(wanted.titles["fr"], "sujet"))
    made = Topic(slug=slug, titles=dict(wanted.titles), position=(last or 0) + 1,
                 description=wanted.description, seen=wanted.seen or TopicSeen.PUBLIC.value,
                 procedures=list(wanted.procedures), created_at=now)  # fmt: skip
    session.add(made)
    session.flush()
    _tell(session, made, Op.PUBLISH)
    return made


def opening(session: Session, topic: Topic, seen: str | None) -> int:
    """How many threads everybody could read from then on, if a topic of the network were for everybody; all states:
    what is hidden today may be shown tomorrow."""
    if seen != TopicSeen.PUBLIC.value or topic.seen == TopicSeen.PUBLIC.value:
        return 0
    held = (Thread.topic_id == topic.id, Thread.state.not_in((ThreadState.DELETED.value, ThreadState.MERGED.value)))
    return session.execute(sa.select(sa.func.count()).select_from(Thread).where(*held)).scalar_one()


def edit(session: Session, topic: Topic, wanted: Wanted) -> bool:
    """Change a topic; its address stays. :return: whether anything changed."""
    values = {"titles": dict(wanted.titles), "description": wanted.description, "procedures": list(wanted.procedures)}
    if topic.group_id is None and wanted.seen in (TopicSeen.PUBLIC.value, TopicSeen.NETWORK.value):
        values["seen"] = wanted.seen
    changed = {name for name, value in values.items() if getattr(topic, name) != value}
    former = topic.seen
    for name in changed:
        setattr(topic, name, values[name])
    if changed:
        _tell(session, topic, Op.UPDATE)
    if "seen" in changed:
        _tell_threads(session, topic, former)
    return bool(changed)


def _tell_threads(session: Session, topic: Topic, former: str) -> None:
    """Feeds gave the threads of a topic away, or never did: they are told of each that lists show; and of each that
    everybody could read, whatever became of it since."""
    narrowed = former == TopicSeen.PUBLIC.value
    for thread in session.scalars(sa.select(Thread).where(Thread.topic_id == topic.id).order_by(Thread.id)):
        if thread.state in LISTED:
            services.tell(session, thread, Op.UPDATE)
        if narrowed and thread.state != ThreadState.WAITING.value:
            record_narrowed(session, KIND, thread.id, thread.rev)


def shift(session: Session, topic_id: UUID, up: bool) -> bool:
    """One place up or down among the topics that are no group's. :return: False at the end."""
    rows = session.scalars(sa.select(Topic).where(Topic.group_id.is_(None)).order_by(Topic.id).with_for_update())
    ordered = sorted(rows, key=lambda topic: (topic.position, topic.slug))
    here = next((n for n, topic in enumerate(ordered) if topic.id == topic_id), None)
    there = None if here is None else here + (-1 if up else 1)
    if here is None or there is None or not 0 <= there < len(ordered):
        return False
    ordered[here], ordered[there] = ordered[there], ordered[here]
    for position, topic in enumerate(ordered, 1):
        topic.position = position
    session.flush()
    return True


def place_of(session: Session, topic: Topic) -> int:
    """The place of a topic among those that are no group's, from 1."""
    rows = session.execute(sa.select(Topic.id).where(Topic.group_id.is_(None)).order_by(Topic.position, Topic.slug))
    return next((n for n, row in enumerate(rows, 1) if row[0] == topic.id), 1)


def place(session: Session, topic_id: UUID, wanted: int) -> bool:
    """To a place, from 1; past the end is the end. :return: False when it is there already."""
    rows = session.scalars(sa.select(Topic).where(Topic.group_id.is_(None)).order_by(Topic.id).with_for_update())
    ordered = sorted(rows, key=lambda topic: (topic.position, topic.slug))
    topic = next((one for one in ordered if one.id == topic_id), None)
    if topic is None or ordered.index(topic) == min(wanted, len(ordered)) - 1:
        return False
    ordered.remove(topic)
    ordered.insert(wanted - 1, topic)
    for position, one in enumerate(ordered, 1):
        one.position = position
    session.flush()
    return True


def taken(session: Session, name: str, but: UUID | None = None) -> bool:
    """Whether another topic that is no group's has a name, small or capital letters, accents or not."""
    wanted = sa.select(Topic).where(Topic.group_id.is_(None))
    return any(fold(topic.titles.get("fr", "")) == fold(name) for topic in session.scalars(wanted) if topic.id != but)


def delete(session: Session, topic: Topic) -> bool:
    """Take away a topic in which nothing was ever written. :return: False: there is something, or it is a group's."""
    held = sa.exists().where(Thread.topic_id == topic.id)
    if topic.group_id or session.scalar(sa.select(held)):
        return False
    said = sa.delete(Subscription).where(Subscription.object_kind == TOPIC_KIND, Subscription.object_id == topic.id)
    session.execute(said)
    _tell(session, topic, Op.WITHDRAW)
    session.delete(topic)
    session.flush()
    return True


def archive(session: Session, topic: Topic, now: datetime | None) -> bool:
    """No new threads; what is there is read. :param now: None: as before. :return: whether this changes anything."""
    if (topic.archived_at is None) == (now is None):
        return False
    topic.archived_at = now
    _tell(session, topic, Op.UPDATE)
    return True


def _tell(session: Session, topic: Topic, op: Op) -> None:
    session.flush()
    content = {"titles": topic.titles, "seen": topic.seen, "archived": topic.archived_at}
    record(session, Entry(TOPIC_KIND, topic.id, 1, op, digest=digest(content)))


# --- numbers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Numbers:
    """What awaits moderators. ``questions``: without an answer, requests too; ``late``: those of them that wait for
    too long. ``hours``: median time to the first answer of the questions of the last 90 days;
    None when none was answered. ``answered``: of how many ``asked``."""

    questions: int
    late: int
    reports: int
    waiting: int
    hours: float | None
    answered: int
    asked: int


def numbers(session: Session, now: datetime, late_after: timedelta) -> Numbers:
    """The numbers of the page; two statements. :param late_after: how long a question may wait."""
    count = sa.func.count()
    asked = (Thread.kind.in_(ASKING), Thread.state.in_(LISTED), Thread.created_at > now - LOOK_BACK)
    row = session.execute(
        sa.select(
            sa.select(count).select_from(Thread).where(*unanswered()).scalar_subquery(),
            sa.select(count).select_from(Thread).where(*forgotten(now - late_after)).scalar_subquery(),
            sa.select(sa.func.count(sa.distinct(PostReport.post_id))).where(PostReport.state == OPEN).scalar_subquery(),
            sa.select(count).select_from(Post).join(Thread, Thread.id == Post.thread_id).where(*awaited())
            .scalar_subquery(),
            sa.select(count).select_from(Thread).where(*asked).scalar_subquery(),
        )
    ).one()  # fmt: skip
    theirs = sa.or_(Post.author_id.is_(None), Thread.author_id.is_(None), Post.author_id != Thread.author_id)
    first = (
        sa.select(Thread.created_at, sa.func.min(Post.at, type_=Post.at.type))
        .join(Post, Post.thread_id == Thread.id)
        .where(*asked, ~Post.first, Post.state == PostState.SHOWN.value, theirs)
        .group_by(Thread.id, Thread.created_at)
        .order_by(Thread.created_at.desc())
        .limit(MOST)
    )
    waits = [(answered - at).total_seconds() / 3600 for at, answered in session.execute(first)]
    hours = statistics.median(waits) if waits else None
    return Numbers(row[0], row[1], row[2], row[3], hours, len(waits), row[4])
