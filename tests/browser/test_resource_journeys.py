"""What people do with resources, in a real browser: print in Arabic, take a kit away, write, send files, translate."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Tab
from tests.browser.demo import Demo
from tests.browser.test_people import Counted
from tests.resources.writing.conftest import PDF

pytestmark = pytest.mark.browser

ARABIC = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "fr-FR"}
#: The smallest PDF, and one that takes long enough to be seen on its way.
LARGE = PDF.replace(b"3 0 obj", b"%" + b"x" * 3_000_000 + b"\n3 0 obj")
Readers = Callable[[str | None], Tab]


def read(pdf: bytes) -> str:
    """The text of a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.fixture
def mediator(browser: Browser, library: Demo, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A new tab of the mediator. Parametrise indirectly with options of a browser context."""
    context = browser.new_context(**{"locale": "fr-FR", **getattr(request, "param", {})})
    context.add_cookies([library.cookie("mediatrice")])  # type: ignore[list-item]
    yield Tab(context.new_page(), library.url)
    context.close()


def typed(page: Page, name: str, text: str) -> None:
    page.locator(f"main [name='{name}']").fill(text)


def file_of(name: str, content: bytes, kind: str = "application/pdf") -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


# --- Who reads ------------------------------------------------------------------------------------------------------


def test_from_the_home_page_to_an_arabic_tutorial_on_paper_in_three_clicks(browser: Browser, library: Demo) -> None:
    context = browser.new_context(**PHONE)
    tab = Tab(context.new_page(), library.url)
    tab.page.add_init_script("window.print = () => { document.body.dataset.printed = 'yes'; }")
    hand = Counted(tab.go("/"))
    hand.click("العربية", "link", nth=-1)  # the tutorials in that language; the first is the menu of the site
    assert "langue_contenu=ar" in hand.page.url
    hand.page.locator(f"a[href*='{library.names['tutorial']}/imprimer']").click()
    hand.clicks += 1
    hand.page.wait_for_load_state("networkidle")
    assert "contenu=ar" in hand.page.url
    paper = hand.page.locator(".resource-paper")
    assert paper.get_attribute("dir") == "rtl"
    assert ARABIC.search(paper.locator("h1").inner_text())
    hand.click("Imprimer")
    assert hand.page.evaluate("document.body.dataset.printed") == "yes"
    assert hand.clicks == 3
    text = read(hand.page.pdf(format="A4"))
    assert len(ARABIC.findall(text)) > 500
    assert tab.complaints == []
    context.close()


@pytest.mark.parametrize("path", ["/ressources", "{tutorial}", "{tutorial}?contenu=ar", "{kit}"])
def test_a_first_visit_weighs_under_60_kilobytes_without_pictures(browser: Browser, library: Demo, path: str) -> None:
    context = browser.new_context(locale="fr-FR")
    tab = Tab(context.new_page(), library.url)
    sizes: dict[str, int] = {}
    tab.page.on(
        "requestfinished",
        lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}) if "/fichiers/" not in r.url else None,
    )
    tab.go(library.path(path))
    tab.page.wait_for_timeout(100)
    assert 10_000 < sum(sizes.values()) < 60_000, sizes
    context.close()


@pytest.fixture(scope="module")
def unpacked(browser: Browser, library: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ZIP of a kit, in French and Arabic, taken by a visitor and unpacked."""
    context = browser.new_context(locale="fr-FR")
    page = Tab(context.new_page(), library.url).go(f"{library.names['kit']}/telecharger")
    for box in page.locator("[name=contenu]").all():
        box.set_checked(box.get_attribute("value") in ("fr", "ar"))
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Télécharger le ZIP").click()
    folder = tmp_path_factory.mktemp("kit")
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(folder)
    context.close()
    return next(folder.rglob("index.html")).parent


#: What a page of the archive is, and where it leads.
LOOK = """async () => {
  const seen = (one) => one.decode().then(() => true, () => false);
  for (const one of document.images) one.loading = "eager";
  const whole = await Promise.all([...document.images].map(seen));
  return {
  lang: document.documentElement.lang, dir: document.documentElement.dir,
  body: getComputedStyle(document.body).direction,
  links: [...document.querySelectorAll("a[href]")].map((a) => a.href.split("#")[0]),
  lost: [...document.querySelectorAll("a[href^='#']")].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id)),
  broken: [...document.images].filter((_, n) => !whole[n]).map((one) => one.src),
  foreign: [...document.querySelectorAll("script, iframe, link[href^='http'], img[src^='http']")].map((one) => one.outerHTML),
}; }"""


def test_a_kit_is_read_offline_from_its_first_page(browser: Browser, unpacked: Path) -> None:
    context = browser.new_context(locale="fr-FR", offline=True)
    tab = Tab(context.new_page(), "file:")
    context.route(re.compile("^(?!file:)"), lambda route: route.abort())
    start = (unpacked / "index.html").as_uri()
    wanted, seen, files = [start], set(), set()
    while wanted:
        address = wanted.pop()
        seen.add(address)
        tab.page.goto(address)
        here = tab.page.evaluate(LOOK)
        lang = address.removeprefix(unpacked.as_uri()).split("/")[1]
        if lang in ("fr", "ar"):
            assert here["lang"] == lang, address
        direction = "rtl" if here["lang"] == "ar" else "ltr"
        assert (here["dir"], here["body"]) == (direction, direction), address
        assert (here["broken"], here["lost"], here["foreign"]) == ([], [], []), address
        for link in here["links"]:
            if link.startswith("file:") and not link.endswith(".html"):
                files.add(link)
            elif link.startswith("file:") and link not in seen and link not in wanted:
                wanted.append(link)
    context.close()
    assert tab.complaints == []
    pages = {one.as_uri() for one in unpacked.rglob("*.html")}
    assert seen == pages, "every page is reached, and every link leads to one"
    assert len(pages) > 10
    on_disk = {one.as_uri() for one in unpacked.rglob("*") if one.is_file()}
    assert files <= on_disk
    assert {one for one in on_disk if one.endswith(".pdf")} <= files, "every PDF is reached"


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_the_pages_of_a_kit_offline_are_accessible(browser: Browser, unpacked: Path, lang: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, offline=True, bypass_csp=True)
    tab = Tab(context.new_page(), "file:")
    tutorial = next(one for one in sorted((unpacked / lang).rglob("*.html")) if one.name != "index.html")
    for path in (unpacked / "index.html", unpacked / lang / "index.html", tutorial):
        tab.page.goto(path.as_uri())
        assert tab.axe() == [], path.name
        assert tab.overflow() <= 0, path.name
    context.close()


# --- Who writes -----------------------------------------------------------------------------------------------------


def test_what_one_types_in_a_block_is_there_after_a_reload(mediator: Tab, library: Demo) -> None:
    page = mediator.go(f"{library.names['draft']}/modifier/jeu")
    with page.expect_response(lambda r: r.url.endswith("/jeu/brouillon") and r.status == 204):
        page.locator("[name=texte]").press_sequentially("Bien. ")
    page.locator("[data-draft-status]", has_text="Brouillon gardé").wait_for()
    said = page.locator("[name=texte]").input_value()
    page.reload()
    assert page.locator("[name=texte]").input_value() == said
    assert "Vous aviez commencé" in page.locator("main").inner_text()
    assert mediator.complaints == []


def test_what_one_types_just_before_leaving_is_kept_too(mediator: Tab, library: Demo) -> None:
    page = mediator.go(f"{library.names['draft']}/modifier/fin")
    page.locator("[name=texte]").fill("Dire merci.")
    page.reload()
    for _ in range(20):  # the beacon may come after the page, on a busy machine well after
        if page.locator("[name=texte]").input_value() == "Dire merci.":
            break
        page.wait_for_timeout(250)
        page.reload()
    assert page.locator("[name=texte]").input_value() == "Dire merci."


STEPS = "[data-part=deroule] [data-block]"


def order(page: Page) -> list[str]:
    return [str(one.get_attribute("data-block")) for one in page.locator(STEPS).all()]


def test_a_block_is_dragged_and_moved_by_keyboard(mediator: Tab, library: Demo) -> None:
    page = mediator.go(f"{library.names['draft']}/modifier")
    first, second, third = order(page)
    with page.expect_navigation(wait_until="networkidle"):
        page.locator(f"{STEPS}[data-block={third}]").drag_to(page.locator(f"{STEPS}[data-block={first}]"))
    assert order(page) == [third, first, second]
    # A step stays a step: the part of the goals holds none.
    page.locator(f"{STEPS}[data-block={first}]").drag_to(page.locator("[data-part=objectifs]"))
    assert order(page) == [third, first, second]
    down = page.locator(f"{STEPS}[data-block={third}] button[value=bas]")
    down.focus()
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")
    assert order(page) == [first, third, second]
    assert mediator.axe() == []
    assert mediator.complaints == []


#: Tells of each sentence of the upload, whatever page comes after.
LISTEN = """() => new MutationObserver(() => {
  for (const one of document.querySelectorAll("[data-upload-status]")) if (one.textContent) heard(one.textContent);
}).observe(document.body, { subtree: true, childList: true, characterData: true })"""


def test_a_large_file_shows_how_far_it_has_come(mediator: Tab, library: Demo) -> None:
    said: list[str] = []
    mediator.page.expose_function("heard", lambda text: said.append(text))
    page = mediator.go(f"{library.names['draft']}/blocs/avant/fichier")
    page.evaluate(LISTEN)
    typed(page, "titre", "Le grand livret")
    page.locator("input[type=file]").set_input_files(file_of("livret.pdf", LARGE))
    with page.expect_navigation(wait_until="networkidle"):
        page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    assert any(re.fullmatch(r"Envoi : \d+\s?%", one) for one in said), said
    assert page.url.partition("?")[0].endswith("/modifier")
    assert "livret.pdf" in page.locator("[data-part=avant]").inner_text()
    assert mediator.complaints == []


@pytest.mark.parametrize("size", [500, 2_000_000], ids=["small", "large"])
def test_a_refused_file_takes_nothing_of_what_was_typed(mediator: Tab, library: Demo, size: int) -> None:
    page = mediator.go(f"{library.names['draft']}/blocs/avant/fichier")
    title = f"Le programme {size}"
    typed(page, "titre", title)
    typed(page, "texte", "À lire avant.")
    page.locator("input[type=file]").set_input_files(file_of("programme.exe", b"MZ\x90\x00" + b"\x00" * size))
    with page.expect_response(lambda r: r.request.method == "POST" and r.status == 422):
        page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    summary = page.locator("#erreurs")
    summary.wait_for()
    assert page.locator("[name=titre]").input_value() == title
    assert page.locator("[name=texte]").input_value() == "À lire avant."
    assert page.evaluate("document.activeElement.id") == "erreurs"
    expect(page.locator(".error-text").first).to_be_visible()
    assert page.locator("main").count() == 1
    assert mediator.axe() == []
    # The page works on: what one types is kept, and the right file is taken.
    with page.expect_response(lambda r: r.url.endswith("/brouillon") and r.status == 204, timeout=8_000):
        page.locator("[name=texte]").press_sequentially(" Merci.")
    page.locator("input[type=file]").set_input_files(file_of("programme.pdf", LARGE if size > 10_000 else PDF))
    with page.expect_navigation(wait_until="networkidle"):
        page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    assert title in page.locator("[data-part=avant]").inner_text()
    assert [c for c in mediator.complaints if "422" not in c] == []


@pytest.mark.parametrize("mediator", [{"java_script_enabled": False}], indirect=True)
def test_a_pdf_is_shared_in_four_clicks(mediator: Tab, library: Demo) -> None:
    hand = Counted(mediator.go("/ressources"))
    hand.click("Partager une ressource", "link")
    typed(hand.page, "titre", "Le livret du réseau")
    hand.page.locator("input[type=file]").set_input_files(file_of("livret.pdf", PDF))
    hand.click("Enregistrer le brouillon")
    hand.click("Publier", "link")
    typed(hand.page, "resume", "Un livret à lire ensemble.")
    if not hand.page.locator("[name=themes]:checked").count():
        hand.page.locator("[name=themes]").first.check()
    hand.click("Publier")
    assert hand.clicks == 4
    assert re.search(r"/kits/le-livret-du-reseau(-\d+)?(\?|$)", hand.page.url), hand.page.url
    link = hand.page.get_by_role("link", name="livret.pdf").first
    with hand.page.expect_download() as download:
        link.click()
    assert download.value.path().read_bytes() == PDF
    # The worker, which makes the picture of its first page, does not run here.
    assert [c for c in mediator.complaints if "/apercu.webp" not in c] == []


# --- Who translates -------------------------------------------------------------------------------------------------


def test_easy_french_is_counted_as_one_types(mediator: Tab, library: Demo) -> None:
    page = mediator.go(f"{library.names['link']}/traduire/fr-x-falc")
    section = page.locator(".tr-section").first
    box = section.locator("textarea").first
    counts = section.locator("[data-falc-counts]")
    before = counts.inner_text()
    with page.expect_response(lambda r: r.url.endswith("/traductions/falc.json") and r.ok):
        box.fill("Cette plateforme a été conçue afin de permettre aux aidants de bénéficier d’un accompagnement "
                 "personnalisé, nonobstant la multiplicité des dispositifs territoriaux qui leur sont destinés.")  # fmt: skip
    expect(counts).not_to_have_text(before)
    remarks = section.locator("[data-falc-list] li")
    assert remarks.count() >= 1
    hard = remarks.all_inner_texts()
    with page.expect_response(lambda r: r.url.endswith("/traductions/falc.json") and r.ok):
        box.fill("Vous aidez un proche. Ce site vous aide.")
    expect(remarks).not_to_have_text(hard)
    assert remarks.count() < len(hard)
    assert mediator.axe() == []
    assert mediator.complaints == []
