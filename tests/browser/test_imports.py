"""What comes in, in a real browser: every page in French at 320 pixels and in Arabic at 1280, the watch by keys, the
review without scripts, first loads. One site for all of it; a page that nobody looks at here fails a test.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from importers import cartographie
from importers.models import ImportRun, ImportSource, MatchPair, WatchItem
from importers.pipeline import Options, Pipeline
from reseau.core.db import session_factory
from reseau.directory.models import SourceRecord, Structure
from reseau.members.models import Person
from tests.browser.conftest import AXE, Tab
from tests.browser.demo import Demo, running
from tests.browser.looking import LOOKS, cases, is_of, looked_at
from tests.conftest import ROUBAIX_CSV, TUESDAY
from tests.directory.site import csv_of, row
from tests.feeds.routes import ROUTES as FEEDS
from tests.importers.matrix_world import NAMES, SOURCE, brought, news
from tests.test_app import IMPORTERS

pytestmark = pytest.mark.browser

ROUTES = {**IMPORTERS, **{name: made for name, made in FEEDS.items() if name.startswith("opendata.")}}
WHO = "coordination"
#: Route → (who, address)…: what differs is another page. None: a visitor.
PAGES: dict[str, tuple[tuple[str | None, str], ...]] = {
    "schedule.sources": ((WHO, "/gestion/sources"),),
    "schedule.source.new": ((WHO, "/gestion/sources/nouvelle?lecture=lesbases"), (WHO, "/gestion/sources/nouvelle")),
    "schedule.source": ((WHO, f"/gestion/sources/{SOURCE}"),),
    "schedule.source.edit": ((WHO, f"/gestion/sources/{SOURCE}/modifier"),),
    "schedule.runs": ((WHO, "/gestion/imports"),),
    "schedule.run": ((WHO, "/gestion/imports/{held}"), (WHO, "/gestion/imports/{changing}")),
    "schedule.run.rejects": ((WHO, "/gestion/imports/{run}/refus"),),
    "schedule.run.changes": ((WHO, "/gestion/imports/{held}/changements"), (WHO, "/gestion/imports/{changing}/changements")),
    "schedule.run.places": ((WHO, "/gestion/imports/{changing}/fiches?liste=nouvelles"),),
    "review.queue": ((WHO, "/gestion/rapprochements"),),
    "review.pair": ((WHO, "/gestion/rapprochements/{pair}"), (WHO, "/gestion/rapprochements/{decided}")),
    "review.joined": ((WHO, "/gestion/rapprochements/liens"),),
    "review.record": ((WHO, "/gestion/rapprochements/liens/{record}"),),
    "veille.tray": ((WHO, "/gestion/veille"), (WHO, "/gestion/veille?etat=gardes")),
    "veille.feeds": ((WHO, "/gestion/veille/flux"),),
    "veille.feed": ((WHO, "/gestion/veille/flux/{feed}"),),
    "veille.link": ((WHO, "/gestion/veille/{news}/lien"),),
    "calendars.tray": ((WHO, "/gestion/agenda"),),
    "calendars.list": ((WHO, "/gestion/agenda/agendas"),),
    "tableur.list": ((WHO, "/gestion/tableurs"),),
    "tableur.one": ((WHO, "/gestion/tableurs/{upload}"),),
    "tableur.columns": ((WHO, "/gestion/tableurs/{upload}/colonnes"),),
    "records.sheet": ((WHO, "{twice}/sources"),),
    "writing.adopt": (("mediatrice", "{link}/adopter"),),
    "checking.page": ((None, "/valider"),),
    "opendata.page": ((None, "/flux/donnees/"),),
}  # fmt: skip
#: What answers a GET with something else than a page of the site.
NO_PAGE = {"schedule.run.raw", "tableur.template", "checking.template", "veille.opml", "opendata.file"}
#: Pages of other rooms in which what comes in is: (who, address).
ELSEWHERE = ((None, "{archived}"), (None, "{link}"), (WHO, "/gestion"))


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demonstration into which something came from everywhere."""
    folder = tmp_path_factory.mktemp("imports")
    with running(folder) as demo:
        fill(demo, folder)
        yield demo


