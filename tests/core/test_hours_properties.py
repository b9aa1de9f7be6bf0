"""Opening hours: what must hold for any expression, valid or not."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from reseau.core.hours import Hours, InvalidHours

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Paris"))
MONDAY = date(2026, 3, 2)

DAYS = st.sampled_from(
    [
        "Mo",
        "Tu",
        "We",
        "Th",
        "Fr",
        "Sa",
        "Su",
        "Mo-Fr",
        "Mo-Sa",
        "Sa,Su",
        "Mo,We,Fr",
        "Fr-Mo",
        "PH",
        "Mo[1]",
        "Sa[-1]",
        "Mo-Fr,PH",
    ]
)
SELECTORS = st.sampled_from(["", "", "", "Jul-Aug ", "week 1-53/2 ", "2026 ", "Mar 20-Apr 10 "])
STATES = st.sampled_from(["", "", "", " off", ' open "rdv"', " unknown", ' "sur demande"'])


@st.composite
def spans(draw):
    moments = sorted(draw(st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True)))
    pairs = zip(moments[::2], moments[1::2], strict=False)
    return ",".join(f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}" for a, b in pairs)


@st.composite
def expressions(draw):
    rules = draw(st.lists(st.tuples(SELECTORS, DAYS, spans(), STATES), min_size=1, max_size=4))
    separator = draw(st.sampled_from(["; ", ", "]))
    return separator.join(f"{selector}{days} {times}{state}" for selector, days, times, state in rules)


def _minutes(hours, monday):
    """State of each minute of the week by ``week()``, the night before included."""
    states = [False] * (7 * 1440)
    days = [hours.day_intervals(monday - timedelta(days=1)), *(day.intervals for day in hours.week(monday))]
    for number, intervals in enumerate(days):
        for interval in intervals:
            for minute in range(interval.start, interval.end):
                at = (number - 1) * 1440 + minute
                if 0 <= at < len(states):
                    assert states[at] is False, "intervals overlap"
                    states[at] = None if interval.unknown else True
    return states


MONDAYS = st.integers(0, 104).map(lambda weeks: date(2026, 1, 5) + timedelta(weeks=weeks))


@settings(max_examples=40, deadline=None)
@given(expressions(), MONDAYS)
@example("Fr-Mo 22:00-26:00", date(2026, 1, 5))
@example("Mo 10:00-34:00, Tu 12:00-13:00", date(2026, 1, 5))
@example("Mo 10:00-48:00", date(2026, 1, 5))
@example("24/7; PH off", date(2026, 3, 30))
def test_week_agrees_with_is_open_at_each_minute(osm, monday):
    hours = Hours(osm, timezone="UTC")
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    by_minute = [hours.is_open(start + timedelta(minutes=n)) for n in range(7 * 1440)]
    assert _minutes(hours, monday) == by_minute
    alone = tuple(hours.day_intervals(monday + timedelta(days=n)) for n in range(7))
    assert alone == tuple(day.intervals for day in hours.week(monday))


@settings(max_examples=100, deadline=None)
@given(expressions(), st.integers(0, 2 * 365 * 1440))
def test_next_change_is_the_next_change(osm, minute):
    hours = Hours(osm)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    change = hours.next_change(at)
    if change is None:
        return
    change = change.astimezone(UTC)
    assert change > at
    assert hours.is_open(change) != hours.is_open(at)
    # The hour that October repeats plays its changes twice, on purpose; see is_open.
    assume(not any(at < datetime(year, 10, day, 1, tzinfo=UTC) <= change for year, day in [(2026, 25), (2027, 31)]))
    step = max(timedelta(minutes=1), (change - at) / 500)
    moment = at
    while moment < change:
        assert hours.is_open(moment) == hours.is_open(at)
        moment += step
    assert hours.is_open(change - timedelta(minutes=1)) == hours.is_open(at) or change - at < timedelta(minutes=1)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text("MoTuWeThFrSaSuPH 0123456789:-,;[]/+|\"'ofrun easterJanweek24", max_size=80)))
@example("week 1-53/2 Jan 01-Feb 29 Mo[1,-1] -3 days 00:00-48:00 unknown || off")
@example("9999 Dec 31 10:00-12:00")
@example("easter -3650 days 10:00-12:00")
def test_nothing_but_invalid_hours_is_raised(text):
    try:
        hours = Hours(text)
    except InvalidHours:
        return
    hours.week(MONDAY)
    hours.next_change(NOON)
    _ = hours.opens_evening, hours.opens_weekend, hours.by_appointment
