"""A week as a person enters it: the model, times as they are typed, what cannot be, and the OSM that is written.

Source of the syntax: the OSM ``opening_hours`` specification; what is written is also accepted by ``hours.Hours``
(no nights, no school holidays...). Use the names through ``hours_grid``, which adds the way back and the form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from reseau.core.hours import MAX_LENGTH, clock
from reseau.core.wording import _

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MIDNIGHT = 24 * 60
"""Minutes, as the end of a day."""
WEEK = timedelta(days=7)
APPOINTMENT = "sur rendez-vous"
MAX_INPUT = 300
"""Characters of a form field that are looked at; longer ones are refused."""
MAX_SPANS = 2
MAX_CLOSURES = 4
MAX_CLOSURE_DAYS = 366
MAX_REASON = 60
YEARS = range(2000, 2101)
"""Years of the dates that are taken. Others are slips, and cost evaluation time."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# 13 months at the least are said of a cycle.
_CYCLE_SAID = timedelta(days=400)
# ISO weeks that never leave their calendar year: week 1 may begin in December, 52 and 53 end in January, and
# "2027 week 53" would be the first days of 2027.
_INNER_WEEKS = range(2, 52)

_TIME_WORDS = {"midi": 12 * 60, "minuit": 0}
_TIME = re.compile(r"(\d\d?)(?: ?[hH](?: ?(\d\d))?| ?[:.] ?(\d\d))?|(\d\d?)(\d\d)", re.ASCII)
_DATE = re.compile(r"(\d\d?) ?([/.-]) ?(\d\d?) ?\2 ?(\d{4})|(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes from midnight, the end not included; 0 <= start < end <= 1440. No nights: ``Hours`` refuses them
    next to exceptions, for the library evaluates those wrongly."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GridDay:
    """One day of the week, at most two spans in order. ``by_appointment`` with spans: one comes in these hours, on
    appointment (OSM ``open "sur rendez-vous"``); without: the hours are to be asked (*unknown* all day)."""

    spans: tuple[Span, ...] = ()
    by_appointment: bool = False


@dataclass(frozen=True, slots=True)
class Closure:
    """An exceptional closure, both days included. ``reason``: short free text, goes out as a comment."""

    start: date
    end: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Open ``on`` weeks, then closed for ``every - on``; 1 <= on < every <= 4. ``since``: any day of one first open
    week. It only sets the phase: the cycle is taken to run before that day as well."""

    on: int
    every: int
    since: date

    def is_open(self, monday: date) -> bool:
        """Whether the week of that Monday is one of the open ones."""
        return (monday - monday_of(self.since)).days // 7 % self.every < self.on


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole form. ``holidays``: public holidays are closed, as ordinary days, or nothing is said of them."""

    days: tuple[GridDay, ...]
    cycle: Cycle | None = None
    holidays: Literal["closed", "open", "unsaid"] = "unsaid"
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """``day``: 0 is Monday, None for the rest of the form. ``field``: name of the form field. ``code``: a key of
    ``SENTENCES``."""

    day: int | None
    field: str
    code: str


SENTENCES: dict[str, str] = {
    "time": _("Écrivez une heure comme 9, 9h30 ou 14:30."),
    "incomplete": _("Il manque une heure : écrivez le début et la fin."),
    "order": _("L’heure de fin doit venir après l’heure de début."),
    "night": _("Ici, la journée s’arrête à minuit : écrivez 24:00 au plus tard."),
    "overlap": _("Ces deux horaires se chevauchent : vérifiez les heures."),
    "too_many": _("Il y en a trop pour ce formulaire : enlevez-en."),
    "date": _("Écrivez une date comme 24/12/2026."),
    "closure_incomplete": _("Écrivez les deux dates, même si la fermeture ne dure qu’un jour."),
    "closure_order": _("La fermeture se termine avant de commencer : vérifiez les deux dates."),
    "closure_long": _("Cette fermeture dure plus d’un an : vérifiez les deux dates."),
    "reason_long": _("Ce motif est trop long : quelques mots suffisent."),
    "cycle": _("Choisissez les semaines d’ouverture dans la liste."),
    "cycle_since": _("Écrivez une date de la première semaine d’ouverture, comme 24/12/2026."),
    "choice": _("Choisissez une réponse de la liste."),
    "no_hours": _("Écrivez les heures d’un jour au moins."),
    "long": _("Ce texte est trop long : écrivez moins de mots."),
    "too_long": _("Tout cela est trop long à garder : raccourcissez les motifs des fermetures."),
}
"""What each ``Problem.code`` means, in the words of the form; to be translated where it is shown."""


class GridError(ValueError):
    """What stands in the form cannot be opening hours; ``problems`` is never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in self.problems))


def monday_of(day: date) -> date:
    """The Monday of the ISO week of ``day``."""
    return day - timedelta(days=day.weekday())


def clean_reason(text: str) -> str:
    """Without what a comment of OSM cannot hold: quotes, controls, invisible characters, runs of blanks.

    The full-width quote goes as well: ``hours_fixes`` reads it as a quote, as registers write it.
    """
    kept = (" " if char.isspace() else char for char in text if char not in '"\uff02')
    return " ".join("".join(c for c in kept if not unicodedata.category(c).startswith("C")).split())


def normal(grid: Grid, today: date) -> Grid:
    """The grid that ``from_osm`` gives back for ``to_osm(grid)``: closures in order, those that ended before
    ``today`` dropped, reasons cleaned, ``since`` the latest Monday up to ``today`` that opens a first open week."""
    kept = {Closure(c.start, c.end, clean_reason(c.reason)) for c in grid.closures if c.end >= today}
    closures = tuple(sorted(kept, key=lambda c: (c.start, c.end, c.reason)))
    cycle = grid.cycle
    if cycle:
        weeks = (monday_of(today) - monday_of(cycle.since)).days // 7
        cycle = replace(cycle, since=monday_of(today) - weeks % cycle.every * WEEK)
    return replace(grid, cycle=cycle, closures=closures)


# Times and dates as they are typed


def tidy(text: str) -> str:
    """Without invisible characters (marks of direction, controls) and outer blanks; digits of any script as ours."""
    out = []
    for char in text:
        if char.isspace():
            out.append(" ")
        elif not unicodedata.category(char).startswith("C"):
            digit = unicodedata.decimal(char, None)
            out.append(char if digit is None else str(digit))
    return "".join(out).replace("\uff1a", ":").strip()


def read_time(text: str) -> int | None:
    """Minutes from midnight, 0 to 1440, of ``9``, ``9h``, ``14 h 30``, ``09:30``, ``9.30``, ``930``, ``٩:٣٠``...

    None when it is not surely understood (``9h5``, ``9-12``). ``24:00`` is 1440, ``0h`` and ``minuit`` are 0: who
    calls knows whether it is an end.
    """
    if len(text) > MAX_INPUT:
        return None
    words = tidy(text).lower()
    if words in _TIME_WORDS:
        return _TIME_WORDS[words]
    found = _TIME.fullmatch(words)
    if not found:
        return None
    hour = int(found[1] or found[4])
    minute = int(found[2] or found[3] or found[5] or 0)
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= MIDNIGHT else None


def write_time(minutes: int) -> str:
    """``9:00``, ``14:30``, ``24:00``: minutes from midnight as the form shows them."""
    return f"{minutes // 60}:{minutes % 60:02}"


def read_date(text: str) -> date | None:
    """``24/12/2026``, ``24-12-2026``, ``24.12.2026`` or ``2026-12-24``; None for anything else, as a year of two digits
    or one that is not in ``YEARS``."""
    found = _DATE.fullmatch(tidy(text)) if len(text) <= MAX_INPUT else None
    if not found:
        return None
    day, _, month, year, iso_year, iso_month, iso_day = found.groups()
    try:
        read = date(int(year or iso_year), int(month or iso_month), int(day or iso_day))
    except ValueError:
        return None
    return read if read.year in YEARS else None


# What cannot be


def span_problem(start: int, end: int) -> str | None:
    """Code of what is wrong with a span: ``night``, ``order``, ``time``, or None."""
    if end > MIDNIGHT:
        return "night"
    if start >= end:
        return "order"
    return "time" if start < 0 else None


def closure_problems(closure: Closure, number: int) -> list[Problem]:
    """What is wrong with the closure of that place in the form (from 0)."""
    name, problems = f"h-fermeture-{number}", []
    for field, day in (("du", closure.start), ("au", closure.end)):
        if day.year not in YEARS:
            problems.append(Problem(None, f"{name}-{field}", "date"))
    if closure.end < closure.start:
        problems.append(Problem(None, f"{name}-au", "closure_order"))
    elif (closure.end - closure.start).days >= MAX_CLOSURE_DAYS:
        problems.append(Problem(None, f"{name}-au", "closure_long"))
    if len(clean_reason(closure.reason)) > MAX_REASON:
        problems.append(Problem(None, f"{name}-motif", "reason_long"))
    return problems


def whole_problems(grid: Grid) -> list[Problem]:
    """What is wrong with the parts taken together: a rhythm or closures, and no hours. OSM would read "closed all
    year except" in closures alone."""
    if any(day.spans or day.by_appointment for day in grid.days) or not (grid.cycle or grid.closures):
        return []
    return [Problem(None, "h-0-1-de", "no_hours")]


def _day_problems(number: int, day: GridDay) -> Iterator[Problem]:
    for slot, span in enumerate(day.spans, 1):
        if code := span_problem(span.start, span.end):
            yield Problem(number, f"h-{number}-{slot}-a", code)
    if len(day.spans) > MAX_SPANS:
        yield Problem(number, f"h-{number}-{MAX_SPANS}-a", "too_many")
    if any(later.start < earlier.end for earlier, later in pairwise(day.spans)):
        yield Problem(number, f"h-{number}-2-de", "overlap")


def _problems(grid: Grid) -> list[Problem]:
    problems = [problem for number, day in enumerate(grid.days) for problem in _day_problems(number, day)]
    cycle = grid.cycle
    if cycle and not 1 <= cycle.on < cycle.every <= 4:
        problems.append(Problem(None, "h-rythme", "cycle"))
    if cycle and cycle.since.year not in YEARS:
        problems.append(Problem(None, "h-rythme-depuis", "date"))
    for number, closure in enumerate(grid.closures):
        problems += closure_problems(closure, number)
    if len(grid.closures) > MAX_CLOSURES:
        problems.append(Problem(None, f"h-fermeture-{MAX_CLOSURES - 1}-du", "too_many"))
    return problems + whole_problems(grid)


# Writing


def _day_list(days: list[int]) -> str:
    """``Mo-We,Fr``: three days or more in a row as a range."""
    names: list[str] = []
    for first in (day for day in days if day - 1 not in days):
        last = next(day for day in range(first, 7) if day + 1 not in days)
        run = DAYS[first : last + 1]
        names += [f"{run[0]}-{run[-1]}"] if len(run) > 2 else run
    return ",".join(names)


def _day_text(day: GridDay) -> str:
    if not day.spans:
        return f'"{APPOINTMENT}"'
    times = ",".join(f"{clock(span.start)}-{clock(span.end)}" for span in day.spans)
    return f'{times} open "{APPOINTMENT}"' if day.by_appointment else times


def _week_rules(grid: Grid) -> list[str]:
    """One rule for each kind of day. Holidays as ordinary days: ``Mo,PH 09:00-12:00; Tu 14:00-17:00; We-Su off``.

    The later rules take back their days from ``PH``, so that each day of the week needs one. Refused: ``PH off``
    before the others, which says the same and is read the other way by people; ``PH Mo-Fr``, which the library
    takes for "holidays, and Monday to Friday".
    """
    groups: dict[GridDay, list[int]] = {}
    for number, day in enumerate(grid.days):
        groups.setdefault(day, []).append(number)
    closed = groups.pop(GridDay(), [])
    names = [_day_list(days) for days in groups.values()]
    if grid.holidays == "open":
        names[0] += ",PH"
    rules = [f"{name} {_day_text(day)}" for name, day in zip(names, groups, strict=True)]
    return [*rules, f"{_day_list(closed)} off"] if grid.holidays == "open" and closed else rules


def _one_date(day: date) -> str:
    return f"{day.year:04} {MONTHS[day.month - 1]} {day.day:02}"


def _dates(start: date, end: date) -> str:
    if start == end:
        return _one_date(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{_one_date(start)}-{end.day:02}"
    # The year again, though optional within one year: readers differ on what its absence means.
    return f"{_one_date(start)}-{_one_date(end)}"


def cycle_rules(cycle: Cycle, first_year: int, end_year: int) -> list[str]:
    """The closed weeks of the years from ``first_year`` up to, without, ``end_year``.

    ``week 01-53/2`` is wrong after each New Year, for weeks restart at 1 (and 2026 has 53). Hence years with the
    weeks that lie inside them, and dates for the few around New Year. Dates for all weeks would be right as well, and
    take 480 characters for 13 months of "1 semaine sur 2"; this takes 224 at most for up to 25 months.
    """
    inner: dict[int, dict[int, int]] = {}
    outer: list[date] = []
    monday = monday_of(date(first_year, 1, 1))
    while monday < date(end_year, 1, 1):
        week = monday.isocalendar().week
        if cycle.is_open(monday):
            pass
        elif monday.year >= first_year and week in _INNER_WEEKS:
            inner.setdefault(monday.year, {}).setdefault(week % cycle.every, week)
        else:
            outer.append(monday)
        monday += WEEK
    rules = []
    for year, firsts in sorted(inner.items()):
        weeks = ",".join(f"{week:02}-{_INNER_WEEKS[-1]}/{cycle.every}" for week in sorted(firsts.values()))
        rules.append(f"{year} week {weeks} off")
    for first in (day for day in outer if day - WEEK not in outer):
        last = next(day for day in outer if day >= first and day + WEEK not in outer)
        rules.append(f"{_dates(first, last + timedelta(days=6))} off")
    return rules


def _cycle_years(today: date) -> tuple[int, int]:
    return today.year, (today + _CYCLE_SAID).year + 1


def to_osm(grid: Grid, today: date) -> str | None:
    """The canonical OSM expression, at most ``hours.MAX_LENGTH`` characters, accepted by ``Hours``.

    None if no day has hours: nothing is known then, not "closed". Closures that ended before ``today`` are dropped.
    A cycle is written up to a New Year 13 to 25 months ahead; from that day on the place is *unknown* on its days
    (``2029+ Mo-Fr unknown "1 semaine sur 2"``) until somebody saves the form again.

    Raises ``GridError``, with the codes of ``SENTENCES``.
    """
    if len(grid.days) != len(DAYS):
        raise ValueError("a grid has seven days")
    if problems := _problems(grid):
        raise GridError(problems)
    grid = normal(grid, today)
    open_days = [number for number, day in enumerate(grid.days) if day != GridDay()]
    if not open_days:
        return None
    rules = _week_rules(grid)
    if cycle := grid.cycle:
        first_year, end_year = _cycle_years(today)
        # Before the closed weeks: hours_text takes a rule that opens after an exception for a slip.
        words = f"{cycle.on} semaine{'s' if cycle.on > 1 else ''} sur {cycle.every}"
        rules.append(f'{end_year}+ {_day_list(open_days)} unknown "{words}"')
        rules += cycle_rules(cycle, first_year, end_year)
    if grid.holidays == "closed":
        rules.append("PH off")
    for closure in grid.closures:
        reason = f' "{closure.reason}"' if closure.reason else ""
        rules.append(f"{_dates(closure.start, closure.end)} off{reason}")
    osm = "; ".join(rules)
    if len(osm) > MAX_LENGTH:
        raise GridError([Problem(None, "h-fermeture-0-motif", "too_long")])
    return osm
