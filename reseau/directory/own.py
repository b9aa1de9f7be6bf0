"""Our own export coming back: in a register that regroups ids, what of one is the id of a sheet of ours.

``Reseau_<id of the structure>``: as ``<Source>_<id there>`` of standard-mediation-num files (see
``docs/importing.md``). The id of a structure of another site is a part as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.core.ids import parse_id
from reseau.directory.fields import BY_NAME
from reseau.directory.models import Structure
from reseau.directory.projection import is_empty
from reseau.directory.reproject import UNTOLD, same

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


def shown(session: Session, ids: Iterable[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """What some sheets show; one statement, none for no sheet."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = dicts(session.execute(sa.select(Structure.__table__).where(Structure.id.in_(wanted))))
    return {row["id"]: row for row in rows}


def is_echo(
    item: Any, ours: Mapping[str, UUID], sheets: Mapping[UUID, Mapping[str, Any]], known: Mapping[str, UUID]
) -> bool:
    """Whether a record is what we exported, and nothing more: it names one sheet of ours, only records of that sheet
    beside it, and says nothing that the sheet does not show. What it leaves out says nothing: the standard has no place
    for all that a sheet holds.

    :param item: has ``parts`` and ``mapped``. :param ours: see :func:`structures`. :param sheets: see :func:`shown`.
    :param known: part → structure of the records of the register.
    """
    named = {ours[part] for part in item.parts if part in ours}
    others = [part for part in item.parts if part not in ours]
    if len(named) != 1:
        return False
    if not others:
        return True
    (sheet,) = named
    if any(known.get(part) != sheet for part in others):
        return False
    row = sheets.get(sheet, {})
    said = {name: value for name, value in item.mapped.items() if name in BY_NAME and name not in UNTOLD}
    return all(is_empty(value) or same(value, row.get(name)) for name, value in said.items())


def _id_in(part: str) -> UUID | None:
    before, _, after = part.partition("_")
    return parse_id(after.lower()) if before.casefold() == PREFIX[:-1].casefold() else None
