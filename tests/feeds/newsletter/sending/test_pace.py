"""How fast letters leave: counted by hand, with a clock of the test."""

from __future__ import annotations

from feeds.newsletter.sending.pace import Pace


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(pace: Pace, domain: str, tries: int = 500) -> int:
    return sum(pace.take(domain) for _ in range(tries))


def test_a_minute_holds_what_was_said_and_a_restart_a_twelfth_of_it() -> None:
    seconds = Seconds()
    pace = Pace(300, 300, seconds)
    assert (pace.room(), taken(pace, "a.example")) == (25, 25)
    sent = 0
    for _ in range(60):
        seconds.now += 1
        sent += taken(pace, "a.example")
    assert sent == 300
    seconds.now += 3600  # nothing is saved up
    assert taken(pace, "a.example") == 25


def test_each_domain_has_its_own() -> None:
    seconds = Seconds()
    pace = Pace(300, 60, seconds)
    assert [taken(pace, name) for name in ("a.example", "b.example")] == [5, 5]
    assert pace.shut() == {"a.example", "b.example"}
    assert pace.room() == 15
    seconds.now += 1
    assert pace.shut() == set()
    assert taken(pace, "a.example") == 1


def test_a_slow_pace_is_still_a_pace() -> None:
    seconds = Seconds()
    pace = Pace(6, 6, seconds)
    assert taken(pace, "a.example") == 1
    seconds.now += 9
    assert taken(pace, "a.example") == 0
    seconds.now += 1
    assert taken(pace, "a.example") == 1


def test_who_says_slower_rests_longer_each_time_until_it_goes_well() -> None:
    seconds = Seconds()
    pace = Pace(6000, 6000, seconds)
    for rest in (60, 120, 240):
        pace.slower("a.example")
        pace.slower("a.example")  # two connections hear of the same refusal: one rest
        seconds.now += rest - 1
        assert (pace.shut(), pace.take("a.example"), pace.take("b.example")) == ({"a.example"}, False, True)
        seconds.now += 1
        assert pace.take("a.example")
    pace.answered("a.example")
    pace.slower("a.example")
    seconds.now += 60
    assert pace.shut() == set()


def test_a_server_that_does_not_answer_rests_for_all() -> None:
    seconds = Seconds()
    pace = Pace(6000, 6000, seconds)
    pace.unreachable()
    assert (pace.resting(), pace.room()) == (True, 0)
    seconds.now += 5
    assert (pace.resting(), pace.room()) == (False, 500)
    for _ in range(4):
        pace.lost()
    assert not pace.resting()
    pace.lost()
    assert pace.resting()
    pace.answered("a.example")
    assert not pace.resting()


def test_many_domains_do_not_stay_in_memory() -> None:
    seconds = Seconds()
    pace = Pace(60_000_000, 60, seconds)
    for n in range(5000):
        seconds.now += 0.01
        pace.take(f"d{n}.example")
    assert len(pace._domains) < 1500
