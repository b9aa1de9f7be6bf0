"""Every page of the exchanges, in a real browser: accessibility, width and language, as ``test_resource_pages.py``.

An address that answers with a page and that nobody looks at here fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Tab
from tests.browser.demo import Demo
from tests.browser.looking import cases, is_of, looked_at
from tests.test_app import EXCHANGES

#: Route → (who, address)…: what differs is another page. None: a visitor.
PAGES: dict[str, tuple[tuple[str | None, str], ...]] = {
    "threads.list": ((None, "/echanges"), ("mediatrice", "/echanges"), (None, "/echanges?q=zzzzz"),
                     ("mediatrice", "/echanges?q=code")),
    "threads.topics": ((None, "/echanges/sujets"), ("mediatrice", "/echanges/sujets")),
    "threads.topic": ((None, "/echanges/sujets/rendez-vous"), ("mediatrice", "/echanges/sujets/petites-annonces")),
    "threads.thread": ((None, "{solved}"), ("mediatrice", "{rich}"), ("coordination", "{rich}"), (None, "{arabic}"),
                       ("mediatrice", "{poll}"), ("mediatrice", "{wanted}")),
    "threads.print": ((None, "{rich}/imprimer"), (None, "{arabic}/imprimer")),
    "threads.of-object": ((None, "{of_kit}"), ("mediatrice", "{of_kit}")),
    "threads.new": (
        ("mediatrice", "/echanges/nouveau"), ("mediatrice", "/echanges/nouveau?type=question&objet={about}"),
        ("mediatrice", "/echanges/nouveau?type=sondage"), ("coordination", "/echanges/nouveau?type=annonce"),
        ("mediatrice", "/echanges/nouveau?type=discussion&sujet=langues"),
    ),
    "threads.waiting": (("nouvelle", "/echanges/attente"),),
    "threads.reply": (("mediatrice", "{rich}/repondre"),),
    "threads.post.edit": (("mediatrice", "{own}/modifier"),),
    "threads.post.delete": (("mediatrice", "{own}/supprimer"),),
    "threads.translate": (("mediatrice", "{arabic_post}/traduire?langue=fr"),
                          ("mediatrice", "{reply}/traduire?langue=ar")),
    "threads.report": ((None, "{reply}/signaler"), ("mediatrice", "{reply}/signaler?merci=1")),
    "threads.hide": (("coordination", "{reply}/masquer"),),
    "threads.refuse": (("coordination", "{waiting}/refuser"),),
    "threads.history": (("coordination", "{hidden}/historique"),),
    "threads.moderate": (("coordination", "{rich}/moderer"),),
    "threads.desk": (("coordination", "/gestion/echanges"),),
    "threads.desk.reports": (("coordination", "/gestion/echanges/signalements"),),
    "threads.desk.waiting": (("coordination", "/gestion/echanges/en-attente"),),
    "threads.desk.questions": (("coordination", "/gestion/echanges/questions"),),
    "threads.topic.create": (("coordination", "/gestion/echanges/sujets/nouveau"),),
    "threads.topic.edit": (("coordination", "/gestion/echanges/sujets/{topic}"),),
    "threads.request": (("coordination", "/echanges/demandes/{wish}"),),
    "threads.resource": (("mediatrice", "{wanted}/ressource"),),
    "groups.list": ((None, "/groupes"), ("mediatrice", "/groupes")),
    "groups.new": (("coordination", "/groupes/nouveau"),),
    "groups.group": (("mediatrice", "{group}"), ("admin", "{group}"), ("coordination", "{group}")),
    "groups.edit": (("coordination", "{group}/modifier"),),
    "groups.people": (("mediatrice", "{group}/personnes"),),
    "groups.members": (("coordination", "{group}/membres"),),
    "groups.minutes.new": (("mediatrice", "{group}/comptes-rendus/nouveau"),),
    "groups.pages.new": (("mediatrice", "{group}/pages/nouvelle"),),
    "groups.minutes": (("mediatrice", "{group}/comptes-rendus"),),
    "groups.pages": (("mediatrice", "{group}/pages"),),
    "groups.document": (("mediatrice", "{document}"),),
    "groups.document.print": (("mediatrice", "{document}/imprimer"),),
    "groups.document.edit": (("mediatrice", "{document}/modifier"),),
    "groups.document.delete": (("coordination", "{document}/supprimer"),),
    "notices.list": (("mediatrice", "/compte/avis"), ("admin", "/compte/avis")),
    "notices.choices": (("mediatrice", "/compte/avis/reglages"),),
    "notices.stop": ((None, "{stop}"), (None, "{stop_one}")),
}  # fmt: skip
#: What answers a GET with something else than a page of the site.
NO_PAGE = re.compile(r"\.(json|md|atom)$")
#: Pages that need no look of their own, and why.
EXCEPTIONS = {"threads.post": "leads to the page of its thread"}
#: Pages of other rooms in which the exchanges are: (who, address).
ELSEWHERE = ((None, "/recherche?q=doctolib"), (None, "{kit}"), ("mediatrice", "{sheet}"),
             ("coordination", "/gestion/personnes/{newcomer}/acces"))  # fmt: skip


def test_every_page_is_looked_at() -> None:
    pages = {name for name, (pattern, methods) in EXCHANGES.items() if "GET" in methods and not NO_PAGE.search(pattern)}
    pages = {name for name in pages if not name.startswith("opendata.")}  # feeds of another room: test_imports looks
    assert pages == PAGES.keys() | EXCEPTIONS.keys()
    assert not PAGES.keys() & EXCEPTIONS.keys()


@pytest.mark.browser
@pytest.mark.parametrize(("name", "who", "path", "looks"), cases(PAGES, ("threads.thread",)))
def test_axe_finds_nothing_and_nothing_overflows(
    readers: Callable[[str | None], Tab], library: Demo, name: str, who: str | None, path: str, looks: Any
) -> None:
    tab, path = readers(who), library.path(path)
    assert is_of(path, EXCHANGES[name][0]), "the address is one of the route"
    assert looked_at(tab, path, looks) == []
    assert tab.page.url.startswith(tab.site + path.partition("?")[0]), "no other page was looked at"


@pytest.mark.browser
@pytest.mark.parametrize(("who", "path"), ELSEWHERE)
def test_the_exchanges_in_pages_of_other_rooms(
    readers: Callable[[str | None], Tab], library: Demo, who: str | None, path: str
) -> None:
    assert looked_at(readers(who), library.path(path)) == []


@pytest.mark.browser
def test_dark_colours_have_contrast_too(browser: Browser, library: Demo) -> None:
    context = browser.new_context(color_scheme="dark", locale="fr-FR")
    context.add_cookies([library.cookie("mediatrice")])  # type: ignore[list-item]
    tab = Tab(context.new_page(), library.url)
    wrong = []
    for path in ("/echanges", "{rich}", "{poll}", "/echanges/nouveau", "{group}", "/compte/avis"):
        tab.go(library.path(path), quiet=False)
        wrong += [f"{path} {line}" for line in tab.axe()]
    context.close()
    assert wrong == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "words"), [("{rich}", "une clé pour une seule fois"), ("{rich}/imprimer", "الرمز هو مفتاح")]
)
def test_a_thread_is_printed_with_its_words_and_nothing_to_press(
    browser: Browser, library: Demo, path: str, words: str
) -> None:
    context = browser.new_context(locale="fr-FR", viewport={"width": 700, "height": 900})
    tab = Tab(context.new_page(), library.url)
    page = tab.go(library.path(path), quiet=False)
    page.emulate_media(media="print")
    main = page.locator("main")
    text = main.inner_text()
    assert "la clé d’un casier" in text
    assert words in text
    assert "Achetez mes codes" not in text
    assert not [one for one in main.locator("button, input, textarea, select").all() if one.is_visible()]
    assert tab.overflow() <= 0
    assert tab.complaints == []
    context.close()
