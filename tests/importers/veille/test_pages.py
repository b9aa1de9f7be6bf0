"""The pages of the watch, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import Upload

from importers.models import ImportSource, WatchItem
from importers.veille.feeds import Wanted
from resources.base.models import Resource
from tests.directory.site import Page
from tests.importers.veille.conftest import Desk, item, rss
from tests.members.conftest import post_form

TRAY, FEEDS = "/gestion/veille", "/gestion/veille/flux"


def list_form(page: Any) -> Any:
    """The form around the list."""
    return next(form for form in page.forms.values() if "vu" in form.fields)


def press(page: Any, button: str, value: Any) -> Any:
    """Press a button of the list."""
    form = list_form(page)
    return form.submit(button, value=str(value)).follow()


def test_only_the_coordination(desk: Desk) -> None:
    member = desk.browser(desk.person().id)
    for path in (TRAY, FEEDS, "/gestion/veille/flux.opml"):
        member.get(path, status=403)


def test_keep_drop_and_undo(desk: Desk) -> None:
    first, second = desk.new("Première nouvelle", "Deuxième nouvelle")
    browser = desk.browser("coordination")
    page = press(browser.get(TRAY), "garder", first)
    assert "Actualité gardée." in page
    assert "Première nouvelle" not in page
    assert desk.get(WatchItem, first).state == "kept"
    page = press(page, "ecarter", second)
    assert desk.get(WatchItem, second).state == "dropped"
    undo = next(form for form in page.forms.values() if "annuler" in form.fields)
    page = undo.submit().follow()
    assert "C’est annulé." in page
    assert "Deuxième nouvelle" in page
    found = desk.get(WatchItem, second)
    assert (found.state, found.decided_at, found.decided_by) == ("new", None, None)
    assert "Première nouvelle" in browser.get(TRAY + "?etat=gardes")


def test_nobody_undoes_what_another_decided(desk: Desk) -> None:
    (one,) = desk.new("Une nouvelle")
    page = press(desk.browser("coordination").get(TRAY), "garder", one)
    undo = next(form for form in page.forms.values() if "annuler" in form.fields)
    other = desk.browser("autre")
    token = next(form for form in other.get(FEEDS).forms.values() if "liste" in form.fields)["csrf_token"].value
    other.post(TRAY, {"csrf_token": token, "annuler": str(one)}, status=303)
    assert desk.get(WatchItem, one).state == "kept"
    undo.submit()
    assert desk.get(WatchItem, one).state == "new"


def test_drop_a_whole_page_and_take_it_back(desk: Desk) -> None:
    ids = desk.new("Un", "Deux", "Trois")
    page = press(desk.browser("coordination").get(TRAY), "tout", "ecarter")
    assert "Toute la page est écartée." in page
    assert "Tout est trié." in page
    assert {desk.get(WatchItem, one).state for one in ids} == {"dropped"}
    next(form for form in page.forms.values() if "annuler" in form.fields).submit().follow()
    assert {desk.get(WatchItem, one).state for one in ids} == {"new"}


def test_for_the_letter_is_a_toggle(desk: Desk) -> None:
    (one,) = desk.new("Une nouvelle")
    browser = desk.browser("coordination")
    press(browser.get(TRAY), "lettre", one)
    found = desk.get(WatchItem, one)
    assert (found.state, found.for_letter) == ("kept", True)
    press(browser.get(TRAY + "?etat=lettre"), "lettre", one)
    assert not desk.get(WatchItem, one).for_letter


def test_what_was_sorted_a_moment_ago_is_said(desk: Desk) -> None:
    (one,) = desk.new("Une nouvelle")
    page = desk.browser("coordination").get(TRAY)
    press(page, "garder", one)
    assert "rien n’a changé" in press(page, "garder", one)


def test_an_entry_becomes_a_link(desk: Desk) -> None:
    (one,) = desk.new("Un guide pour les aidants")
    browser = desk.browser("coordination")
    at = f"{TRAY}/{one}/lien"
    form = post_form(browser.get(at), "")
    assert form["titre"].value == "Un guide pour les aidants"
    refused = form.submit(status=422)
    assert "Écrivez en une ligne ce que cela vaut." in refused
    assert "Choisissez un thème." in refused
    form["vaut"], form["theme"] = "Pour expliquer aux aidants.", "numerique_en_sante"
    done = form.submit(status=303).follow()
    assert "Le lien est publié dans les ressources." in done
    found = desk.get(WatchItem, one)
    made = desk.get(Resource, found.resource_id)
    assert "Trouvé par la veille du réseau" in done.click("Voir le lien")
    assert f"/liens/{made.slug}" in browser.get(f"{TRAY}?etat=liens")
    assert (found.state, made.kind, made.state, made.summary) == (
        "turned", "lien", "published", "Pour expliquer aux aidants."
    )  # fmt: skip
    form.submit(status=303)  # twice is once
    assert len(desk.rows(Resource, Resource.title == "Un guide pour les aidants")) == 1
    browser.get(at, status=303)
    browser.get(f"{TRAY}/00000000-0000-0000-0000-000000000000/lien", status=404)


def test_what_feeds_say_is_shown_as_text_in_its_language(desk: Desk) -> None:
    feed = desk.feeds.add(lang="ar", title="<b>Flux</b>")
    desk.feeds.read(feed, rss(item("&lt;script&gt;alert(1)&lt;/script&gt;خبر", description="&lt;b&gt;نص&lt;/b&gt;")))
    page = desk.browser("coordination").get(TRAY)
    assert "<script>alert" not in page
    assert "<b>Flux" not in page
    read = Page(page.text)
    assert not read.errors
    links = [attrs for tag, attrs in read.elements if tag == "a" and attrs.get("lang") == "ar"]
    assert [(one["dir"], one["rel"]) for one in links if one.get("id", "").startswith("t-")] == [
        ("rtl", "noopener noreferrer external")
    ]


@pytest.mark.parametrize("query", ["?etat=x&theme=y&flux=z&page=0", "?flux=%00&sur=x&fait=garder", "?page=99999999"])
def test_filters_that_make_no_sense_are_left_out(desk: Desk, query: str) -> None:
    desk.new("Une nouvelle")
    assert "Une nouvelle" in desk.browser("coordination").get(TRAY + query)


def test_bad_buttons_change_nothing(desk: Desk) -> None:
    (one,) = desk.new("Une nouvelle")
    browser = desk.browser("coordination")
    form = list_form(browser.get(TRAY))
    for name, value in (("garder", "x"), ("garder", "00000000-0000-0000-0000-000000000000"), ("rien", "1")):
        form.submit(name, value=value, status=303)
    assert desk.get(WatchItem, one).state == "new"


def test_add_change_and_switch_off_a_feed(desk: Desk) -> None:
    browser = desk.browser("coordination")
    form = next(f for f in browser.get(FEEDS).forms.values() if "adresse" in f.fields)
    form["adresse"] = "javascript:alert(1)"
    assert "Écrivez une adresse complète" in form.submit(status=422)
    form["adresse"], form["theme"], form["garder"] = (
        "https://ars.example/rss?utm_source=x",
        "numerique_en_sante",
        "médiat",
    )
    assert "Flux ajouté." in form.submit(status=303).follow()
    (made,) = desk.rows(ImportSource)
    assert (made.location, made.title, made.adapter, made.enabled) == (
        "https://ars.example/rss",
        "ars.example",
        "veille",
        True,
    )
    assert made.options == {"theme": "numerique_en_sante", "words": "médiat"}
    form["adresse"] = "http://www.ars.example/rss/"
    assert "Ce flux est déjà suivi" in form.submit(status=422)
    edit = next(f for f in browser.get(f"{FEEDS}/{made.id}").forms.values() if "titre" in f.fields)
    edit["titre"], edit["actif"] = "L’ARS", False
    edit.submit(status=303)
    (made,) = desk.rows(ImportSource)
    assert (made.title, made.enabled, made.next_at) == ("L’ARS", False, None)  # off: read at no moment
    edit["adresse"] = "https://ars.example/autre"
    edit.submit(status=303)
    (made,) = desk.rows(ImportSource)
    assert (made.location, made.next_at) == ("https://ars.example/autre", None)
    edit["adresse"] = "http://localhost/flux"
    assert "d’un réseau privé" in edit.submit(status=422)
    gone = next(f for f in browser.get(f"{FEEDS}/{made.id}").forms.values() if "supprimer" in f.fields)
    assert "Flux supprimé." in gone.submit("supprimer", status=303).follow()
    assert desk.rows(ImportSource) == []
    gone.submit("supprimer", status=404)
    browser.get(f"{FEEDS}/00000000-0000-0000-0000-000000000000", status=404)


def test_lists_of_feeds_come_and_go(desk: Desk) -> None:
    browser = desk.browser("coordination")
    form = next(f for f in browser.get(FEEDS).forms.values() if "liste" in f.fields)
    assert "Choisissez un fichier OPML." in form.submit(status=422)
    form["fichier"] = Upload("x.opml", b"bonjour")
    assert "n’est pas une liste de flux" in form.submit(status=422)
    said = b'<opml><body><outline xmlUrl="https://a.example/rss" text="A"/><outline xmlUrl="ftp://x" text="B"/></body></opml>'
    form["fichier"] = Upload("x.opml", said)
    done = form.submit()
    assert "1 flux ajouté." in done
    assert "Sans adresse web correcte" in done
    form["fichier"] = Upload("x.opml", said)
    assert "Déjà suivis" in form.submit()
    out = browser.get("/gestion/veille/flux.opml")
    assert out.content_type == "text/x-opml"
    assert b'xmlUrl="https://a.example/rss"' in out.body


def test_long_lists_cost_few_statements(desk: Desk) -> None:
    with desk.site.sessions() as session:
        from importers.veille import feeds

        for n in range(120):
            feeds.add(session, Wanted(f"https://f{n}.example/rss", f"Flux {n}"), by=None, now=desk.site.clock.now)
        session.commit()
    feed = desk.feeds.add()
    words = ("santé", "mairie", "école", "atelier", "lecture", "permis", "jardin")
    titles = [f"{words[n % 7]} {n} {words[n % 5]} {n * 7} {words[n % 3]}" for n in range(200)]
    desk.feeds.read(feed, rss(*[item(title, description="mot " * 120) for title in titles]))
    browser = desk.browser("coordination")
    for path in (TRAY, FEEDS, TRAY + "?page=3"):
        browser.get(path)
        with desk.site.statements() as seen:
            page = browser.get(path)
        assert len([one for one in seen if not one.startswith(("PRAGMA", "BEGIN"))]) <= 10, seen
        assert len(page.body) < 60_000
