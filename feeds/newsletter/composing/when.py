"""When and where something takes place, in words of a language: what readers look for first in a date to come."""

from __future__ import annotations

import textwrap
from datetime import datetime
from zoneinfo import ZoneInfo

from reseau.agenda.models import Event
from reseau.core.wording import written_date, written_moment

_PLACE = 120  # characters


def of_event(event: Event, lang: str) -> str:
    """``jeudi 3 décembre 2026 à 14 h · Roubaix``. :param lang: one of the site's."""
    when = moment(event.starts_at, event.timezone, lang, all_day=event.all_day)
    return " · ".join(filter(None, (when, textwrap.shorten(event.place, _PLACE, placeholder="…"))))


def moment(at: datetime, timezone: str, lang: str, *, all_day: bool) -> str:
    """``jeudi 3 décembre 2026 à 18 h 30``, ``Thursday, 3 December 2026, 18:30`` on the clocks of ``timezone``; the day
    alone when hours mean nothing."""
    local = at.astimezone(ZoneInfo(timezone))
    if all_day:
        return written_date(local.date(), lang, "full")
    if lang != "fr":
        return written_moment(local, lang, "full")
    minutes = f"\N{NO-BREAK SPACE}{local.minute:02}" if local.minute else ""
    return f"{written_date(local.date(), lang, 'full')} à {local.hour}\N{NO-BREAK SPACE}h{minutes}"
