"""What came back about a person's address: given to them whole. It goes with their subscription."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import BounceEvent, Subscriber
from reseau.core import personal


def rows_of(session: Session, person_id: UUID, email: str | None) -> dict[str, list[Any]]:
    """When, what, in which words of a server."""
    row = BounceEvent
    wanted = sa.select(row.at, row.kind, row.status, row.said).join(Subscriber, Subscriber.id == row.subscriber_id)
    wanted = wanted.where(sa.or_(Subscriber.person_id == person_id, Subscriber.email == (email or "").lower()))
    return {"retours_de_la_lettre": [dict(one._mapping) for one in session.execute(wanted.order_by(row.at, row.id))]}


def forget(_session: Session, _person_id: UUID, _email: str | None) -> None:
    """Their subscription is erased by who keeps it, and this goes with it (``ON DELETE CASCADE``)."""


personal.register("letter-bounces", rows_of, forget)
