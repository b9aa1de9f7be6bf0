"""The label ends, begins and is reminded by itself; the desk hears of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from reseau.core.actors import IMPORT
from reseau.core.jobs import Tools
from reseau.desk.awaiting import kinds
from reseau.desk.services import Viewer, items
from reseau.directory import lifecycle
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.label import awaiting, services
from reseau.label.jobs import JOBS, follow_days
from tests.conftest import TUESDAY
from tests.label.making import SOURCES, TODAY, given, logged, mails, merged, place, until, version
from tests.people import person

assert awaiting


@pytest.fixture
def run(sessions: Any, settings: Any) -> Any:
    """Runs the job at a moment."""

    def at(moment: str) -> str | None:
        now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        return follow_days(Tools(sessions, settings, lambda: now))

    return at


def test_it_ends_in_the_night_of_its_last_day_on_the_clocks_of_the_site(session: Any, run: Any) -> None:
    here = place(session)
    label = given(session, here, version(session), "2026-11-24", "2027-06-30")
    session.commit()
    run("2027-06-30T21:59:00")  # 23:59 in Roubaix
    session.expire_all()
    assert (label.ended, until(session, here)) == (False, date(2027, 6, 30))
    session.rollback()
    assert run("2027-06-30T22:01:00") == "labels terminés : 1"  # 00:01 of the first of July
    session.expire_all()
    assert (label.ended, until(session, here)) == (True, None)
    assert logged(session, label.id) == [("label", 1, "publish"), ("label", 2, "withdraw")]
    assert logged(session, here)[-1] == ("structure", 3, "update")
    session.rollback()
    assert run("2027-07-01T10:00:00") is None
    assert len(logged(session, label.id)) == 2


def test_one_that_goes_on_ends_and_the_place_keeps_it(session: Any, run: Any) -> None:
    here, of = place(session), version(session)
    first = given(session, here, of, "2026-11-24", "2027-01-10")
    services.renew(session, first, of, date(2028, 1, 10), TODAY, None, now=datetime(2026, 11, 24, tzinfo=UTC))
    session.commit()
    run("2027-01-11T10:00:00")
    session.expire_all()
    assert first.ended
    assert until(session, here) == date(2028, 1, 10)
    assert mails(session) == [], "who renewed in time is not reminded"


def test_one_for_later_begins_on_its_day(session: Any, run: Any) -> None:
    here = place(session)
    given(session, here, version(session), "2026-12-01", "2028-12-01")
    session.commit()
    assert run("2026-11-30T10:00:00") is None
    assert run("2026-12-01T10:00:00") == "fiches mises à jour : 1, labels redits : 1"
    assert until(session, here) == date(2028, 12, 1)


def test_the_referents_are_reminded_once_two_months_before(session: Any, run: Any) -> None:
    here = place(session, "Le Café")
    person(session, "Ref", referent_of=[here], lang="en")
    person(session, "Simple", member_of=[here])
    person(session, "Coord", roles=["coordinator"])
    given(session, here, version(session), "2026-11-24", "2027-03-12")
    session.commit()
    assert run("2027-01-11T12:00:00") is None
    assert run("2027-01-12T12:00:00") == "rappels : 1"
    run("2027-01-13T12:00:00")
    session.expire_all()
    (mail,) = mails(session)
    assert (mail.recipient, mail.lang) == ("ref@reseau.example", "en")
    assert "Le Café" in mail.subject
    assert "/label" in mail.text


def test_without_a_referent_the_coordination_is_reminded(session: Any, run: Any) -> None:
    here = place(session)
    person(session, "Coord", roles=["coordinator"])
    silent = person(session, "Silence", roles=["coordinator"])
    silent.mails = {"rappels": False}
    given(session, here, version(session), "2026-11-24", "2027-03-12")
    session.commit()
    run("2027-02-01T12:00:00")
    (mail,) = mails(session)
    assert (mail.recipient, "12 mars 2027" in mail.subject) == ("coord@reseau.example", True)


def test_when_no_referent_wants_it_the_coordination_is_reminded(session: Any, run: Any) -> None:
    here = place(session)
    person(session, "Ref", referent_of=[here]).mails = {"rappels": False}
    coordinator = person(session, "Coord", roles=["coordinator"])
    label = given(session, here, version(session), "2026-11-24", "2027-03-12")
    other = given(session, place(session, "Autre"), version(session, "2"), "2026-11-24", "2027-04-12")
    session.commit()
    run("2027-02-01T12:00:00")
    session.expire_all()
    assert [mail.recipient for mail in mails(session)] == ["coord@reseau.example"]
    assert (label.reminded_on, label.reminded_people) == (date(2027, 2, 1), 1)
    coordinator.mails = {"rappels": False}
    session.commit()
    run("2027-02-20T12:00:00")
    session.expire_all()
    assert (other.reminded_on, other.reminded_people) == (date(2027, 2, 20), 0), "nobody, and the desk counts it"
    assert len(mails(session)) == 1


def test_the_log_hears_what_becomes_of_the_place(session: Any, run: Any) -> None:
    here, kept = place(session), place(session, "Gardée")
    label = given(session, here, version(session), "2026-11-24", "2027-11-23")
    session.commit()
    assert run("2026-11-25T10:00:00") is None
    because = Because(Cause.CLOSE, IMPORT)
    lifecycle.close(session, here, date(2026, 11, 25), "", because, SOURCES, TUESDAY)
    session.commit()
    assert run("2026-11-25T10:00:00") == "labels redits : 1"
    assert run("2026-11-25T11:00:00") is None
    lifecycle.reopen(session, here, because, SOURCES, TUESDAY)
    session.commit()
    run("2026-11-25T12:00:00")
    merged(session, kept, here)
    session.commit()
    run("2026-11-25T13:00:00")
    ops = [("label", 1, "publish"), ("label", 2, "update"), ("label", 3, "update"), ("label", 4, "update")]
    assert logged(session, label.id) == ops


def test_the_log_hears_on_its_day_that_one_for_later_has_begun(session: Any, run: Any) -> None:
    here, of = place(session), version(session)
    first = given(session, here, of, "2026-11-24", "2026-12-31")
    later = services.renew(session, first, of, date(2027, 12, 31), TODAY, None, now=TUESDAY)
    session.commit()
    run("2026-12-31T22:59:00")  # 23:59 in Roubaix
    assert logged(session, later.id) == [("label", 1, "publish")]
    session.rollback()
    run("2026-12-31T23:01:00")
    run("2027-01-01T12:00:00")
    assert logged(session, later.id) == [("label", 1, "publish"), ("label", 2, "update")]


def test_the_referents_of_a_place_that_was_merged_are_reminded(session: Any, run: Any) -> None:
    kept, lost = place(session, "Gardée"), place(session, "Retirée")
    person(session, "Ref", referent_of=[lost])
    given(session, lost, version(session), "2026-11-24", "2027-03-12")
    merged(session, kept, lost)
    session.commit()
    run("2027-02-01T12:00:00")
    (mail,) = mails(session)
    assert (mail.recipient, "Gardée" in mail.subject) == ("ref@reseau.example", True)


def test_the_desk_shows_what_is_to_be_renewed_since_the_reminder(session: Any, run: Any) -> None:
    here, of = place(session), version(session)
    label = given(session, here, of, "2026-11-24", "2027-03-12")
    given(session, place(session, "Autre"), of, "2026-11-24", "2028-03-12")
    session.commit()
    viewer = Viewer(coordinator=True, administrator=False, places=())
    assert kinds()["label"].count(session) == 0
    session.rollback()
    run("2027-01-20T12:00:00")
    assert kinds()["label"].count(session) == 1
    (item,) = items(session, viewer, date(2027, 1, 21), {"label"})
    assert item.since == datetime(2027, 1, 20, tzinfo=UTC)
    services.renew(session, label, of, date(2028, 3, 12), TODAY, None, now=datetime(2027, 1, 20, tzinfo=UTC))
    assert kinds()["label"].count(session) == 0


def test_the_desk_does_not_ask_for_a_place_that_has_closed(session: Any, run: Any) -> None:
    here = place(session)
    given(session, here, version(session), "2026-11-24", "2027-03-12")
    session.commit()
    run("2027-01-20T12:00:00")
    assert kinds()["label"].count(session) == 1
    lifecycle.close(session, here, date(2027, 1, 21), "", Because(Cause.CLOSE, IMPORT), SOURCES, TUESDAY)
    session.flush()
    assert kinds()["label"].count(session) == 0


def test_many_are_ended_in_several_transactions(session: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reseau.label.jobs.CHUNK", 2)
    of = version(session)
    labels = [given(session, place(session, f"Lieu {n}"), of, "2026-11-24", "2027-01-10") for n in range(5)]
    session.commit()
    assert run("2027-01-11T10:00:00") == "labels terminés : 5"
    session.expire_all()
    assert all(label.ended for label in labels)


def test_the_job_has_its_name() -> None:
    assert [job.name for job in JOBS] == ["label-echeances"]
