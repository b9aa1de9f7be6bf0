"""Relays, what they declare, what is counted, on both engines."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import Edition, Relay, RelayVisit, Subscriber
from feeds.newsletter.relaying import counts, reaching, services
from feeds.newsletter.relaying.reaching import Said
from reseau.core import counting
from tests.feeds.newsletter.relaying.conftest import Town
from tests.people import at_once


def test_a_code_is_short_and_has_no_letter_that_is_mistaken_for_another() -> None:
    codes = {services.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch("[BCDFGHJKMNPQRSTVWXZ2-9]{6}", one) for one in codes)


def test_a_structure_is_a_relay_once_even_if_two_make_it_at_the_same_time(town: Town) -> None:
    place = town.place()

    def make() -> str:
        try:
            return str(town.relay(place).code)
        except services.Already:
            return "already"

    found = at_once(make, make)
    assert found.count("already") == 1
    assert len(town.rows(Relay, Relay.structure_id == place)) == 1


def test_a_relay_is_found_by_its_code_in_any_case(town: Town) -> None:
    relay = town.relay()
    assert town.do(services.find, relay.code.lower()).id == relay.id
    assert town.do(services.find, "ZZZZZZ0") is None


def test_sums_of_a_relay(town: Town) -> None:
    relay, other = town.relay(), town.relay()
    visits = town.site.wsgi.registry["letter.visits"]
    for code in (relay.code, relay.code, "NOBODY"):
        visits.put((code, date(2026, 11, 24)), 1)
    visits.put((relay.code, date(2026, 11, 25)), 3)
    visits.flush()
    visits.put((relay.code, date(2026, 11, 24)), 1)
    visits.flush()

    def people(session: Any) -> None:
        for n, more in enumerate((
            {"edition": Edition.RELAY.value, "relay_id": relay.id, "state": "active"},
            {"edition": Edition.RELAY.value, "relay_id": relay.id, "state": "pending"},
            {"came_by": relay.id, "state": "active"}, {"came_by": relay.id, "state": "left"},
        )):  # fmt: skip
            key = f"{relay.code}{n}"
            session.add(Subscriber(email=f"{key}@x.example".lower(), key=key[:16], lang="fr", source="form", **more))

    town.do(people)
    for number in (40, 2):
        town.do(reaching.declare, relay, Said(number, "mail", None), None, town.site.clock.now)
    found = town.do(services.numbers, [relay.id, other.id])
    assert found == {relay.id: (1, 1, 6, 42), other.id: (0, 0, 0, 0)}
    assert sorted(one.number for one in town.rows(RelayVisit, RelayVisit.relay_id == relay.id)) == [3, 3]


def test_a_declaration_is_corrected_and_withdrawn_and_counted_in_the_plan(town: Town) -> None:
    relay, other, issue = town.relay(), town.relay(), town.issue()
    before = town.do(counts.reached, date(2026, 11, 24))
    row = town.do(reaching.declare, relay, Said(100, "mail", issue.id), None, town.site.clock.now)
    assert town.do(reaching.find, other, row.id) is None

    def change(session: Any) -> bool:
        found = reaching.find(session, relay, row.id)
        assert found
        return reaching.correct(session, found, Said(10, "papier", issue.id, "au cabinet"))

    assert town.do(change) is True
    assert town.do(change) is False
    assert town.do(counts.reached, date(2026, 11, 24)) == before + 10
    town.do(lambda session: reaching.withdraw(session, reaching.find(session, relay, row.id)))  # type: ignore[arg-type]
    assert town.do(counts.reached, date(2026, 11, 24)) == before


def test_issues_that_left_are_counted(town: Town) -> None:
    before = town.do(counts.issues, date(2026, 11, 24))
    town.issue(sent=False)
    town.issue()
    assert town.do(counts.issues, date(2026, 11, 24)) == before + 1
    assert {"numeros-envoyes", "professionnels-touches"} <= {one.name for one in counting.counts()}


@pytest.mark.parametrize("text", ["cpts %", "_", "100%", "' OR 1=1", "x" * 300])
def test_a_name_that_means_nothing_finds_nothing(town: Town, text: str) -> None:
    assert town.do(services.candidates, text) == []


def test_structures_are_found_by_name_or_by_the_address_of_their_sheet(town: Town) -> None:
    place = town.place()
    name = town.do(lambda session: session.scalar(sa.text("SELECT nom FROM structure WHERE id = :id").bindparams(
        sa.bindparam("id", place, sa.Uuid()))))  # fmt: skip
    wanted = [(str(place), f"{name} (Roubaix)")]
    for text in (name, name.upper().replace("É", "é"), f"https://x.example/annuaire/cpts-{place}?a=b", str(place)):
        assert town.do(services.candidates, text) == wanted, text
