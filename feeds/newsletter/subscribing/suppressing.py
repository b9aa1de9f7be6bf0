"""Addresses that are never written to again. Only their keyed hash is kept: it outlives the subscriber."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter import links
from feeds.newsletter.models import Suppression
from reseau.core.db import affected, insert

LEFT, COMPLAINT, BOUNCE, ERASED, ASKED = "left", "complaint", "bounce", "erased", "asked"
_CHUNK = 500  # values of one IN: SQLite and PostgreSQL take more, and plan worse


def suppress(session: Session, secret: str, email: str, reason: str, now: datetime) -> bool:
    """Never write to an address again. A stronger reason replaces ``left``, which its owner may undo; ``left`` replaces
    nothing.

    :param reason: ``left``, ``complaint``, ``bounce``, ``erased``, ``asked``. :return: whether anything changed.
    """
    table: Any = Suppression.__table__
    new = insert(session, table).values(digest=links.suppressed(secret, email), reason=reason, at=now)
    stronger = sa.and_(table.c.reason == LEFT, new.excluded.reason != LEFT)
    statement = new.on_conflict_do_update(
        index_elements=["digest"], set_={"reason": new.excluded.reason, "at": new.excluded.at}, where=stronger
    )
    return session.execute(statement.returning(table.c.digest)).first() is not None


def suppressed(session: Session, secret: str, emails: Iterable[str]) -> set[str]:
    """Those of ``emails``, as they are written there, that are not to be written to."""
    by_digest: dict[str, list[str]] = {}
    for email in emails:
        by_digest.setdefault(links.suppressed(secret, email), []).append(email)
    digests, found = list(by_digest), set[str]()
    for start in range(0, len(digests), _CHUNK):
        wanted = sa.select(Suppression.digest).where(Suppression.digest.in_(digests[start : start + _CHUNK]))
        found.update(email for digest in session.scalars(wanted) for email in by_digest[digest])
    return found


def since(session: Session, secret: str, emails: Iterable[str]) -> datetime | None:
    """Since when one of a few addresses is not written to, the newest; one statement. None: all may be."""
    digests = sorted({links.suppressed(secret, email) for email in emails})
    return session.scalar(sa.select(sa.func.max(Suppression.at)).where(Suppression.digest.in_(digests)))


def reason_of(session: Session, secret: str, email: str) -> str:
    """Why an address is not written to; "": it may be."""
    found = sa.select(Suppression.reason).where(Suppression.digest == links.suppressed(secret, email))
    return session.scalar(found) or ""


def release(session: Session, secret: str, email: str, reason: str | None = None) -> bool:
    """An address may be written to again: its owner confirmed it, from the mailbox itself.

    :param reason: only if that was why; None: whatever it was. :return: whether it was suppressed.
    """
    gone = sa.delete(Suppression).where(Suppression.digest == links.suppressed(secret, email))
    return affected(session, gone if reason is None else gone.where(Suppression.reason == reason)) > 0
