"""Threads as other rooms name them (``core.cards``): whoever may read its topic may know the title of a thread."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core import cards
from reseau.core.cards import Card, Visibility
from reseau.threads.base.access import LISTED
from reseau.threads.base.addresses import path_of, thread_id
from reseau.threads.base.models import KIND, Thread, ThreadKind, Topic, TopicSeen
from reseau.threads.base.shapes import KIND_LABELS

_SEEN: dict[str, Visibility] = {TopicSeen.PUBLIC.value: "public", TopicSeen.NETWORK.value: "network"}


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The threads of these ids that lists show, by the id that was asked: a merged one is the one that it is now."""
    was, now = aliased(Thread), aliased(Thread)
    wanted = (
        sa.select(was.id, now, Topic)
        .join(now, now.id == sa.func.coalesce(was.merged_into, was.id))
        .join(Topic, Topic.id == now.topic_id)
        .where(was.id.in_(list(ids)), now.state.in_(LISTED))
    )
    return {id_: _card(id_, *row) for id_, *row in session.execute(wanted)} if ids else {}


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The threads that addresses name."""
    named = {path: found for path in paths if (found := thread_id(path))}
    known = by_ids(session, set(named.values()))
    return {path: known[id_] for path, id_ in named.items() if id_ in known}


def _card(asked: UUID, thread: Any, topic: Any) -> Card:
    return Card(
        KIND, asked, thread.title, path_of(thread), KIND_LABELS[ThreadKind(thread.kind)], lang=thread.lang,
        visibility=_SEEN.get(topic.seen, "members"), owner_id=topic.group_id, structure_id=thread.structure_id,
        procedures=tuple(topic.procedures),
    )  # fmt: skip


cards.register(KIND, by_ids, by_paths)
