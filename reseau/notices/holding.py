"""What notices hold of a person: given to them whole, forgotten when they leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import personal
from reseau.notices.models import Notice, NoticeChoice, Subscription

_TABLES: dict[str, tuple[Any, Any]] = {
    "abonnements": (Subscription, Subscription.at),
    "avis_recus": (Notice, Notice.at),
    "reglages_des_avis": (NoticeChoice, NoticeChoice.person_id),
}


def rows_of(session: Session, person_id: UUID, _email: str | None) -> dict[str, list[Any]]:
    """All rows about a person, by kind, oldest first."""
    return {
        name: list(session.scalars(sa.select(model).where(model.person_id == person_id).order_by(order)))
        for name, (model, order) in _TABLES.items()
    }


def forget(session: Session, person_id: UUID, _email: str | None) -> None:
    """Erase all of it: it is about nobody else."""
    for model, _order in _TABLES.values():
        session.execute(sa.delete(model).where(model.person_id == person_id))


personal.register("notices", rows_of, forget, {"notice": frozenset({"mail_key"})})
