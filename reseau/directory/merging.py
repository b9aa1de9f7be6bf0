"""Two structures are one: what hangs on the one that goes moves to the one that stays, and its address leads there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.directory.fields import TOGETHER
from reseau.directory.models import KIND, FieldChange, Override, Service, SourceRecord, Status, Structure, Suggestion
from reseau.directory.reproject import Because, change_row


def said_of(overridden: Iterable[str]) -> list[str]:
    """Fields of which somebody said something: those that are overridden, and what only means something with them."""
    found = set(overridden)
    return sorted(found.union(*(group for group in TOGETHER if not found.isdisjoint(group))))


def absorb(session: Session, kept: UUID, lost: UUID, because: Because, now: datetime) -> None:
    """Move records, overrides, offers and suggestions of ``lost`` to ``kept``; ``lost`` becomes a signpost.

    Where both have an override of one field, or of fields that only mean something together, that of ``kept`` stays.
    The caller computes ``kept`` again afterwards. ``merged_into`` never points to a structure that is merged itself:
    one step leads to where the place is now.
    """
    execute = session.connection().execute
    session.flush()
    taken = said_of(session.scalars(sa.select(Override.field).where(Override.structure_id == kept)))
    execute(
        sa.update(Override).where(Override.structure_id == lost, Override.field.not_in(taken)).values(structure_id=kept)
    )
    for table in (SourceRecord, Service, Suggestion):  # they are about the place, which goes on
        execute(sa.update(table).where(table.structure_id == lost).values(structure_id=kept))
    execute(sa.update(Structure).where(Structure.id == kept, Structure.parent_id == lost).values(parent_id=None))
    execute(sa.update(Structure).where(Structure.parent_id == lost).values(parent_id=kept))
    execute(sa.update(Structure).where(Structure.merged_into == lost).values(merged_into=kept))
    rev, digest, name = session.execute(
        sa.select(Structure.rev, Structure.digest, Structure.nom).where(Structure.id == lost).with_for_update()
    ).one()
    counted = sa.select(Structure.id).where(Structure.id == lost, Structure.in_territory)
    execute(sa.update(Structure).where(Structure.id == kept, counted.exists()).values(in_territory=True))
    execute(
        sa.update(Structure)
        .where(Structure.id == lost)
        .values(status=Status.MERGED.value, merged_into=kept, rev=rev + 1, updated_at=now)
    )
    execute(sa.insert(FieldChange).values(change_row(kept, "", name, str(lost), because, now)))
    changes.record(session, changes.Entry(KIND, lost, rev + 1, changes.Op.WITHDRAW, digest=digest))
