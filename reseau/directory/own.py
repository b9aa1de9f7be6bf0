"""Our own export coming back: in a register that regroups ids, what of one is the id of a sheet of ours.

``Reseau_<id of the structure>``: as ``<Source>_<id there>`` of standard-mediation-num files (see
``docs/importing.md``). The id of a structure of another site is a part as any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.ids import parse_id
from reseau.directory.models import Structure

PREFIX = "Reseau_"


def part_of(structure_id: UUID) -> str:
    """The id under which a sheet of ours is exported."""
    return f"{PREFIX}{structure_id}"


def structures(session: Session, parts: Iterable[str]) -> dict[str, UUID]:
    """Those of some parts of ids that are sheets of this site → where each is now (``merged_into`` followed)."""
    asked = {part: id_ for part in parts if (id_ := _id_in(part)) is not None}
    if not asked:
        return {}
    now = sa.func.coalesce(Structure.merged_into, Structure.id)
    rows = session.execute(sa.select(Structure.id, now).where(Structure.id.in_(set(asked.values()))))
    found: dict[UUID, UUID] = {row[0]: row[1] for row in rows}
    return {part: found[id_] for part, id_ in asked.items() if id_ in found}


def _id_in(part: str) -> UUID | None:
    before, _, after = part.partition("_")
    return parse_id(after.lower()) if before.casefold() == PREFIX[:-1].casefold() else None