def fill(demo: Demo, folder: Path) -> None:
    """What ``PAGES`` names: as ``matrix_world``, a run that changed sheets, a place that no register gives any more."""
    factory = session_factory(demo.engine)
    with factory.begin() as session:
        made = brought(session, folder / "imports", UUID(demo.sheet[-36:]), _person(session), TUESDAY)
        demo.names.update({name: str(id_) for name, id_ in made.ids.items()})
        demo.names["link"] = f"/liens/{made.links['public'].slug}"
    Pipeline(factory, cartographie.source, ("cartographie",), clock=lambda: TUESDAY).run(
        changed_file(folder), "", Options(match=False)
    )
    with factory.begin() as session:
        demo.names["changing"] = str(session.scalars(sa.select(ImportRun.id).where(ImportRun.source == "cartographie")
                                                     .order_by(ImportRun.id.desc()).limit(1)).one())  # fmt: skip
        record = sa.select(SourceRecord.structure_id).where(SourceRecord.source_id == "dora_2").scalar_subquery()
        twice = session.scalars(sa.select(Structure).where(Structure.id == record)).one()
        archived = session.scalars(sa.select(Structure).where(Structure.nom == NAMES[3])).one()
        archived.archived_at = TUESDAY - timedelta(days=1)
        demo.names["twice"], demo.names["archived"] = (
            f"/annuaire/{one.slug}-{one.id}" for one in (twice, archived)
        )  # fmt: skip
        flux = ImportSource(
            name="flux-trois", adapter="veille", title="Trois nouvelles", location="https://trois.example"
        )
        session.add(flux)
        session.flush()
        demo.names["three"] = str(flux.id)
        for n, title in enumerate(("Troisième", "Deuxième", "Première")):
            news(session, flux.id, title, TUESDAY + timedelta(minutes=n))
    with demo.registry["read_sessions"]() as session:
        demo.registry["search.indexer"].catch_up(session)


def _person(session: Any) -> UUID:
    """Somebody who is none of those who look."""
    found: UUID = session.scalars(sa.select(Person.id).where(Person.email == "cpts@demo.example")).one()
    return found


def changed_file(folder: Path) -> Path:
    """The places of Roubaix, of which three have another telephone and one has no name any more."""
    with ROUBAIX_CSV.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), list(reader.fieldnames or ())
    for one in rows[:3]:
        one["telephone"], one["date_maj"] = "+33320009988", "2026-11-20"
    rows[3]["nom"] = ""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "changed.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="module")
def tabs(browser: Browser, imports: Demo) -> Iterator[Callable[[str | None], Tab]]:
    """The tab of somebody, the same for all pages; it has nothing to complain of."""
    made: dict[str | None, Tab] = {}

    def tab_of(who: str | None) -> Tab:
        if who not in made:
            made[who] = new_tab(browser, imports, who)
            made[who].page.context.add_init_script(path=AXE)
        made[who].complaints.clear()
        return made[who]

    yield tab_of
    for one in made.values():
        one.page.context.close()


def new_tab(browser: Browser, demo: Demo, who: str | None, **options: Any) -> Tab:
    """A browser of somebody."""
    context = browser.new_context(locale="fr-FR", **options)
    if who:
        context.add_cookies([demo.cookie(who)])  # type: ignore[list-item]
    return Tab(context.new_page(), demo.url)


def test_every_page_is_looked_at() -> None:
    assert {name for name, (_, methods) in ROUTES.items() if "GET" in methods} == PAGES.keys() | NO_PAGE


@pytest.mark.parametrize(("name", "who", "path", "looks"), cases(PAGES, ()))
def test_axe_finds_nothing_and_nothing_overflows(
    tabs: Callable[[str | None], Tab], imports: Demo, name: str, who: str | None, path: str, looks: Any
) -> None:
    tab, path = tabs(who), imports.path(path)
    assert is_of(path, ROUTES[name][0]), "the address is one of the route"
    assert looked_at(tab, path, looks) == []
    assert tab.page.url.startswith(tab.site + path.partition("?")[0]), "no other page was looked at"


@pytest.mark.parametrize(("who", "path"), ELSEWHERE)
def test_what_comes_in_on_pages_of_other_rooms(
    tabs: Callable[[str | None], Tab], imports: Demo, who: str | None, path: str
) -> None:
    assert looked_at(tabs(who), imports.path(path)) == []


FILES = {
    "Aucune erreur": csv_of([row("A", pivot="13002603200016", adresse="1 rue du Lieu", latitude="50.69", longitude="3.18",
                                 services="Aide aux démarches administratives")]),
    "telephone": csv_of([row("A", telephone="<b>03</b>", adresse="x" * 300)] * 3),
    "refus": "une;deux\n1;2\n",
}  # fmt: skip


