"""A line of a partner's table as a row of standard-mediation-num 1.0.2, with an id. Pure.

The id: the partner's own column; else the SIRET, when only one line of the table has it; else a digest of the folded
name, address and commune (so that renaming a place makes a new one: the page says so).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from importers.cleaning import codes
from importers.sheets.fields import DAYS, JOINS
from reseau.core.vocabularies import fold

Values = Mapping[str, Sequence[str]]
#: Day 0 of dates that a spreadsheet gives as numbers.
EPOCH = date(1899, 12, 30)


def siret(values: Values) -> str | None:
    """The SIRET or RNA of a line, if it is one."""
    found: str | None = codes.pivot(next(iter(values.get("pivot", ())), None)).value
    return found


def sirets(lines: Iterable[Values]) -> frozenset[str]:
    """SIRET that only one line has."""
    counted = Counter(found for values in lines if (found := siret(values)))
    return frozenset(found for found, number in counted.items() if number == 1)


def row(values: Values, alone: frozenset[str]) -> dict[str, Any]:
    """The row. :param alone: see :func:`sirets`."""
    found: dict[str, Any] = {}
    for field, texts in values.items():
        if field not in DAYS:
            found[field] = JOINS.get(field, " ").join(texts)
    if hours := _week(values):
        found["horaires"] = " ; ".join(filter(None, (found.get("horaires"), hours)))
    if re.fullmatch(r"[1-9]\d{4}", found.get("date_maj", "")):
        found["date_maj"] = (EPOCH + timedelta(days=int(found["date_maj"]))).isoformat()
    found["id"] = found.get("id") or _id(found, siret(values), alone)
    return found


def _week(values: Values) -> str:
    said = [f"{day.capitalize()} : {' '.join(values[day])}" for day in DAYS if values.get(day)]
    return " ; ".join(re.sub(r"(?<=\d)\s*(/|et)\s*(?=\d)", ", ", one) for one in said)


def _id(found: Mapping[str, Any], pivot: str | None, alone: frozenset[str]) -> str:
    if pivot and pivot in alone:
        return pivot
    said = [fold(str(found.get(field, ""))) for field in ("nom", "adresse", "commune")]
    if not any(said):
        return ""
    return "t-" + hashlib.sha256("\n".join(said).encode()).hexdigest()[:20]
