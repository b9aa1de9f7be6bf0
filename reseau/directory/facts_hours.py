"""Facts about hours that are computed once for each expression: thousands of places share a few hundred."""

from __future__ import annotations

import functools

from reseau.core.hours import Hours, InvalidHours


@functools.lru_cache(maxsize=20_000)
def parse(osm: str | None, timezone: str = "Europe/Paris", country: str = "FR") -> Hours | None:
    """The hours, or None when unknown or not readable (an old value written before a check became stricter)."""
    try:
        return Hours(osm, timezone=timezone, country=country) if osm else None
    except InvalidHours:
        return None


def hours_facts(osm: str | None) -> tuple[bool, bool]:
    """``(opens in the evening, opens at the weekend)``; unknown hours open at neither."""
    hours = parse(osm)
    return (hours.opens_evening, hours.opens_weekend) if hours else (False, False)
