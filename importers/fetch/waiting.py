"""When to ask again: what the server says (Retry-After), or longer and longer, never all at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: One attempt and three more.
TRIES = 4
#: Seconds before the second attempt; doubled for each one after it.
FIRST_S = 1.0
#: The longest that a run waits for a server while it holds the lock of its source, in seconds.
LONGEST_S = 120.0
#: A source that says more is taken at its word up to here: no scheduler should lose it for years.
FURTHEST_S = 7 * 24 * 3600.0


class Again(Exception):
    """This attempt failed in a way that passes. ``text``: why, for people; ``after``: seconds that the server asks
    for."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.text, self.after = text, after


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a header ``Retry-After`` asks for: a number or a date (RFC 9110, 10.2.3); None: it says nothing
    that can be read. Never negative, never over ``FURTHEST_S``."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), FURTHEST_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), FURTHEST_S)


def pause(attempt: int, after: float | None, random: Callable[[], float]) -> float:
    """Seconds before the next attempt, after ``attempt`` (from 0) failed: between half and all of 1, 2, 4…; at least
    what the server asks for, and then a little more, or all who were sent away would come back together."""
    step = FIRST_S * 2.0**attempt * (0.5 + random() / 2)
    return step if after is None else after + step


def until(now: datetime, after: float) -> dict[str, str]:
    """Details of ``Refused("trop-tard")``: ``until`` for the scheduler (ISO 8601, UTC), ``when`` for people."""
    moment = (now + timedelta(seconds=after)).astimezone(UTC).replace(microsecond=0)
    return {"until": moment.isoformat(), "when": moment.strftime("%d/%m/%Y à %H h %M (heure universelle)")}
