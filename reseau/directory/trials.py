"""What an import has just changed, read in its own transaction before that is rolled back, for a person to look at."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.directory.models import FieldChange, Status, Structure

_STRUCTURE = cast("sa.Table", Structure.__table__)


def changes(session: Session, run: UUID | None, since: UUID, limit: int) -> list[dict[str, Any]]:
    """Structures that ``run`` made or changed: ``{"id", "name", "op", "fields"}``, ``fields`` being ``[field, before,
    after]`` each ("" is the whole sheet); in the order in which they were changed, then made.

    :param since: an id that was made before the run began: what has a greater one is new. :param limit: of structures.
    """
    told = sa.select(FieldChange).where(FieldChange.id > since, FieldChange.ref == run)
    of: dict[UUID, list[list[Any]]] = defaultdict(list)
    for one in session.scalars(told.order_by(FieldChange.id)):
        of[one.structure_id].append([one.field, one.before["v"], one.after["v"]])
        if len(of) > limit:
            break
    ids = list(of)[:limit]
    named = sa.select(_STRUCTURE.c.id, _STRUCTURE.c.nom)
    names = {row.id: row.nom for row in session.execute(named.where(_STRUCTURE.c.id.in_(ids)))}
    found = [
        {"id": str(id_), "name": names.get(id_, ""), "op": "create" if id_ > since else "update", "fields": of[id_]}
        for id_ in ids
    ]
    new = named.where(_STRUCTURE.c.id > since, _STRUCTURE.c.id.not_in(ids), _STRUCTURE.c.status == Status.ACTIVE.value)
    made = session.execute(new.order_by(_STRUCTURE.c.id).limit(limit - len(found)))
    return found + [{"id": str(id_), "name": nom, "op": "create", "fields": []} for id_, nom in made]
