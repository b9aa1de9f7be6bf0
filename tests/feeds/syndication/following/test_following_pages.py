"""The pages of what people follow: what they show, refuse, cost, and never tell."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import pytest

from feeds.syndication.following import saved, stops
from feeds.syndication.models import FeedKey, SavedSearch
from reseau.core.audit import Audit
from reseau.core.letters import Site
from reseau.web.addresses import loggable_path
from tests.feeds.syndication.following.conftest import Town
from tests.feeds.syndication.following.routes_following import ROUTES
from tests.members.conftest import post_form, turned_away

pytestmark = pytest.mark.parametrize("_town", ["sqlite"], indirect=True)


def test_a_visitor_is_shown_the_feeds_of_a_search(town: Town) -> None:
    page = town.browser().get("/suivre/annuaire?q=wifi&commune=59512&tri=nom&page=3")
    assert "« wifi » – Roubaix – Annuaire" in page.text
    addresses = [one.text for one in page.html.select("code")]
    assert [urlsplit(one).path for one in addresses] == ["/flux/annuaire.atom", "/flux/annuaire.json"]
    assert {urlsplit(one).query for one in addresses} == {"q=wifi&commune=59512"}
    for one in addresses:
        parts = urlsplit(one)
        town.browser().get(f"{parts.path}?{parts.query}", status=200)
    assert "noindex" in page.text
    assert "/connexion?suite=%2Fsuivre%2Fannuaire%3Fq%3Dwifi%26commune%3D59512" in page.text
    assert "rythme" not in page.text


@pytest.mark.parametrize("path", ["annuaire?q=wifi&service=", "ressources?type=kit", "echanges?q=carte"])
def test_lists_lead_there_with_their_search(town: Town, path: str) -> None:
    page = town.browser().get(f"/{path}")
    (link,) = page.html.find_all("a", string=lambda text: text and "Suivre cette recherche" in text)
    assert link["href"] == f"/suivre/{path.replace('&service=', '')}"
    assert town.browser().get(link["href"]).status_int == 200


@pytest.mark.parametrize("path", ["annuaire?service=nimporte", "echanges?sujet=essai-reseau", "ressources?type=x"])
def test_what_cannot_be_followed_is_said(town: Town, path: str) -> None:
    page = town.browser().get(f"/suivre/{path}", status=422)
    assert "Cette recherche ne peut pas être suivie" in page.text


def test_hostile_parameters_end_well(town: Town) -> None:
    for query in (
        "q=%00%ff%fe",
        "q=" + "é" * 5000,
        "q=<script>alert(1)</script>",
        "commune=[]&rayon=1e400",
        "&".join("a=1" for _ in range(500)),
    ):
        page = town.browser("membre").get(f"/suivre/annuaire?{query}", status="*")
        assert page.status_int in (200, 422), query
        assert "<script>alert" not in page.text


def test_a_person_follows_by_mail_changes_and_ends(town: Town) -> None:
    browser = town.browser("personne")
    form = post_form(browser.get("/suivre/annuaire?commune=59512&page=2"), "commune=59512")
    form["rythme"] = "daily"
    page = form.submit(status=303).follow()
    assert "Vous suivez cette recherche" in page.text
    assert "Roubaix – Annuaire" in page.text
    (row,) = town.rows(SavedSearch)
    assert (row.room, row.query, row.mode) == ("annuaire", "commune=59512", "daily")
    again = browser.get("/suivre/annuaire?commune=59512")
    assert "Vous suivez déjà cette recherche" in again.text
    form = post_form(page, "/rythme")
    form["rythme"] = "weekly"
    page = form.submit(status=303).follow()
    assert town.search(row.id).mode == "weekly"
    page = post_form(page, "/arreter").submit(status=303).follow()
    assert "Vous ne suivez plus cette recherche" in page.text
    assert town.rows(SavedSearch) == []
    actions = [one.action for one in town.rows(Audit) if one.object_id == row.id]
    assert sorted(actions) == ["search.end", "search.follow", "search.pace"]


def test_a_topic_of_the_network_is_followed_by_mail_only(town: Town) -> None:
    page = town.browser("membre").get("/suivre/echanges?sujet=essai-reseau")
    assert "Sujet reseau – Échanges" in page.text
    assert page.html.select("code") == []
    assert post_form(page, "sujet=essai-reseau")


def test_refused_forms_say_why_and_keep_what_was_said(town: Town) -> None:
    browser = town.browser("personne")
    form = post_form(browser.get("/suivre/annuaire?q=wifi"), "q=wifi")
    token = form["csrf_token"].value
    empty = browser.post("/suivre/annuaire?q=wifi", {"csrf_token": token}, status=422)
    assert "Choisissez" in empty.text or "Remplissez" in empty.text
    browser.post("/suivre/annuaire?q=wifi", {"csrf_token": token, "rythme": "hourly"}, status=422)
    for number in range(20):
        town.follow("personne", "annuaire", f"q=mot{number}")
    full = browser.post("/suivre/annuaire?q=wifi", {"csrf_token": token, "rythme": "daily"}, status=422)
    assert "Vous suivez déjà 20 recherches" in full.text
    one = town.rows(SavedSearch)[0].id
    browser.post(f"/compte/recherches/{one}/rythme", {"csrf_token": token, "rythme": "x"}, status=422)
    other = town.browser("membre")
    mine = post_form(other.get("/suivre/annuaire"), "/suivre/annuaire")["csrf_token"].value
    for end in ("rythme", "arreter"):
        other.post(f"/compte/recherches/{one}/{end}", {"csrf_token": mine, "rythme": "weekly"}, status=404)
    assert len(town.rows(SavedSearch)) == 20


def test_pages_of_the_account_ask_who_it_is(town: Town) -> None:
    for path in ("/compte/recherches", "/compte/flux"):
        turned_away(town.browser(), path)


def test_a_full_list_costs_few_statements_and_is_light(town: Town) -> None:
    for number in range(10):
        town.follow("membre", "annuaire", f"q=mot{number}&commune=59512")
        town.follow("membre", "echanges", f"q=mot{number}&sujet=essai-reseau")
    browser = town.browser("membre")
    browser.get("/compte/recherches")
    with town.site.statements() as seen:
        page = browser.get("/compte/recherches")
    assert len(seen) <= 10, seen
    assert len(page.body) < 60_000
    assert page.text.count("« mot") == 20
    with town.site.statements() as seen:
        browser.get("/suivre/annuaire?q=wifi&commune=59512")
    assert len(seen) <= 10, seen


# --- stopping -------------------------------------------------------------------------------------------------


def link(town: Town, who: str, id_: Any = None) -> str:
    settings, now = town.site.settings, town.site.clock.now
    return urlsplit(stops.url(Site.of(settings), town.people[who], now, id_)).path


def test_the_link_of_a_mail_stops_by_one_post_and_undoes(town: Town) -> None:
    one, two = town.follow("personne", "annuaire", "q=a"), town.follow("personne", "annuaire", "q=b")
    path, scanner = link(town, "personne", one), town.browser()
    scanner.get(path)
    scanner.head(path)
    assert town.search(one).mode == "daily", "a scanner that opens links changes nothing"
    page = town.browser().post(path, {"List-Unsubscribe": "One-Click"}, status=200)
    assert [town.search(id_).mode for id_ in (one, two)] == ["daily-off", "daily"]
    assert "C’est fait" in page.text
    page = post_form(page).submit()
    assert town.search(one).mode == "daily"
    town.browser().post(link(town, "personne"), status=200)
    assert [town.search(id_).mode for id_ in (one, two)] == ["daily-off", "daily-off"]
    assert "Mails arrêtés" in town.browser("personne").get("/compte/recherches").text


def test_a_broken_link_says_so(town: Town) -> None:
    one = town.follow("personne", "annuaire", "q=a")
    path = link(town, "personne", one)
    for broken in (path[:-3], "/avis/stop/recherches/x.y.z"):
        assert "Ce lien n’est plus bon" in town.browser().get(broken, status=410).text
        town.browser().post(broken, status=410)
    assert town.search(one).mode == saved.Pace.DAILY.value


# --- addresses ------------------------------------------------------------------------------------------------


def test_an_address_is_made_shown_once_and_deleted(town: Town) -> None:
    browser = town.browser("membre")
    form = post_form(browser.get("/compte/flux"), "/compte/flux")
    form["nom"] = "  Mon \t lecteur "
    page = form.submit(status=200)
    (opml, *rest) = [one.text for one in page.html.select("code")]
    secret = urlsplit(opml).path.split("/")[3]
    assert len(secret) == 43
    assert any(one.endswith(f"/flux/prive/{secret}/echanges.atom?sujet=essai-reseau") for one in rest)
    assert any(one.endswith(f"/flux/prive/{secret}/echanges.atom?sujet=essai-groupe") for one in rest)
    town.browser().get(urlsplit(opml).path, status=200)
    again = browser.get("/compte/flux")
    assert secret not in again.text
    assert "Mon lecteur" in again.text
    page = post_form(again, "/revoquer").submit(status=303).follow()
    assert "Cette adresse ne montre plus rien" in page.text
    town.browser().get(urlsplit(opml).path, status=410)
    (row,) = town.rows(FeedKey)
    journal = [one for one in town.rows(Audit) if one.object_id == row.id]
    assert sorted(one.action for one in journal) == ["feed-key.make", "feed-key.revoke"]
    assert secret not in str([one.detail for one in journal])


def test_only_the_network_makes_one(town: Town) -> None:
    browser = town.browser("personne")
    page = browser.get("/compte/flux")
    assert "réservées aux membres du réseau" in page.text
    token = post_form(browser.get("/suivre/annuaire"), "/suivre/annuaire")["csrf_token"].value
    browser.post("/compte/flux", {"csrf_token": token, "nom": "x"}, status=403)
    assert town.rows(FeedKey) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_bad_name_is_refused(town: Town, name: str) -> None:
    form = post_form(town.browser("membre").get("/compte/flux"), "/compte/flux")
    form["nom"] = name
    assert form.submit(status=422).html.select(".error-text")
    assert town.rows(FeedKey) == []


def test_ten_addresses_are_enough(town: Town) -> None:
    for _ in range(10):
        town.key("membre")
    form = post_form(town.browser("membre").get("/compte/flux"), "/compte/flux")
    form["nom"] = "De trop"
    assert "Vous avez déjà 10 adresses" in form.submit(status=422).text


def test_secrets_are_left_out_of_logs(town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    secret = town.key("membre")

    class Asked:
        environ = {"PATH_INFO": f"/flux/prive/{secret}/tout.atom"}

    assert loggable_path(Asked()) == "/flux/prive/…"  # type: ignore[arg-type]

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("feeds.syndication.answering.asked", broken)
    with caplog.at_level(logging.DEBUG):
        town.browser().get(f"/flux/prive/{secret}/tout.atom", status=500)
    assert "incident" in caplog.text
    assert secret not in "".join(record.getMessage() for record in caplog.records)


def test_routes_are_as_the_table_says(town: Town) -> None:
    mapper = town.site.wsgi.routes_mapper
    found = {route.name for route in mapper.get_routes() if route.name.startswith("following.")}
    assert found == set(ROUTES)
