"""Evaluation of OSM opening hours: nights, comments, holidays, clock changes, and what is refused."""

import copy
import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reseau.core.hours import MAX_LENGTH, Hours, Interval, InvalidHours, is_holiday

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 3, 2)


def paris(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)


# Refusals


@pytest.mark.parametrize(
    ("osm", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("x" * (MAX_LENGTH + 1), "too_long"),
        ("Mo 10:00-12:00" * 1_000_000, "too_long"),
        ("Mo-Sun 00:00-00:00", "syntax"),
        ("Mo 25:00-26:00", "syntax"),
        ("Mo 09:75-10:00", "syntax"),
        ("Mo,Tu 08:30", "syntax"),
        ("lundi 9h-12h", "syntax"),
        ('Mo 09:00-12:00 "un "deux" trois"', "syntax"),
        ('"', "syntax"),
        ("(" * 900, "syntax"),
        ("Mo 09:00-12:00\x00", "syntax"),
        ("Mo\n09:00-12:00", "syntax"),
        ("\u200fMo 09:00-12:00", "syntax"),
        ("\ud800", "syntax"),
        ("Mo-Fr 09:00-12:00; SH off", "school_holidays"),
        ("PH,SH off", "school_holidays"),
        ("Mo 09:00+", "open_end"),
        ("Mo 09:00-12:00+", "open_end"),
        ("Mo 09:00-12:00/00:30", "repetition"),
        ("sunrise-sunset", "sun"),
        ("Mo (dawn+01:00)-12:00", "sun"),
        ("Feb 30 10:00-12:00", "no_such_date"),
        ("Apr 20-31 off", "no_such_date"),
        ('Mo 09:00-12:00 || "sur rendez-vous"', "fallback"),
        ("Mo 22:00-02:00; PH off", "night"),
        ("Mo 22:00-02:00, PH off", "night"),
        ("Mo 22:00-26:00; Tu 10:00-12:00", "night"),
    ],
)
def test_refuses_what_cannot_be_evaluated_for_sure(osm, reason):
    with pytest.raises(InvalidHours) as refused:
        Hours(osm)
    assert refused.value.reason == reason
    assert isinstance(refused.value, ValueError)
    assert len(str(refused.value)) < 300


def test_a_word_in_a_comment_is_not_a_refusal():
    assert Hours('Mo 09:00-12:00 open "sauf SH, 10:00+ ; sunset"').is_open(paris("2026-03-02 10:00")) is True


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="aware"):
        Hours("24/7").is_open(paris("2026-03-02 10:00").replace(tzinfo=None))
    with pytest.raises(ValueError, match="aware"):
        Hours("24/7").next_change(paris("2026-03-02 10:00").replace(tzinfo=None))


# States


def test_open_closed_and_their_edges():
    hours = Hours("Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00")
    assert hours.is_open(paris("2026-03-02 09:00")) is True
    assert hours.is_open(paris("2026-03-02 08:59")) is False
    assert hours.is_open(paris("2026-03-02 12:00")) is False
    assert hours.is_open(datetime(2026, 3, 2, 17, 29, tzinfo=UTC)) is True
    assert hours.is_open(datetime(2026, 3, 2, 17, 30, tzinfo=UTC)) is False
    assert hours.next_change(paris("2026-03-02 10:00")) == paris("2026-03-02 12:00")
    assert hours.next_change(paris("2026-03-07 12:00")) == paris("2026-03-09 09:00")


def test_a_later_rule_replaces_the_earlier_one():
    week = Hours("Tu-Fr 08:00-12:00,13:30-17:00; We 13:30-17:00").week(MONDAY)
    assert week[0].intervals == ()
    assert week[1].intervals == (Interval(480, 720), Interval(810, 1020))
    assert week[2].intervals == (Interval(810, 1020),)


def test_a_bare_comment_is_unknown_as_the_specification_says():
    hours = Hours('Mo 09:00-12:00 "sur rendez-vous"')
    assert hours.is_open(paris("2026-03-02 10:00")) is None
    assert hours.is_open(paris("2026-03-02 13:00")) is False
    assert hours.day_intervals(MONDAY) == (Interval(540, 720, "sur rendez-vous", unknown=True),)
    assert Hours('"sur rendez-vous"').is_open(paris("2026-03-02 03:00")) is None


