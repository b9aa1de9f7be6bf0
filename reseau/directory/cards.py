"""Places as other rooms name them (``core.cards``)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card
from reseau.core.ids import UUID_PATTERN
from reseau.core.wording import _
from reseau.directory.models import KIND, Status, Structure

_PATH = re.compile(rf"/annuaire/(?:[a-z0-9-]*-)?({UUID_PATTERN})$")
LABEL = _("Lieu")


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The places of these ids, by the id that was asked: one that was merged is the one that it is now."""
    table: Any = Structure.__table__
    was, now = table.alias(), table.alias()
    wanted = (
        sa.select(was.c.id.label("was"), now.c.id, now.c.slug, now.c.nom, now.c.commune)
        .join(now, now.c.id == sa.func.coalesce(was.c.merged_into, was.c.id))
        .where(was.c.id.in_(list(ids)), now.c.status != Status.MERGED.value)
    )
    return {row.was: _card(row) for row in session.execute(wanted)} if ids else {}


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The places that addresses of sheets name."""
    named = {path: UUID(found[1]) for path in paths if (found := _PATH.search(path.partition("?")[0]))}
    known = by_ids(session, set(named.values()))
    return {path: known[id_] for path, id_ in named.items() if id_ in known}


def _card(row: Any) -> Card:
    path = f"/annuaire/{row.slug}-{row.id}"
    return Card(KIND, row.was, row.nom, path, LABEL, note=row.commune or "", structure_id=row.id)


cards.register(KIND, by_ids, by_paths)
