"""One box for everything, and the way from the home page to a sheet of paper."""

from __future__ import annotations

from resources.base import services, translations
from resources.base.content import HEADER
from resources.base.models import Resource
from resources.base.translations import UnitState
from tests.directory.site import Page
from tests.resources.conftest import Base, a_kit, a_tutorial


def in_arabic(base: Base, made: Resource, title: str) -> None:
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        content = services.current(session, found).content
        translations.put(session, content, made.id, HEADER, "ar", {"title": title}, state=UnitState.MACHINE, by=None,
                         now=base.site.clock.now)  # fmt: skip
        services.touched(session, found, base.site.clock.now)
        session.commit()
    base.site.reindex()


def test_one_box_finds_places_and_resources(base: Base) -> None:
    for number in range(7):
        base.published(a_tutorial(f"Un lieu à soi {number}"))
    page = base.browser().get("/recherche?q=lieu")
    shown = Page(page.text)
    assert not shown.errors
    assert {"lieux", "ressources"} <= {one.get("id") for one in shown.all("section")}
    assert "/ressources?q=lieu" in page.text
    assert "/annuaire?q=lieu" in page.text
    assert "Voir les 7 réponses" in shown.text
    assert len([one for one in shown.all("li") if "data-item" in one]) == 5 + 2
    words = base.browser().get("/recherche/suggestions.json?q=mon+li").json
    assert "mon lieu" in words


def test_nothing_to_find_says_so(base: Base) -> None:
    empty = base.browser().get("/recherche")
    assert "Écrivez ce que vous cherchez" in empty.text
    none = base.browser().get("/recherche?q=introuvablissime")
    assert "Rien ne répond" in none.text
    assert "/ressources/demander?mots=introuvablissime" in none.text
    assert base.browser().get("/recherche/suggestions.json").json == []


def test_every_page_leads_to_the_resources_and_to_the_box(base: Base) -> None:
    page = base.browser().get("/qui-sommes-nous")
    assert 'action="/recherche#resultats"' in page.text
    assert page.click("Ressources").request.path == "/ressources"


def test_from_home_to_an_arabic_tutorial_on_paper_in_three_clicks(base: Base) -> None:
    made = base.published(a_tutorial("Ouvrir Mon espace santé", demarches=("mon-espace-sante",)))
    in_arabic(base, made, "افتح مساحتي الصحية")
    home = base.browser().get("/")
    listed = home.click("العربية", href="langue_contenu=ar")
    paper = listed.click(href=f"/tutoriels/{made.slug}/imprimer")
    assert paper.status_int == 200
    assert "افتح مساحتي الصحية" in paper.text


def test_the_home_page_shows_kits_in_the_language_of_the_reader(base: Base) -> None:
    made = base.published(a_kit("Atelier Mon espace santé"))
    in_arabic(base, made, "ورشة مساحتي الصحية")
    browser = base.browser(language="ar")
    browser.get("/")
    with base.site.statements() as statements:
        home = browser.get("/")
    assert len(statements) <= 10
    assert "ورشة مساحتي الصحية" in home.text
    assert home.click("ورشة مساحتي الصحية").request.path == f"/kits/{made.slug}"


def test_a_procedure_that_no_place_names_is_answered_by_resources_first(base: Base) -> None:
    base.published(a_tutorial("Prendre un rendez-vous chez le médecin", demarches=("rendez-vous-en-ligne",)))
    page = Page(base.browser().get("/recherche?q=rendez-vous+medecin").text)
    assert page.all("section")[0]["id"] == "ressources"
