"""Who is told of what happens while sending, without sending knowing them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session


class Refused(Protocol):
    """A server refused a letter for ever (5xx), at once."""

    def __call__(
        self, session: Session, subscriber_id: UUID, said: str, now: datetime, /, *, secret: str, delivery_id: UUID
    ) -> object:
        """:param said: by the server, without addresses. :param secret: of the site."""


_REFUSED: list[Refused] = []


def on_refused(hook: Refused) -> None:
    """Register one; twice is once."""
    if hook not in _REFUSED:
        _REFUSED.append(hook)


def refused(session: Session, subscriber_id: UUID, said: str, now: datetime, *, secret: str, delivery_id: UUID) -> None:
    """Tell all of them, in a transaction that follows the one in which it was written down."""
    for hook in _REFUSED:
        hook(session, subscriber_id, said, now, secret=secret, delivery_id=delivery_id)
