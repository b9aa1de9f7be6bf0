"""Issues that have left, as other rooms name them (``core.cards``)."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import KIND, Issue
from feeds.newsletter.reading import services
from feeds.newsletter.reading.services import Shown
from reseau.core import cards
from reseau.core.cards import Card
from reseau.core.wording import _

_PATH = re.compile(r"/lettre/\d{4}/([a-z0-9-]{1,80})(?:$|[/.?#])")
LABEL = _("Lettre du réseau")


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The issues of these ids that everybody may read."""
    return {id_: _card(one) for id_, one in services.shown(session, ids, "fr").items()}


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The issues that addresses name."""
    named = {path: found[1] for path in paths if (found := _PATH.match(path))}
    if not named:
        return {}
    wanted = sa.select(Issue.slug, Issue.id).where(Issue.slug.in_(sorted(set(named.values()))), services.public())
    ids = {slug: id_ for slug, id_ in session.execute(wanted)}  # noqa: C416 (a row is no pair for mypy)
    known = by_ids(session, set(ids.values()))
    return {path: known[ids[slug]] for path, slug in named.items() if ids.get(slug) in known}


def _card(one: Shown) -> Card:
    return Card(KIND, one.id, one.title, one.path, LABEL, lang=one.lang)


cards.register(KIND, by_ids, by_paths)
