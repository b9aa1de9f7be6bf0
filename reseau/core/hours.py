"""Opening hours: one valid OpenStreetMap expression, evaluated.

Source of the syntax: the OSM ``opening_hours`` specification, which is also what the field ``horaires``
of *standard-mediation-num* 1.0.2 holds. The grammar and the calendar of public holidays are those of
``opening_hours_py`` 2.1; what it is known to evaluate *wrongly* is refused here (see ``_refusal``), because a
wrong hour sends somebody to a closed door while a sentence shown as text does not.

All evaluation is done on the clock on the wall (naive local time). Refused: giving the library aware
datetimes. It only takes ``zoneinfo`` zones (``datetime.timezone.utc`` raises ``TypeError``), at twice the
cost.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import opening_hours

MAX_LENGTH = 1000
"""Characters. Longer expressions are refused: parsing is linear, evaluation is not."""

_HORIZON = timedelta(days=366)
_DAY = 1440
# Thirteen weeks from here see each rank of each day in a month (Mo[1] to Su[5]), odd and even weeks, no
# summer.
_USUAL_MONDAY = date(2026, 9, 7)
_USUAL_WEEKS = 13

_FORBIDDEN = {"Cc", "Cs"}  # controls, lone surrogates (which the library cannot even be given)
_QUOTED = re.compile(r'("[^"]*")')
_MODIFIER_BEFORE = re.compile(r"\b(?:open|closed|off|unknown)\s*$", re.IGNORECASE)
_OPEN_END = re.compile(r":\d\d\s*\+")
_REPEATED = re.compile(r":\d\d\s*/\s*\d")
_EXCEPTION = re.compile(r";|\b(?:off|closed)\b", re.IGNORECASE)
_SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
_SCHOOL = re.compile(r"\bSH\b", re.IGNORECASE)
_MONTH_DAY = re.compile(r"\b(Feb|Apr|Jun|Sep|Nov)\s*(\d{1,2})(?!\d|:)(?:\s*-\s*(\d{1,2})(?!\d|:))?", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
_HOLIDAY = re.compile(r"\bPH\b")
_APPOINTMENT = re.compile(
    r"(?<!sans )(?<!without )(?:rendez[ -]?vous|\brdv\b|\bappointment|\br[ée]servation)", re.IGNORECASE
)


class InvalidHours(ValueError):
    """The expression is not valid OSM, or cannot be evaluated without risk of a wrong hour.

    ``reason`` is one of ``empty``, ``too_long``, ``syntax``, ``school_holidays``, ``open_end``,
    ``repetition``, ``sun``, ``no_such_date``, ``fallback``, ``night``: a page chooses its sentence from it,
    the message is for developers.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Interval:
    """Minutes from midnight of the day it starts on, the end not included.

    ``end`` exceeds 1440 for a night, kept with the day it starts. ``unknown`` is true where the expression
    says that the place may be open (OSM ``unknown``): show the comment, never "open".
    """

    start: int
    end: int
    comment: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One date. ``holiday``: a public holiday of the country, whatever the expression says of holidays."""

    date: date
    intervals: tuple[Interval, ...]
    holiday: bool


def _parse(osm: str, country: str | None) -> opening_hours.OpeningHours:
    """The library's object, or ``InvalidHours``. ``max_interval_days``: without it, an expression that never
    matches (``Mo; Mo off``) is searched up to the year 9999, one to three seconds a call."""
    try:
        return opening_hours.OpeningHours(osm, country=country, max_interval_days=_HORIZON.days)
    except BaseException as error:
        # By name: the library's types lack ParserError, and nothing exports the Rust panic, which derives
        # from BaseException and would end the worker (none was met in 2.1.4).
        if type(error).__name__ not in {"ParserError", "PanicException"}:
            raise
        # Several lines with the whole expression; the last one says what was expected.
        raise InvalidHours("syntax", str(error).rsplit("\n", 1)[-1].strip(" =")) from None


@lru_cache(maxsize=8)
def _calendar(country: str) -> opening_hours.OpeningHours:
    return opening_hours.OpeningHours("PH", country=country)


def is_holiday(day: date, country: str = "FR") -> bool:
    """Whether ``day`` is a public holiday of ``country`` (ISO 3166-1 alpha-2), by the library's own calendar.

    For France, the eleven national days; the two more of Alsace-Moselle are not known to it.
    """
    return _calendar(country).is_open(datetime.combine(day, time(12)))


def clock(minutes: int) -> str:
    """Minutes from a day's midnight as written on a door: ``24:00`` at its end, ``02:00`` after it."""
    return "24:00" if minutes == 24 * 60 else f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def split_comments(osm: str) -> list[tuple[str, str]]:
    """The expression as (text, comment) pairs in order; the comment keeps its quotes, the last may be ''."""
    pieces = [*_QUOTED.split(osm), ""]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def explicit_unknown(osm: str) -> str:
    """Write ``unknown`` before each comment that has no modifier.

    The OSM specification: a rule with only a comment is *unknown*. The library says *open*, so that a lone
    ``"sur rendez-vous"`` would be open night and day.
    """
    out = []
    for text, comment in split_comments(osm):
        bare = bool(comment) and not _MODIFIER_BEFORE.search(text)
        # One blank exactly: the library does not take two.
        out.append(f"{text.rstrip()} unknown {comment}".lstrip() if bare else text + comment)
    return "".join(out)


