"""How often a page that only reads may be asked: counted in memory, because a GET never writes.

Each process counts for itself: what this bounds is how fast a list can be drawn out, not an exact number.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import UUID

MOST_KEPT = 10_000


class Pace:
    """At most ``times`` in ``window`` for each person: a fixed window, as ``core.limits``."""

    def __init__(self, times: int, window: timedelta) -> None:
        self.times, self.window = times, window
        self._used: dict[UUID, tuple[datetime, int]] = {}
        self._lock = threading.Lock()

    def allow(self, who: UUID, now: datetime) -> bool:
        """Count one use. :return: False when it is one too many."""
        with self._lock:
            ends, used = self._used.get(who, (now + self.window, 0))
            if ends <= now:
                ends, used = now + self.window, 0
            if len(self._used) >= MOST_KEPT and who not in self._used:
                self._used = {one: kept for one, kept in self._used.items() if kept[0] > now}
            self._used[who] = (ends, used + 1)
            return used < self.times
