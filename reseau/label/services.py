"""Who holds the label on a day. Without Pyramid."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from reseau.label.models import Label


def held_on(day: date) -> sa.ColumnElement[bool]:
    """Labels that are held on a day."""
    return sa.and_(
        Label.starts_on <= day, Label.ends_on >= day, sa.or_(Label.withdrawn_on.is_(None), Label.withdrawn_on > day)
    )


def holders(day: date) -> sa.Select[Any]:
    """Ids of the structures that hold the label on a day, to be put into another statement."""
    return sa.select(Label.structure_id).where(held_on(day))