def _impossible_date(text: str) -> bool:
    """The library takes ``Feb 30 10:00-12:00`` for every day of the year."""
    for month, *days in _MONTH_DAY.findall(text):
        last = 29 if month.lower() == "feb" else 30
        if any(int(day) > last for day in days if day):
            return True
    return False


def _crosses_midnight(text: str) -> bool:
    for span in _SPAN.findall(text):
        start_hour, start_minute, end_hour, end_minute = map(int, span)
        start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
        if (end <= start and end > 0) or end > _DAY:
            return True
    return False


def _refusal(osm: str) -> str | None:
    """Why this expression must not be evaluated, or None.

    Each is valid OSM, or nearly, that the library would answer wrongly: no calendar of school holidays, an
    open end closed at midnight or at the given end, points in time taken for a range, sun events at a fixed
    07:00-19:00, a fallback (``|| "sur rendez-vous"``) taken for closed, and a night whose part after midnight
    escapes (``; PH off``) or loses against (``; Tu 10:00-12:00``) the rules that follow it.
    """
    if not osm.strip():
        return "empty"  # blanks alone are 24/7 to the library
    if len(osm) > MAX_LENGTH:
        return "too_long"
    if any(unicodedata.category(char) in _FORBIDDEN for char in osm):
        return "syntax"
    text = "".join(piece for piece, _ in split_comments(osm))
    checks = (
        ("school_holidays", bool(_SCHOOL.search(text))),
        ("open_end", bool(_OPEN_END.search(text))),
        ("repetition", bool(_REPEATED.search(text))),
        ("sun", bool(_SUN.search(text))),
        ("no_such_date", _impossible_date(text)),
        ("fallback", "||" in text),
        ("night", bool(_EXCEPTION.search(text)) and _crosses_midnight(text)),
    )
    return next((reason for reason, found in checks if found), None)


def _split_run(start: datetime, end: datetime) -> list[tuple[date, int, int]]:
    """A run of one state as (day, start, end in minutes): whole up to 24 hours, else cut at each midnight."""
    length = int((end - start).total_seconds()) // 60
    first = start.hour * 60 + start.minute
    if length <= _DAY:
        return [(start.date(), first, first + length)]
    pieces, day, left = [], start.date(), first + length
    while left > 0:
        pieces.append((day, first, min(left, _DAY)))
        day, left, first = day + timedelta(days=1), left - _DAY, 0
    return pieces


def _intervals(hours: opening_hours.OpeningHours, first: date, days: int) -> dict[date, tuple[Interval, ...]]:
    """Intervals of ``days`` dates from ``first``. Read from one day before to one day after, so that a night
    and a run of several days are cut in the same way from whichever date they are looked at."""
    found: dict[date, list[Interval]] = {first + timedelta(days=n): [] for n in range(days)}
    begin = datetime.combine(first, time()) - timedelta(days=1)
    for start, end, state, comment in hours.intervals(begin, begin + timedelta(days=days + 2)):
        if state == opening_hours.State.CLOSED or end is None:
            continue
        unknown = state == opening_hours.State.UNKNOWN
        for day, opens, closes in _split_run(start, end):
            if day in found:
                found[day].append(Interval(opens, closes, comment, unknown))
    return {day: tuple(intervals) for day, intervals in found.items()}


