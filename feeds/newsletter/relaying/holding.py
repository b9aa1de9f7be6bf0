"""What relays hold of people: who made one, who said to how many the letter was passed on, in which words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Relay, RelayReach
from reseau.core import personal


def rows_of(session: Session, person_id: UUID, _email: str | None) -> dict[str, list[Any]]:
    """The relays that they made, what they declared."""
    made = sa.select(Relay.code, Relay.created_at).where(Relay.created_by == person_id)
    row = RelayReach
    said = sa.select(row.at, row.people, row.means, row.note).where(row.by == person_id)
    return {
        "relais_crees": [dict(one._mapping) for one in session.execute(made.order_by(Relay.created_at, Relay.id))],
        "relais_declarations": [dict(one._mapping) for one in session.execute(said.order_by(row.at, row.id))],
    }


def forget(session: Session, person_id: UUID, _email: str | None) -> None:
    """The numbers stay, of the relay; neither who said them, nor in which words."""
    session.execute(sa.update(Relay).where(Relay.created_by == person_id).values(created_by=None))
    session.execute(sa.update(RelayReach).where(RelayReach.by == person_id).values(by=None, note=""))


personal.register("letter-relays", rows_of, forget)
