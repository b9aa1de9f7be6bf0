"""Every page of those who are signed in, in a real browser: accessibility and width, French on a phone, Arabic on a desk.

Not every page in every language at every width: what differs is the direction, the width and the words, and each is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Tab
from tests.browser.demo import Demo
from tests.browser.looking import LOOKS

pytestmark = pytest.mark.browser

PAGES = {
    None: ("/connexion", "/connexion/envoye", "/connexion/lien/x", "/donnees-personnelles", "/qui-sommes-nous", "/demo",
           "/demo/courriels", "/gestion", "{sheet}/signaler", "/invitation/{invitation}", "/verifier/{verify}"),
    "mediatrice": ("/compte", "/compte/adresse", "/compte/supprimer", "{sheet}/rejoindre", "/proposer-un-lieu",
                   "/gestion"),
    "referent": ("/gestion", "{sheet}", "{sheet}/modifier", "{sheet}/equipe", "{sheet}/historique", "{sheet}/ecarts",
                 "{sheet}/verifier", "{sheet}/offres/nouvelle", "{sheet}/offres/{offer}",
                 "{sheet}/historique/{change}/remettre", "{sheet}/antenne", "{sheet}/fermer", "/gestion/demandes",
                 "/gestion/suggestions", "/gestion/suggestions/{suggestion}", "/gestion/ecarts", "/gestion/a-verifier"),
    "coordination": ("/gestion", "/gestion/fiches", "/gestion/sans-referent", "/gestion/propositions",
                     "/gestion/personnes", "/gestion/personnes/importer", "/gestion/lieux/nouveau", "/gestion/fusionner",
                     "/gestion/fusionner?garder={twin}&retirer={other}"),
    "admin": ("/gestion", "/gestion/gouvernance", "/gestion/journal", "/gestion/courriels"),
}  # fmt: skip
CASES = [(who, path) for who, paths in PAGES.items() for path in paths]
#: Pages that refuse: they are looked at too, and no other may be one of them unseen.
ERRORS = {(None, "/gestion"), ("mediatrice", "/gestion"), (None, "/connexion/lien/x")}


@pytest.mark.parametrize(("who", "path"), CASES, ids=lambda part: str(part))
def test_axe_finds_nothing_and_nothing_overflows(
    players: Callable[[str | None], Tab], demo: Demo, who: str | None, path: str
) -> None:
    is_error, demo_tab = (who, path) in ERRORS, players(who)
    path = demo.path(path)
    for size, lang in LOOKS:
        demo_tab.page.set_viewport_size(size)
        page = demo_tab.go(f"{path}{'&' if '?' in path else '?'}langue={lang}", quiet=False)
        assert page.evaluate("document.documentElement.lang") == lang
        assert demo_tab.axe() == [], lang
        assert demo_tab.overflow() <= 0, lang
    said = [c for c in demo_tab.complaints if not (is_error and re.search(r"status of (403|404|410)", c))]
    assert said == []
