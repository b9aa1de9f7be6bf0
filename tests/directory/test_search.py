"""What people type finds what they expect, best first, and the page says how it was understood. Both engines."""

from __future__ import annotations

import itertools
import re
import shutil
from typing import Any

import pytest

from reseau.core.ids import UUID_PATTERN
from reseau.core.text import fold
from tests.directory.site import Page, Site, row


def names(site: Site, query: str) -> list[str]:
    return [item["nom"] for item in site.json(q=query)["items"]]


def marks(site: Site, query: str) -> set[str]:
    page = Page(site.app.get("/annuaire", {"q": query}).text)
    return {fold(text) for text in page.text_of("mark")}


SHEET = re.compile(f"/annuaire/[a-z0-9-]+-{UUID_PATTERN}")

# --- the four questions of the issue ----------------------------------------------------------------------


def test_se_faire_aider_ameli(site: Site) -> None:
    assert names(site, "se faire aider ameli")[:2] == ["CPAM de Roubaix Tourcoing"] * 2
    assert any("ameli" in text for text in marks(site, "se faire aider ameli"))


def test_smartphone_seniors(site: Site) -> None:
    found = site.json(q="smartphone seniors")
    assert found["total"] > 0
    assert not found["mots_partiels"]
    for item in found["items"]:
        assert "maitrise-des-outils-numeriques-du-quotidien" in item["services"], "where one learns to use a phone"
        assert "seniors" in item["publics_specifiquement_adresses"]
    assert marks(site, "smartphone seniors"), "one sees why"


@pytest.mark.parametrize("query", ["epeule", "Épeule", "EPEULE", "l'épeule", "fil epeule", "fil de l’épeule"])
def test_epeule(site: Site, query: str) -> None:
    found = names(site, query)
    assert {"LE FIL DE L'EPEULE", "Le Fil de l'épeule"} <= set(found[:3])
    assert {"epeule"} <= marks(site, query)


def test_conseiler_numerique(site: Site) -> None:
    found = site.json(q="conseiler numerique")
    expected = {r["id"] for r in site.rows() if "conseillers-numeriques" in r["dispositif_programmes_nationaux"]}
    assert {item["id"] for item in found["items"][: len(expected)]} == {str(id_) for id_ in expected}
    assert found["corrections"] == [{"ecrit": "conseiler", "compris": "conseiller"}]
    page = Page(site.app.get("/annuaire?q=conseiler+numerique").text)
    assert "conseiler" in page.notes
    assert "conseiller" in page.notes
    assert any("conseiller" in text for text in marks(site, "conseiler numerique"))


# --- understanding ----------------------------------------------------------------------------------------


def test_no_place_has_all_the_words_some_have_a_part_and_the_page_says_so(site: Site) -> None:
    found = site.json(q="ccas médiathèque")
    assert found["mots_partiels"]
    assert {"CCAS de Roubaix", "CCAS de ROUBAIX", "Médiathèque de Roubaix"} <= {item["nom"] for item in found["items"]}
    assert Page(site.app.get("/annuaire", {"q": "ccas médiathèque"}).text).notes
    assert not site.json(q="ccas")["mots_partiels"]
    assert not Page(site.app.get("/annuaire", {"q": "ccas"}).text).notes


def test_nothing_answers_and_the_page_offers_a_way_out(site: Site) -> None:
    assert site.json(q="xyzzyqwv")["total"] == 0
    page = Page(site.app.get("/annuaire?q=xyzzyqwv").text)
    assert page.text_of(".no-results")
    assert {"href": "/annuaire", "class": "button button-quiet"} in page.all("a")
    assert page.all("input")[0]["value"] == "xyzzyqwv", "to be corrected, not typed again"


@pytest.mark.parametrize(
    "query",
    ["'", '"', "ccas AND", "NOT", "*", "?:", "nom:ccas", "(((", "a" * 5000, "-ccas", "ccas~9", "ccas^9", "[a TO z]", "\\", "%",
     "' OR 1=1 --", "ccas\x00", "\u202eccas", "و", "👩‍🦽", "&|!:*<->", "de la les"],
)  # fmt: skip
def test_no_query_breaks_an_engine(site: Site, query: str) -> None:
    site.json(q=query)
    site.app.get("/annuaire/suggestions.json", {"q": query}, status=200)


def test_an_arabic_question_finds_what_the_french_one_finds(site: Site) -> None:
    arabic = {item["id"] for item in site.json(q="الهاتف")["items"]}
    teaching = {str(r["id"]) for r in site.rows() if "maitrise-des-outils-numeriques-du-quotidien" in r["services"]}
    assert arabic
    assert arabic <= teaching


def test_suggestions_complete_the_last_word(site: Site) -> None:
    def suggest(typed: str) -> list[str]:
        answer = site.app.get("/annuaire/suggestions.json", {"q": typed}).json
        assert len(answer) <= 8
        return [fold(text) for text in answer]

    assert any(text.endswith("smartphone") for text in suggest("smart"))
    assert any("epeule" in text for text in suggest("épe"))
    assert any("epeule" in text for text in suggest("EPE"))
    assert suggest("") == []
    assert suggest("zzzzqq") == []


