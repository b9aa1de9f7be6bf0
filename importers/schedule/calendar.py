"""When a source is read next: on a grid of its own, later after each failure. Pure.

All sites of the country would otherwise ask a register at the same second, the first of the night. So each site and
source has its own moment: between 1 and 5 in the morning (clocks of the site) for what is read once a day or less, any
moment of its period for what is read more often. The moment follows from the address of the site and the name of the
source: it is the same after a restart, and no two sites share it but by chance.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT_FROM, NIGHT_S = 1, 4 * 3600  # hour; seconds
DAY = timedelta(days=1)
#: After the first failure; doubled by each of the next ones, up to a day.
FIRST_WAIT = timedelta(minutes=30)
MAX_EVERY_H = 24 * 92


def _spread(seed: str, seconds: int) -> int:
    return zlib.crc32(seed.encode()) % seconds


def next_run(now: datetime, every_h: int, seed: str, timezone: str) -> datetime:
    """The next moment of the grid. :param now: aware, of the run that ended well. :param seed: site and source."""
    if every_h < 24:
        step = every_h * 3600
        begun = int(now.timestamp()) - _spread(seed, step)
        return datetime.fromtimestamp((begun // step + 1) * step + _spread(seed, step), UTC)
    zone = ZoneInfo(timezone)
    soonest = now + timedelta(hours=every_h) - DAY / 2  # of play: a run by hand at noon skips no night
    day = soonest.astimezone(zone).date()
    while True:
        moment = _night(day, seed, zone)
        if moment >= soonest:
            return moment
        day += DAY


def _night(day: date, seed: str, zone: ZoneInfo) -> datetime:
    begins = datetime.combine(day, time(NIGHT_FROM), zone).astimezone(UTC)
    return begins + timedelta(seconds=_spread(seed, NIGHT_S))


def retry_at(now: datetime, failures: int, seed: str) -> datetime:
    """When to try again after that many failures in a row: 30 minutes, 1 hour, 2… up to a day, and up to a tenth more,
    so that sites do not come back together to a register that was down."""
    wait = min(FIRST_WAIT * (1 << min(max(failures, 1) - 1, 10)), DAY)
    return now + wait + timedelta(seconds=_spread(f"{seed}:{failures}", max(1, int(wait.total_seconds() // 10))))


def lag(now: datetime, last_good: datetime | None, every_h: int) -> timedelta | None:
    """By how much a source is late: since the moment at which it should have been read; None when it is not, or never
    was. Half a period of play (at most half a day, for the grid) is no delay."""
    if last_good is None:
        return None
    every = timedelta(hours=every_h)
    late = now - last_good - every
    return late if late > min(every, DAY) / 2 else None
