"""Every page of the knowledge base, in a real browser: accessibility, width and language, as ``test_people_pages.py``.

An address that answers with a page and that nobody looks at here fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from resources.taking.fonts import NoFont
from resources.taking.typesetter import Busy, CannotTypeset
from tests.browser.conftest import Tab
from tests.browser.demo import Demo
from tests.browser.looking import cases, is_of, looked_at
from tests.test_app import RESOURCES

#: Route → (who, address)…: what differs is another page. None: a visitor.
PAGES: dict[str, tuple[tuple[str | None, str], ...]] = {
    "home.search": ((None, "/recherche?q=mot+de+passe"), (None, "/recherche?q=zzzzz")),
    "finding.list": ((None, "/ressources?q=espace"), (None, "/ressources?q=zzzzz"),
                     ("mediatrice", "/ressources?langue_contenu=ar&type=tutoriel")),
    "finding.ask": ((None, "/ressources/demander?mots=carte+vitale"),),
    "finding.desk": (("coordination", "/gestion/demandes-ressources"),),
    "finding.desk.one": (("coordination", "/gestion/demandes-ressources/{wish}"),),
    "finding.own": (("mediatrice", "/compte/demandes-ressources"),),
    "finding.own.one": (("mediatrice", "/compte/demandes-ressources/{wish}"),),
    "resource.page": (
        (None, "{kit}"), (None, "{tutorial}?contenu=ar"), (None, "{tutorial}?contenu=fr-x-falc"), (None, "{experience}"),
        (None, "{tool}"), (None, "{link}?contenu=en"), (None, "{changed}?contenu=ar"), (None, "{link}?contenu=uk"),
        ("mediatrice", "{copy}"), ("coordination", "{kit}?contenu=en"),
    ),
    "resource.print": ((None, "{kit}/imprimer"), (None, "{changed}/imprimer?contenu=ar")),
    "resource.versions": ((None, "{changed}/versions"),),
    "resource.take": ((None, "{kit}/telecharger"),),
    "saying.desk.reports": (("coordination", "/gestion/ressources/signalements"),),
    "saying.collections": (("mediatrice", "/collections"),),
    "saying.collections.public": ((None, "/collections/publiques"),),
    "saying.collection": ((None, "{collection}"), ("mediatrice", "{collection}")),
    "saying.collection.print": ((None, "{collection}/imprimer"),),
    "saying.collection.edit": (("mediatrice", "{collection}/modifier"),),
    "saying.collection.delete": (("mediatrice", "{collection}/supprimer"),),
    "saying.opinions": (("mediatrice", "{copy}/avis"),),
    "saying.opinion.hide": (("mediatrice", "{copy}/avis/{commenter}/masquer"),),
    "saying.uses": ((None, "{copy}/utilisations"), ("mediatrice", "{copy}/utilisations")),
    "saying.use": (("mediatrice", "{copy}/utilisations/{use}"),),
    "saying.report": ((None, "{kit}/signaler"),),
    "saying.reports": (("mediatrice", "{copy}/signalements"),),
    "saying.report.reply": ((None, "{copy}/signalements/{report}/reponse"),),
    "saying.report.answer": (("mediatrice", "{copy}/signalements/{report}"),),
    "saying.collect": (("mediatrice", "{kit}/collections"),),
    "glossary": ((None, "/glossaire?vers=ar"), ("coordination", "/glossaire?vers=ar")),
    "translating.queue": (("mediatrice", "/traductions?langue_cible=ar"), ("referent", "/traductions?langue_cible=uk")),
    "translating.ask": ((None, "{experience}/demander-langue?vers=uk"),),
    "translating.choose": (("mediatrice", "{changed}/traduire"),),
    "translating.page": (("mediatrice", "{link}/traduire/en"), ("referent", "{changed}/traduire/ar"),
                         ("mediatrice", "{link}/traduire/fr-x-falc")),
    "writing.new": (("mediatrice", "/ressources/nouvelle"),),
    "writing.mine": (("mediatrice", "/compte/ressources"),),
    "writing.reviews": (("coordination", "/gestion/ressources"),),
    "writing.edit": (("mediatrice", "{draft}/modifier"), ("mediatrice", "{copy}/modifier")),
    "writing.preview": (("mediatrice", "{draft}/apercu"),),
    "writing.authors": (("mediatrice", "{copy}/auteurs"),),
    "writing.publish": (("mediatrice", "{draft}/publier"), ("mediatrice", "{copy}/publier")),
    "writing.withdraw": (("mediatrice", "{copy}/retirer"),),
    "writing.verify": (("mediatrice", "{copy}/verifier"),),
    "writing.origin": (("mediatrice", "{copy}/original"),),
    "writing.block": (("mediatrice", "{copy}/modifier/{step}"), ("mediatrice", "{draft}/modifier/fiche")),
    "writing.add": (
        *(("mediatrice", f"{{draft}}/blocs/avant/{kind}")
          for kind in ("texte", "fichier", "lien", "ressource", "video", "document")),
        ("mediatrice", "{draft}/blocs/deroule/etape"), ("mediatrice", "{sheet_draft}/blocs/partenaires/partenaire"),
        ("mediatrice", "{sheet_draft}/blocs/moyens/moyen"), ("mediatrice", "{sheet_draft}/blocs/temoignages/temoignage"),
    ),
}  # fmt: skip
#: What answers a GET with something else than a page of the site.
NO_PAGE = re.compile(r"\.(json|csv|svg|pdf|zip|webp)$|^/fichiers/")
#: Pages that need no look of their own, and why.
EXCEPTIONS: dict[str, str] = {}
#: Routes of which each address has both looks: another template, or another language, for each.
EACH_WHOLE = ("resource.page", "translating.page")


def test_every_page_is_looked_at() -> None:
    pages = {name for name, (pattern, methods) in RESOURCES.items() if "GET" in methods and not NO_PAGE.search(pattern)}
    assert pages == PAGES.keys() | EXCEPTIONS.keys()
    assert not PAGES.keys() & EXCEPTIONS.keys()


@pytest.mark.browser
@pytest.mark.parametrize(("name", "who", "path", "looks"), cases(PAGES, EACH_WHOLE))
def test_axe_finds_nothing_and_nothing_overflows(
    readers: Callable[[str | None], Tab], library: Demo, name: str, who: str | None, path: str, looks: Any
) -> None:
    tab, path = readers(who), library.path(path)
    assert is_of(path, RESOURCES[name][0]), "the address is one of the route"
    assert looked_at(tab, path, looks) == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "error", [Busy("another"), CannotTypeset("broken"), NoFont("xx")], ids=lambda error: type(error).__name__
)
def test_a_page_in_place_of_a_pdf(
    readers: Callable[[str | None], Tab], library: Demo, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(library.registry["typesetter"], "one", refuse)
    wrong = looked_at(readers(None), library.path("{tool}.pdf"))
    assert [one for one in wrong if not re.search("status of (409|503)", one)] == []


@pytest.mark.browser
def test_dark_colours_have_contrast_too(browser: Browser, library: Demo) -> None:
    context = browser.new_context(color_scheme="dark", locale="fr-FR")
    context.add_cookies([library.cookie("mediatrice")])  # type: ignore[list-item]
    tab = Tab(context.new_page(), library.url)
    wrong = []
    for path in ("{kit}", "{draft}/modifier", "{copy}/original", "{changed}/traduire/ar"):
        tab.go(library.path(path), quiet=False)
        wrong += [f"{path} {line}" for line in tab.axe()]
    context.close()
    assert wrong == []
