"""Moments at which sources are read. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.schedule import calendar

PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (UTC is given)


@given(moments, st.sampled_from([24, 36, 48, 168, 24 * 30]), st.text(max_size=20))
def test_a_daily_source_is_read_at_night_and_no_earlier_than_half_a_day_before(
    now: datetime, every: int, seed: str
) -> None:
    found = calendar.next_run(now, every, seed, PARIS)
    # Of the day of a change of the hour, the four hours from one o'clock end at four or at six.
    assert 1 <= found.astimezone(ZoneInfo(PARIS)).hour <= 6
    assert timedelta(hours=every - 12) <= found - now <= timedelta(hours=every + 13)


@given(moments, st.integers(1, 23), st.text(max_size=20))
def test_a_source_read_more_often_keeps_to_its_own_minute(now: datetime, every: int, seed: str) -> None:
    found = calendar.next_run(now, every, seed, PARIS)
    assert timedelta() < found - now <= timedelta(hours=every)
    assert calendar.next_run(found, every, seed, PARIS) == found + timedelta(hours=every)


def test_sites_do_not_ask_at_the_same_second() -> None:
    asked = {calendar.next_run(NOW, 24, f"https://site{n}.example#cartographie", PARIS) for n in range(500)}
    assert len(asked) > 450
    assert max(asked) - min(asked) > timedelta(hours=3)


def test_the_next_night_is_the_same_moment_of_the_next_day() -> None:
    first = calendar.next_run(NOW, 24, "site", PARIS)
    assert calendar.next_run(first + timedelta(minutes=20), 24, "site", PARIS) == first + timedelta(days=1)
    assert calendar.next_run(first + timedelta(minutes=20), 168, "site", PARIS) == first + timedelta(days=7)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 960), (7, 1440), (50, 1440)]
)
def test_failures_double_the_wait_up_to_a_day(failures: int, minutes: int) -> None:
    wait = calendar.retry_at(NOW, failures, "site") - NOW
    assert timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes) * 1.1


@pytest.mark.parametrize(
    ("hours_ago", "every", "late"),
    [(24, 24, None), (35, 24, None), (37, 24, 13), (72, 24, 48), (1, 1, None), (3, 1, 2), (170, 168, None)],
)
def test_a_source_is_late_after_half_a_period_of_play(hours_ago: int, every: int, late: int | None) -> None:
    found = calendar.lag(NOW, NOW - timedelta(hours=hours_ago), every)
    assert found == (None if late is None else timedelta(hours=late))


def test_a_source_that_was_never_read_is_not_late() -> None:
    assert calendar.lag(NOW, None, 24) is None
