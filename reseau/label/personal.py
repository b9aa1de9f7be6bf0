"""What the label holds of a person: that they wrote a decision down. The decision stays, signed by nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import personal
from reseau.label.models import Criteria, Label


def rows_of(session: Session, person_id: UUID, _email: str | None) -> dict[str, list[Any]]:
    """Labels that the person gave or withdrew, criteria that they wrote."""
    given = sa.select(Label).where(Label.decided_by == person_id).order_by(Label.created_at, Label.id)
    taken = sa.select(Label).where(Label.withdrawn_by == person_id).order_by(Label.withdrawn_on, Label.id)
    wrote = sa.select(Criteria).where(Criteria.created_by == person_id).order_by(Criteria.created_at)
    return {
        "labels_donnes": [
            {"lieu": one.structure_id, "du": one.starts_on, "au": one.ends_on, "decide_le": one.decided_on,
             "note": one.note}
            for one in session.scalars(given)
        ],
        "labels_retires": [
            {"lieu": one.structure_id, "le": one.withdrawn_on, "raison": one.withdrawn_reason}
            for one in session.scalars(taken)
        ],
        "criteres_du_label": [{"version": one.version, "ecrit_le": one.created_at} for one in session.scalars(wrote)],
    }  # fmt: skip


def forget(session: Session, person_id: UUID, _email: str | None) -> None:
    """Nobody signs any more."""
    for column in (Label.decided_by, Label.withdrawn_by, Criteria.created_by):
        session.execute(sa.update(column.class_).where(column == person_id).values({column.key: None}))


personal.register("label", rows_of, forget)
