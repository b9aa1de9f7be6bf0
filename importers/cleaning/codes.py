"""Cells that hold a code, a date or a position, in a normal form, or nothing with the reason.

Source: the patterns of standard-mediation-num 1.0.2; INSEE for SIRET and RNA.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from importers.cleaning.rules import NOTHING, Mended
from importers.cleaning.texts import is_odd, text
from reseau.core.mending import Step, mend, sub

__all__ = ["coordinates", "day", "insee", "number", "pivot", "postcode"]

POSTCODE_RULES: Final = (
    sub("espaces", r"\s"),
    sub("point-zero", r"\.0+$"),
    sub("cedex", r"(?<=^\d{5})[,-]?cedex\d*$"),
    sub("zero-perdu", r"^([1-9]\d{3})$", r"0\1"),
)
INSEE_RULES: Final = (
    sub("espaces", r"\s"),
    sub("point-zero", r"\.0+$"),
    sub("zero-perdu", r"^([1-9]\d{3})$", r"0\1"),
)
PIVOT_RULES: Final = (sub("ponctuation", r"[\s._-]"),)

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")


def postcode(value: Any) -> Mended:
    """Return five digits (``^\\d{5}$`` in 1.0.2); four digits lost a zero in a spreadsheet."""
    raw = text(value)
    if raw is None:
        return NOTHING
    bare, steps = _floating(value, *mend(raw, POSTCODE_RULES))
    if re.fullmatch(r"[0-9]{5}", bare) and bare != "00000":
        return Mended(bare, None, steps)
    return Mended(None, None if re.fullmatch(r"0+", bare) else "code-postal-invalide")


def insee(value: Any) -> Mended:
    """Return an official commune code (pattern of 1.0.2: ``^([013-9]\\d|2[AB1-9])\\d{3}$``)."""
    raw = text(value)
    if raw is None:
        return NOTHING
    bare, steps = _floating(value, *mend(raw, INSEE_RULES))
    bare = bare.upper()
    if re.fullmatch(r"(?:[013-9][0-9]|2[AB1-9])[0-9]{3}", bare) and bare != "00000":
        return Mended(bare, None, steps)
    return Mended(None, None if re.fullmatch(r"0+", bare) else "code-insee-invalide")


def _floating(value: Any, bare: str, steps: tuple[Step, ...]) -> tuple[str, tuple[Step, ...]]:
    """``26130.0`` as a number of JSON is written ``26130`` by :func:`texts.text`: say it too."""
    if isinstance(value, float):
        steps = (("point-zero", str(value), text(value) or ""), *steps)
    return bare, steps


def pivot(value: Any) -> Mended:
    """Return a SIRET (14 digits, Luhn, or La Poste's own rule) or an RNA (``W`` and 9 more).

    Zeros mean "unknown" in the national files and are not an error. A SIREN, a RIDET or thirteen digits
    are refused: which establishment would it be?
    """
    raw = text(value)
    if raw is None:
        return NOTHING
    bare, steps = mend(raw, PIVOT_RULES)
    bare = bare.upper()
    if re.fullmatch(r"0+", bare):
        return NOTHING
    if re.fullmatch(r"W[0-9A-Z]{9}", bare) or (re.fullmatch(r"[0-9]{14}", bare) and _is_siret(bare)):
        return Mended(bare, None, steps)
    return Mended(None, "pivot-invalide")


def _is_siret(digits: str) -> bool:
    doubled = (int(digit) * (2 if rank % 2 == 0 else 1) for rank, digit in enumerate(digits))
    if sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0:
        return True
    # INSEE: La Poste has more establishments than its key allows; the plain sum is a multiple of 5.
    return digits.startswith("356000000") and sum(map(int, digits)) % 5 == 0


#: (rule, pattern, reader); "": already as it should be.
_DATE_READERS: Final[tuple[tuple[str, str, Callable[[re.Match[str]], date]], ...]] = (
    ("", r"(\d{4})-(\d\d)-(\d\d)", lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
    ("date-sans-heure", r"(\d{4})-(\d\d?)-(\d\d?)(?:[T\s].*)?", lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
    ("date-francaise", r"(\d\d?)/(\d\d?)/(\d{4})(?:\s.*)?", lambda m: date(int(m[3]), int(m[2]), int(m[1]))),
    ("date-unix", r"(\d{9,10})", lambda m: datetime.fromtimestamp(int(m[1]), UTC).date()),
    ("date-unix", r"(\d{12,13})", lambda m: datetime.fromtimestamp(int(m[1]) // 1000, UTC).date()),
    ("date-unix", r"0", lambda _: date(1970, 1, 1)),
)


def day(value: Any, today: date) -> Mended:
    """Return an ISO date from an ISO date or timestamp, ``dd/mm/yyyy[ hh:mm]``, unix seconds or milliseconds.

    1970-01-01 is how the national files say "unknown": None without a reason. After tomorrow (time zones)
    or before 1970: ``date-invalide``.
    """
    raw = text(value)
    if raw is None:
        return NOTHING
    for rule, pattern, read in _DATE_READERS:
        found = re.fullmatch(pattern, raw, re.ASCII)
        if found is None:
            continue
        try:
            found_day = read(found)
        except (ValueError, OverflowError, OSError):
            break
        if found_day == date(1970, 1, 1):
            return NOTHING
        if not date(1970, 1, 1) < found_day <= today + timedelta(days=1):
            break
        written = found_day.isoformat()
        return Mended(written, None, ((rule, raw, written),) if rule else ())
    return Mended(None, "date-invalide")


def number(value: Any) -> tuple[float | None, bool]:
    """Return a decimal number (comma or point) and whether the cell held something that is not one."""
    raw = text(value)
    if raw is None:
        return None, isinstance(value, float) or is_odd(value)
    plain = raw.replace(",", ".").replace("\u2212", "-").replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        return None, True
    found = float(plain)
    return (found, False) if math.isfinite(found) else (None, True)


# Metropolitan France, degrees WGS84, wide: only to recognise that the two were swapped.
_METROPOLE_LAT: Final = (41.0, 51.5)
_METROPOLE_LON: Final = (-5.5, 10.0)


def coordinates(latitude: Any, longitude: Any) -> Mended:
    """Return (latitude, longitude) in degrees WGS84, both or neither.

    ``0, 0`` and two empty cells mean unknown. Out of range, one without the other, or swapped inside
    metropolitan France: unknown with ``coordonnees-invalides``. Swapping them back would be a guess (a
    place put in the wrong town is worse than a place without a point).
    """
    (lat, bad_lat), (lon, bad_lon) = number(latitude), number(longitude)
    if bad_lat or bad_lon or (lat is None) != (lon is None):
        # The exporter of the cartography writes 0 for "missing", in one column or in both.
        return Mended((None, None), "coordonnees-invalides" if bad_lat or bad_lon or lat or lon else None)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return Mended((None, None))
    swapped = _METROPOLE_LON[0] <= lat <= _METROPOLE_LON[1] and _METROPOLE_LAT[0] <= lon <= _METROPOLE_LAT[1]
    if not -90 <= lat <= 90 or not -180 <= lon <= 180 or swapped:
        return Mended((None, None), "coordonnees-invalides")
    commas = [cell for cell in (latitude, longitude) if isinstance(cell, str) and "," in cell]
    return Mended((lat, lon), None, tuple(("virgule-decimale", cell, cell.replace(",", ".")) for cell in commas))
