"""Relays, what they declare, what is counted, on both engines."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.newsletter.content import Content, Item, Section
from feeds.newsletter.models import Edition, Issue, Line, Relay, RelayReach, RelayVisit, Subscriber
from feeds.newsletter.relaying import counts, drawing, holding, reaching, services, taking
from feeds.newsletter.relaying.reaching import Said
from feeds.newsletter.sending import launching
from reseau.core import counting
from reseau.core.letters import Site
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


# --- what was sent, and what is made today ----------------------------------------------------------------------------


def given(town: Town, *contacts: tuple[Relay, str], **more: Any) -> Issue:
    """An issue whose relay edition is launched. :param contacts: of which relay, in which language."""
    made = town.issue(sent=False, relays=False, **more)

    def launch(session: Any) -> None:
        for n, (relay, lang) in enumerate(contacts):
            key = f"{relay.code}{n}".lower()
            session.add(Subscriber(email=f"{key}@cpts.example", key=key, lang=lang, source="relay", state="active",
                                   edition=Edition.RELAY.value, relay_id=relay.id))  # fmt: skip
        session.flush()
        launching.launch(session, session.get(Issue, made.id), Edition.RELAY, town.site.settings, town.site.clock.now)

    town.do(launch)
    return made


def mail(town: Town, issue: Issue, relay: Relay, lang: str = "fr") -> str:
    """What the page of a relay gives: HTML and text."""

    def make(session: Any) -> str:
        mine, one = session.get(Relay, relay.id), session.get(Issue, issue.id)
        made = taking.composed(session, one, mine, lang, Site.of(town.site.settings), town.site.clock.now)
        return f"{made.html}{made.text}"

    return str(town.do(make))


def reword(town: Town, relay: Relay, words: str) -> None:
    def write(session: Any) -> None:
        session.get(Relay, relay.id).intro = {"fr": words}

    town.do(write)


def test_a_relay_passes_on_what_its_contacts_received_and_todays_lines_where_they_received_none(town: Town) -> None:
    relay, alone = town.relay(), town.relay()
    for one in (relay, alone):
        reword(town, one, "Avant l’envoi.")
    issue, draft = given(town, (relay, "fr")), town.issue(sent=False, relays=False)

    def later(session: Any) -> None:
        session.execute(sa.update(Line).values(texts={"fr": {"title": "Un titre corrigé"}}))

    town.do(later)
    for one in (relay, alone):
        reword(town, one, "Depuis l’envoi.")
    sent, today = mail(town, issue, relay), mail(town, issue, alone)
    assert ("Avant l’envoi." in sent, "Depuis l’envoi." in sent) == (True, False)
    assert ("Un kit" in sent, "Un titre corrigé" in sent) == (True, False)
    assert f"/lettre?r={relay.code}" in sent
    assert ("Avant l’envoi." in today, "Depuis l’envoi." in today, "Un titre corrigé" in today) == (False, True, True)
    assert "Depuis l’envoi." in mail(town, issue, relay, "ar")  # nobody receives it for them in Arabic
    assert "Depuis l’envoi." in mail(town, draft, relay)
    for made in (sent, today):
        assert "cpts.example" not in made
        assert "/lettre/d/" not in made
        assert ".invalid" not in made


def test_the_picture_counts_what_the_letter_counts() -> None:
    items = [Item(f"Kit {n}") for n in range(5)] + [Item("et 28 autres ressources", others=28)]
    content = Content(7, "fr", "relay", date(2026, 11, 24), "Objet", "", "https://a.example/lettre/2026/7",
                      (Section("ressources", tuple(items)), Section("lieux", (Item("Lieu"),))))  # fmt: skip
    site = Site("Réseau", "https://a.example", "R <r@a.example>")
    shown = drawing.image_data(content, site)["sections"]
    assert [one["text"] for one in shown[0]["items"]] == ["Kit 0", "Kit 1", "Kit 2"]
    assert [one["more"] for one in shown] == ["et 30 autres", ""]


def test_paper_says_addresses_that_one_can_type() -> None:
    items = (Item("Kit", url="https://www.a.example/kits/matin/"), Item("Loin", url=f"https://a.example/{'a' * 200}"))
    content = Content(7, "ar", "relay", date(2026, 11, 24), "Objet", "Bonjour !", "https://a.example/lettre/2026/7",
                      (Section("ressources", items),), subject_lang="fr", intro_lang="fr")  # fmt: skip
    told = drawing.paper_data(content, Site("Réseau", "https://a.example", "R <r@a.example>"), with_logo=False)
    assert [one["address"] for one in told["sections"][0]["items"]] == ["a.example/kits/matin", ""]
    assert (told["title"]["lang"], told["title"]["dir"]) == ("fr", "ltr")
    assert told["intro"] == {
        "lang": "fr",
        "region": None,
        "dir": "ltr",
        "tree": [["p", ["Bonjour\N{NO-BREAK SPACE}!"]]],
    }
    assert told["tongue"] == "الفرنسية"


def test_what_was_called_back_is_not_passed_on(town: Town) -> None:
    relay = town.relay()
    issue = given(town, (relay, "fr"))
    assert town.do(taking.find, issue.id) is not None

    def cancel(session: Any) -> None:
        launching.cancel(session, session.get(Issue, issue.id), town.site.clock.now)

    town.do(cancel)
    assert town.do(taking.find, issue.id) is None
    assert issue.id not in {one.issue.id for one in town.do(taking.offered, "fr", 50)}


def test_what_relays_hold_of_a_person_is_given_and_forgotten(town: Town) -> None:
    relay, who = town.relay(), town.people["coordination"]

    def write(session: Any) -> None:
        session.get_one(Relay, relay.id).created_by = who
        reaching.declare(session, relay, Said(12, "mail", None, "à mes collègues"), who, town.site.clock.now)

    def held(session: Any) -> tuple[list[Any], list[Any]]:
        found = holding.rows_of(session, who, None)
        codes = [one["code"] for one in found["relais_crees"] if one["code"] == relay.code]
        return codes, [one["note"] for one in found["relais_declarations"] if one["people"] == 12]

    town.do(write)
    assert town.do(held) == ([relay.code], ["à mes collègues"])
    town.do(holding.forget, who, None)
    assert town.do(held) == ([], [])
    (row,) = town.rows(RelayReach, RelayReach.relay_id == relay.id)
    assert (row.by, row.note, row.people) == (None, "", 12)
