"""What only a browser can tell: accessibility, width, scripts, paper."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = ("/", "/annuaire?q=smartphone+seniors", "/annuaire?q=zzzz", "/annuaire/carte", "/annuaire/imprimer", "{sheet}",
         "{sheet}/imprimer", "{sheet}/signaler", "/nulle-part")  # fmt: skip
PHONE = {"viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("tab", "lang"), [(PHONE, "fr"), ({}, "ar")], indirect=["tab"], ids=["320-fr", "1280-ar"])
def test_axe_finds_nothing_and_nothing_overflows(tab: Tab, sheet_path: str, path: str, lang: str) -> None:
    path = path.format(sheet=sheet_path)
    page = tab.go(f"{path}{'&' if '?' in path else '?'}langue={lang}", quiet="carte" in path)
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if lang == "ar" else "ltr")
    assert tab.axe() == []
    assert tab.overflow() <= 0
    assert [c for c in tab.complaints if "404" not in c] == []


@pytest.mark.parametrize("tab", [{"color_scheme": "dark"}], indirect=True)
def test_dark_colours_have_contrast_too(tab: Tab, sheet_path: str) -> None:
    for path in ("/annuaire?q=smartphone", sheet_path):
        tab.go(path)
        assert tab.axe() == []


def test_errors_of_the_report_form_are_announced_and_focused(tab: Tab, sheet_path: str) -> None:
    page = tab.go(f"{sheet_path}/signaler")
    page.get_by_role("button", name="Envoyer").click()
    assert page.evaluate("document.activeElement.id") == "erreurs"
    assert tab.axe() == []
    page.get_by_label("Les horaires").check()
    page.locator("textarea").fill("Fermé le lundi")
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url("**merci=1")
    assert tab.complaints == [c for c in tab.complaints if "422" in c]


def test_the_map_shows_the_places_of_the_list(tab: Tab) -> None:
    page = tab.go("/annuaire/carte?commune=roubaix&tri=nom")
    assert page.locator(".leaflet-marker-icon").count() == 39
    page.locator("button[data-marker]").first.click()
    name = page.locator(".map-list .card-title").first.inner_text()
    assert page.locator(".leaflet-popup-content a").inner_text() == name
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == name
    assert tab.complaints == []


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True)
def test_everything_is_there_without_scripts(tab: Tab, sheet_path: str) -> None:
    page = tab.go("/annuaire/carte?commune=roubaix")
    assert page.locator(".map-list > li").count() == 20
    assert page.locator("#carte").is_hidden()
    assert page.locator("noscript p").is_visible()
    assert page.get_by_role("button", name="Autour de moi").count() == 0
    page = tab.go("/annuaire")
    page.get_by_label("Que cherchez-vous ?").fill("epeule")
    page.get_by_role("button", name="Chercher").click()
    assert page.locator(".card").count() >= 2
    page = tab.go(f"{sheet_path}/signaler")
    page.get_by_label("Autre chose").check()
    page.locator("textarea").fill("Sans script")
    page.get_by_role("button", name="Envoyer").click()
    assert "merci=1" in page.url


@pytest.mark.parametrize(
    "tab",
    [{"geolocation": {"latitude": 50.69123456, "longitude": 3.17456789}, "permissions": ["geolocation"]}],
    indirect=True,
)
def test_around_me_only_on_a_click_and_rounded(tab: Tab) -> None:
    page = tab.go("/annuaire?commune=lille")
    assert "lat=" not in page.url
    page.get_by_role("button", name="Autour de moi").click()
    page.wait_for_url("**lat=50.691**")
    assert "lon=3.175" in page.url
    assert "lille" not in page.url
    distances = page.locator(".card .distance").all_inner_texts()
    assert len(distances) == 20
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("tab", [{"permissions": []}], indirect=True)
def test_a_refused_position_is_said(tab: Tab) -> None:
    page = tab.go("/annuaire")
    page.get_by_role("button", name="Autour de moi").click()
    page.get_by_text("n’a pas donné votre position").wait_for()


def test_suggestions_come_while_typing(tab: Tab) -> None:
    page = tab.go("/annuaire")
    with page.expect_response("**/suggestions.json?q=epe"):
        page.get_by_label("Que cherchez-vous ?").press_sequentially("epe", delay=5)
    page.wait_for_function("document.querySelector('#q-suggestions').options.length > 0")
    assert (
        "epeule"
        in page.evaluate("[...document.querySelector('#q-suggestions').options].map(o => o.value).join(' ')").lower()
    )


def test_the_keyboard_reaches_the_content_first(tab: Tab) -> None:
    page = tab.go("/annuaire")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def test_a_first_visit_weighs_under_60_kilobytes(tab: Tab) -> None:
    sizes: dict[str, int] = {}
    tab.page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    tab.go("/annuaire?q=aide")
    tab.page.wait_for_timeout(200)
    assert 10_000 < sum(sizes.values()) < 60_000, sizes


@pytest.mark.parametrize("path", ["{sheet}/imprimer", "/annuaire/imprimer?commune=roubaix"])
@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_paper_shows_what_matters(tab: Tab, sheet_path: str, path: str, lang: str) -> None:
    path = path.format(sheet=sheet_path)
    page = tab.go(f"{path}{'&' if '?' in path else '?'}langue={lang}")
    page.emulate_media(media="print")
    assert page.locator("nav.site-nav").is_hidden()
    assert page.locator("h1").is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    pages = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type/Page\n") or pdf.count(b"/Type /Page ")
    if "imprimer?" not in path:
        assert pages <= 2
