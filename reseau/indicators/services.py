"""The counts, today and month by month. A month that has passed is never written again: what nobody counted then stays
unknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.counting import Count, counts
from reseau.core.db import insert, site_day
from reseau.indicators.models import IndicatorMonth


@dataclass(frozen=True, slots=True)
class Series:
    """One count. ``months``: (``2026-11``, how many; None: nobody counted), the newest first, the present month, which
    is not over, at the head."""

    count: Count
    today: int
    months: tuple[tuple[str, int | None], ...]

    @property
    def most(self) -> int:
        """The greatest value, for bars; 1 at least."""
        return max((value for _month, value in self.months if value), default=1)


def month_of(day: date) -> str:
    """``2026-11``."""
    return f"{day.year:04d}-{day.month:02d}"


def months_down(last: str, first: str) -> list[str]:
    """All months from the last to the first; at least the last."""
    year, month = (int(part) for part in last.split("-"))
    found = [last]
    while found[-1] > first:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        found.append(f"{year:04d}-{month:02d}")
    return found


def write(session: Session, count: Count, now: datetime) -> int:
    """Count, and write it for the present month of the site; run again, it is the newer value. :return: how many."""
    today = site_day(session, now)
    value = count.number(session, today)
    row = {"name": count.name, "month": month_of(today), "value": value, "at": now}
    known = [IndicatorMonth.name, IndicatorMonth.month]
    statement = insert(session, IndicatorMonth).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=known, set_={"value": value, "at": now}))
    return value


def series(session: Session, today: date) -> list[Series]:
    """All counts in the order of the page: one statement each, and one for the months."""
    kept: dict[str, dict[str, int]] = {}
    for name, month, value in session.execute(
        sa.select(IndicatorMonth.name, IndicatorMonth.month, IndicatorMonth.value)
    ):
        kept.setdefault(name, {})[month] = value
    return [_one(count, count.number(session, today), kept.get(count.name, {}), month_of(today)) for count in counts()]


def _one(count: Count, value: int, kept: Mapping[str, int], present: str) -> Series:
    past = {month: number for month, number in kept.items() if month < present}
    months = months_down(present, min(past, default=present))
    return Series(count, value, ((present, value), *((month, past.get(month)) for month in months[1:])))


def as_csv(found: Sequence[Series]) -> str:
    """A line for each month, the newest first; empty: nobody counted (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("mois", "en_cours", *(one.count.name for one in found)))
    known = [dict(one.months) for one in found]
    for rank, month in enumerate(_all_months(found)):
        values = (values.get(month) for values in known)
        writer.writerow((month, "non" if rank else "oui", *("" if value is None else value for value in values)))
    return out.getvalue()


def _all_months(found: Iterable[Series]) -> list[str]:
    return sorted({month for one in found for month, _value in one.months}, reverse=True)
