"""Topics: the first ones, which one suits an object, how the readers of two differ."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from importlib import resources

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import slugs
from reseau.core.cards import Card
from reseau.groups.models import WorkingGroup
from reseau.threads.base.models import Topic, TopicSeen


def lay(session: Session, now: datetime) -> int:
    """The topics that a new site begins with, if it has none; the coordination changes them as it likes.

    :return: how many were made.
    """
    if session.scalar(sa.select(sa.func.count()).select_from(Topic)):
        return 0
    source = resources.files("reseau.threads.base").joinpath("topics.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(source)["topic"]
    for position, row in enumerate(rows, 1):
        session.add(
            Topic(
                slug=row["slug"], titles=row["titles"], description=row["description"], position=position,
                seen=row.get("seen", "public"), procedures=row.get("procedures", []), created_at=now,
            )
        )  # fmt: skip
    session.flush()
    return len(rows)


def for_card(topics: Sequence[Topic], card: Card | None) -> Topic | None:
    """The topic that suits an object: that of the first of its procedures that has one; None: nothing says which."""
    for procedure in card.procedures if card else ():
        if found := next((topic for topic in topics if procedure in topic.procedures), None):
            return found
    return None


def of_group(session: Session, group: WorkingGroup, now: datetime) -> Topic:
    """The first topic of a working group, for its members alone; called when the group is made (``group.created``)."""
    last = session.scalar(sa.select(sa.func.max(Topic.position))) or 0
    made = Topic(
        slug=slugs.free(session, Topic.slug, f"groupe-{group.slug}"), titles={group.lang: group.name, "fr": group.name},
        description="", seen=TopicSeen.GROUP.value, group_id=group.id, position=last + 1, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def fits(card: Card, topic: Topic) -> bool:
    """Whether everybody who reads a topic may know an object."""
    if card.visibility == "members":
        return topic.group_id is not None and topic.group_id == card.owner_id
    return card.visibility == "public" or topic.seen != TopicSeen.PUBLIC.value


_READERS = {TopicSeen.PUBLIC.value: 2, TopicSeen.NETWORK.value: 1, TopicSeen.GROUP.value: 0}


def readers_change(old: Topic, new: Topic) -> str:
    """Who reads what goes from a topic to another: ``more``, ``fewer``, ``others`` (another group), or "" for the
    same."""
    if old.seen == new.seen:
        return "" if old.group_id == new.group_id else "others"
    return "more" if _READERS[new.seen] > _READERS[old.seen] else "fewer"
