"""The whole application: its addresses, who may see them, and that it comes back when its index is taken away."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyramid.interfaces import IRoutesMapper
from webtest import TestApp

from reseau import ROOMS, rooms_of
from reseau.core.actors import Actor, Side
from reseau.directory import lifecycle
from reseau.directory.models import Cause, Service, Structure
from reseau.directory.reproject import Because
from reseau.settings import Settings
from reseau.web.app import make_app
from reseau.web.security import Permission
from tests.demonstration.routes import ROUTES as DEMONSTRATION
from tests.desk.routes import ROUTES as DESK
from tests.editing.routes import ROUTES as EDITING
from tests.feeds.newsletter.reading.routes_reading import ROUTES as ARCHIVE
from tests.feeds.newsletter.relaying.routes_relaying import ROUTES as RELAYING
from tests.feeds.newsletter.subscribing.routes_subscribing import ROUTES as SUBSCRIBING
from tests.feeds.newsletter.writing.routes_writing import ROUTES as LETTER
from tests.feeds.routes import ROUTES as FEEDS
from tests.feeds.syndication.following.routes_following import ROUTES as FOLLOWING
from tests.feeds.syndication.routes_syndication import ROUTES as SYNDICATION
from tests.groups.routes_groups import ROUTES as GROUPS
from tests.importers.routes_checking import ROUTES as CHECKING
from tests.importers.routes_lesbases import ROUTES as LESBASES
from tests.importers.routes_records import ROUTES as RECORDS
from tests.importers.routes_review import ROUTES as REVIEW
from tests.importers.routes_schedule import ROUTES as SCHEDULE
from tests.importers.routes_tableur import ROUTES as TABLEUR
from tests.importers.routes_veille import ROUTES as VEILLE
from tests.indicators.routes_indicators import ROUTES as INDICATORS
from tests.label.routes_label import ROUTES as LABEL
from tests.members.joining_routes import ROUTES as JOINING
from tests.members.routes import ROUTES as MEMBERS
from tests.notices.routes_notices import ROUTES as NOTICES
from tests.resources.routes_files import ROUTES as FILES
from tests.resources.routes_finding import ROUTES as FINDING
from tests.resources.routes_reading import ROUTES as READING
from tests.resources.routes_saying import ROUTES as SAYING
from tests.resources.routes_taking import ROUTES as TAKING
from tests.resources.routes_translating import ROUTES as TRANSLATING
from tests.resources.routes_writing import ROUTES as WRITING
from tests.threads.routes import ROUTES as THREADS

#: Every address of the site and what one needs to see it. An address that is not here fails the test.
OWN = {
    "home": ("/", {"GET": Permission.DIRECTORY_READ}),
    "directory.list": ("/annuaire", {"GET": Permission.DIRECTORY_READ}),
    "directory.list.json": ("/annuaire.json", {"GET": Permission.DIRECTORY_READ}),
    "directory.map": ("/annuaire/carte", {"GET": Permission.DIRECTORY_READ}),
    "directory.map.json": ("/annuaire/carte.json", {"GET": Permission.DIRECTORY_READ}),
    "directory.print": ("/annuaire/imprimer", {"GET": Permission.DIRECTORY_READ}),
    "directory.suggestions": ("/annuaire/suggestions.json", {"GET": Permission.DIRECTORY_READ}),
    "directory.sheet": ("/annuaire/{slug}-{id}", {"GET": Permission.DIRECTORY_READ}),
    "directory.sheet.json": ("/annuaire/{slug}-{id}.json", {"GET": Permission.DIRECTORY_READ}),
    "directory.sheet.qr": ("/annuaire/{slug}-{id}/qr.svg", {"GET": Permission.DIRECTORY_READ}),
    "directory.sheet.print": ("/annuaire/{slug}-{id}/imprimer", {"GET": Permission.DIRECTORY_READ}),
}  # fmt: skip
RESOURCES = {**FILES, **FINDING, **READING, **SAYING, **TAKING, **TRANSLATING, **WRITING}
EXCHANGES = {**THREADS, **GROUPS, **NOTICES, **FEEDS}
IMPORTERS = {**CHECKING, **LESBASES, **RECORDS, **REVIEW, **SCHEDULE, **TABLEUR, **VEILLE}
OUTGOING = {**LABEL, **INDICATORS, **SYNDICATION, **FOLLOWING, **SUBSCRIBING, **RELAYING, **ARCHIVE, **LETTER}
ROUTES = {**OWN, **MEMBERS, **JOINING, **EDITING, **DESK, **RESOURCES, **EXCHANGES, **IMPORTERS, **OUTGOING}


def simple(pattern: str) -> str:
    """A pattern without its regular expressions."""
    out, depth, inside = "", 0, False
    for char in pattern:
        depth += (char == "{") - (char == "}")
        inside = depth > 0 and (inside or char == ":")
        if not inside or (char == "}" and depth == 0):
            out += char
            inside = False
    return out


def test_every_address_is_known_with_its_permission(wsgi: Any) -> None:
    check_routes(wsgi, ROUTES)


def test_a_demonstration_has_its_own_addresses_and_only_it(settings: Settings) -> None:
    demo = replace(settings, demo=True)
    wsgi = make_app(demo, rooms_of(demo))
    check_routes(wsgi, {**ROUTES, **DEMONSTRATION})
    wsgi.registry["engine"].dispose()


def check_routes(wsgi: Any, table: dict[str, tuple[str, dict[str, Permission]]]) -> None:
    """The addresses of an application, with method and permission, are those of a table."""
    routes = wsgi.registry.getUtility(IRoutesMapper).get_routes()
    static = [route for route in routes if route.name.startswith("__")]
    found = {route.name: simple(route.pattern) for route in routes if route not in static}
    assert found == {name: pattern for name, (pattern, _) in table.items()}
    views: dict[str, dict[str, str]] = {name: {} for name in table}
    introspector = wsgi.registry.introspector
    for entry in introspector.get_category("views"):
        view = entry["introspectable"]
        if view["route_name"] in views:
            permission = next(i["value"] for i in entry["related"] if i.category_name == "permissions")
            methods = view["request_methods"] or ()
            for method in (methods,) if isinstance(methods, str) else methods:
                assert views[view["route_name"]].setdefault(method, permission) == permission, view["route_name"]
    wanted = {name: dict(methods) for name, (_, methods) in table.items()}
    assert {n: {m: p for m, p in v.items() if m != "HEAD"} for n, v in views.items()} == wanted


def test_home_leads_to_the_directory(app: TestApp, roubaix: Any) -> None:
    page = app.get("/")
    assert "Se faire aider" in page.text
    found = page.forms["recherche"]
    found["q"] = "epeule"
    assert "Le Fil de l&#39;épeule" in found.submit().text.replace("<mark>", "").replace("</mark>", "")


PROPOSE = {"href": "/proposer-un-lieu"}


def test_a_place_that_is_missing_can_be_proposed_from_where_one_misses_it(app: TestApp, roubaix: Any) -> None:
    assert app.get("/").html.find("a", PROPOSE)
    assert app.get("/annuaire?q=zzzzzz").html.find("a", PROPOSE)
    assert not app.get("/annuaire").html.find("a", PROPOSE), "there is another page of places"
    assert app.get("/annuaire?page=2").html.find("a", PROPOSE)


def test_the_footer_says_who_and_what_is_kept(app: TestApp) -> None:
    for path in ("/", "/rien"):
        footer = app.get(path, status="*").html.footer
        assert {a["href"] for a in footer.find_all("a")} >= {"/qui-sommes-nous", "/donnees-personnelles"}
    for link in footer.select(".footer-links a"):
        app.get(link["href"], status=200)


def test_the_links_of_the_demonstration_stay_off_paper(settings: Settings) -> None:
    demo = replace(settings, demo=True)
    wsgi = make_app(demo, rooms_of(demo))
    links = [a for a in TestApp(wsgi).get("/").html.footer.find_all("a") if a["href"].startswith("/demo")]
    assert len(links) == 2
    assert all(link.find_parent(class_="no-print") for link in links)
    wsgi.registry["engine"].dispose()


def test_paper_shows_the_offers_and_that_a_place_has_closed(
    app: TestApp, roubaix: Any, sessions: Any, clock: Any
) -> None:
    with sessions.begin() as session:
        place = session.scalars(sa.select(Structure).order_by(Structure.nom).limit(1)).one()
        session.add(Service(structure_id=place.id, nom="Atelier du jeudi", horaires_accueil="jeudi 14 h"))
        id_, path = place.id, f"/annuaire/{place.slug}-{place.id}/imprimer"
    paper = app.get(path).html.find(class_="paper")
    assert "Atelier du jeudi" in paper.text
    assert "jeudi 14 h" in paper.text
    assert all(heading.find_parent("section") for heading in paper.find_all("h2")), "no part is cut in two"
    with sessions.begin() as session:
        because = Because(Cause.CLOSE, Actor(Side.COORDINATION))
        lifecycle.close(session, id_, clock().date(), "Déménagé", because, ("cartographie",), clock())
    closed = app.get(path).html.find(class_="paper")
    assert "Fermé pour toujours" in closed.text
    assert "Déménagé" in closed.text


def test_the_index_can_be_deleted_while_the_site_runs(settings: Settings, do_import: Any, clock: Any) -> None:
    if settings.search != "whoosh":
        pytest.skip("the index of PostgreSQL is in the database: there is no folder to delete")
    from tests.conftest import ROUBAIX_CSV

    do_import(ROUBAIX_CSV)
    wsgi = make_app(replace(settings, search_interval=0.05), ROOMS)
    app = TestApp(wsgi)

    def wait_for(total: int) -> None:
        limit = time.monotonic() + 20
        while (seen := app.get("/annuaire.json?q=cpam").json["total"]) != total:
            assert time.monotonic() < limit, seen
            time.sleep(0.02)

    try:
        wait_for(2)
        soon_removed(settings.index_dir)
        assert app.get("/annuaire?q=cpam").status_int == 200
        limit = time.monotonic() + 20
        while not (settings.index_dir.exists() and wsgi.registry["search.engine"].cursor() > 0):
            assert time.monotonic() < limit
            time.sleep(0.02)
        wait_for(2)
    finally:
        wsgi.registry["search.thread"].stop()
        wsgi.registry["engine"].dispose()


def soon_removed(folder: Path) -> None:
    """Delete a folder in which the indexer may be writing at the same moment."""
    for _ in range(50):
        try:
            return shutil.rmtree(folder)
        except OSError:
            time.sleep(0.01)
    raise AssertionError(f"{folder} cannot be removed")


def test_unknown_addresses_and_methods(app: TestApp) -> None:
    assert app.get("/rien", status=404).content_type == "text/html"
    assert app.get("/rien.json", status=404).content_type == "application/problem+json"
    assert app.post("/annuaire", status="4*").status_int in (400, 404, 405)
