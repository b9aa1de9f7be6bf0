"""Dates of calendars enter the tray of the agenda."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from importers.pipeline.contract import How
from reseau.agenda.bringing import Brought, bring, missing, upcoming_count

SMALL = 10
"""A calendar with fewer dates to come may lose any number of them: the guard is for large losses."""


class Events:
    """See :class:`importers.pipeline.contract.Target`; records are :class:`reseau.agenda.bringing.Brought`. A calendar
    is complete: what it does not name any more, and is still to come, is gone.

    ``until``: set by the source when it did not read to the end; what begins later is not gone. ``unread``: UIDs of
    events that it names and that could not be read this time ("": of one without a UID); they are not gone either.
    """

    kind = "event"

    def __init__(self) -> None:
        self.until: datetime | None = None
        self.unread: frozenset[str] = frozenset()

    def inside(self, incoming: Any, territory: frozenset[str] | None) -> bool:
        """Dates have no commune: the calendar was chosen."""
        return True

    def kept_outside(self, session: Session, how: How, parts: Set[str], territory: frozenset[str]) -> frozenset[str]:
        """None: nothing is outside."""
        return frozenset()

    def count(self, session: Session, how: How, territory: frozenset[str] | None) -> int:
        """Dates to come that are known; 0 when they are few."""
        known = upcoming_count(session, how.source, how.now)
        return known if known >= SMALL else 0

    def apply(self, session: Session, how: How, batch: Sequence[Brought]) -> Counter[str]:
        """See ``agenda.bringing``."""
        return bring(session, how.source, batch, how.now)

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """What is to come and was not named is gone."""
        return Counter(absent=missing(session, how.source, named, how.now, self.until, self.unread))
