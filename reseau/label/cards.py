"""Labels as other rooms name them (``core.cards``): by the name of the place that holds it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core import cards
from reseau.core.cards import Card
from reseau.core.wording import _
from reseau.directory.models import Status, Structure
from reseau.label.models import KIND, Label

LABEL = _("Label local")


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The labels of these ids, of places that are still open; ended ones too: that they were given is no secret."""
    if not ids:
        return {}
    was, now = aliased(Structure), aliased(Structure)
    wanted = (
        sa.select(Label.id, now.id.label("place"), now.slug, now.nom, now.commune)
        .join(was, was.id == Label.structure_id)
        .join(now, now.id == sa.func.coalesce(was.merged_into, was.id))
        .where(Label.id.in_(list(ids)), now.status == Status.ACTIVE.value)
    )
    return {
        row.id: Card(KIND, row.id, row.nom, f"/annuaire/{row.slug}-{row.place}", LABEL, note=row.commune or "",
                     structure_id=row.place)
        for row in session.execute(wanted)
    }  # fmt: skip


def by_paths(_session: Session, _paths: Collection[str]) -> dict[str, Card]:
    """A label has no page of its own: its address is that of the place."""
    return {}


cards.register(KIND, by_ids, by_paths)
