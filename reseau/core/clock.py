"""The one place that asks what time it is, so that a test can say so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, timezone: str | ZoneInfo) -> date:
    """The day of a moment on the clocks of a time zone (IANA name): "today" of a site is that of its places."""
    return moment.astimezone(ZoneInfo(timezone) if isinstance(timezone, str) else timezone).date()
