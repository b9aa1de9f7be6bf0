"""Every page of the directory: sound HTML, few statements, three languages, nothing from outside, nothing invented."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import segno

from reseau.core.ids import new_id
from reseau.directory.apply import Applier, Incoming
from reseau.directory.fields import FIELDS
from tests.directory.site import Page, Site, dump, row

CCAS = "CCAS de Roubaix"
LISTS = ["/annuaire", "/annuaire/carte", "/annuaire/imprimer", "/annuaire?q=epeule", "/annuaire?q=xyzzyqwv", "/annuaire?page=2",
         "/annuaire/carte?page=2", "/annuaire?ouvert=maintenant&frais=gratuit&lat=50.69&lon=3.17&rayon=2&tri=x",
         "/annuaire?commune=59100&rayon=5&q=conseiler"]  # fmt: skip
DATA = ["/annuaire.json", "/annuaire/carte.json", "/annuaire/suggestions.json?q=ro"]
SUFFIXES = ["", ".json", "/imprimer", "/qr.svg", "/signaler"]


def html_pages(site: Site) -> list[str]:
    sheets = [site.path(name) for name in (CCAS, "Centre social ECHO", "Socopira")]
    return [*LISTS, *(sheet + suffix for sheet in sheets for suffix in ("", "/imprimer", "/signaler"))]


def every_page(site: Site) -> list[str]:
    return [*html_pages(site), *DATA, site.path(CCAS) + ".json", site.path(CCAS) + "/qr.svg"]


# --- cost -------------------------------------------------------------------------------------------------


def test_no_page_costs_more_than_ten_statements(site: Site) -> None:
    for path in every_page(site):
        site.app.get(path)  # the first visit makes snapshots that the next ones share
        with site.statements() as statements:
            site.app.get(path)
        assert len(statements) <= 10, (path, statements)


def test_the_first_visit_after_an_import_is_bounded_too(make_site: Callable[..., Site], tmp_path: Path) -> None:
    site = make_site("sqlite")
    for count in (1, 39):
        site.add(*(row(f"R{n}") for n in range(count)), path=tmp_path / "f.csv")
        with site.statements() as statements:
            assert site.json()["total"] == count
        assert len(statements) <= 10


@pytest.mark.parametrize(
    "path", ["/annuaire", "/annuaire.json", "/annuaire/carte", "/annuaire/carte.json", "/annuaire/imprimer"]
)
def test_a_page_costs_the_same_for_one_result_and_for_all(site: Site, path: str) -> None:
    totals, costs = [], []
    for query in ("mediatheque", "roubaix"):
        site.app.get(path, {"q": query})
        totals.append(site.json(q=query)["total"])
        with site.statements() as statements:
            site.app.get(path, {"q": query})
        costs.append(len(statements))
    assert totals[0] == 1 < 39 == totals[1]
    assert costs[0] == costs[1]


# --- HTML -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_pages_are_well_formed_and_usable_by_all(roubaix_site: Site, language: str) -> None:
    client = roubaix_site.client(language)
    for path in html_pages(roubaix_site):
        page = Page(client.get(path).text)
        assert page.errors == [], path
        (html,) = page.all("html")
        assert html == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
        assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1, path
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), (path, sorted(i for i in ids if ids.count(i) > 1))
        for _, attributes in page.elements:
            for name in ("for", "list", "aria-labelledby", "aria-describedby", "aria-controls"):
                assert set((attributes.get(name) or "").split()) <= set(ids), (path, attributes)
            href = attributes.get("href") or ""
            assert not href.startswith("#") or href[1:] in ids, (path, href)
        labels = {label.get("for") for label in page.all("label")}
        for tag in ("input", "select", "textarea"):
            for field in page.all(tag):
                named = field.get("id") in labels or field in page.labelled or "aria-label" in field
                assert named or field.get("type") == "hidden", (path, field)
        assert all("alt" in image for image in page.all("img")), path


def test_nothing_inline_and_nothing_from_elsewhere(roubaix_site: Site) -> None:
    for path in html_pages(roubaix_site):
        response = roubaix_site.app.get(path)
        page = Page(response.text)
        assert not page.all("style"), path
        for tag, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (path, attributes)
            assert tag != "script" or attributes["src"], path
            for name in ("src", "data", "srcset", "action", "formaction", "poster", "data-geojson", "data-suggestions"):
                assert (attributes.get(name) or "/").startswith("/"), (path, attributes)
            address = attributes.get("href") or ""
            if tag == "link" and attributes.get("rel") not in ("canonical", "alternate"):
                assert address.startswith("/"), (path, address)
            assert tag == "a" or not address.startswith(("http:", "//")) or address.startswith("http://localhost:6543/")
            assert not address.lower().startswith(("javascript:", "data:", "vbscript:")), (path, address)
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy


def test_each_language_has_its_words_and_says_where_the_others_are(roubaix_site: Site) -> None:
    for path in html_pages(roubaix_site):
        if "/signaler" in path:
            continue
        titles = set()
        for language in ("fr", "en", "ar"):
            page = Page(roubaix_site.client(language).get(path).text)
            others = [link for link in page.all("link") if link.get("rel") == "alternate"]
            alternates = {str(link["hreflang"]) for link in others if "hreflang" in link}
            assert {"fr", "en", "ar"} <= alternates, path
            titles.add((*page.text_of("h1"), *page.text_of("h2"), *page.text_of("th")))
        assert len(titles) == 3, f"{path}: the same headings in two languages"


# --- sheets -----------------------------------------------------------------------------------------------


def test_every_field_of_the_json_has_its_source_and_date(site: Site) -> None:
    for found in site.rows():
        data = site.app.get(f"/annuaire/{found['slug']}-{found['id']}.json").json
        assert list(data["champs"]) == [field.name for field in FIELDS]
        for name, cell in data["champs"].items():
            assert cell["valeur"] == found[name], name
            if cell["valeur"] in (None, []):
                assert (cell["source"], cell["date"]) == (None, None), name
            else:
                assert cell["source"] in ("cartographie", "deduction")
                assert cell["date"] == found["date_maj"]
        assert data["plus_vu_depuis"] is None


def test_the_page_says_where_it_comes_from_and_what_is_not_known(roubaix_site: Site) -> None:
    found = roubaix_site.named("Socopira")
    assert found["telephone"] is None
    page = Page(roubaix_site.app.get(roubaix_site.path("Socopira")).text)
    assert "non renseigné" in page.text_of(".not-known")
    assert not [a for a in page.all("a") if str(a["href"]).startswith(("tel:", "mailto:"))]
    assert not page.all("table"), "no week is made up"
    origins = " ".join(page.text_of(".provenance"))
    assert "Cartographie nationale" in origins
    assert "15 novembre 2022" in origins


def test_the_week_is_shown_in_the_language_of_the_page(roubaix_site: Site) -> None:
    path = roubaix_site.path("France services de Roubaix-Epeule")
    for language, monday in (("fr", "Lundi"), ("en", "Monday"), ("ar", "الاثنين")):
        page = Page(roubaix_site.client(language).get(path).text)
        days = [text.strip() for text in page.text_of("th")]
        assert monday in days
        assert sum("10:00" in text and "12:00" in text for text in page.text_of("td")) == 5, "Monday to Friday"
    week = roubaix_site.app.get(path + ".json").json["semaine"]
    assert [day["date"] for day in week] == [f"2026-11-{n}" for n in range(23, 30)]
    assert [(one["debut"], one["fin"]) for one in week[0]["plages"]] == [("10:00", "12:00")]
    assert week[5]["plages"] == week[6]["plages"] == []


def test_contacts_are_links(roubaix_site: Site) -> None:
    page = Page(roubaix_site.app.get(roubaix_site.path(CCAS)).text)
    hrefs = {a["href"] for a in page.all("a")}
    assert {"tel:+33320815757", "mailto:contact@ccas-roubaix.fr"} <= hrefs


def test_what_was_masked_is_on_no_page(roubaix_site: Site) -> None:
    sheets = [f"/annuaire/{found['slug']}-{found['id']}" for found in roubaix_site.rows()]
    pages = [*every_page(roubaix_site), *(sheet + suffix for sheet in sheets for suffix in ("", ".json", "/imprimer"))]
    for path in pages:
        text = roubaix_site.app.get(path).text
        assert not re.search(r"\.invalid|\+?33\s?6\s?39\s?98|06[ .]?39[ .]?98", text), path


def test_what_was_masked_is_in_no_column(region: Site) -> None:
    for found in region.rows():
        assert "exemple.invalid" not in str(found)
        assert not (found["telephone"] or "").startswith("+3363998")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_old_name_leads_to_the_present_address(roubaix_site: Site, suffix: str) -> None:
    path = roubaix_site.path(CCAS)
    old = "/annuaire/ancien-nom" + path[-37:] + suffix
    response = roubaix_site.app.get(old + "?a=1", status=301)
    assert response.headers["Location"] == f"http://localhost{path}{suffix}?a=1"
    assert roubaix_site.app.get("/annuaire/" + path[-37:] + suffix, status=301)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_does_not_exist_is_not_found(roubaix_site: Site, suffix: str) -> None:
    path = roubaix_site.path(CCAS)
    for address in (
        f"/annuaire/x-{new_id()}",
        f"/annuaire/x-{'0' * 36}",
        path[:-1],
        path.upper(),
        path + "/x",
        path + "%00",
    ):
        roubaix_site.app.get(address + suffix, status=404)


def test_a_place_that_was_merged_leads_to_the_other(make_site: Callable[..., Site]) -> None:
    site = make_site("sqlite")
    site.put({"nom": "A"}, {"nom": "B"}, {"nom": "C"})
    old = {name: site.path(name) for name in "ABC"}
    for parts in (("A", "B"), ("A", "B", "C")):  # B into A, then C into A; then a chain
        with site.sessions() as session:
            item = Incoming("__".join(parts), parts, {}, {"nom": "Ensemble"})
            Applier(session, "cartographie", (), site.clock.now).apply([item])
            session.commit()
    site.reindex()
    for suffix in SUFFIXES:
        for name in "BC":
            response = site.app.get(old[name] + suffix, status=301)
            assert response.headers["Location"].endswith(old["A"].replace("/a-", "/ensemble-") + suffix)
    assert site.json()["total"] == site.json(q="ensemble")["total"] == 1


def test_the_code_holds_the_public_address(roubaix_site: Site) -> None:
    path = roubaix_site.path(CCAS)
    response = roubaix_site.app.get(path + "/qr.svg")
    assert response.content_type == "image/svg+xml"
    drawn = ElementTree.fromstring(response.body)
    expected = ElementTree.fromstring(
        segno.make("http://localhost:6543" + path, error="m").svg_inline(border=2, omitsize=True)
    )
    strokes = [[e.get("d") for e in svg.iter() if e.get("d")] for svg in (drawn, expected)]
    assert strokes[0] == strokes[1] != []
    page = Page(roubaix_site.app.get(path).text)
    assert [image["src"] for image in page.all("img")] == [path + "/qr.svg"]


def test_print_views_show_all_and_hide_from_search_engines(roubaix_site: Site) -> None:
    page = Page(roubaix_site.app.get("/annuaire/imprimer").text)
    assert len(page.all("tr")) == 1 + 39, "a header and every place"
    for path in ("/annuaire/imprimer", roubaix_site.path(CCAS) + "/imprimer"):
        robots = [m["content"] for m in Page(roubaix_site.app.get(path).text).all("meta") if m.get("name") == "robots"]
        assert robots == ["noindex"]


# --- no longer in the register ----------------------------------------------------------------------------


def test_a_place_that_left_the_register_says_so_until_it_is_back(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = make_site("sqlite", search="null")
    rows = [row(f"R{n}") for n in range(10)]
    site.add(*rows, path=tmp_path / "f.csv", complete=True)
    path = site.path("Lieu R9")
    before = site.app.get(path)
    site.add(*rows[:9], path=tmp_path / "f.csv", complete=True)
    gone = site.app.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert gone.status_int == 200, "the kept page is no longer good"
    assert any("24 novembre 2026" in text for text in Page(gone.text).text_of(".notice-warning"))
    assert site.app.get(path + ".json").json["plus_vu_depuis"].startswith("2026-11-24")
    assert site.json()["total"] == 10, "marked, not removed"
    site.add(rows[9], path=tmp_path / "f.csv")
    assert site.app.get(path + ".json").json["plus_vu_depuis"] is None
    assert not any("24 novembre 2026" in text for text in Page(site.app.get(path).text).text_of(".notice-warning"))


def test_reading_changes_nothing(site: Site) -> None:
    before = dump(site.engine)
    for path in every_page(site):
        site.app.get(path)
        site.app.head(path)
    assert dump(site.engine) == before


def test_only_reading_is_possible(roubaix_site: Site) -> None:
    calls: list[Callable[..., Any]] = [roubaix_site.app.post, roubaix_site.app.put, roubaix_site.app.delete]
    for path in [*DATA, "/annuaire", roubaix_site.path(CCAS)]:
        for call in calls:
            assert call(path, expect_errors=True).status_int in (400, 405)
