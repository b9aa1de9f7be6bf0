"""Topics: the first ones, and which one suits an object."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from importlib import resources

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Card
from reseau.threads.base.models import Topic


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
