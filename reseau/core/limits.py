"""How often something may be done, counted in the database: all processes count together, a restart forgets nothing.

A fixed window: simpler than a token bucket, and at worst twice the limit around its edge. Refused: counting in memory
(each process would allow the limit again).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from reseau.core.db import Base, affected, insert


class RateCount(Base):
    """How often a key was used in one window. ``key``: digest, so that no mail address lies here."""

    __tablename__ = "rate_count"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[int]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` in ``window``. ``name``: what is limited."""

    name: str
    times: int
    window: timedelta


def allow(session: Session, limit: Limit, who: str, now: datetime) -> bool:
    """Count one use. :param who: an address, a network prefix. :return: False when it is one too many."""
    key = hashlib.sha256(f"{limit.name}\x00{who}".encode()).hexdigest()
    table: Any = RateCount.__table__
    over = table.c.ends_at <= now
    once = insert(session, table).values(key=key, ends_at=now + limit.window, used=1)
    statement = once.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "used": sa.case((over, 1), else_=table.c.used + 1),
            "ends_at": sa.case((over, now + limit.window), else_=table.c.ends_at),
        },
    ).returning(table.c.used)
    return int(session.execute(statement).scalar_one()) <= limit.times


def allow_network(session: Session, limit: Limit, network: str, now: datetime, who: str = "") -> bool:
    """Count one use by a network, or by ``who`` from that network. Without an address (a broken proxy) nothing is
    counted: all visitors together would share one count, and anyone could use it up for the others.

    :param network: see ``actors.network_prefix``. :return: False when it is one too many.
    """
    return not network or allow(session, limit, f"{who}\x00{network}" if who else network, now)


def purge(session: Session, now: datetime) -> int:
    """Forget windows that have ended. :return: how many."""
    return affected(session, sa.delete(RateCount).where(RateCount.ends_at < now))
