"""One scalar cell at a time: what it says, in a normal form, or None with a reason.

Every function is pure and takes anything (JSON gives numbers, lists, booleans where text is expected). A
reason is a machine code; None for both value and reason means "not said". Nothing is guessed: a value that
could be repaired in two ways is unknown.

Source: standard-mediation-num 1.0.2 for the forms; the tests of mednum-cli (MIT) for the dirt.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

MAX_TEXT: Final = 131_072  # Characters of a cell that are looked at.
MAX_ID_BYTES: Final = 2_000  # What the national data space accepts; longer ids are broken concatenations.
MAX_LINE: Final = 255

Value = tuple[Any, str | None]

_EMPTY = frozenset(("null", "none", "nan", "undefined", "n/a", "#n/a", "non renseigné", "non renseignée"))
# Invisible marks that reorder or glue text: refused everywhere (a name must not mirror the page it is on).
_INVISIBLE = frozenset("\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*(?:>|$)")
_BLOCK_TAG = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_SUSPECT = re.compile("[ÂÃâ]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")


_SHORT: Final = 300


def text(value: Any) -> str | None:
    """Return a cell as text, NFC, without control characters, or None when it says nothing.

    Numbers are written plainly (``26130.0`` → ``26130``); lists, objects and booleans are not text: None.
    """
    if isinstance(value, str) and len(value) <= _SHORT:
        return _short_text(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and value.bit_length() > 256:
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() and abs(value) < 1e15 else value
    return _clean_text(str(value))


@lru_cache(16_384)  # Columns are mostly empty, or hold one of a few hundred lists: half of the time of a row was here.
def _short_text(value: str) -> str | None:
    return _clean_text(value)


def _clean_text(value: str) -> str | None:
    raw = unicodedata.normalize("NFC", value[:MAX_TEXT].replace("＂", '"').replace("\r\n", "\n"))
    clean = _visible(raw).strip()
    if not any(map(str.isalnum, clean)) or clean.lower() in _EMPTY:
        return None
    return clean


def _visible(raw: str) -> str:
    # isprintable() is false for every character that _is_visible refuses: one call for nearly all cells.
    return raw if raw.isprintable() else "".join(filter(_is_visible, raw))


def _is_visible(char: str) -> bool:
    if char in "\n\t":
        return True
    return char not in _INVISIBLE and unicodedata.category(char) not in ("Cc", "Cs", "Cn")


def is_odd(value: Any) -> bool:
    """Say whether a scalar field holds what cannot be text: a non-empty list or object, a boolean."""
    return isinstance(value, bool) or (isinstance(value, list | tuple | dict) and bool(value))


def without_html(raw: str) -> str:
    """Return ``raw`` without tags, scripts or entities; blocks and ``<br>`` become newlines."""
    if "<" not in raw and "&" not in raw:
        return raw
    for _ in range(3):  # "&lt;b&gt;" unescapes into a tag.
        before = raw
        for element in ("script", "style"):
            raw = _without_element(raw, element)
        raw = html.unescape(_TAG.sub("", _BLOCK_TAG.sub("\n", raw)))
        if raw == before:
            break
    return _visible(_TAG.sub("", raw))


def _without_element(raw: str, element: str) -> str:
    # By hand: a lazy regular expression is quadratic on a text of opening tags only.
    lowered, kept, start = raw.lower(), [], 0
    if len(lowered) != len(raw):
        return raw  # A letter grew when lowered (İ): positions differ. The tags themselves still go.
    while (opening := lowered.find(f"<{element}", start)) >= 0:
        kept.append(raw[start:opening])
        closing = lowered.find(f"</{element}", opening)
        start = len(raw) if closing < 0 else closing
    return "".join([*kept, raw[start:]])


def mended(raw: str) -> str:
    """Return ``raw`` with its UTF-8 once read as cp1252 (``RÃ©publique``) put right, if it decodes cleanly."""
    if not _SUSPECT.search(raw):
        return raw
    whole = _recoded(raw)
    # Word by word otherwise: one good accent elsewhere makes the whole undecodable.
    return whole if whole is not None else " ".join(_recoded(word) or word for word in raw.split(" "))


def _recoded(raw: str) -> str | None:
    for charset in ("cp1252", "latin-1"):
        try:
            return raw.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
    return None


def line(value: Any, cap: int = MAX_LINE) -> str | None:
    """Return a one-line text: no HTML, single spaces, mojibake mended, at most ``cap`` characters."""
    raw = text(value)
    if raw is None:
        return None
    flat = " ".join(without_html(mended(raw)).split())[:cap].rstrip()
    return flat if any(map(str.isalnum, flat)) else None


def paragraphs(value: Any) -> str | None:
    """Return a text that keeps its line breaks (at most one empty line in a row), without HTML."""
    raw = text(value)
    if raw is None:
        return None
    lines = (" ".join(part.split()) for part in without_html(mended(raw)).split("\n"))
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return joined if any(map(str.isalnum, joined)) else None


def address(value: Any) -> str | None:
    """Return the street part: ``null Grande Rue`` → ``Grande Rue``, ``00 Rue`` → ``Rue``."""
    raw = line(value)
    if raw is None:
        return None
    return re.sub(r"^(?:(?:null|none|undefined|0+)[\s,]+)+(?=\S)", "", raw, flags=re.IGNORECASE)


def commune(value: Any) -> tuple[str | None, str | None]:
    """Return the name as written, without leading postcode or CEDEX, and the postcode that it carried."""
    raw = line(value)
    if raw is None:
        return None, None
    found = re.match(r"(\d{5})\b[\s,-]*", raw)
    name = re.sub(r"(?:^|[\s,-]+)cedex(?:\s+\d{1,2})?$", "", raw[found.end() :] if found else raw, flags=re.IGNORECASE)
    return name.strip() or None, found[1] if found else None


def postcode(value: Any) -> Value:
    """Return five digits (``^\\d{5}$`` in 1.0.2); four digits lost a zero in a spreadsheet."""
    raw = text(value)
    if raw is None:
        return None, None
    bare = re.sub(r"\s|\.0+$", "", raw)
    bare = re.sub(r"(?<=^\d{5})cedex\d*$", "", bare, flags=re.IGNORECASE)
    if re.fullmatch(r"[1-9]\d{3}", bare):
        bare = f"0{bare}"
    if re.fullmatch(r"[0-9]{5}", bare) and bare != "00000":
        return bare, None
    return None, None if re.fullmatch(r"0+", bare) else "code-postal-invalide"


def insee(value: Any) -> Value:
    """Return an official commune code (pattern of 1.0.2: ``^([013-9]\\d|2[AB1-9])\\d{3}$``)."""
    raw = text(value)
    if raw is None:
        return None, None
    bare = re.sub(r"\s|\.0+$", "", raw).upper()
    if re.fullmatch(r"[1-9][0-9]{3}", bare):
        bare = f"0{bare}"
    if re.fullmatch(r"(?:[013-9][0-9]|2[AB1-9])[0-9]{3}", bare) and bare != "00000":
        return bare, None
    return None, None if re.fullmatch(r"0+", bare) else "code-insee-invalide"


def pivot(value: Any) -> Value:
    """Return a SIRET (14 digits, Luhn, or La Poste's own rule) or an RNA (``W`` and 9 more).

    Zeros mean "unknown" in the national files and are not an error. A SIREN, a RIDET or thirteen digits
    are refused: which establishment would it be?
    """
    raw = text(value)
    if raw is None:
        return None, None
    bare = re.sub(r"[\s._-]", "", raw).upper()
    if re.fullmatch(r"0+", bare):
        return None, None
    if re.fullmatch(r"W[0-9A-Z]{9}", bare) or (re.fullmatch(r"[0-9]{14}", bare) and _is_siret(bare)):
        return bare, None
    return None, "pivot-invalide"


def _is_siret(digits: str) -> bool:
    doubled = (int(digit) * (2 if rank % 2 == 0 else 1) for rank, digit in enumerate(digits))
    if sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0:
        return True
    # INSEE: La Poste has more establishments than its key allows; the plain sum is a multiple of 5.
    return digits.startswith("356000000") and sum(map(int, digits)) % 5 == 0


_DATE_READERS: Final[tuple[tuple[str, Callable[[re.Match[str]], date]], ...]] = (
    (r"(\d{4})-(\d\d?)-(\d\d?)(?:[T\s].*)?", lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
    (r"(\d\d?)/(\d\d?)/(\d{4})(?:\s.*)?", lambda m: date(int(m[3]), int(m[2]), int(m[1]))),
    (r"(\d{9,10})", lambda m: datetime.fromtimestamp(int(m[1]), UTC).date()),
    (r"(\d{12,13})", lambda m: datetime.fromtimestamp(int(m[1]) // 1000, UTC).date()),
    (r"0", lambda _: date(1970, 1, 1)),
)


def day(value: Any, today: date) -> Value:
    """Return an ISO date from an ISO date or timestamp, ``dd/mm/yyyy[ hh:mm]``, unix seconds or milliseconds.

    1970-01-01 is how the national files say "unknown": None without a reason. After tomorrow (time zones)
    or before 1970: ``date-invalide``.
    """
    raw = text(value)
    if raw is None:
        return None, None
    for pattern, read in _DATE_READERS:
        found = re.fullmatch(pattern, raw, re.ASCII)
        if found is None:
            continue
        try:
            found_day = read(found)
        except (ValueError, OverflowError, OSError):
            break
        if found_day == date(1970, 1, 1):
            return None, None
        sound = date(1970, 1, 1) < found_day <= today + timedelta(days=1)
        return (found_day.isoformat(), None) if sound else (None, "date-invalide")
    return None, "date-invalide"


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


def coordinates(latitude: Any, longitude: Any) -> tuple[float | None, float | None, str | None]:
    """Return latitude, longitude (degrees, WGS84) and a reason; both or neither.

    ``0, 0`` and two empty cells mean unknown. Out of range, one without the other, or swapped inside
    metropolitan France: unknown with ``coordonnees-invalides``. Swapping them back would be a guess (a
    place put in the wrong town is worse than a place without a point).
    """
    (lat, bad_lat), (lon, bad_lon) = number(latitude), number(longitude)
    if bad_lat or bad_lon or (lat is None) != (lon is None):
        # The exporter of the cartography writes 0 for "missing", in one column or in both.
        return None, None, "coordonnees-invalides" if bad_lat or bad_lon or lat or lon else None
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None, None, None
    swapped = _METROPOLE_LON[0] <= lat <= _METROPOLE_LON[1] and _METROPOLE_LAT[0] <= lon <= _METROPOLE_LAT[1]
    if not -90 <= lat <= 90 or not -180 <= lon <= 180 or swapped:
        return None, None, "coordonnees-invalides"
    return lat, lon, None


def identifier(value: Any) -> Value:
    """Return the source's id, NFC, trimmed; ``id-manquant`` or ``id-trop-long`` (over 2,000 bytes)."""
    raw = text(value)
    if raw is None:
        return None, "id-manquant"
    found = " ".join(raw.split())
    return (None, "id-trop-long") if len(found.encode("utf-8")) > MAX_ID_BYTES else (found, None)


def parts(identifier: str) -> tuple[str, ...]:
    """Return the ids that a grouped id joins (``A__B``; ``A|B`` in older files), sorted, each once.

    The *last* two underscores of a run separate: some sources end their ids with one (``…_TL_206_``), so
    ``A___B`` is ``A_`` and ``B``. A lone ``_`` is inside an id.
    """
    pieces = (piece.strip() for piece in re.split(r"__(?!_)|\|", identifier))
    return tuple(sorted({piece for piece in pieces if piece}))