# --- order ------------------------------------------------------------------------------------------------

QUESTIONS: list[dict[str, Any]] = [
    {},
    {"q": "numerique"},
    {"q": "conseiler numerique"},
    {"q": "ccas médiathèque"},
    {"tri": "date"},
    {"tri": "nom", "service": "aide-aux-demarches-administratives"},
    {"lat": 50.69, "lon": 3.17},
    {"lat": 50.69, "lon": 3.17, "rayon": 1},
    {"commune": "59100", "rayon": 2, "q": "roubaix"},
    {"q": "roubaix", "tri": "distance", "lat": 50.7, "lon": 3.16},
    {"ouvert": "maintenant"},
    {"page": 2},
    {"q": "xyzzyqwv"},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_list_map_print_and_json_show_the_same_in_the_same_order(site: Site, question: dict[str, Any]) -> None:
    expected = [item["id"] for item in site.json(**question)["items"]]
    for path in ("/annuaire", "/annuaire/carte"):
        page = Page(site.app.get(path, question).text)
        assert [found["data-item"] for found in page.all("li") if "data-item" in found] == expected
    question = {name: value for name, value in question.items() if name != "page"}
    everything = all_items(site, question)
    printed = Page(site.app.get("/annuaire/imprimer", question).text)
    sheets = [str(a["href"]) for a in printed.all("a") if SHEET.fullmatch(str(a["href"]))]
    assert sheets == [item["url"] for item in everything]
    shown = site.app.get("/annuaire/carte.json", question).json["features"]
    located = [item["id"] for item in everything if item["latitude"] is not None]
    assert [feature["properties"]["id"] for feature in shown] == located


def all_items(site: Site, question: dict[str, Any]) -> list[dict[str, Any]]:
    first = site.json(**question)
    items = list(first["items"])
    for page in range(2, first["pages"] + 1):
        items += site.json(**question, page=page)["items"]
    assert len(items) == first["total"]
    assert len({item["id"] for item in items}) == len(items), "pages do not overlap"
    return items


def test_pages_share_out_the_results(region: Site) -> None:
    for question in ({}, {"tri": "date"}, {"lat": 50.6, "lon": 3.06}, {"commune": "59350"}):
        items = all_items(region, question)
        assert len(items) > 20
        assert all(region.json(**question, page=page)["par_page"] == 20 for page in (1, 2))


def test_the_last_tie_is_broken_by_name_then_id(region: Site) -> None:
    rows = {str(r["id"]): r for r in region.rows()}

    def key(item: dict[str, Any]) -> tuple[str, str]:
        return fold(rows[item["id"]]["nom"]), item["id"]

    by_name = all_items(region, {"tri": "nom", "commune": "59350"})
    assert by_name == sorted(by_name, key=key)
    assert len({item["nom"] for item in by_name}) < len(by_name), "there are places of the same name"
    by_date = all_items(region, {"tri": "date", "commune": "59350"})
    assert by_date == sorted(sorted(by_date, key=key), key=lambda item: item["date_maj"] or "", reverse=True)
    by_distance = all_items(region, {"lat": 50.63, "lon": 3.06, "rayon": 3})
    exact = {(item["latitude"], item["longitude"]) for item in by_distance}
    assert len(exact) < len(by_distance), "there are places at the same spot"
    for one, other in itertools.pairwise(by_distance):
        if (one["latitude"], one["longitude"]) == (other["latitude"], other["longitude"]):
            assert key(one) < key(other)


def test_equal_scores_keep_their_order_whatever_the_index_went_through(make_site: Any, tmp_path: Any) -> None:
    for kind in ("sqlite", "postgresql"):
        site = make_site(kind)
        twins = [row(f"T{n}", nom="Maison jumelle", code_postal="59100") for n in range(30)]
        site.add(*twins, path=tmp_path / "twins.csv")
        expected = [item["id"] for item in all_items(site, {"q": "jumelle"})]
        assert expected == sorted(expected)
        with site.sessions() as session:
            site.wsgi.registry["search.indexer"].rebuild(session)
        assert [item["id"] for item in all_items(site, {"q": "jumelle"})] == expected
        site.add(*(twin | {"telephone": "0320000001"} for twin in reversed(twins)), path=tmp_path / "twins.csv")
        assert [item["id"] for item in all_items(site, {"q": "jumelle"})] == expected


def test_the_index_can_be_deleted_while_the_site_runs(make_site: Any, tmp_path: Any) -> None:
    site = make_site("sqlite")
    site.add(row("A", nom="Atelier du canal"), row("B", nom="Autre"), path=tmp_path / "f.csv")
    before = names(site, "canal")
    assert before == ["Atelier du canal"]
    shutil.rmtree(site.settings.index_dir)
    site.json(q="canal")  # may find nothing, must not fail
    site.reindex()
    assert names(site, "canal") == before
