"""Numbers, dates and distances as people write them in each language (Babel, CLDR).

Pure functions of a value and a language, so that commands and mails use them too; the templates' filters of
the same names (``rendering.py``) take the language of the page. Times are always 24-hour: an English page
about Roubaix that says "6 pm" beside a door that says "18 h" would puzzle the same readers twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from babel import dates, lists, numbers, units

from reseau.core.wording import LOCALES, written_date, written_moment, written_time

Width = Literal["abbreviated", "narrow", "short", "wide"]
METRES_IN_A_KILOMETRE = 1000


def format_date(value: date, lang: str, zone: str = "Europe/Paris", style: str = "long") -> str:
    """``3 novembre 2026``. :param style: Babel's short, medium, long or full."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    return written_date(value, lang, style)


def format_time(value: time | datetime, lang: str, zone: str = "Europe/Paris") -> str:
    """``18:30``; an aware moment is first brought to ``zone``."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).timetz().replace(tzinfo=None)
    return written_time(value, lang)


def format_datetime(value: datetime, lang: str, zone: str = "Europe/Paris", style: str = "long") -> str:
    """Date, then time: ``3 novembre 2026, 18:30``."""
    return written_moment(value.astimezone(ZoneInfo(zone)), lang, style)


def format_day(weekday: int, lang: str, width: Width = "wide") -> str:
    """Name of a day of the week. :param weekday: 0 is Monday."""
    return str(dates.get_day_names(width, "stand-alone", LOCALES[lang])[weekday])


def format_number(value: float, lang: str) -> str:
    """``17 500`` with the separators of the language."""
    return numbers.format_decimal(value, locale=LOCALES[lang])


def format_distance(metres: float, lang: str) -> str:
    """Under one kilometre rounded to ten metres (``350 m``), above with one decimal (``1,2 km``)."""
    rounded = round(metres / 10) * 10
    if rounded < METRES_IN_A_KILOMETRE:
        return units.format_unit(rounded, "length-meter", "short", locale=LOCALES[lang])
    kilometres = round(metres / METRES_IN_A_KILOMETRE, 1)
    return units.format_unit(kilometres, "length-kilometer", "short", "#,##0.#", locale=LOCALES[lang])


def format_list(values: Iterable[object], lang: str) -> str:
    """``a, b et c``."""
    return lists.format_list([str(value) for value in values], locale=LOCALES[lang])
