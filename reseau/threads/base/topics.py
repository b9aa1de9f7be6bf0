"""Topics: the first ones, and which one suits an object."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from importlib import resources

import sqlalchemy as sa
from sqlalchemy.orm import Session

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
    """The topic that suits an object best: one with a procedure of its own, else the first one that all may read."""
    wanted = set(card.procedures) if card else set()
    return next((topic for topic in topics if wanted & set(topic.procedures)), topics[0] if topics else None)


def of_group(session: Session, group: WorkingGroup, now: datetime) -> Topic:
    """The first topic of a working group, for its members alone; called when the group is made (``group.created``)."""
    last = session.scalar(sa.select(sa.func.max(Topic.position))) or 0
    made = Topic(
        slug=_free(session, f"groupe-{group.slug}"[:78]), titles={group.lang: group.name, "fr": group.name},
        description="", seen=TopicSeen.GROUP.value, group_id=group.id, position=last + 1, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _free(session: Session, slug: str) -> str:
    taken = session.scalar(sa.select(sa.func.count()).select_from(Topic).where(Topic.slug.startswith(slug)))
    return f"{slug}-{taken + 1}"[:80] if taken else slug