def test_an_open_comment_is_open_and_a_change_of_comment_no_change():
    hours = Hours('Mo 09:00-12:00 open "sans rendez-vous", Mo 12:00-16:00 open "sur rendez-vous"')
    assert hours.is_open(paris("2026-03-02 10:00")) is True
    assert hours.next_change(paris("2026-03-02 10:00")) == paris("2026-03-02 16:00")
    expected = (Interval(540, 720, "sans rendez-vous"), Interval(720, 960, "sur rendez-vous"))
    assert hours.day_intervals(MONDAY) == expected


def test_what_never_changes():
    assert Hours("24/7").next_change(paris("2026-03-02 10:00")) is None
    assert Hours("24/7").is_open(paris("2026-03-02 10:00")) is True
    assert Hours("2099 Mo 10:00-12:00").next_change(paris("2026-03-02 10:00")) is None
    for impossible in ("Mo; Mo off", "Feb 29 Mo[5] 10:00-11:00", "easter +40 days Mo[1] 10:00-11:00"):
        hours = Hours(impossible)
        assert hours.is_open(paris("2026-03-02 10:00")) is False
        assert hours.next_change(paris("2026-03-02 10:00")) is None
        assert not hours.opens_evening


def test_a_night_stays_with_the_day_it_starts():
    week = Hours("Fr 22:00-02:00").week(MONDAY)
    assert week[4].intervals == (Interval(1320, 1560),)
    assert week[5].intervals == ()
    assert Hours("Su 22:00-02:00").week(MONDAY)[0].intervals == ()
    assert Hours("Su 22:00-02:00").day_intervals(date(2026, 3, 1)) == (Interval(1320, 1560),)


def test_a_run_of_days_is_cut_at_midnight():
    assert [day.intervals for day in Hours("24/7").week(MONDAY)] == [(Interval(0, 1440),)] * 7
    week = Hours("Mo 14:00-24:00, Tu 00:00-24:00, We 00:00-10:00").week(MONDAY)
    expected = [(Interval(840, 1440),), (Interval(0, 1440),), (Interval(0, 600),), (), (), (), ()]
    assert [day.intervals for day in week] == expected


def test_weeks_ranks_and_months():
    even = Hours("week 2-52/2 Mo 09:00-10:00")  # 2 March 2026 opens ISO week 10
    assert even.day_intervals(MONDAY) == (Interval(540, 600),)
    assert even.day_intervals(date(2026, 3, 9)) == ()
    assert Hours("Mo-Fr 09:00-12:00; Mo[1] off").day_intervals(MONDAY) == ()
    assert Hours("Mo-Fr 09:00-12:00; Mo[1] off").day_intervals(date(2026, 3, 9)) != ()
    ends = Hours("Sa[1,-1] 09:00-12:00")
    opened = [day for day in range(1, 32) if ends.day_intervals(date(2026, 8, day))]
    assert opened == [1, 29]
    assert Hours("Mo-Fr 09:00-12:00; Aug off").day_intervals(date(2026, 8, 3)) == ()


# Public holidays

HOLIDAYS_2026 = [
    "01-01",
    "04-06",
    "05-01",
    "05-08",
    "05-14",
    "05-25",
    "07-14",
    "08-15",
    "11-01",
    "11-11",
    "12-25",
]


def test_the_eleven_holidays_of_france():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [f"{day:%m-%d}" for day in days if is_holiday(day)] == HOLIDAYS_2026


@pytest.mark.parametrize("monday", [date(2025, 4, 21), date(2026, 4, 6), date(2027, 3, 29)])
def test_easter_monday(monday):
    silent, closed = Hours("Mo-Fr 09:00-12:00"), Hours("Mo-Fr 09:00-12:00; PH off")
    assert silent.week(monday)[0].holiday  # the page warns: the expression says nothing of holidays
    assert silent.week(monday)[0].intervals == (Interval(540, 720),)
    assert closed.week(monday)[0].holiday
    assert closed.week(monday)[0].intervals == ()
    assert not closed.week(monday)[1].holiday
    assert closed.week(monday)[1].intervals == (Interval(540, 720),)


def test_another_country_has_other_holidays():
    assert not is_holiday(date(2026, 7, 14), "BE")
    hours = Hours("Mo-Fr 09:00-12:00; PH off", timezone="Europe/Brussels", country="BE")
    assert hours.day_intervals(date(2026, 7, 21)) == ()


# Clock changes: 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00


