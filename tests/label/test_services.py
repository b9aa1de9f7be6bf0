"""The label given, renewed, withdrawn: on both engines."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.directory import lifecycle
from reseau.directory.models import Cause, Structure
from reseau.directory.reproject import Because, Projector
from reseau.label import criteria, services
from reseau.label.models import Label
from reseau.label.services import Refused
from tests.conftest import TUESDAY
from tests.label import making
from tests.label.making import TODAY, given, logged, merged, place, until, version
from tests.people import at_once


def test_a_label_shows_on_the_place_and_in_the_log(session: Any) -> None:
    here = place(session)
    session.commit()
    label = given(session, here, version(session), "2026-11-24", "2028-11-23")
    session.commit()
    assert until(session, here) == date(2028, 11, 23)
    assert logged(session, here, label.id) == [
        ("structure", 1, "publish"), ("label", 1, "publish"), ("structure", 2, "update"),
    ]  # fmt: skip
    assert services.held(session, here, TODAY) is label
    assert services.held(session, here, date(2028, 11, 24)) is None
    assert list(session.scalars(services.holders(TODAY))) == [here]


def test_a_label_for_later_is_not_shown_yet(session: Any) -> None:
    here = place(session)
    given(session, here, version(session), "2026-12-01", "2027-12-01")
    assert until(session, here) is None
    assert list(session.scalars(services.places(TODAY))) == []
    assert list(session.scalars(services.places(date(2026, 12, 1)))) == [here]


@pytest.mark.parametrize(("start", "end"), [("2027-03-12", "2028-03-12"), ("2026-01-01", "2026-11-24")])
def test_days_that_cross_are_refused_in_words(session: Any, start: str, end: str) -> None:
    here, of = place(session), version(session)
    given(session, here, of, "2026-11-24", "2027-03-12")
    with pytest.raises(Refused) as refused:
        given(session, here, of, start, end)
    assert refused.value.code == "overlap"
    assert refused.value.span == (date(2026, 11, 24), date(2027, 3, 12))
    assert session.scalar(sa.select(sa.func.count()).select_from(Label)) == 1


@pytest.mark.parametrize(
    ("start", "end", "code"), [("2027-01-02", "2027-01-01", "order"), ("2025-12-31", "2027-01-01", "criteria")]
)
def test_days_that_make_no_sense_are_refused(session: Any, start: str, end: str, code: str) -> None:
    here, of = place(session), version(session, from_on=date(2026, 1, 1))
    with pytest.raises(Refused) as refused:
        given(session, here, of, start, end)
    assert refused.value.code == code


def test_a_closed_place_receives_none_and_loses_its_place_in_the_register(session: Any) -> None:
    here, of = place(session), version(session)
    given(session, here, of, "2026-11-24", "2027-03-12")
    lifecycle.close(session, here, TODAY, "fini", Because(Cause.CLOSE, making.BECAUSE.actor), making.SOURCES, TUESDAY)
    assert list(session.scalars(services.places(TODAY))) == []
    with pytest.raises(Refused) as refused:
        given(session, here, of, "2027-06-01", "2028-03-12")
    assert refused.value.code == "closed"


def test_a_renewed_label_follows_and_the_place_holds_it_all_the_time(session: Any) -> None:
    here, of = place(session), version(session)
    first = given(session, here, of, "2026-11-24", "2027-03-12")
    second = services.renew(session, first, of, date(2029, 3, 12), TODAY, None, now=TUESDAY)
    assert (second.starts_on, second.ends_on) == (date(2027, 3, 13), date(2029, 3, 12))
    assert until(session, here) == date(2029, 3, 12)
    with pytest.raises(Refused) as refused:
        services.renew(session, first, of, date(2028, 1, 1), TODAY, None, now=TUESDAY)
    assert refused.value.code == "overlap"


def test_withdrawn_it_ends_that_day_with_what_would_follow(session: Any) -> None:
    here, of = place(session), version(session)
    first = given(session, here, of, "2026-10-01", "2027-03-12")
    second = services.renew(session, first, of, date(2029, 3, 12), TODAY, None, now=TUESDAY)
    session.commit()
    services.withdraw(session, first, "  ne répond plus  ", TODAY, None, now=TUESDAY)
    session.commit()
    assert (first.withdrawn_on, first.withdrawn_reason, first.ended) == (TODAY, "ne répond plus", True)
    assert until(session, here) is None
    for later in (TODAY, date(2027, 3, 13), date(2029, 3, 12)):
        assert services.held(session, here, later) is None, later
    assert services.held(session, here, TODAY - timedelta(days=1)) is first
    assert logged(session, first.id, second.id) == [
        ("label", 1, "publish"), ("label", 1, "publish"), ("label", 2, "withdraw"), ("label", 2, "withdraw"),
    ]  # fmt: skip
    again = given(session, here, of, "2026-11-24", "2027-03-12")
    assert services.held(session, here, TODAY) is again


@pytest.mark.parametrize(
    ("on", "reason", "code"),
    [("2026-11-25", "raison", "day"), ("2026-09-30", "raison", "day"), ("2026-11-24", "  ", "reason")],
)
def test_a_withdrawal_that_makes_no_sense(session: Any, on: str, reason: str, code: str) -> None:
    here = place(session)
    label = given(session, here, version(session), "2026-10-01", "2027-03-12")
    with pytest.raises(Refused) as refused:
        services.withdraw(session, label, reason, date.fromisoformat(on), None, now=TUESDAY)
    assert refused.value.code == code
    assert until(session, here) == date(2027, 3, 12)


def test_it_is_withdrawn_once(session: Any) -> None:
    label = given(session, place(session), version(session), "2026-10-01", "2027-03-12")
    services.withdraw(session, label, "une raison", TODAY, None, now=TUESDAY)
    for refused_by in (
        lambda: services.withdraw(session, label, "autre", TODAY, None, now=TUESDAY),
        lambda: services.renew(session, label, criteria.every(session)[0], date(2028, 1, 1), TODAY, None, now=TUESDAY),
    ):
        with pytest.raises(Refused) as refused:
            refused_by()
        assert refused.value.code == "over"
    assert label.withdrawn_reason == "une raison"


def test_the_label_of_a_place_that_was_merged_is_that_of_the_other(session: Any) -> None:
    kept, lost, of = place(session, "Gardée"), place(session, "Retirée"), version(session)
    label = given(session, lost, of, "2026-11-24", "2027-03-12")
    session.commit()
    merged(session, kept, lost)
    session.commit()
    assert until(session, kept) == date(2027, 3, 12)
    assert logged(session, kept)[-1] == ("structure", 2, "update")
    assert services.held(session, kept, TODAY) is label
    assert list(session.scalars(services.places(TODAY))) == [kept]
    assert set(session.scalars(services.holders(TODAY))) == {kept, lost}, "people may be written down at the old one"
    with pytest.raises(Refused) as refused:
        given(session, lost, of, "2027-01-01", "2027-06-01")
    assert refused.value.code == "overlap"
    services.withdraw(session, label, "raison", TODAY, None, now=TUESDAY)
    assert until(session, kept) is None


def test_two_labels_of_two_places_that_are_one_last_as_long_as_the_longer(session: Any) -> None:
    kept, lost, of = place(session, "Gardée"), place(session, "Retirée"), version(session)
    given(session, kept, of, "2026-11-24", "2027-03-12")
    longer = given(session, lost, of, "2026-11-24", "2027-09-01")
    merged(session, kept, lost)
    assert until(session, kept) == date(2027, 9, 1)
    assert services.held(session, kept, TODAY) is longer


def test_computing_a_sheet_again_changes_nothing_of_its_label(session: Any) -> None:
    here = place(session)
    given(session, here, version(session), "2026-11-24", "2027-03-12")
    before = session.execute(sa.select(Structure.rev, Structure.digest).where(Structure.id == here)).one()
    assert Projector(session, making.SOURCES, TUESDAY).reproject([here], making.BECAUSE) == []
    assert session.execute(sa.select(Structure.rev, Structure.digest).where(Structure.id == here)).one() == before


def test_two_people_give_it_at_once_and_one_is_refused(sessions: Any) -> None:
    with sessions.begin() as session:
        here, of = place(session), version(session).version

    def give() -> str:
        with sessions.begin() as session:
            try:
                given(session, here, criteria.named(session, of), "2026-11-24", "2027-03-12")  # type: ignore[arg-type]
            except Refused as refused:
                return refused.code
            return "given"

    assert sorted(at_once(give, give)) == ["given", "overlap"]


def test_what_is_given_meanwhile_stays_written_on_the_place(sessions: Any) -> None:
    """The job looks at the labels of a place while somebody gives it one."""
    with sessions.begin() as session:
        here, of = place(session), version(session).version

    def look() -> None:
        with sessions.begin() as session:
            services.refresh(session, here, TUESDAY)

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            given(session, here, criteria.named(session, of), "2026-11-24", "2027-03-12")  # type: ignore[arg-type]
            job = pool.submit(look)
            time.sleep(0.3)  # it waits for us
            assert not job.done()
        job.result(30)
    with sessions() as session:
        assert until(session, here) == date(2027, 3, 12)


def test_criteria_are_never_changed_once_used(session: Any) -> None:
    of = version(session, ar="نص", de="nicht gefragt")
    assert set(of.texts) == {"fr", "ar"}
    criteria.change(session, of, date(2026, 2, 1), {"fr": "Autre chose", "fr-x-falc": "Facile"})
    assert (of.from_on, of.texts) == (date(2026, 2, 1), {"fr": "Autre chose", "fr-x-falc": "Facile"})
    given(session, place(session), of, "2026-11-24", "2027-03-12")
    with pytest.raises(criteria.Unusable) as unusable:
        criteria.change(session, of, date(2026, 2, 1), {"fr": "Encore"})
    assert unusable.value.code == "used"
    assert of.texts["fr"] == "Autre chose"


@pytest.mark.parametrize(
    ("name", "texts", "code"),
    [("2026", {"fr": "x"}, "taken"), ("Deux mille", {"fr": "x"}, "version"), ("../x", {"fr": "x"}, "version"),
     ("2027", {"fr": "  ", "en": "x"}, "french"), ("", {"fr": "x"}, "version")],
)  # fmt: skip
def test_criteria_that_cannot_be(session: Any, name: str, texts: dict[str, str], code: str) -> None:
    version(session)
    with pytest.raises(criteria.Unusable) as unusable:
        criteria.add(session, name, TODAY, texts, None, now=TUESDAY)
    assert unusable.value.code == code


def test_the_criteria_of_a_day_are_the_last_that_began(session: Any) -> None:
    old, new = version(session, "2025", date(2025, 1, 1)), version(session, "2026", date(2026, 11, 25))
    assert criteria.current(session, date(2024, 12, 31)) is None
    assert criteria.current(session, TODAY) is old
    assert criteria.current(session, date(2026, 11, 25)) is new