@pytest.mark.parametrize(("size", "lang"), LOOKS, ids=["fr", "ar"])
def test_what_was_found_in_a_file(tabs: Callable[[str | None], Tab], size: Any, lang: str) -> None:
    tab, wrong = tabs(None), []
    tab.page.set_viewport_size(size)
    for said, text in FILES.items():
        page = tab.go(f"/valider?langue={lang}", quiet=False)
        page.locator("main input[type=file]").set_input_files(
            {"name": "lieux.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        with page.expect_navigation():
            page.locator("main form[enctype] button").click()
        assert page.evaluate("document.documentElement.lang") == lang
        if lang == "fr" and said != "refus":
            assert said in page.locator("main").inner_text()
        wrong += [f"{said} {line}" for line in tab.axe()] + [f"{said}: too wide"] * (tab.overflow() > 0)
    assert wrong == []
    assert [one for one in tab.complaints if "422" not in one] == []


# --- What a coordinator does -------------------------------------------------------------------------------------------


def titles(page: Page) -> list[str]:
    """The news of the tray."""
    return page.locator("[data-news] h2").all_inner_texts()


def at(page: Page) -> str:
    """Title of the news that has the focus; "" when none has."""
    return str(page.evaluate("document.activeElement.closest('[data-news]')?.querySelector('h2').innerText ?? ''"))


def press_and_wait(page: Page, key: str, left: int) -> None:
    """Press a key that sorts, and wait for the list that is left."""
    page.keyboard.press(key)
    page.wait_for_function("n => document.querySelectorAll('[data-news]').length === n", arg=left)


def test_news_are_sorted_with_one_key_each(browser: Browser, imports: Demo) -> None:
    tab = new_tab(browser, imports, WHO)
    page = tab.go(imports.path("/gestion/veille?flux={three}"), quiet=False)
    assert titles(page) == ["Première", "Deuxième", "Troisième"]
    switch = page.get_by_label("Raccourcis d’une touche")
    switch.uncheck()
    for key in "jge":
        page.keyboard.press(key)
    assert (titles(page), at(page)) == (["Première", "Deuxième", "Troisième"], ""), "the keys are off"
    page.reload()
    assert not switch.is_checked(), "they stay off"
    switch.check()
    for key, there in (("j", "Première"), ("j", "Deuxième"), ("j", "Troisième"), ("k", "Deuxième"), ("k", "Première")):
        page.keyboard.press(key)
        assert at(page) == there
    press_and_wait(page, "g", 2)
    assert "gardée" in page.locator("[data-tray-said]").inner_text()
    assert at(page) == "Deuxième", "the focus goes to what comes next"
    press_and_wait(page, "e", 1)
    assert at(page) == "Troisième"
    with page.expect_navigation():
        page.keyboard.press("l")
    page.locator("main [name=vaut]").fill("À lire avant un atelier.")
    page.locator("main [name=theme]").select_option("numerique_en_sante")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    assert "lien" in page.locator("main .notice").first.inner_text()
    with session_factory(imports.engine)() as session:
        rows = session.execute(
            sa.select(WatchItem.title, WatchItem.state).where(WatchItem.source_id == UUID(imports.names["three"]))
        )
        assert dict(rows.all()) == {"Première": "kept", "Deuxième": "dropped", "Troisième": "turned"}
    assert tab.complaints == []
    page.context.close()


def test_two_places_are_told_apart_and_asked_again_without_scripts(browser: Browser, imports: Demo) -> None:
    tab = new_tab(browser, imports, WHO, java_script_enabled=False)

    def verdict() -> str | None:
        with session_factory(imports.engine)() as session:
            return session.scalar(sa.select(MatchPair.verdict).where(MatchPair.id == UUID(imports.names["pair"])))

    page = tab.go("/gestion/rapprochements", quiet=False)
    page.locator(f"main a[href*='{imports.names['pair']}']").first.click()
    page.wait_for_load_state()
    assert all(name in page.locator("main").inner_text() for name in NAMES[:2])
    with page.expect_navigation():
        page.get_by_role("button", name="Ce sont deux lieux").click()
    assert verdict() == "distinct"
    with page.expect_navigation():
        page.locator("main form[action*='/annuler'] button").click()
    assert verdict() == "open"
    assert re.search(f"{imports.names['pair']}\\?", page.url), "it is asked again at once"
    assert page.get_by_role("button", name="Ce sont deux lieux").is_visible()
    assert tab.complaints == []
    page.context.close()


@pytest.mark.parametrize(
    ("who", "path"),
    [(WHO, "/gestion/veille"), (WHO, "/gestion/imports/{held}/changements"), (WHO, "/gestion/tableurs"),
     (WHO, "/gestion/tableurs/{upload}/colonnes"), (None, "/valider"), (None, "/flux/donnees/")],
)  # fmt: skip
def test_a_first_visit_weighs_under_60_kilobytes(browser: Browser, imports: Demo, who: str | None, path: str) -> None:
    tab, sizes = new_tab(browser, imports, who), dict[str, int]()
    tab.page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    tab.go(imports.path(path))
    tab.page.wait_for_timeout(100)
    assert 10_000 < sum(sizes.values()) < 60_000, sizes
    tab.page.context.close()
