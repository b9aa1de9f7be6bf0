"""The audit journal: who changed what, when, from which network. For administrators, kept twelve months.

Web requests are journaled by the view option ``journal`` (``reseau.web.journal``); commands and jobs call
:func:`record`. No content is kept here: what a value was and became is in the history of the sheet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from reseau.core.actors import Actor
from reseau.core.db import Base, affected
from reseau.core.ids import new_id

KEPT = timedelta(days=366)


class Audit(Base):
    """One state change. ``network``: prefix only (/24 or /48). ``detail``: codes and counts, never personal data."""

    __tablename__ = "audit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(sa.String(60), index=True)
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    side: Mapped[str] = mapped_column(sa.String(20))
    network: Mapped[str] = mapped_column(sa.String(64))
    object_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]


def record(
    session: Session, actor: Actor, action: str, now: datetime, object_id: UUID | None = None, **detail: Any
) -> None:
    """Write one row, in the same transaction as the change.

    :param action: ``<object>.<verb>``, e.g. ``sheet.edit``. :param detail: small, and plain JSON.
    """
    row = Audit(
        at=now, action=action, person_id=actor.person_id, side=actor.side.value, network=actor.network,
        object_id=object_id, detail=detail,
    )  # fmt: skip
    session.add(row)


def purge(session: Session, now: datetime) -> int:
    """Forget what is older than twelve months. :return: how many rows."""
    return affected(session, sa.delete(Audit).where(Audit.at < now - KEPT))
