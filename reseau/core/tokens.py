"""Signed tokens in addresses: one salt for each purpose, an age, and single use where they act.

A token only says that we wrote it. What it lets one do happens on a POST, never on the GET that opens it: mail
scanners open every link.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeTimedSerializer
from itsdangerous.timed import TimestampSigner
from sqlalchemy.orm import Mapped, Session, mapped_column

from reseau.core.db import Base, affected, insert


class SpentToken(Base):
    """A token that has acted, by its digest, until it would have expired anyway."""

    __tablename__ = "spent_token"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    forget_at: Mapped[datetime] = mapped_column(index=True)


class _At(TimestampSigner):
    """The house's clock instead of the machine's, so that a test can say what time it is."""

    now: datetime

    def get_timestamp(self) -> int:
        return int(self.now.timestamp())


def _serializer(secret: str, purpose: str, now: datetime) -> URLSafeTimedSerializer:
    signer = type("Signer", (_At,), {"now": now})
    return URLSafeTimedSerializer(secret, salt=f"reseau.{purpose}.v1", signer=signer)


def sign(secret: str, purpose: str, payload: Any, now: datetime) -> str:
    """A URL-safe token. :param purpose: part of the salt: a token of one purpose is worth nothing for another."""
    return str(_serializer(secret, purpose, now).dumps(payload))


def read(secret: str, purpose: str, token: str, max_age: timedelta, now: datetime) -> Any | None:
    """What was signed, or None: forged, of another purpose, too old, or from the future."""
    try:
        payload, signed = _serializer(secret, purpose, now).loads(token[:2000], return_timestamp=True)
    except (BadData, ValueError, OverflowError):
        return None
    return payload if now - max_age <= signed <= now + timedelta(minutes=5) else None


def digest(token: str) -> str:
    """What is stored instead of a token or a secret cookie: who reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def spend(session: Session, token: str, now: datetime, keep: timedelta) -> bool:
    """Use up a token. :param keep: its greatest age. :return: False when it had been used."""
    table: Any = SpentToken.__table__
    values = {"digest": digest(token), "forget_at": now + keep}
    statement = insert(session, table).values(values).on_conflict_do_nothing().returning(table.c.digest)
    return session.execute(statement).first() is not None


def purge(session: Session, now: datetime) -> int:
    """Forget tokens that have expired. :return: how many."""
    return affected(session, sa.delete(SpentToken).where(SpentToken.forget_at < now))