def test_the_day_the_clock_goes_forward():
    hours = Hours("Su 01:00-02:30,05:00-06:00")
    assert hours.day_intervals(date(2026, 3, 29)) == (Interval(60, 150), Interval(300, 360))
    assert hours.is_open(paris("2026-03-29 01:59")) is True
    assert hours.is_open(paris("2026-03-29 03:00")) is False
    assert hours.next_change(paris("2026-03-29 01:30")) == paris("2026-03-29 03:00")
    assert hours.next_change(paris("2026-03-29 03:00")) == paris("2026-03-29 05:00")
    # An opening that lies in the skipped hour does not take place.
    assert Hours("Su 02:15-02:45").next_change(paris("2026-03-29 01:00")) == paris("2026-04-05 02:15")
    # Four hours on the wall, three in truth.
    night = Hours("Sa 22:00-05:00")
    closing = night.next_change(paris("2026-03-28 22:00"))
    assert closing == paris("2026-03-29 05:00")
    assert closing.astimezone(UTC) - paris("2026-03-28 22:00").astimezone(UTC) == timedelta(hours=6)


def test_the_day_the_clock_goes_back():
    hours = Hours("Su 01:00-02:30,05:00-06:00")
    assert hours.is_open(paris("2026-10-25 02:15")) is True
    assert hours.is_open(paris("2026-10-25 02:15", fold=1)) is True
    first = hours.next_change(paris("2026-10-25 01:30"))
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = hours.next_change(paris("2026-10-25 02:15", fold=1))
    assert second.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert hours.next_change(paris("2026-10-25 03:00")) == paris("2026-10-25 05:00")


def test_office_hours_keep_to_the_wall_through_the_year():
    hours = Hours("Mo-Fr 09:00-12:00")
    assert hours.next_change(paris("2026-03-28 12:00")).isoformat() == "2026-03-30T09:00:00+02:00"
    assert hours.next_change(paris("2026-10-24 12:00")).isoformat() == "2026-10-26T09:00:00+01:00"
    assert hours.next_change(datetime(2026, 3, 30, 6, tzinfo=UTC)) == paris("2026-03-30 09:00")


# Facts


@pytest.mark.parametrize(
    ("osm", "evening", "weekend"),
    [
        ("Mo-Fr 09:00-18:00", False, False),
        ("Mo-Fr 09:00-18:01", True, False),
        ("Mo-Fr 09:00-12:00; Th 17:00-19:00", True, False),
        ("Mo-Fr 09:00-12:00; Sa 09:00-12:00", False, True),
        ("Mo-Sa 09:00-19:00; Sa off", True, False),
        ("Su[1] 10:00-12:00", False, True),
        ("Mo[5] 18:00-20:00", True, False),
        ("week 1-53/2 Sa 10:00-12:00", False, True),
        ("week 2-52/2 Sa 10:00-12:00", False, True),
        ("Fr 22:00-02:00", True, True),
        ("24/7", True, True),
        ("24/7; PH off", True, True),
        ("PH 10:00-20:00", False, False),
        ("Mo-Fr 09:00-12:00; PH 10:00-20:00", False, False),
        ("Jul-Aug Sa 10:00-20:00", False, False),
        ('Mo-Fr 17:00-20:00 open "sur rendez-vous"', True, False),
        ('Sa 09:00-20:00 unknown "parfois"', False, False),
        ('"sur rendez-vous"', False, False),
    ],
)
def test_evenings_and_weekends(osm, evening, weekend):
    hours = Hours(osm)
    assert (hours.opens_evening, hours.opens_weekend) == (evening, weekend)
    assert (hours.opens_evening, hours.opens_weekend) == (evening, weekend)  # kept, not computed again


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ('open "sur rendez-vous"', True),
        ('open "Sur RDV uniquement"', True),
        ('"by appointment"', True),
        ('open "sur réservation"', True),
        ('open "sans rendez-vous"', False),
        ('open "sans rdv"', False),
        ('open "accès libre"', False),
        ("", False),
    ],
)
def test_by_appointment(comment, expected):
    assert Hours(f"Mo 09:00-12:00 {comment}".strip()).by_appointment is expected


def test_value_semantics():
    one, same = Hours("Mo 09:00-12:00"), Hours("Mo 09:00-12:00")
    assert one == same
    assert hash(one) == hash(same)
    assert one != Hours("Mo 09:00-12:00", timezone="Europe/Brussels")
    assert one != "Mo 09:00-12:00"
    assert one.osm == "Mo 09:00-12:00"
    assert repr(one) == "Hours('Mo 09:00-12:00')"
    assert copy.copy(one) == one


def test_it_can_be_shared_between_threads():
    hours, answers = Hours("Mo 09:00-12:00"), []
    threads = [
        threading.Thread(target=lambda: answers.append(hours.is_open(paris("2026-03-02 10:00")))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4
