"""What the lists write: how far a person has read. Whoever calls commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.db import insert
from reseau.threads.base.models import ReadAll


def read_all(session: Session, person_id: UUID, now: datetime) -> None:
    """All that was written until now is read by this person."""
    made = insert(session, ReadAll).values(person_id=person_id, before=now)
    session.execute(made.on_conflict_do_update(index_elements=["person_id"], set_={"before": now}))
