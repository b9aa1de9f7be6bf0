"""The form with which a person enters opening hours, without JavaScript: fields, grid, OSM, and back.

``grid_from_fields`` reads a posted form, ``to_osm`` writes it, ``from_osm`` and ``fields_from_grid`` fill the form
again. Pure: no request, no database. The model and the writing are in ``hours_grid_osm``; take all names from here.

**Never a wrong hour**: ``from_osm`` reads only rules that it understands whole, then compares day by day the
evaluation of what it read with that of the original; one minute of difference and it reads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Literal

from reseau.core.hours import Hours, split_comments
from reseau.core.hours_grid_osm import (
    APPOINTMENT,
    DAYS,
    MAX_CLOSURES,
    MAX_INPUT,
    MAX_SPANS,
    MIDNIGHT,
    MONTHS,
    SENTENCES,
    WEEK,
    YEARS,
    Closure,
    Cycle,
    Grid,
    GridDay,
    GridError,
    Problem,
    Span,
    clean_reason,
    closure_problems,
    cycle_rules,
    monday_of,
    normal,
    read_date,
    read_time,
    span_problem,
    tidy,
    to_osm,
    whole_problems,
    write_time,
)

__all__ = [
    "DAYS",
    "RHYTHMS",
    "SENTENCES",
    "Closure",
    "Cycle",
    "Grid",
    "GridDay",
    "GridError",
    "Problem",
    "Span",
    "fields_from_grid",
    "from_osm",
    "grid_from_fields",
    "normal",
    "read_time",
    "to_osm",
    "write_time",
]

_APPOINTMENT_WORDS = {APPOINTMENT, "sur rendez vous", "sur rdv", "rendez-vous", "rdv"}
_COMPARED_WEEKS = 61  # 14 months
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_MONTH = "(?:" + "|".join(MONTHS) + ")"
_TIMES = r"\d\d?:\d\d-\d\d?:\d\d"
_RULE = re.compile(
    rf"(?P<days>(?:{_DAY}(?:-{_DAY})?|PH)(?:,(?:{_DAY}(?:-{_DAY})?|PH))*)?"
    rf" ?(?P<times>{_TIMES}(?:, ?{_TIMES})*)?"
    r' ?(?P<state>open|off|closed|unknown)?(?: ?"(?P<comment>[^"]*)")?'
)
_ONE_DATE = rf"\d{{4}} {_MONTH} \d\d?(?:-(?:(?:\d{{4}} )?{_MONTH} )?\d\d?)?"
_DATED = re.compile(rf'(?P<dates>{_ONE_DATE}(?:, ?{_ONE_DATE})*) (?:off|closed)(?: "(?P<reason>[^"]*)")?')
_DATE_PARTS = re.compile(rf"(\d{{4}}) ({_MONTH}) (\d\d?)(?:-(?:(?:(\d{{4}}) )?({_MONTH}) )?(\d\d?))?")
_BEYOND = re.compile(r'(\d{4})\+ [A-Za-z,-]+ unknown "([1-3]) semaines? sur ([2-4])"')
# A comma starts another rule after a time, a comment or a state, and before letters; elsewhere it makes lists.
_SEPARATOR = re.compile(r'\s*(?:(;)|(?:(?<=:\d\d)|(?<=")|(?<=off)|(?<=open)|(?<=closed)),(?=\s*[A-Z]))\s*')


# Reading


class _TooRich(Exception):
    """The expression says more than a grid holds, or something that is not understood."""


class _Week:
    """Days of the week as the rules make them, one by one: on ordinary dates, and when they are holidays."""

    def __init__(self) -> None:
        self.ordinary = [GridDay()] * 7
        self.holiday = [GridDay()] * 7
        self.says_holidays = False

    def apply(self, rule: str, *, adds: bool) -> None:
        found = _RULE.fullmatch(rule)
        if not rule or not found:
            raise _TooRich(rule)
        day = _read_day(found["times"], found["state"], found["comment"])
        names = (found["days"] or "Mo-Su").split(",")
        numbers = {number for name in names if name != "PH" for number in _day_numbers(name)}
        for number in range(7):
            if number in numbers:
                self.ordinary[number] = _put(self.ordinary[number], day, adds)
            if number in numbers or "PH" in names:
                self.holiday[number] = _put(self.holiday[number], day, adds)
        self.says_holidays = self.says_holidays or "PH" in names

    def holidays(self) -> Literal["closed", "open", "unsaid"]:
        if not self.says_holidays:
            return "unsaid"
        if self.holiday == self.ordinary:
            return "open"
        if self.holiday == [GridDay()] * 7:
            return "closed"
        raise _TooRich("PH")


def _day_numbers(name: str) -> Iterator[int]:
    first, _, last = name.partition("-")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return ((start + step) % 7 for step in range((end - start) % 7 + 1))


def _put(before: GridDay, day: GridDay, adds: bool) -> GridDay:
    if not adds or not before.spans or not day.spans:
        return day
    if before.by_appointment != day.by_appointment:
        raise _TooRich("two kinds of hours in a day")
    return replace(day, spans=tuple(sorted(before.spans + day.spans, key=lambda span: span.start)))


def _read_day(times: str | None, state: str | None, comment: str | None) -> GridDay:
    if comment is not None and _said(comment) != APPOINTMENT:
        raise _TooRich(comment)
    if times is None:
        if state in {"off", "closed"} and comment is None:
            return GridDay()
        if state in {None, "unknown"} and comment is not None:
            return GridDay(by_appointment=True)
        raise _TooRich("open, and no hours")
    # With hours, a bare comment is *unknown* by the specification, which no day of the grid is.
    if state not in {None, "open"} or (comment is not None and state is None):
        raise _TooRich(state)
    minutes = [int(hour) * 60 + int(minute) for hour, minute in re.findall(r"(\d\d?):(\d\d)", times)]
    spans = tuple(Span(start, end) for start, end in zip(minutes[::2], minutes[1::2], strict=True))
    return GridDay(tuple(sorted(spans, key=lambda span: span.start)), comment is not None)


def _said(comment: str) -> str:
    return APPOINTMENT if comment.strip().lower() in _APPOINTMENT_WORDS else comment


def _rules(osm: str) -> list[tuple[bool, str]]:
    """The rules in order, each with whether it adds to the earlier ones (``,``) or replaces them (``;``)."""
    pieces = split_comments(osm)
    # Comments are masked by their number: they may hold separators.
    masked = "".join(text + (f'"{n}"' if comment else "") for n, (text, comment) in enumerate(pieces))
    parts = _SEPARATOR.split(masked.strip())
    rules = [(False, parts[0])] + [(sep is None, rule) for sep, rule in zip(parts[1::2], parts[2::2], strict=True)]
    return [(adds, re.sub(r'"(\d+)"', lambda found: pieces[int(found[1])][1], rule)) for adds, rule in rules]


def _read_dates(text: str, reason: str) -> Iterator[Closure]:
    for year, month, day, end_year, end_month, end_day in _DATE_PARTS.findall(text):
        start = date(int(year), MONTHS.index(month) + 1, int(day))
        end = start
        if end_day:
            end = date(int(end_year or year), MONTHS.index(end_month or month) + 1, int(end_day))
        yield Closure(start, end, clean_reason(reason))


def _take_cycle(rules: list[tuple[bool, str]]) -> tuple[Cycle | None, date | None]:
    """Remove from ``rules`` what ``to_osm`` writes for a cycle. The cycle, and the day from which it is unknown.

    Only the canonical text is read: the phases there can be are written again, and one must be the same.
    """
    at, found = next(((n, match) for n, (_, rule) in enumerate(rules) if (match := _BEYOND.fullmatch(rule))), (0, None))
    if not found:
        return None, None
    end_year, on, every = int(found[1]), int(found[2]), int(found[3])
    if on >= every or end_year not in YEARS or end_year - 3 not in YEARS:
        raise _TooRich(found[0])
    after = [rule for _, rule in rules[at + 1 :]]
    for first_year in (end_year - 3, end_year - 2):
        for phase in range(every):
            cycle = Cycle(on, every, monday_of(date(first_year, 1, 1)) + phase * WEEK)
            written = cycle_rules(cycle, first_year, end_year)
            if after[: len(written)] == written:
                del rules[at : at + 1 + len(written)]
                return cycle, date(end_year, 1, 1)
    raise _TooRich(found[0])


def _read(osm: str) -> tuple[Grid, date | None]:
    osm = osm.strip()
    osm = "Mo-Su,PH 00:00-24:00" if osm == "24/7" else re.sub(r"^24/7(?=\s*[;,])", "Mo-Su 00:00-24:00", osm)
    rules = _rules(osm)
    cycle, unknown_from = _take_cycle(rules)
    week = _Week()
    closures: list[Closure] = []
    for adds, rule in rules:
        if dated := _DATED.fullmatch(rule):
            closures += _read_dates(dated["dates"], dated["reason"] or "")
        else:
            week.apply(rule, adds=adds)
    return Grid(tuple(week.ordinary), cycle, week.holidays(), tuple(closures)), unknown_from


def _same(first: Hours, second: Hours, mondays: Iterable[date], since: date, until: date) -> bool:
    """Whether both say the same of holidays and, in those weeks, of each day from ``since`` up to ``until``."""

    def shown(hours: Hours, monday: date) -> list[list[tuple[int, int, str, bool]]]:
        days = (day for day in hours.week(monday) if since <= day.date < until)
        return [[(i.start, i.end, _said(i.comment), i.unknown) for i in day.intervals] for day in days]

    same = all(shown(first, monday) == shown(second, monday) for monday in mondays)
    return same and first.says_holidays == second.says_holidays


def _compared(grid: Grid, today: date) -> set[date]:
    """Mondays of the weeks to compare: 14 months from today; those of the closures, and one on both sides."""
    mondays = {monday_of(today) + week * WEEK for week in range(_COMPARED_WEEKS)}
    for closure in grid.closures:
        weeks = (monday_of(closure.end) - monday_of(closure.start)).days // 7
        mondays |= {monday_of(closure.start) + week * WEEK for week in range(-1, weeks + 2)}
    return mondays


def from_osm(osm: str, today: date) -> Grid | None:
    """The grid that says the same as ``osm`` from ``today`` on, in the form of ``normal``; never raises.

    None if the expression is not valid, says more than a grid holds (three spans, months, ranks, other comments...)
    or is never open: show it as text, and leave it alone. Also None for a cycle that is *unknown* by now: nobody
    confirmed it. A cycle is read only as ``to_osm`` writes it, and compared as far as the original says it.
    """
    try:
        original = Hours(osm)
        grid, unknown_from = _read(osm)
        grid, until = normal(grid, today), unknown_from or date.max
        written = to_osm(grid, today)
        if written is None or until <= today:
            return None
        return grid if _same(original, Hours(written), _compared(grid, today), today, until) else None
    except (_TooRich, ValueError):  # among those InvalidHours, GridError, and what date() raises
        return None


# The form

RHYTHMS = ("toutes", "1/2", "1/3", "2/3", "1/4", "2/4", "3/4")
"""Values of ``h-rythme``: open weeks of how many."""

_HOLIDAYS: dict[str, Literal["closed", "open", "unsaid"]] = {"ferme": "closed", "ouvert": "open", "inconnu": "unsaid"}


class _Form:
    """The posted fields, read one by one; what cannot be read is collected."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.problems: list[Problem] = []

    def problem(self, field: str, code: str, day: int | None = None) -> None:
        self.problems.append(Problem(day, field, code))

    def raw(self, field: str, day: int | None = None) -> str:
        value = self.fields.get(field)
        if isinstance(value, str) and len(value) <= MAX_INPUT:
            return value
        if isinstance(value, str):  # else a posted file, which nothing of ours sends
            self.problem(field, "long", day)
        return ""

    def text(self, field: str, day: int | None = None) -> str:
        return tidy(self.raw(field, day))

    def moment(self, field: str, day: int) -> int | None:
        text = self.text(field, day)
        minutes = read_time(text)
        if text and minutes is None:
            self.problem(field, "time", day)
        return minutes

    def span(self, day: int, slot: int) -> Span | None:
        name, known = f"h-{day}-{slot}", len(self.problems)
        start, end = self.moment(f"{name}-de", day), self.moment(f"{name}-a", day)
        if len(self.problems) > known or start is end is None:
            return None
        if start is None or end is None:
            self.problem(f"{name}-de" if start is None else f"{name}-a", "incomplete", day)
            return None
        if start == MIDNIGHT:
            self.problem(f"{name}-de", "time", day)  # the end of a day, or the start of the same one?
            return None
        span = Span(start, end or MIDNIGHT)
        if code := span_problem(span.start, span.end):
            self.problem(f"{name}-a", code, day)
        return None if code else span

    def day(self, day: int) -> GridDay:
        found = [self.span(day, slot) for slot in range(1, MAX_SPANS + 1)]
        spans = sorted((span for span in found if span), key=lambda span: span.start)
        if any(later.start < earlier.end for earlier, later in pairwise(spans)):
            self.problem(f"h-{day}-2-de", "overlap", day)
        return GridDay(tuple(spans), self.text(f"h-{day}-rdv", day) == "y")

    def days(self) -> tuple[GridDay, ...]:
        days = [self.day(number) for number in range(7)]
        if self.text("h-copie") == "y":
            filled = {problem.day for problem in self.problems}  # something is written there, though not well
            days[1:5] = [days[0] if day == GridDay() and n not in filled else day for n, day in enumerate(days[1:5], 1)]
        return tuple(days)

    def cycle(self) -> Cycle | None:
        rhythm = self.text("h-rythme") or "toutes"
        if rhythm not in RHYTHMS:
            self.problem("h-rythme", "cycle")
        if rhythm not in RHYTHMS[1:]:
            return None
        since = read_date(self.text("h-rythme-depuis"))
        if not since:
            self.problem("h-rythme-depuis", "cycle_since")
            return None
        on, _slash, every = rhythm.partition("/")
        return Cycle(int(on), int(every), monday_of(since))

    def holidays(self) -> Literal["closed", "open", "unsaid"]:
        answer = self.text("h-feries") or "inconnu"
        if answer not in _HOLIDAYS:
            self.problem("h-feries", "choice")
        return _HOLIDAYS.get(answer, "unsaid")

    def closure(self, number: int) -> Closure | None:
        name, known = f"h-fermeture-{number}", len(self.problems)
        texts = {field: self.text(f"{name}-{field}") for field in ("du", "au")}
        reason = clean_reason(self.raw(f"{name}-motif"))
        dates = {field: read_date(text) for field, text in texts.items()}
        for field, text in texts.items():
            if text and not dates[field]:
                self.problem(f"{name}-{field}", "date")
            elif not text and (reason or any(texts.values())):
                self.problem(f"{name}-{field}", "closure_incomplete")
        if len(self.problems) > known or not (dates["du"] and dates["au"]):
            return None
        closure = Closure(dates["du"], dates["au"], reason)
        self.problems += closure_problems(closure, number)
        return closure

    def closures(self) -> tuple[Closure, ...]:
        return tuple(closure for number in range(MAX_CLOSURES) if (closure := self.closure(number)))


