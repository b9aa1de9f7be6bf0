"""What goes out, in a real browser: every page in French and in Arabic, at 320 and 1280 pixels, what it weighs, and the
mail inside its preview. One site for all of it; a page that nobody looks at here fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import AXE, Tab
from tests.browser.demo import Demo, running
from tests.browser.looking import LOOKS, is_of, looked_at
from tests.browser.outgoing import fill
from tests.test_app import OUTGOING

pytestmark = pytest.mark.browser

WHO, RELAY, MEMBER = "coordination", "cpts", "mediatrice"
DRAFT, PLAN = "/gestion/lettre/{draft}", "quand=maintenant"
PREVIEW = DRAFT + "/apercu?en={en}&edition={edition}&largeur={width}"
#: Route → (who, address)…: what differs is another page. None: a visitor.
PAGES: dict[str, tuple[tuple[str | None, str], ...]] = {
    "label.register": ((None, "/label"),),
    "label.criteria": ((None, "/label/criteres"),),
    "label.criteria.one": ((None, "/label/criteres/{version}"),),
    "label.desk": ((WHO, "/gestion/label"), (WHO, "/gestion/label?etat=retires")),
    "label.grant": ((WHO, "/gestion/label/donner?lieu={unlabelled}"), (WHO, "/gestion/label/donner")),
    "label.criteria.new": ((WHO, "/gestion/label/criteres"),),
    "label.criteria.edit": ((WHO, "/gestion/label/criteres/2026.2"), (WHO, "/gestion/label/criteres/{version}")),
    "label.decision": ((WHO, "/gestion/label/{label}"),),
    "label.renew": ((WHO, "/gestion/label/{label}/renouveler"),),
    "label.withdraw": ((WHO, "/gestion/label/{label}/retirer"),),
    "indicators": ((MEMBER, "/indicateurs"),),
    "syndication.page": ((None, "/flux"),),
    "following.search": ((MEMBER, "/suivre/annuaire?q=epeule"), (None, "/suivre/annuaire?q=epeule")),
    "following.saved": ((MEMBER, "/compte/recherches"),),
    "following.keys": ((MEMBER, "/compte/flux"),),
    "following.stop": ((None, "/avis/stop/recherches/{stop}"),),
    "subscribing.page": ((None, "/lettre?r={code}"),),
    "subscribing.sent": ((None, "/lettre/envoye"),),
    "subscribing.confirm": ((None, "/lettre/confirmer/{confirming}"),),
    "subscribing.reader": ((None, "/lettre/d/{reader_fr}"), (None, "/lettre/d/{reader_en}")),
    "subscribing.own": ((MEMBER, "/compte/lettre"),),
    "subscribing.subscribers": ((WHO, "/gestion/lettre/abonnes"),),
    "subscribing.invite": ((WHO, "/gestion/lettre/abonnes/inviter"),),
    "subscribing.subscriber": ((WHO, "/gestion/lettre/abonnes/{subscriber}"),),
    "relays.desk": ((WHO, "/gestion/relais"),),
    "relays.desk.one": ((WHO, "/gestion/relais/{relay}"),),
    "relays.home": ((WHO, "/relais"),),
    "relays.relay": ((RELAY, "/relais/{code}"),),
    "relays.own": ((RELAY, "/relais/{code}/presentation"),),
    "relays.reach.one": ((RELAY, "/relais/{code}/diffusion/{reach}"),),
    "letters.archive": ((None, "/lettre/archives"),),
    "letters.issue": ((None, "/lettre/{year}/{slug}"),),
    "letters.issue.print": ((None, "/lettre/{year}/{slug}/imprimer"),),
    "letter.home": ((WHO, "/gestion/lettre"), (WHO, "/gestion/lettre?fait=rien")),
    "letter.calendar": ((WHO, "/gestion/lettre/calendrier"),),
    "letter.issue": ((WHO, DRAFT), (WHO, DRAFT + "?avec=ar"), (WHO, "/gestion/lettre/{approval}")),
    "letter.line.new": ((WHO, DRAFT + "/lignes/nouvelle?avec=ar"),),
    "letter.line": ((WHO, DRAFT + "/lignes/{line}?avec=ar"),),
    "letter.segments": ((WHO, DRAFT + "/destinataires"),),
    "letter.preview": tuple(
        (WHO, PREVIEW.replace("{en}", en).replace("{edition}", edition).replace("{width}", width))
        for en, edition, width in (("fr", "general", "telephone"), ("ar", "relay", "ordinateur"),
                                   ("ar", "general", "texte"))
    ),
    "letter.plan": ((WHO, DRAFT + "/envoyer"), (WHO, "/gestion/lettre/{approval}/envoyer")),
    "letter.launch": ((WHO, DRAFT + "/lancer?" + PLAN),),
    "letter.approve": ((WHO, "/gestion/lettre/{approval}/approuver"),),
    "letter.follow": ((WHO, "/gestion/lettre/{sent}/suivi"), (WHO, "/gestion/lettre/{leaving}/suivi")),
}  # fmt: skip
#: What answers a GET with something else than a page of the site.
NO_PAGE = {
    "label.register.json", "label.register.csv", "indicators.csv", "syndication.opml", "syndication.agenda",
    "syndication.feed", "syndication.archive", "following.opml", "following.feed", "following.archive", "subscribing.subscribers.csv",
    "relays.mail", "relays.text", "relays.paper", "relays.image", "letters.qr.png", "letters.qr.svg",
    "letters.qr.code.png", "letters.qr.code.svg", "letters.logo", "letter.preview.mail", "letter.proof",
}  # fmt: skip
MOST = 60_000
"""Bytes of a page and all that it needs, as they come over the wire, for a browser that has nothing of it."""
#: Where people of the network work, on forms that are never compressed: twenty lines with their buttons; all choices;
#: two issues in three languages and six forms. 46 kB of it are style and letters, which come once.
AT_WORK = {"letter.issue": 80_000, "letter.segments": 70_000, "relays.relay": 70_000}
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def outgoing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demonstration from which everything goes out."""
    with running(tmp_path_factory.mktemp("outgoing")) as demo:
        fill(demo)
        yield demo


