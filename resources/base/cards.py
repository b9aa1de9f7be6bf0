"""Published resources as other rooms name them (``core.cards``)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card
from resources.base.addresses import KINDS, path_of
from resources.base.models import KIND, Resource, State, Visibility
from resources.base.shapes import KIND_LABELS, Kind


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The published resources of these ids."""
    wanted = sa.select(Resource).where(Resource.id.in_(list(ids)), Resource.state == State.PUBLISHED.value)
    return {row.id: _card(row) for row in session.scalars(wanted)} if ids else {}


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The published resources at these addresses, or at one of their pages (``/kits/x/avis``)."""
    named = {path: found for path in paths if (found := _named(path))}
    if not named:
        return {}
    pair = sa.tuple_(Resource.kind, Resource.slug).in_(sorted(set(named.values())))
    rows = session.scalars(sa.select(Resource).where(pair, Resource.state == State.PUBLISHED.value))
    known = {(row.kind, row.slug): _card(row) for row in rows}
    return {path: known[key] for path, key in named.items() if key in known}


def _named(path: str) -> tuple[str, str] | None:
    parts = path.partition("?")[0].split("/")
    return (KINDS[parts[1]].value, parts[2][:100]) if len(parts) > 2 and parts[1] in KINDS else None


def _card(row: Resource) -> Card:
    return Card(
        KIND, row.id, row.title, path_of(row), KIND_LABELS[Kind(row.kind)], lang=row.lang,
        visibility="network" if row.visibility == Visibility.NETWORK.value else "public",
        structure_id=row.structure_id, procedures=tuple(row.demarches),
    )  # fmt: skip


cards.register(KIND, by_ids, by_paths)