def grid_from_fields(fields: Mapping[str, str]) -> Grid:
    """The grid of a posted form. Fields that are missing are empty ones; others are not looked at.

    ``h-{0..6}-{1,2}-de`` and ``-a`` (times), ``h-{0..6}-rdv`` (``y``), ``h-copie`` (``y``: Monday's hours from Tuesday
    to Friday too, on days that are empty), ``h-rythme`` (``RHYTHMS``), ``h-rythme-depuis`` (a day of a first open
    week), ``h-feries`` (``ferme``, ``ouvert``, ``inconnu``), ``h-fermeture-{0..3}-du``, ``-au``, ``-motif``.
    The two spans of a day may be in either order; ``0h`` as an end is midnight. Raises ``GridError`` with all problems
    at once, whatever is posted.
    """
    form = _Form(fields)
    grid = Grid(form.days(), form.cycle(), form.holidays(), form.closures())
    # Hours that cannot be read are no lack of hours.
    whole = [] if any(problem.day is not None for problem in form.problems) else whole_problems(grid)
    if problems := form.problems + whole:
        raise GridError(problems)
    return grid


def fields_from_grid(grid: Grid) -> dict[str, str]:
    """All fields of the form, empty ones too; ``grid_from_fields`` gives the grid back."""
    fields = {"h-copie": "", "h-rythme": "toutes", "h-rythme-depuis": ""}
    for number, day in enumerate(grid.days):
        for slot in range(1, MAX_SPANS + 1):
            span = day.spans[slot - 1] if slot <= len(day.spans) else None
            fields[f"h-{number}-{slot}-de"] = write_time(span.start) if span else ""
            fields[f"h-{number}-{slot}-a"] = write_time(span.end) if span else ""
        fields[f"h-{number}-rdv"] = "y" if day.by_appointment else ""
    if grid.cycle:
        fields["h-rythme"] = f"{grid.cycle.on}/{grid.cycle.every}"
        fields["h-rythme-depuis"] = f"{grid.cycle.since:%d/%m/%Y}"
    fields["h-feries"] = next(word for word, meaning in _HOLIDAYS.items() if meaning == grid.holidays)
    for number in range(MAX_CLOSURES):
        closure = grid.closures[number] if number < len(grid.closures) else None
        fields[f"h-fermeture-{number}-du"] = f"{closure.start:%d/%m/%Y}" if closure else ""
        fields[f"h-fermeture-{number}-au"] = f"{closure.end:%d/%m/%Y}" if closure else ""
        fields[f"h-fermeture-{number}-motif"] = closure.reason if closure else ""
    return fields
