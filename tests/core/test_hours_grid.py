"""The form of a week: what is typed, what is written as OSM, what is read back, and that no hour is wrong."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from reseau.core.hours import MAX_LENGTH, Hours
from reseau.core.hours_grid import (
    RHYTHMS,
    SENTENCES,
    Closure,
    Cycle,
    Grid,
    GridDay,
    GridError,
    Problem,
    Span,
    fields_from_grid,
    from_osm,
    grid_from_fields,
    normal,
    read_time,
    to_osm,
    write_time,
)
from reseau.core.hours_text import read

PUBLISHED = Path(__file__).parents[1] / "data" / "hours-published.txt"
TODAY = date(2026, 11, 22)
WEEK = timedelta(days=7)
OFFICE = GridDay((Span(540, 720), Span(810, 1020)))
MORNING = GridDay((Span(540, 720),))
AFTERNOON = GridDay((Span(840, 1020),))
CLOSED = GridDay()
ON_DEMAND = GridDay(by_appointment=True)
USUAL = Grid((OFFICE,) * 5 + (CLOSED,) * 2)
CYCLES = [(1, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 4)]


def days(*first):
    return (*first, *(CLOSED,) * (7 - len(first)))


def codes(problems):
    return {(problem.field, problem.code) for problem in problems}


def refused(call, *args):
    with pytest.raises(GridError) as caught:
        call(*args)
    assert all(problem.code in SENTENCES for problem in caught.value.problems)
    return codes(caught.value.problems)


def outcome(grid, today):
    """What is written, or the codes of what is refused."""
    try:
        return to_osm(grid, today), []
    except GridError as error:
        return None, [problem.code for problem in error.problems]


# Times


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("9", 540),
        ("9h", 540),
        ("9 H", 540),
        ("9h30", 570),
        ("14 h 30", 870),
        ("09:30", 570),
        ("9 : 30", 570),
        ("9.30", 570),
        ("930", 570),
        ("0930", 570),
        ("٩:٣٠", 570),
        ("\u200f١٤:٣٠\u200f", 870),
        ("９：３０", 570),
        ("14\u202fh\u202f30", 870),
        ("12h", 720),
        ("midi", 720),
        ("Minuit", 0),
        ("0h", 0),
        ("00:00", 0),
        ("24:00", 1440),
        ("24h", 1440),
        ("2359", 1439),
        ("", None),
        ("9h5", None),
        ("9:5", None),
        ("9:60", None),
        ("24:01", None),
        ("25", None),
        ("90", None),
        ("960", None),
        ("9-12", None),
        ("9 30", None),
        ("-9", None),
        ("9h30 ou 10h", None),
        ("1²", None),
        ("½", None),
        ("neuf heures", None),
        ("9:30:00", None),
        ("9" * 5000, None),
        (" " * 400 + "9", None),
        ("\ud800", None),
    ],
)
def test_times_as_people_write_them(text, minutes):
    assert read_time(text) == minutes


@given(st.integers(0, 1440))
def test_a_time_that_is_shown_can_be_typed(minutes):
    assert read_time(write_time(minutes)) == minutes


def test_times_are_shown_as_in_the_examples():
    assert [write_time(minutes) for minutes in (0, 540, 870, 1440)] == ["0:00", "9:00", "14:30", "24:00"]


# What is written


@pytest.mark.parametrize(
    ("grid", "osm"),
    [
        (
            replace(USUAL, holidays="closed", closures=(Closure(date(2026, 12, 24), date(2027, 1, 2), "congés"),)),
            'Mo-Fr 09:00-12:00,13:30-17:00; PH off; 2026 Dec 24-2027 Jan 02 off "congés"',
        ),
        (Grid(days(MORNING, MORNING, CLOSED, MORNING)), "Mo,Tu,Th 09:00-12:00"),
        (Grid(days(MORNING, AFTERNOON, MORNING)), "Mo,We 09:00-12:00; Tu 14:00-17:00"),
        (Grid((GridDay((Span(0, 1440),)),) * 7), "Mo-Su 00:00-24:00"),
        (Grid(days(replace(MORNING, by_appointment=True))), 'Mo 09:00-12:00 open "sur rendez-vous"'),
        (Grid(days(MORNING, ON_DEMAND)), 'Mo 09:00-12:00; Tu "sur rendez-vous"'),
        (
            Grid(days(MORNING, AFTERNOON), holidays="open"),
            "Mo,PH 09:00-12:00; Tu 14:00-17:00; We-Su off",
        ),
        (Grid((MORNING,) * 7, holidays="open"), "Mo-Su,PH 09:00-12:00"),
        (
            replace(
                USUAL,
                closures=(
                    Closure(date(2027, 8, 2), date(2027, 8, 20)),
                    Closure(date(2026, 11, 1), date(2026, 11, 21), "passé"),
                    Closure(date(2026, 12, 24), date(2026, 12, 24), '  le "pont" \x00\n de Noël'),
                    Closure(date(2026, 11, 1), date(2026, 11, 22)),
                ),
            ),
            'Mo-Fr 09:00-12:00,13:30-17:00; 2026 Nov 01-22 off; 2026 Dec 24 off "le pont de Noël"; 2027 Aug 02-20 off',
        ),
        (
            Grid(days(MORNING), Cycle(2, 3, date(2026, 11, 25)), "closed"),
            'Mo 09:00-12:00; 2028+ Mo unknown "2 semaines sur 3"; 2026 week 02-51/3 off; 2027 week 03-51/3 off; '
            "2026 Dec 28-2027 Jan 03 off; PH off",
        ),
        (Grid((CLOSED,) * 7), None),
        (Grid((CLOSED,) * 7, holidays="closed"), None),
    ],
)
def test_canonical_expressions(grid, osm):
    assert to_osm(grid, TODAY) == osm


def test_a_day_on_demand_is_unknown_and_not_open():
    hours = Hours(to_osm(Grid(days(MORNING, ON_DEMAND)), TODAY))
    assert [interval.unknown for interval in hours.day_intervals(date(2026, 11, 24))] == [True]
    assert hours.by_appointment
    assert hours.day_intervals(date(2026, 11, 25)) == ()


@pytest.mark.parametrize(
    ("grid", "field", "code"),
    [
        (Grid(days(GridDay((Span(720, 540),)))), "h-0-1-a", "order"),
        (Grid(days(GridDay((Span(540, 540),)))), "h-0-1-a", "order"),
        (Grid(days(CLOSED, GridDay((Span(1320, 1560),)))), "h-1-1-a", "night"),
        (Grid(days(GridDay((Span(-10, 540),)))), "h-0-1-a", "time"),
        (Grid(days(GridDay((Span(540, 720), Span(700, 800))))), "h-0-2-de", "overlap"),
        (Grid(days(GridDay((Span(800, 900), Span(540, 720))))), "h-0-2-de", "overlap"),
        (Grid(days(GridDay((Span(540, 600), Span(660, 720), Span(800, 900))))), "h-0-2-a", "too_many"),
        (replace(USUAL, cycle=Cycle(2, 2, TODAY)), "h-rythme", "cycle"),
        (replace(USUAL, cycle=Cycle(0, 2, TODAY)), "h-rythme", "cycle"),
        (replace(USUAL, cycle=Cycle(1, 5, TODAY)), "h-rythme", "cycle"),
        (replace(USUAL, cycle=Cycle(1, 2, date.min)), "h-rythme-depuis", "date"),
        (replace(USUAL, closures=(Closure(TODAY, TODAY - WEEK),)), "h-fermeture-0-au", "closure_order"),
        (replace(USUAL, closures=(Closure(TODAY, TODAY + 53 * WEEK),)), "h-fermeture-0-au", "closure_long"),
        (replace(USUAL, closures=(Closure(date.max, date.max),)), "h-fermeture-0-au", "date"),
        (replace(USUAL, closures=(Closure(TODAY, TODAY, "x" * 61),)), "h-fermeture-0-motif", "reason_long"),
        (replace(USUAL, closures=(Closure(TODAY, TODAY),) * 5), "h-fermeture-3-du", "too_many"),
        (Grid((CLOSED,) * 7, closures=(Closure(TODAY, TODAY),)), "h-0-1-de", "no_hours"),
        (Grid((CLOSED,) * 7, cycle=Cycle(1, 2, TODAY)), "h-0-1-de", "no_hours"),
    ],
)
def test_what_cannot_be_is_refused(grid, field, code):
    assert (field, code) in refused(to_osm, grid, TODAY)


def test_a_grid_has_seven_days():
    with pytest.raises(ValueError, match="seven"):
        to_osm(Grid((MORNING,)), TODAY)


def test_the_richest_grid_is_too_long_and_said_so(monkeypatch):
    each = tuple(GridDay((Span(540 + n, 720), Span(810, 1020)), True) for n in range(7))
    closures = tuple(Closure(date(2027, 1, n), date(2027, 2, n), "m" * 60) for n in range(1, 5))
    for on, every in CYCLES:
        for phase in range(every):
            grid = Grid(each, Cycle(on, every, TODAY + phase * WEEK), "closed", closures)
            osm, problems = outcome(grid, date(2027, 12, 31))
            assert problems in ([], ["too_long"])
            assert osm is None or (len(osm) <= MAX_LENGTH and Hours(osm))
    monkeypatch.setattr("reseau.core.hours_grid_osm.MAX_LENGTH", 20)
    assert refused(to_osm, USUAL, TODAY) == {("h-fermeture-0-motif", "too_long")}


# Cycles


def _open_weeks(osm, first, weeks):
    hours = Hours(osm)
    return [bool(hours.day_intervals(first + n * WEEK + timedelta(days=2))) for n in range(weeks)]


@pytest.mark.parametrize(("on", "every"), CYCLES)
@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2032, 2037])
def test_a_cycle_holds_over_new_year_for_thirteen_months(on, every, year):
    """2020, 2026, 2032 and 2037 have 53 weeks; the ways to begin a year are all among these and the next ones."""
    for today in (date(year, 1, 1), date(year, 6, 15), date(year, 11, 26), date(year, 12, 31)):
        monday = today - timedelta(days=today.weekday())
        for phase in range(every):
            since = monday - phase * WEEK
            grid = Grid(days(*(MORNING,) * 5), Cycle(on, every, since))
            osm = to_osm(grid, today)
            expected = [(n + phase) % every < on for n in range(57)]
            assert _open_weeks(osm, monday, 57) == expected
            assert len(osm) <= 310
            assert from_osm(osm, today) == grid
            assert read(osm).osm == osm  # the importer takes it as well


def test_the_library_is_wrong_about_plain_week_numbers():
    """Why ``week 01-53/2`` is not used: two weeks of one kind follow each other at the end of 2026."""
    osm = "week 01-53/2 Mo-Fr 09:00-12:00"
    assert _open_weeks(osm, date(2026, 12, 21), 4) == [False, True, True, False]


def test_after_what_a_cycle_says_nothing_is_known():
    osm = to_osm(Grid(days(*(MORNING,) * 5), Cycle(1, 2, TODAY), "closed"), TODAY)
    for n in range(1, 400):
        day = date(2028, 1, 1) + timedelta(days=n)
        assert all(interval.unknown for interval in Hours(osm).day_intervals(day))
    assert Hours(osm).day_intervals(date(2028, 1, 5))[0].comment == "1 semaine sur 2"
    assert from_osm(osm, date(2027, 12, 31)) is not None
    assert from_osm(osm, date(2028, 1, 1)) is None


def test_since_is_brought_near():
    """The latest Monday up to today that opens a first open week; the cycle is the same."""
    for since in (date(2020, 1, 1), date(2026, 11, 16), date(2030, 5, 5)):
        cycle = normal(replace(USUAL, cycle=Cycle(2, 3, since)), TODAY).cycle
        assert date(2026, 11, 2) <= cycle.since <= date(2026, 11, 16)
        assert cycle.since.weekday() == 0
        assert (cycle.since - since + timedelta(days=since.weekday())).days % 21 == 0


def test_a_cycle_is_read_again_months_later():
    grid = Grid(days(MORNING, AFTERNOON), Cycle(1, 3, date(2026, 11, 16)), "closed")
    osm = to_osm(grid, TODAY)
    later = from_osm(osm, date(2027, 9, 1))
    assert later == normal(grid, date(2027, 9, 1))
    assert later.cycle.since == date(2027, 8, 16)


def test_a_cycle_that_was_touched_is_not_read():
    osm = to_osm(Grid(days(MORNING), Cycle(1, 3, TODAY)), TODAY)
    assert "/3" in osm
    assert from_osm(osm.replace("/3", "/2", 1), TODAY) is None
    assert from_osm(osm.replace("1 semaine sur 3", "2 semaines sur 3"), TODAY) is None
    assert from_osm(osm.replace("1 semaine sur 3", "3 semaines sur 3"), TODAY) is None


# Properties: an independent reading of the grid


def _easter(year):
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    return date(year, (h + k - 7 * m + 114) // 31, (h + k - 7 * m + 114) % 31 + 1)


def _is_holiday(day):
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    return (day.month, day.day) in fixed or (day - _easter(day.year)).days in {1, 39, 50}


def _plain(grid, day):
    """The openings of a date as the form says them: (start, end, comment, unknown)."""
    if any(closure.start <= day <= closure.end for closure in grid.closures):
        return []
    if grid.holidays == "closed" and _is_holiday(day):
        return []
    if grid.cycle:
        first = grid.cycle.since.toordinal() - grid.cycle.since.weekday()
        if (day.toordinal() - first) // 7 % grid.cycle.every >= grid.cycle.on:
            return []
    found = grid.days[day.weekday()]
    if found.by_appointment and not found.spans:
        return [(0, 1440, "sur rendez-vous", True)]
    comment = "sur rendez-vous" if found.by_appointment else ""
    return [(span.start, span.end, comment, False) for span in found.spans]


def _runs(by_day):
    """Openings of following days as runs, touching ones of one kind together: midnight is no boundary."""
    runs = []
    for number, intervals in enumerate(by_day):
        for start, end, comment, unknown in intervals:
            start, end = start + number * 1440, end + number * 1440
            if runs and runs[-1][1] == start and runs[-1][2:] == (comment, unknown):
                runs[-1] = (runs[-1][0], end, comment, unknown)
            else:
                runs.append((start, end, comment, unknown))
    return runs


@st.composite
def grid_days(draw):
    moments = draw(st.lists(st.integers(0, 96), max_size=4, unique=True).map(sorted))
    moments = [15 * moment for moment in moments]
    spans = tuple(Span(a, b) for a, b in zip(moments[::2], moments[1::2], strict=False))
    return GridDay(spans, draw(st.sampled_from([False, False, True])))


TODAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))
REASONS = st.one_of(
    st.sampled_from(["", "congés", "PH off; Mo 10:00-12:00", "week 1", "24/7", "|| (", "SH 10:00+"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


@st.composite
def grids(draw, today):
    kinds = draw(st.lists(grid_days(), min_size=1, max_size=3))
    week = tuple(draw(st.lists(st.sampled_from([*kinds, CLOSED]), min_size=7, max_size=7)))
    assume(any(day != CLOSED for day in week))
    cycle = None
    if draw(st.booleans()):
        on, every = draw(st.sampled_from(CYCLES))
        cycle = Cycle(on, every, today + timedelta(days=draw(st.integers(-500, 500))))
    closures = []
    for _ in range(draw(st.integers(0, 3))):
        start = today + timedelta(days=draw(st.integers(-30, 500)))
        closures.append(Closure(start, start + timedelta(days=draw(st.integers(0, 60))), draw(REASONS)))
    return Grid(week, cycle, draw(st.sampled_from(["closed", "open", "unsaid"])), tuple(closures))


@settings(max_examples=150, deadline=None)
@given(st.data(), TODAYS)
def test_what_is_written_opens_as_the_form_says(data, today):
    grid = data.draw(grids(today))
    osm = to_osm(grid, today)
    hours = Hours(osm, timezone="Europe/Paris", country="FR")
    first = today - timedelta(days=today.weekday()) + WEEK
    # The day before today may end in a run that a closure of the past, which is not written, would cut.
    written = replace(grid, closures=tuple(closure for closure in grid.closures if closure.end >= today))
    dates = [first + timedelta(days=n) for n in range(-7, 7 * 56)]
    said = [[(i.start, i.end, i.comment, i.unknown) for i in hours.day_intervals(day)] for day in dates]
    plain = [_plain(written, day) for day in dates]
    # A run of the day before the first belongs to that day.
    assert [run for run in _runs(said) if run[0] >= 1440] == [run for run in _runs(plain) if run[0] >= 1440]
    assert hours.says_holidays == (grid.holidays != "unsaid")


@settings(max_examples=150, deadline=None)
@given(st.data(), TODAYS)
def test_what_is_written_is_read_back(data, today):
    grid = data.draw(grids(today))
    back = from_osm(to_osm(grid, today), today)
    assert back == normal(grid, today)
    assert normal(back, today) == back
    assert grid_from_fields(fields_from_grid(back)) == back


# What others wrote


def test_published_hours_fill_the_form_and_keep_their_openings():
    values = [value for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if (value := read(line).osm)]
    assert len(values) == 304
    for osm in values:
        grid = from_osm(osm, TODAY)
        assert grid is not None, osm
        before, after = Hours(osm), Hours(to_osm(grid, TODAY))
        for week in range(8):
            monday = date(2026, 11, 16) + week * WEEK
            assert before.week(monday) == after.week(monday)
        assert grid_from_fields(fields_from_grid(grid)) == grid


@pytest.mark.parametrize(
    ("osm", "canonical"),
    [
        ("24/7", "Mo-Su,PH 00:00-24:00"),
        ("24/7; PH off", "Mo-Su 00:00-24:00; PH off"),
        ("Mo-Fr 09:00-12:00; We off", "Mo,Tu,Th,Fr 09:00-12:00"),
        ("Mo-Fr 9:00-12:00, We 14:00-17:00", "Mo,Tu,Th,Fr 09:00-12:00; We 09:00-12:00,14:00-17:00"),
        ("Fr-Mo 09:00-12:00; PH closed", "Mo,Fr-Su 09:00-12:00; PH off"),
        ("PH off; Mo-Fr 09:00-12:00", "Mo-Fr,PH 09:00-12:00; Sa,Su off"),
        ("Mo-Su,PH 09:00-12:00", "Mo-Su,PH 09:00-12:00"),
        ("09:00-12:00", "Mo-Su 09:00-12:00"),
        ('Mo 14:00-17:00 open "Sur RDV"', 'Mo 14:00-17:00 open "sur rendez-vous"'),
        ('Mo unknown "sur rendez-vous"', 'Mo "sur rendez-vous"'),
        ("Mo-Fr 09:00-12:00; 2026 Dec 24,2026 Dec 31 off", "Mo-Fr 09:00-12:00; 2026 Dec 24 off; 2026 Dec 31 off"),
        ("Mo-Fr 09:00-12:00; 2026 Dec 24-Dec 31 off", "Mo-Fr 09:00-12:00; 2026 Dec 24-31 off"),
        ("Mo-Fr 09:00-12:00; 2020 Dec 24 off", "Mo-Fr 09:00-12:00"),
        # A closure that ended earlier this week.
        ("Mo-Fr 09:00-12:00; 2026 Nov 18 off", "Mo-Fr 09:00-12:00"),
    ],
)
def test_other_ways_to_say_it_are_read(osm, canonical):
    assert to_osm(from_osm(osm, TODAY), TODAY) == canonical


@pytest.mark.parametrize(
    "osm",
    [
        "",
        "lundi",
        "off",
        "Mo-Su off",
        "PH off",
        "Mo-Fr",
        "Mo 09:00-10:00,11:00-12:00,14:00-15:00",
        "Mo 09:00-12:00, Mo 11:00-14:00",
        "Fr 22:00-02:00",
        "Mo-Fr 09:00-12:00; PH 10:00-12:00",
        "Mo-Fr,PH 09:00-12:00",  # a holiday on a Saturday opens
        "Mo-Fr 09:00-12:00; Aug off",
        "Jul-Aug Mo-Fr 09:00-12:00",
        "Mo[1] 09:00-12:00",
        "week 01-53/2 Mo 09:00-12:00",
        "2026 Mo-Fr 09:00-12:00",
        "Mo-Fr 09:00-12:00; Dec 24 off",
        "Mo-Fr 09:00-12:00; 2026 Dec 24 10:00-12:00",
        "2026 Dec 24 off; Mo-Fr 09:00-12:00",
        "2027 Dec 24 off; Mo-Fr 09:00-12:00",
        "2030 Dec 24 off; Mo-Fr 09:00-12:00",
        "Mo-Fr 09:00-12:00; 2400 Dec 24 off",
        "Mo-Fr 09:00-12:00; 2027 Jan 04-2029 Jan 04 off",
        'Mo 09:00-12:00 "sur rendez-vous"',  # unknown by the specification
        'Mo 09:00-12:00 open "accueil"',
        'Mo 09:00-12:00 open "sans rendez-vous", Mo 14:00-16:00 open "sur rendez-vous"',
        'Mo 09:00-12:00, Mo 14:00-16:00 open "sur rendez-vous"',
        'Mo-Fr 09:00-12:00; We off "formation"',
        "Mo-Fr 09:00-12:00; 2026 Nov 23,2026 Nov 24,2026 Nov 25,2026 Nov 26,2026 Nov 27 off",
        'Mo-Fr 09:00-12:00; 2000+ Mo unknown "1 semaine sur 2"',
        "Mo-Fr 09:00-12:00 || off",
    ],
)
def test_what_a_grid_cannot_hold_is_left_as_text(osm):
    assert from_osm(osm, TODAY) is None


PIECES = st.one_of(
    st.sampled_from(["Mo", "Tu", "Su", "Mo-Fr", "PH", "09:00-12:00", "14:00-17:00", "off", "open", "unknown", "24/7"]),
    st.sampled_from([", ", "; ", ",", "-", " ", '"', '"1"', '"x"', '"sur rendez-vous"', '"1 semaine sur 2"']),
    st.sampled_from(["2026 Dec 24", "Feb 30", "0000 Jan 00", "2027 week 02-51/2", "2028+ Mo"]),
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join), st.text()))
@example('Mo 09:00-12:00 open "0" 7"')
def test_reading_never_raises_and_never_changes_an_hour(osm):
    grid = from_osm(osm, TODAY)
    if grid is not None:
        before, after = Hours(osm), Hours(to_osm(grid, TODAY))
        assert before.says_holidays == after.says_holidays
        for week in range(1, 57):
            for old, new in zip(*(hours.week(TODAY + week * WEEK) for hours in (before, after)), strict=True):
                assert [(i.start, i.end, i.unknown) for i in old.intervals] == [
                    (i.start, i.end, i.unknown) for i in new.intervals
                ]


# The form


def test_a_form_as_people_fill_it():
    grid = grid_from_fields(
        {
            "h-0-1-de": "9h",
            "h-0-1-a": " 12 ",
            "h-0-2-de": "13.30",
            "h-0-2-a": "١٧:٠٠",
            "h-2-1-de": "14h",
            "h-2-1-a": "0h",
            "h-3-rdv": "y",
            "h-5-2-de": "10",
            "h-5-2-a": "12",
            "h-copie": "y",
            "h-rythme": "2/3",
            "h-rythme-depuis": "25/11/2026",
            "h-feries": "ferme",
            "h-fermeture-1-du": "24-12-2026",
            "h-fermeture-1-au": "2027-01-02",
            "h-fermeture-1-motif": 'le "pont"',
            "autre": "x",
        }
    )
    evening = GridDay((Span(840, 1440),))
    saturday = GridDay((Span(600, 720),))
    assert grid == Grid(
        (OFFICE, OFFICE, evening, ON_DEMAND, OFFICE, saturday, CLOSED),
        Cycle(2, 3, date(2026, 11, 23)),
        "closed",
        (Closure(date(2026, 12, 24), date(2027, 1, 2), "le pont"),),
    )


def test_an_empty_form_is_an_empty_grid():
    assert grid_from_fields({}) == Grid((CLOSED,) * 7)
    assert to_osm(grid_from_fields({"h-feries": "ferme"}), TODAY) is None


def test_spans_in_the_other_order_are_the_same_day():
    fields = {"h-0-1-de": "13:30", "h-0-1-a": "17", "h-0-2-de": "9", "h-0-2-a": "12"}
    assert grid_from_fields(fields).days[0] == OFFICE


def test_all_problems_come_at_once():
    fields = {
        "h-0-1-de": "9h5",
        "h-0-1-a": "midi moins le quart",
        "h-1-1-de": "9",
        "h-2-2-a": "9",
        "h-3-1-de": "12",
        "h-3-1-a": "9",
        "h-4-1-de": "9",
        "h-4-1-a": "12",
        "h-4-2-de": "11",
        "h-4-2-a": "14",
        "h-5-1-de": "24",
        "h-5-1-a": "9",
        "h-6-1-de": "9" * 301,
        "h-6-1-a": "10",
        "h-copie": "y",
        "h-rythme": "5/6",
        "h-feries": "peut-être",
        "h-fermeture-0-du": "31/02/2027",
        "h-fermeture-0-au": "24/12/26",
        "h-fermeture-1-du": "24/12/2026",
        "h-fermeture-2-motif": "congés",
        "h-fermeture-3-du": "24/12/2026",
        "h-fermeture-3-au": "20/12/2026",
        "h-fermeture-3-motif": "x" * 61,
    }
    assert refused(grid_from_fields, fields) == {
        ("h-0-1-de", "time"),
        ("h-0-1-a", "time"),
        ("h-1-1-a", "incomplete"),
        ("h-2-2-de", "incomplete"),
        ("h-3-1-a", "order"),
        ("h-4-2-de", "overlap"),
        ("h-5-1-de", "time"),
        ("h-6-1-de", "long"),
        ("h-rythme", "cycle"),
        ("h-feries", "choice"),
        ("h-fermeture-0-du", "date"),
        ("h-fermeture-0-au", "date"),
        ("h-fermeture-1-au", "closure_incomplete"),
        ("h-fermeture-2-du", "closure_incomplete"),
        ("h-fermeture-2-au", "closure_incomplete"),
        ("h-fermeture-3-au", "closure_order"),
        ("h-fermeture-3-motif", "reason_long"),
    }


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"h-rythme": "1/2", "h-0-rdv": "y"}, "h-rythme-depuis", "cycle_since"),
        ({"h-rythme": "1/2", "h-rythme-depuis": "lundi", "h-0-rdv": "y"}, "h-rythme-depuis", "cycle_since"),
        ({"h-rythme": "1/2", "h-rythme-depuis": "23/11/2026"}, "h-0-1-de", "no_hours"),
        ({"h-fermeture-0-du": "1/1/2027", "h-fermeture-0-au": "1/1/2027"}, "h-0-1-de", "no_hours"),
        ({"h-fermeture-0-du": "1/1/1926", "h-fermeture-0-au": "1/1/2027"}, "h-fermeture-0-du", "date"),
        (
            {"h-fermeture-0-du": "1/1/2027", "h-fermeture-0-au": "1/2/2028", "h-0-rdv": "y"},
            "h-fermeture-0-au",
            "closure_long",
        ),
    ],
)
def test_what_a_form_lacks(fields, field, code):
    assert refused(grid_from_fields, fields) == {(field, code)}


def test_problems_say_the_day():
    with pytest.raises(GridError) as caught:
        grid_from_fields({"h-3-1-de": "x", "h-feries": "x"})
    assert caught.value.problems == [Problem(3, "h-3-1-de", "time"), Problem(None, "h-feries", "choice")]


def test_each_rhythm_can_be_chosen():
    for rhythm in RHYTHMS[1:]:
        grid = grid_from_fields({"h-rythme": rhythm, "h-rythme-depuis": "23/11/2026", "h-0-rdv": "y"})
        assert fields_from_grid(grid)["h-rythme"] == rhythm
        assert to_osm(grid, TODAY)


def test_a_posted_file_is_nothing():
    assert grid_from_fields({"h-0-1-de": object(), "h-feries": None}) == Grid((CLOSED,) * 7)


NAMES = st.sampled_from([*fields_from_grid(USUAL)])
VALUES = st.one_of(
    st.text(),
    st.sampled_from(
        ["y", "9", "12h", "14:30", "1/2", "24/12/2026", "2026-12-24", "00/00/0000", "9999-12-31", "ouvert"]
    ),
    st.text(min_size=301, max_size=400),
    st.characters(categories=["Nd", "No", "Cf", "Cs"]),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES), TODAYS)
def test_whatever_is_posted_is_a_grid_or_a_refusal(fields, today):
    try:
        grid = grid_from_fields(fields)
    except GridError as error:
        problems = error.problems
    else:
        problems = []
        osm, refusals = outcome(grid, today)
        assert set(refusals) <= SENTENCES.keys()
        assert osm is None or Hours(osm)
    assert all(problem.code in SENTENCES and problem.field in fields_from_grid(USUAL) for problem in problems)
