"""What following holds of a person: given to them whole, forgotten when they leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.models import FeedKey, SavedSearch
from reseau.core import personal

_TABLES: dict[str, Any] = {"recherches_suivies": SavedSearch, "adresses_de_flux": FeedKey}


def rows_of(session: Session, person_id: UUID, _email: str | None) -> dict[str, list[Any]]:
    """All rows about a person, by kind, oldest first."""
    return {
        name: list(session.scalars(sa.select(model).where(model.person_id == person_id).order_by(model.created_at)))
        for name, model in _TABLES.items()
    }


def forget(session: Session, person_id: UUID, _email: str | None) -> None:
    """Erase all of it: it is about nobody else."""
    for model in _TABLES.values():
        session.execute(sa.delete(model).where(model.person_id == person_id))


personal.register("following", rows_of, forget, {"feed_key": frozenset({"digest"})})
