"""Calendars come into the tray of the agenda, on both engines. Expected moments are written by hand."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from importers.calendars import expanding_child
from importers.calendars.expanding import expand
from importers.calendars.source import Agenda
from importers.pipeline import Options, Pipeline, Summary
from importers.pipeline.contract import Refused
from reseau.agenda import services
from reseau.agenda.models import KIND, Event, EventState
from reseau.core.changes import Change
from reseau.core.ids import new_id

FIRST, LAST = datetime(2026, 11, 23, 23, tzinfo=UTC), datetime(2027, 5, 25, 22, tzinfo=UTC)
ZONE = """BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def event(uid: str, *lines: str) -> str:
    """A VEVENT."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:Date {uid}", *lines, "END:VEVENT", ""])


def ics(*events: str) -> bytes:
    """A calendar."""
    body = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:essai\nX-WR-CALNAME:Essai\n" + ZONE + "".join(events) + "END:VCALENDAR\n"
    )
    return body.replace("\n", "\r\n").encode()


SERIES = event("s", "DTSTART;TZID=Romance Standard Time:20261201T140000", "DTEND;TZID=Romance Standard Time:20261201T160000",
               "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Romance Standard Time:20261208T140000")  # fmt: skip
MOVED = event("s", "RECURRENCE-ID;TZID=Romance Standard Time:20261215T140000",
              "DTSTART;TZID=Romance Standard Time:20261216T100000", "DTEND;TZID=Romance Standard Time:20261216T110000")  # fmt: skip


def expanded(folder: Path, *events: str) -> Any:
    """What the program finds."""
    path = folder / "a.ics"
    path.write_bytes(ics(*events))
    return expand(path, FIRST, LAST, "Europe/Paris", 500)


def test_what_calendars_write(tmp_path: Path) -> None:
    found = expanded(
        tmp_path, SERIES, MOVED,
        event("jour", "DTSTART;VALUE=DATE:20270110"),
        event("flottant", "DTSTART:20270112T090000", "DURATION:PT90M"),
        event("new-york", "DTSTART;TZID=America/New_York:20270113T090000"),
        event("utc", "DTSTART:20270114T090000Z"),
        event("annule", "DTSTART:20270115T090000", "STATUS:CANCELLED"),
        event("passe", "DTSTART:20261123T090000", "DTEND:20261123T100000"),
        event("en-cours", "DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261130"),
        event("loin", "DTSTART:20280101T090000"),
    )  # fmt: skip
    said = [(one["uid"], one["occurrence"], one["start"][:16], one["end"][:16], one["zone"], one["all_day"])
            for one in found.occurrences]  # fmt: skip
    assert said == [
        ("en-cours", "", "2026-11-19T23:00", "2026-11-29T23:00", "Europe/Paris", True),
        ("s", "2026-12-01", "2026-12-01T13:00", "2026-12-01T15:00", "Europe/Paris", False),
        ("s", "2026-12-15", "2026-12-16T09:00", "2026-12-16T10:00", "Europe/Paris", False),
        ("s", "2026-12-22", "2026-12-22T13:00", "2026-12-22T15:00", "Europe/Paris", False),
        ("jour", "", "2027-01-09T23:00", "2027-01-10T23:00", "Europe/Paris", True),
        ("flottant", "", "2027-01-12T08:00", "2027-01-12T09:30", "Europe/Paris", False),
        ("new-york", "", "2027-01-13T14:00", "2027-01-13T14:00", "America/New_York", False),
        ("utc", "", "2027-01-14T09:00", "2027-01-14T09:00", "Europe/Paris", False),
    ]
    assert (found.title, found.refused, found.cut) == ("Essai", (), False)


def test_repetitions_that_never_end_do_not_hang(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        event("seconde", "DTSTART:20200101T000000Z", "RRULE:FREQ=SECONDLY"),
        event("jamais", "DTSTART:20200101T000000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        event("bon", "DTSTART:20270101T100000Z"),
    )
    assert [one["uid"] for one in found.occurrences] == ["bon"]
    assert sorted(found.refused) == [
        ("repetition-impossible", "Date jamais", "jamais"),
        ("repetition-trop-serree", "Date seconde", "seconde"),
    ]


@pytest.mark.parametrize(
    ("data", "code"), [(b"bonjour", "agenda-illisible"), (b" ", "vide"), (b"<html>", "agenda-illisible")]
)
def test_what_is_no_calendar_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(data)
    with pytest.raises(Refused) as error:
        Agenda().check(path)
    assert error.value.code == code


class Partner:
    """A calendar that changes, and what reading it does."""

    def __init__(self, sessions: Any, folder: Path, clock: Callable[[], datetime]) -> None:
        self.sessions, self.folder, self.clock = sessions, folder, clock

    def read(self, *events: str, **options: str) -> Summary:
        path = self.folder / "a.ics"
        path.write_bytes(ics(*events))
        source = Agenda("agenda-x", options, clock=self.clock)
        return Pipeline(self.sessions, source, (), clock=self.clock).run(path, "x", Options(complete=True))

    def events(self) -> dict[tuple[str, str], Event]:
        with self.sessions() as session:
            return {(one.uid, one.occurrence): one for one in session.scalars(sa.select(Event))}

    def log(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(sa.select(Change.op).where(Change.kind == KIND).order_by(Change.seq)))

    def decide(self, act: Any, *ids: Any, **more: Any) -> int:
        with self.sessions() as session:
            number: int = act(session, ids, by=None, now=self.clock(), **more)
            session.commit()
            return number


@pytest.fixture
def partner(sessions: Any, tmp_path: Path, clock: Any) -> Partner:
    return Partner(sessions, tmp_path, clock)


def test_dates_follow_their_calendar(partner: Partner) -> None:
    one = event("un", "DTSTART:20270112T090000", "LOCATION:Mairie", "ORGANIZER:mailto:jean.dupont@x.fr",
                "DESCRIPTION:Écrire à jean.dupont@chu-lille.fr")  # fmt: skip
    assert partner.read(SERIES, one).created == 4
    again = partner.read(SERIES, one)
    assert (again.unchanged, again.updated, again.absent) == (4, 0, 0)
    found = partner.events()["un", ""]
    assert (found.state, found.place, found.starts_at) == ("tray", "Mairie", datetime(2027, 1, 12, 8, tzinfo=UTC))
    assert "dupont" not in repr([vars(row) for row in partner.events().values()])
    assert partner.log() == []
    assert partner.decide(services.keep, found.id) == 1
    partner.read(SERIES, one.replace("T090000", "T100000").replace("Mairie", "École"))
    found = partner.events()["un", ""]
    assert (found.state, found.place, found.starts_at.hour) == ("kept", "École", 9)
    assert partner.log() == ["publish", "update"]


def test_a_date_that_is_taken_back_is_gone_and_may_return(partner: Partner) -> None:
    one, two = event("un", "DTSTART:20270112T090000"), event("deux", "DTSTART:20270113T090000")
    partner.read(one, two)
    partner.decide(services.keep, partner.events()["un", ""].id)
    assert partner.read(two).absent == 1
    assert partner.events()["un", ""].state == "gone"
    assert partner.decide(services.drop, partner.events()["un", ""].id) == 0
    partner.read(one.replace("END:VEVENT", "STATUS:CANCELLED\nEND:VEVENT"), two)
    assert partner.events()["un", ""].state == "gone"
    partner.read(one, two)
    assert {key[0]: row.state for key, row in partner.events().items()} == {"un": "kept", "deux": "tray"}
    assert partner.log() == ["publish", "withdraw", "publish"]


def test_what_cannot_be_read_this_time_is_not_gone(partner: Partner) -> None:
    series = event("serie", "DTSTART:20261201T090000", "RRULE:FREQ=WEEKLY;COUNT=3")
    one, nameless = event("un", "DTSTART:20261210T090000"), event("", "DTSTART:20261211T090000").replace("UID:\n", "")
    partner.read(series, one, nameless, event("retire", "DTSTART:20261212T090000"))
    partner.decide(services.keep, *(row.id for row in partner.events().values()))
    broken = event("serie", "DTSTART:20261201T090000", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=0")
    done = partner.read(broken, one.replace("20261210T090000", "2026-12-10 9h"), nameless.replace("DTSTART:", "X:"))
    assert done.rejected == 3
    states = {(row.uid[:9], row.occurrence): row.state for row in partner.events().values()}
    assert states == {
        ("serie", "2026-12-01"): "kept", ("serie", "2026-12-08"): "kept", ("serie", "2026-12-15"): "kept",
        ("un", ""): "kept", ("sans-uid-", ""): "kept", ("retire", ""): "gone",
    }  # fmt: skip


def test_a_slow_machine_is_no_fault_of_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expanding_child, "EACH_S", 0.2)
    read = expanding_child.recurring_ical_events.of

    def slowly(*args: Any, **options: Any) -> Any:
        time.sleep(0.4)  # another program has the machine
        return read(*args, **options)

    monkeypatch.setattr(expanding_child.recurring_ical_events, "of", slowly)
    data = ics(event("bon", "DTSTART:20270101T100000Z"))
    before = signal.signal(signal.SIGPROF, expanding_child.stop), signal.signal(signal.SIGALRM, expanding_child.stop)
    try:
        found = expanding_child.expand(data, FIRST, LAST, ZoneInfo("Europe/Paris"), 500)
    finally:
        signal.signal(signal.SIGPROF, before[0])
        signal.signal(signal.SIGALRM, before[1])
    assert ([one["uid"] for one in found["occurrences"]], found["refused"]) == (["bon"], [])


def test_what_is_past_stays_and_what_was_dropped_stays_dropped(partner: Partner, clock: Any) -> None:
    one, two = event("un", "DTSTART:20261125T090000"), event("deux", "DTSTART:20270113T090000")
    partner.read(one, two)
    partner.decide(services.drop, partner.events()["deux", ""].id)
    clock.now = datetime(2026, 11, 27, tzinfo=UTC)
    assert partner.read(event("trois", "DTSTART:20270201T090000")).absent == 0
    assert {key[0]: row.state for key, row in partner.events().items()} == {
        "un": "tray", "deux": "dropped", "trois": "tray"
    }  # fmt: skip
    with partner.sessions() as session:
        assert [row.uid for row in services.listed(session, services.View.TRAY, clock.now).rows] == ["trois"]
        assert services.upcoming(session, clock.now) == []


def test_no_more_than_five_hundred_and_what_was_not_read_is_not_gone(partner: Partner) -> None:
    daily = [event(f"e{n}", f"DTSTART:20261201T0{n}0000", "RRULE:FREQ=DAILY;COUNT=150") for n in range(4)]
    partner.read(event("loin", "DTSTART:20270501T090000"))
    done = partner.read(*daily, event("loin", "DTSTART:20270501T090000"))
    assert (done.created, done.absent, done.facts["cut"]) == (500, 0, True)
    assert partner.events()["loin", ""].state == "tray"


def test_the_day_is_part_of_the_rules(clock: Any) -> None:
    today = Agenda(clock=clock).rules
    clock.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert Agenda(clock=clock).rules != today


def test_undo_is_for_those_who_decided(partner: Partner) -> None:
    partner.read(event("un", "DTSTART:20270112T090000"))
    (one,) = partner.events().values()
    partner.decide(services.keep, one.id)
    with partner.sessions() as session:
        back = EventState.TRAY
        assert services.undo(session, [one.id], back, by=new_id(), now=partner.clock()) == 0
        assert services.undo(session, [one.id], back, by=None, now=partner.clock()) == 1
        session.commit()
    assert [row.state for row in partner.events().values()] == ["tray"]
    assert partner.log() == ["publish", "withdraw"]
