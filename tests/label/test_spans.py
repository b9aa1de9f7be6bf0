"""From when to when a place holds the label: each expected value is counted by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.label import spans
from reseau.label.spans import Span


@dataclass
class Row:
    starts_on: date
    ends_on: date
    withdrawn_on: date | None = None


def day(text: str) -> date:
    return date.fromisoformat(text)


def row(start: str, end: str, withdrawn: str = "") -> Row:
    return Row(day(start), day(end), day(withdrawn) if withdrawn else None)


@pytest.mark.parametrize(
    ("on", "held"),
    [("2026-02-28", False), ("2026-03-01", True), ("2027-02-28", True), ("2027-03-01", False)],
)
def test_the_first_and_the_last_day_count(on: str, held: bool) -> None:
    assert bool(spans.held([row("2026-03-01", "2027-02-28")], day(on))) is held


def test_what_follows_without_a_day_between_is_one() -> None:
    rows = [row("2027-03-01", "2028-02-29"), row("2026-03-01", "2027-02-28")]
    assert spans.held(rows, day("2026-12-31")) == Span(day("2026-03-01"), day("2028-02-29"))


def test_a_day_between_makes_two() -> None:
    rows = [row("2026-03-01", "2027-02-28"), row("2027-03-02", "2028-02-29")]
    assert spans.held(rows, day("2026-12-31")) == Span(day("2026-03-01"), day("2027-02-28"))
    assert spans.held(rows, day("2027-03-01")) is None


def test_a_withdrawn_label_ends_the_day_before() -> None:
    rows = [row("2026-03-01", "2027-02-28", "2026-06-15")]
    assert spans.held(rows, day("2026-06-14")) == Span(day("2026-03-01"), day("2026-06-14"))
    assert spans.held(rows, day("2026-06-15")) is None


def test_one_that_was_withdrawn_before_it_began_was_never_held() -> None:
    assert (
        spans.spans([row("2026-03-01", "2027-02-28", "2026-03-01"), row("2026-05-01", "2026-06-01", "2026-02-01")])
        == []
    )


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("2025-01-01", "2026-02-28", False), ("2025-01-01", "2026-03-01", True), ("2026-05-01", "2026-05-02", True),
        ("2027-02-28", "2028-01-01", True), ("2027-03-01", "2028-01-01", False), ("2025-01-01", "2029-01-01", True),
    ],
)  # fmt: skip
def test_days_that_are_given_already(start: str, end: str, wrong: bool) -> None:
    rows = [row("2026-03-01", "2027-02-28")]
    assert (spans.in_the_way(rows, day(start), day(end)) is not None) is wrong


def test_days_of_a_withdrawn_label_are_free_from_that_day_on() -> None:
    rows = [row("2026-03-01", "2027-02-28", "2026-06-15")]
    assert spans.in_the_way(rows, day("2026-06-15"), day("2027-06-14")) is None
    assert spans.in_the_way(rows, day("2026-06-14"), day("2027-06-14")) == Span(day("2026-03-01"), day("2026-06-14"))


DAYS = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


@given(st.lists(st.tuples(DAYS, DAYS, st.none() | DAYS), max_size=5), DAYS)
def test_a_day_is_in_a_span_exactly_when_some_label_holds_it(
    made: list[tuple[date, date, date | None]], on: date
) -> None:
    rows = [Row(*one) for one in made]
    plainly = any(r.starts_on <= on <= r.ends_on and (r.withdrawn_on is None or on < r.withdrawn_on) for r in rows)
    assert (spans.held(rows, on) is not None) is plainly