class Hours:
    """One valid OSM expression; immutable, safe between threads, equal to another of the same text and place.

    Building costs about 35 µs, ``is_open`` 2 µs, ``week`` 60 µs, the facts 0.5 ms once. ``osm`` is given back
    as it was written: the library's own rewriting drops ``open`` before a comment, which changes the meaning
    for other readers.
    """

    __slots__ = ("_facts", "_parsed", "_zone", "country", "osm", "timezone")

    def __init__(self, osm: str, *, timezone: str = "Europe/Paris", country: str = "FR") -> None:
        """``timezone``: IANA name; ``country``: ISO 3166-1 alpha-2, for the public holidays.

        Raises ``InvalidHours``. A wrong zone or country, which are settings and not data, raises
        ``zoneinfo.ZoneInfoNotFoundError`` or ``opening_hours.UnknownCountryError``.
        """
        if reason := _refusal(osm):
            raise InvalidHours(reason)
        self.osm = osm
        self.timezone = timezone
        self.country = country
        self._zone = ZoneInfo(timezone)
        self._parsed = _parse(explicit_unknown(osm), country)
        self._facts: tuple[bool, bool] | None = None

    def __repr__(self) -> str:
        return f"Hours({self.osm!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hours) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, str, str]:
        return self.osm, self.timezone, self.country

    def _wall(self, at: datetime) -> datetime:
        if at.utcoffset() is None:
            raise ValueError("an aware datetime is needed: 'now' has no meaning without its zone")
        return at.astimezone(self._zone).replace(tzinfo=None)

    def _state(self, wall: datetime) -> bool | None:
        state, _comment = self._parsed.state(wall)
        return None if state == opening_hours.State.UNKNOWN else bool(state == opening_hours.State.OPEN)

    def is_open(self, at: datetime) -> bool | None:
        """Open at ``at`` (aware, else ``ValueError``)? None where the expression says *unknown*.

        In the hour that October repeats, both passes follow the clock on the wall.
        """
        return self._state(self._wall(at))

    def next_change(self, at: datetime) -> datetime | None:
        """When ``is_open`` next gives another answer, aware in the place's zone; None if not within 366 days.

        A change of comment alone is not a change. A change inside the hour that March skips happens when the
        hour is skipped; inside the hour that October repeats, at its first pass still to come.
        """
        wall = self._wall(at)
        state, limit, changed = self._state(wall), wall + _HORIZON, wall
        while True:
            following = self._parsed.next_change(changed)
            if following is None or following > limit:
                return None
            changed = following
            if self._state(changed) != state:
                moment = self._instant(changed, at)
                if self.is_open(moment) != state:  # both edges of an opening may fall in the skipped hour
                    return moment

    def _instant(self, wall: datetime, after: datetime) -> datetime:
        """The moment the clock on the wall shows ``wall``, the first such one later than ``after``."""
        first = wall.replace(tzinfo=self._zone)
        moment = first.astimezone(UTC)
        if moment.astimezone(self._zone).replace(tzinfo=None) != wall:
            # Skipped hour: fold=0 lands as far after the jump as `wall` is inside the gap; go back to it.
            before = (moment - timedelta(hours=3)).astimezone(self._zone).utcoffset()
            while (moment - timedelta(minutes=1)).astimezone(self._zone).utcoffset() != before:
                moment -= timedelta(minutes=1)
        elif moment <= after.astimezone(UTC):
            moment = first.replace(fold=1).astimezone(UTC)
        return moment.astimezone(self._zone)

    def week(self, monday: date) -> tuple[Day, ...]:
        """The seven days from ``monday`` (any date is taken), with the holidays, parity, ranks of those
        days."""
        found = _intervals(self._parsed, monday, 7)
        return tuple(Day(day, spans, is_holiday(day, self.country)) for day, spans in found.items())

    def day_intervals(self, day: date) -> tuple[Interval, ...]:
        """What ``week`` gives for this date, alone. ``OverflowError`` at the very ends of the calendar."""
        return _intervals(self._parsed, day, 1)[day]

    def _usual(self) -> tuple[bool, bool]:
        """(evening, week-end) over ordinary weeks; parsed without a country, so that no day is a
        holiday."""
        if self._facts is None:
            parsed = _parse(explicit_unknown(self.osm), None)
            evening = weekend = False
            for day, spans in _intervals(parsed, _USUAL_MONDAY, 7 * _USUAL_WEEKS).items():
                for span in spans:
                    if not span.unknown:
                        evening = evening or span.end > 18 * 60
                        weekend = weekend or day.weekday() >= 5 or (day.weekday() == 4 and span.end > _DAY)
            self._facts = (evening, weekend)
        return self._facts

    @property
    def opens_evening(self) -> bool:
        """Open for sure after 18:00 on some day of an ordinary week, be it once a month or less.

        Ordinary: no public holiday, not in summer (the thirteen weeks from 7 September 2026).
        """
        return self._usual()[0]

    @property
    def opens_weekend(self) -> bool:
        """Open for sure at some minute of a Saturday or Sunday of an ordinary week (see
        ``opens_evening``)."""
        return self._usual()[1]

    @property
    def says_holidays(self) -> bool:
        """The expression says something of public holidays, or is open without end: then a holiday is no doubt."""
        rules = [rule for rule, _ in split_comments(self.osm)]
        return any(_HOLIDAY.search(rule) for rule in rules) or self.osm.strip() == "24/7"

    def doubtful(self, day: date) -> bool:
        """``day`` is a public holiday of which the expression says nothing: OSM reads it as an ordinary day, people
        mostly find the door closed. Nobody should be told "open" on the strength of that."""
        return is_holiday(day, self.country) and not self.says_holidays

    @property
    def by_appointment(self) -> bool:
        """A comment says that one comes on appointment ("sur rendez-vous", "RDV", "by appointment"...)."""
        return any(_APPOINTMENT.search(comment) for _, comment in split_comments(self.osm))
