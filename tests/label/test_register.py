"""The public side: register, criteria, sheet, cards, search."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from reseau.label import services
from reseau.label.models import Label
from tests.directory.site import Page, Site
from tests.label.conftest import Committee
from tests.label.making import TODAY


def names(site: Site, **query: str) -> list[str]:
    return [item["nom"] for item in site.json(**query)["items"]]


def test_the_register_says_who_holds_it_since_and_until_when(committee: Committee) -> None:
    page = Page(committee.browser().get("/label").text)
    assert not page.errors
    assert "Centre social ECHO" in page.text
    assert "Depuis le 13 mars 2026, jusqu’au 12 mars 2027" in page.text
    assert "Critères : 2026" in page.text
    assert "Ce n’est pas un label de l’État" in page.text
    assert {"/label/criteres/2026", "/qui-sommes-nous"} <= {link.get("href") for link in page.all("a")}


def test_its_twins_say_the_same(committee: Committee) -> None:
    echo = committee.places["echo"]
    found = committee.browser().get("/label.json?commune=Roubaix").json
    (item,) = [one for one in found["items"] if one["id"] == str(echo)]
    assert item == {
        "id": str(echo), "nom": "Centre social ECHO", "url": committee.at(echo), "commune": "Roubaix",
        "code_insee": "59512", "depuis": "2026-03-13", "jusqu_au": "2027-03-12", "criteres": "2026",
    }  # fmt: skip
    assert (found["le"], found["ignores"]) == ("2026-11-24", [])
    answer = committee.browser().get("/label.csv?commune=59100")
    assert answer.content_type == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["id"]: (row["depuis"], row["jusqu_au"]) for row in rows}[str(echo)] == ("2026-03-13", "2027-03-12")


def test_another_town_has_none_and_nonsense_is_said(committee: Committee) -> None:
    browser = committee.browser()
    assert "Aucun lieu n’a le label ici" in browser.get("/label?commune=Lille").text
    assert "Nous ne connaissons pas cette ville" in browser.get("/label?commune=Xyzzyxyzzy&page=-3").text
    assert "<script>alert" not in browser.get("/label?commune=%00%ff<script>alert(1)&page=%00").text
    assert browser.get("/label.json?commune=Xyzzy").json["ignores"] == [{"parametre": "commune", "valeur": "Xyzzy"}]
    assert browser.get("/label?page=9999").status_int == 200


def test_nothing_new_is_304_until_tomorrow(committee: Committee) -> None:
    browser = committee.browser()
    tag = browser.get("/label").headers["ETag"]
    assert browser.get("/label", headers={"If-None-Match": tag}, status=304)
    committee.site.clock.now = committee.site.moment("2026-11-25T10:30")
    assert browser.get("/label", headers={"If-None-Match": tag}).status_int == 200


def test_criteria_are_read_in_the_language_of_the_page_or_the_one_asked_for(committee: Committee) -> None:
    page = committee.browser(language="ar").get("/label/criteres/2026").text
    assert 'lang="ar" dir="rtl"' in page
    assert "المكان مفتوح" in page
    french = committee.browser(language="en").get("/label/criteres/2026").text
    assert 'lang="fr" dir="ltr"' in french, "there is no English: French is shown, and said to be French"
    easy = committee.browser().get("/label/criteres/2026?texte=fr-x-falc").text
    assert "<strong>ouvert</strong>" in easy
    assert 'lang="fr-x-falc"' in easy
    assert "2026" in committee.browser().get("/label/criteres").text
    committee.browser().get("/label/criteres/2019", status=404)


def test_sheet_card_and_search_say_it_and_forget_it_at_its_date(committee: Committee) -> None:
    site, echo = committee.site, committee.places["echo"]
    assert "Label local jusqu’au 12 mars 2027" in site.app.get(committee.at(echo)).text
    assert site.app.get(committee.at(echo) + ".json").json["label_local_jusqu_au"] == "2027-03-12"
    assert "Centre social ECHO" in names(site, **{"label-local": "oui"})
    found = site.json(**{"label-local": "oui"})
    assert found["facettes"]["label-local"] == {"oui": found["total"]}
    page = site.app.get("/annuaire?label-local=oui").text
    assert "Label local jusqu’au 12 mars 2027" in page
    assert "Lieux qui ont le label local" in page
    site.clock.now = site.moment("2027-03-12T23:30")
    assert "Centre social ECHO" in names(site, **{"label-local": "oui"})
    site.clock.now = site.moment("2027-03-13T00:30")  # nothing was written
    assert "Centre social ECHO" not in names(site, **{"label-local": "oui"})
    assert "Label local jusqu’au" not in site.app.get(committee.at(echo)).text
    assert site.app.get(committee.at(echo) + ".json").json["label_local_jusqu_au"] is None
    assert "Centre social ECHO" not in Page(site.app.get("/label").text).text_of(".label-holders")


def test_another_value_of_the_filter_is_ignored_and_said(committee: Committee) -> None:
    found = committee.site.json(**{"label-local": "peut-être"})
    assert found["ignores"] == [{"parametre": "label-local", "valeur": "peut-être"}]


@pytest.fixture
def withdrawn(committee: Committee) -> Any:
    """A place whose label was withdrawn."""
    place = committee.place(None)
    label = committee.give(place, "2026-01-01", "2027-01-01")
    with committee.site.sessions.begin() as session:
        known = session.get(Label, label.id)
        assert known is not None
        services.withdraw(session, known, "Ne respecte plus rien", TODAY, None, now=committee.site.clock.now)
    return place


def test_the_public_reads_that_it_ended_the_committee_and_the_place_why(committee: Committee, withdrawn: Any) -> None:
    name = committee.row(withdrawn)["nom"]
    mine = committee.person(referent_of=[withdrawn]).id
    for who, why in ((None, False), ("personne", False), ("ailleurs", False), ("comite", True), (mine, True)):
        page = committee.browser(who).get("/label").text
        assert name in page
        assert "le label s’est terminé le 23 novembre 2026" in page
        assert ("Ne respecte plus rien" in page) is why, who
    assert "Ne respecte plus rien" not in committee.browser().get("/label.json").text


def test_many_places_take_few_statements_and_several_pages(committee: Committee) -> None:
    made = [
        {"nom": f"Lieu labellisé {number:02d}", "commune": "Roubaix", "code_insee": "59512"} for number in range(60)
    ]
    committee.site.put(*made)
    known = {row["nom"]: row["id"] for row in committee.site.rows()}
    for one in made:
        committee.give(known[one["nom"]], "2026-11-01", "2027-11-01", reindex=False)
    browser = committee.browser()
    browser.get("/label")
    with committee.site.statements() as seen:
        page = browser.get("/label?page=2")
    assert "Lieu labellisé 59" in page.text
    assert len(page.body) < 60_000
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 10, seen
    assert len(browser.get("/label").body) < 60_000
    assert len(browser.get("/label.csv").text.splitlines()) >= 61
    desk = committee.browser("comite")
    with committee.site.statements() as seen:
        page = desk.get("/gestion/label")
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 10, seen
    assert len(page.body) < 60_000


def test_a_name_that_is_a_formula_does_not_run(committee: Committee) -> None:
    committee.give(committee.place("=HYPERLINK(1)"), "2026-11-01", "2027-11-01")
    committee.give(committee.place("Lieu; =1+1"), "2026-11-01", "2027-11-01")
    page = committee.browser().get("/label.csv").text
    assert "'=HYPERLINK(1)" in page
    assert "Lieu;' =1+1" in page, "where a spreadsheet sees another cell"


def test_the_last_day_of_a_chain_is_shown(committee: Committee) -> None:
    place = committee.place(None)
    committee.give(place, "2026-06-01", "2026-12-31")
    committee.give(place, "2027-01-01", "2027-12-31")
    sheet = committee.site.app.get(committee.at(place) + ".json").json
    rows = list(csv.DictReader(io.StringIO(committee.browser().get("/label.csv").text.removeprefix("\ufeff"))))
    (row,) = [one for one in rows if one["id"] == str(place)]
    assert (sheet["label_local_jusqu_au"], row["depuis"], row["jusqu_au"]) == ("2027-12-31", "2026-06-01", "2027-12-31")
