"""Who may still read what they were told, and what is still there: of many notices at once, in a few statements."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.notices.sources import Pair
from reseau.threads.base.access import LISTED, audience
from reseau.threads.base.models import HELP_KIND, Post, PostState, Thread, Topic


def readers(session: Session, pairs: Collection[Pair]) -> set[Pair]:
    """Those of the (person, thread) where the person may read the thread today; four statements."""
    who = audience(session, {person_id for person_id, _ in pairs})
    listed = sa.select(Thread.id, Thread.topic_id).where(
        Thread.id.in_({about[1] for _, about in pairs}), Thread.state.in_(LISTED)
    )
    topics = {row[0]: row[1] for row in session.execute(listed)}
    return {
        (person_id, about)
        for person_id, about in pairs
        if about[1] in topics and who.reads(person_id, topics[about[1]])
    }


def shown(session: Session, refs: Collection[Ref]) -> set[Ref]:
    """Those of the posts, and of the threads whose first post it is, that somebody reads; one statement."""
    posts, threads = ({id_ for kind, id_ in refs if (kind == HELP_KIND) is asked} for asked in (False, True))
    wanted = sa.select(Post.id, Post.thread_id, Post.first).join(Thread, Thread.id == Post.thread_id)
    named = sa.or_(Post.id.in_(posts), sa.and_(Post.thread_id.in_(threads), Post.first))
    rows = session.execute(
        wanted.where(named, Post.state == PostState.SHOWN.value, Thread.state.in_(LISTED))
    ).all()  # fmt: skip
    there = {id_ for id_, _, _ in rows}
    asked = {thread_id for _, thread_id, first in rows if first}
    return {ref for ref in refs if ref[1] in (asked if ref[0] == HELP_KIND else there)}


def of_topics(ids: Collection[UUID]) -> sa.Select[UUID]:
    """The threads of some topics."""
    return sa.select(Thread.id).where(Thread.topic_id.in_(ids))


def of_groups(ids: Collection[UUID]) -> sa.Select[UUID]:
    """The threads of some groups."""
    return sa.select(Thread.id).join(Topic, Topic.id == Thread.topic_id).where(Topic.group_id.in_(ids))