@pytest.fixture(scope="module")
def tabs(browser: Browser, outgoing: Demo) -> Iterator[Callable[[str | None], tuple[Tab, dict[str, int]]]]:
    """(the tab of somebody, address → bytes of what came into it). It keeps nothing: each page is a first visit."""
    made: dict[str | None, tuple[Tab, dict[str, int]]] = {}

    def tab_of(who: str | None) -> tuple[Tab, dict[str, int]]:
        if who not in made:
            made[who] = Tab(_page(browser, outgoing, who), outgoing.url), {}
            made[who][0].page.on("requestfinished", lambda r: made[who][1].update(_weight(r)))
        made[who][0].complaints.clear()
        return made[who]

    yield tab_of
    for tab, _ in made.values():
        tab.page.context.close()


def _page(browser: Browser, demo: Demo, who: str | None) -> Any:
    context = browser.new_context(locale="fr-FR")
    if who:
        context.add_cookies([demo.cookie(who)])  # type: ignore[list-item]
    context.add_init_script(path=AXE)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


def _weight(request: Any) -> dict[str, int]:
    """Of what a page needs; the mail in its frame is no part of it."""
    return {request.url: int(request.sizes()["responseBodySize"])} if request.frame.parent_frame is None else {}


def test_every_page_is_looked_at() -> None:
    assert {name for name, (_, methods) in OUTGOING.items() if "GET" in methods} == PAGES.keys() | NO_PAGE


CASES = [
    pytest.param(name, who, path, id=f"{who or 'visitor'}-{path}")
    for name, addresses in PAGES.items() for who, path in addresses
]  # fmt: skip


@pytest.mark.parametrize(("name", "who", "path"), CASES)
def test_axe_finds_nothing_nothing_overflows_and_it_is_light(
    tabs: Callable[[str | None], tuple[Tab, dict[str, int]]], outgoing: Demo, name: str, who: str | None, path: str
) -> None:
    (tab, weights), path, wrong = tabs(who), outgoing.path(path), list[str]()
    assert is_of(path, OUTGOING[name][0]), "the address is one of the route"
    for size, lang in LOOKS:
        weights.clear()
        wrong += looked_at(tab, path, ((size, lang),))
        assert tab.page.url.startswith(tab.site + path.partition("?")[0]), "no other page was looked at"
        if not 5_000 < sum(weights.values()) < AT_WORK.get(name, MOST):
            wrong.append(f"{lang}: {sum(weights.values())} bytes {weights}")
        for other in (NARROW, WIDE):
            tab.page.set_viewport_size(other)  # type: ignore[arg-type]
            if tab.overflow() > 0:
                wrong.append(f"{lang}: {tab.overflow()} pixels too wide at {other['width']}")
    assert wrong == []


# --- The mail itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "title"), [("fr", "Un kit pour débuter"), ("en", "A kit to begin"), ("ar", "حقيبة للبدء")]
)
@pytest.mark.parametrize("edition", ["general", "relay"])
def test_the_preview_shows_the_mail_and_nothing_in_it_runs(
    tabs: Callable[[str | None], tuple[Tab, dict[str, int]]], outgoing: Demo, lang: str, title: str, edition: str
) -> None:
    (tab, _), path = tabs(WHO), outgoing.path(DRAFT)
    tab.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page = tab.go(f"{path}/apercu?edition={edition}&en={lang}&largeur=telephone")
    frame = page.locator("iframe")
    assert frame.get_attribute("sandbox") == ""
    box = frame.bounding_box()
    assert box is not None
    assert 360 <= box["width"] <= 364
    inside = page.frame_locator("iframe")
    assert inside.locator("html").get_attribute("lang") == lang
    assert inside.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
    assert title in inside.locator("body").inner_text()
    assert inside.locator("script, form, iframe, object").count() == 0
    assert tab.complaints == []


@pytest.mark.parametrize("lang", ["fr", "en", "ar"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_mail_has_nothing_that_axe_finds_and_fits(
    browser: Browser, tabs: Callable[[str | None], tuple[Tab, dict[str, int]]], outgoing: Demo, lang: str, width: int
) -> None:
    tab, _ = tabs(RELAY)
    sent = tab.page.request.get(outgoing.url + outgoing.path(f"/relais/{{code}}/{{sent}}/{lang}/lettre.html"))
    assert "sandbox" in sent.headers["content-security-policy"]
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.route("**/*", lambda route: route.abort())  # what is remote, mail programs leave out first
    mail = Tab(context.new_page(), "")
    mail.page.set_content(sent.text())
    assert (mail.axe(page=False), max(0, mail.overflow())) == ([], 0)
    context.close()
