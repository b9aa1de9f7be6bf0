"""Topics as other rooms name them (``core.cards``): in the list of what one follows."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card, Visibility
from reseau.core.wording import _
from reseau.threads.base.addresses import topic_path
from reseau.threads.base.models import TOPIC_KIND, Topic, TopicSeen

_SEEN: dict[str, Visibility] = {TopicSeen.PUBLIC.value: "public", TopicSeen.NETWORK.value: "network"}


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The topics of these ids."""
    wanted = sa.select(Topic).where(Topic.id.in_(list(ids)))
    return {row.id: _card(row) for row in session.scalars(wanted)} if ids else {}


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The topics at these addresses."""
    prefix = "/echanges/sujets/"
    slugs = {path: path.removeprefix(prefix)[:80] for path in paths if path.startswith(prefix)}
    wanted = sa.select(Topic).where(Topic.slug.in_(sorted(set(slugs.values()))))
    known = {row.slug: _card(row) for row in session.scalars(wanted)} if slugs else {}
    return {path: known[slug] for path, slug in slugs.items() if slug in known}


def _card(row: Topic) -> Card:
    return Card(
        TOPIC_KIND, row.id, row.title("fr"), topic_path(row), _("Sujet"), visibility=_SEEN.get(row.seen, "members"),
        owner_id=row.group_id,
    )  # fmt: skip


cards.register(TOPIC_KIND, by_ids, by_paths)
