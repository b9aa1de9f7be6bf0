"""A language or a kind of resource in a query is a filter, said on the page, and the links open in that language."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from resources.base.shapes import Kind
from resources.finding import params
from resources.finding.understanding import asked
from tests.directory.site import Page
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.finding.test_everything import in_arabic


@pytest.mark.parametrize(
    ("query", "rest", "filters"),
    [
        ("arabe", "", ["langue_contenu=ar"]),
        ("mot de passe en arabe", "mot de passe", ["langue_contenu=ar"]),
        ("كلمة السر بالعربية", "كلمة السر", ["langue_contenu=ar"]),
        ("عربي", "", ["langue_contenu=ar"]),
        ("English password", "password", ["langue_contenu=en"]),
        ("ameli turc", "ameli", ["langue_contenu=tr"]),
        ("facile à lire ameli", "ameli", ["langue_contenu=fr-x-falc"]),
        ("français facile", "", ["langue_contenu=fr-x-falc"]),
        ("un tutoriel FALC pour ameli", "un pour ameli", ["type=tutoriel", "langue_contenu=fr-x-falc"]),
        ("kits", "", ["type=kit"]),
        ("fiche carte vitale", "carte vitale", ["type=tutoriel", "type=experience"]),
        ("fiche outil", "", ["type=outil"]),
    ],
)
def test_languages_and_kinds_are_filters(query: str, rest: str, filters: list[str]) -> None:
    found = asked(query)
    assert found.rest == rest
    assert [f"{name}={code}" for name, code in found.filters] == filters


@pytest.mark.parametrize(
    "query", ["mot de passe", "boîte à outils", "apprendre le français", "lire", "atelier", "", "Je l’aide", "?!"]
)
def test_other_words_stay_words(query: str) -> None:
    found = asked(query)
    assert (found.rest, found.filters) == (query, ())


def test_a_filter_of_the_words_adds_to_those_of_the_form() -> None:
    criteria = params.read([("q", "anglais"), ("langue_contenu", "ar")])
    assert criteria.filters == {"langue_contenu": ("en", "ar")}
    assert criteria.query() == "langue_contenu=en&langue_contenu=ar"


def test_the_page_says_it_and_opens_in_that_language(base: Base) -> None:
    made = base.published(a_tutorial("Réussir le pamplemousse"))
    in_arabic(base, made, "النجاح في الليمون")
    base.published(a_tutorial("Le pamplemousse en français"))
    shown = base.browser().get("/ressources?q=" + quote("pamplemousse en arabe"))
    page = Page(shown.text)
    assert not page.errors
    assert "Nous cherchons dans les ressources en arabe." in page.text
    title = next(one for one in page.all("a") if one.get("href") == f"/tutoriels/{made.slug}?contenu=ar")
    assert (title["lang"], title["dir"]) == ("ar", "rtl")
    assert "النجاح في الليمون" in page.text
    assert "Réussir le pamplemousse" in page.text_of("bdi")
    links = [one for one in page.all("a") if "contenu=" in one.get("href", "") and one.get("hreflang")]
    assert links[0]["hreflang"] == "ar"
    assert "(en partie)" in page.text
    without = shown.click(href=r"^/ressources\?q=pamplemousse$")
    assert "Le pamplemousse en français" in without.text


def test_a_kind_that_finds_nothing_was_a_word(base: Base) -> None:
    made = base.published(a_tutorial("Inventer des outils de kumquat"))
    answer = base.browser().get("/ressources.json?q=outils+kumquat").json
    assert [one["slug"] for one in answer["items"]] == [made.slug]
    assert answer["compris"] == []
    named = base.browser().get("/ressources.json?q=tutoriel+kumquat").json
    assert named["compris"] == [{"parametre": "type", "valeur": Kind.TUTORIEL.value}]
    assert named["total"] == 1


def test_the_box_for_all_shows_resources_of_that_language_first(base: Base) -> None:
    made = base.published(a_kit("Un lieu pour la mirabelle"))
    in_arabic(base, made, "مكان للبرقوق")
    page = Page(base.browser().get("/recherche?q=" + quote("lieu arabe")).text)
    assert page.all("section")[0]["id"] == "ressources"
    assert "Nous cherchons dans les ressources en arabe." in page.text
    assert f"/kits/{made.slug}?contenu=ar" in [one.get("href") for one in page.all("a")]
    assert "parle cette langue" in page.text


def test_a_word_of_the_resources_is_no_error_among_places(base: Base) -> None:
    """ "lieux" are full of "Mon lieu"; a resource says "lieue": alone, it would be taken for an error."""
    assert "Nous avons cherché" in base.browser().get("/recherche?q=lieuz").text
    base.published(a_tutorial("La lieuz oubliée"))
    page = base.browser().get("/recherche?q=lieuz").text
    assert "Nous avons cherché" not in page
    assert "La <mark>lieuz</mark>" in page


def test_each_list_leads_to_the_other(base: Base) -> None:
    for number in range(2):
        base.published(a_tutorial(f"Mon lieu à moi {number}"))
    places = base.browser().get("/annuaire?q=lieu")
    assert "Voir aussi" in places.text
    assert "/ressources?q=lieu" in places.text
    assert "Voir aussi" not in base.browser().get("/annuaire").text
    resources = base.browser().get("/ressources?q=lieu")
    assert "Voir aussi" in resources.text
    assert "/annuaire?q=lieu" in resources.text
    assert "Voir aussi" not in base.browser().get("/ressources?type=tutoriel").text


def test_partial_answers_offer_to_ask(base: Base) -> None:
    base.published(a_tutorial("Une nectarine"))
    text = base.browser().get("/ressources?q=nectarine+introuvablissime").text
    assert text.index("Demander cette ressource") < text.index('class="results"')


def test_filters_of_a_link_are_folded(base: Base) -> None:
    for path in ("/ressources?type=kit", "/annuaire?ouvert=soir"):
        assert '<details class="filters">' in base.browser().get(path).text
