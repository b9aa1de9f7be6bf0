"""A resource as its readers see it: on screen, on paper, as data, in a language that is there or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from resources.base import services, translations
from resources.base.content import Block
from resources.base.models import Resource, Tally, Visibility
from resources.base.shapes import BlockKind
from resources.base.translations import UnitState
from resources.reading import versions
from tests.resources.conftest import Base, a_kit, a_tutorial


def statements(base: Base, call: Callable[[], Any]) -> int:
    """How many statements a call sends."""
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET TRANSACTION", "SAVEPOINT", "RELEASE", "COMMIT")):
            seen.append(statement)

    event.listen(base.site.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(base.site.engine, "before_cursor_execute", note)
    return len(seen)


def translate(base: Base, made: Resource, lang: str, *sections: str, state: UnitState = UnitState.MACHINE) -> None:
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        content = services.current(session, found).content
        for section, (words, _, _) in content.units().items():
            if not sections or section in sections:
                shown = {name: f"{lang}: {text}" for name, text in words.items()}
                translations.put(session, content, made.id, section, lang, shown, state=state, by=None, now=base.site.clock.now)  # fmt: skip
        services.touched(session, found, base.site.clock.now)
        session.commit()


def test_a_tutorial_on_screen(base: Base) -> None:
    made = base.published(a_tutorial(steps=2))
    page = base.browser().get(base.at(made.id))
    assert page.html.h1.text == made.title
    steps = page.html.select("ol.steps > li")
    assert [one.select_one(".block-title").get_text(" ", strip=True) for one in steps] == ["1 Geste 1", "2 Geste 2"]
    assert "Personne ne l’a encore vérifié." in page.text
    assert "Écrit en" not in page.text


def test_what_is_written_does_nothing_but_stand_there(base: Base) -> None:
    nasty = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://ailleurs.example/p.png) <img src=x onerror=alert(1)>"
    block = Block(
        "a", "apres", BlockKind.LIEN, title=nasty[:140], text=nasty, note=nasty, data={"url": "https://ex.example/"}
    )
    made = base.published(a_tutorial(title="<b>Titre</b>", blocks=(*a_tutorial().blocks, block)))
    for suffix in ("", "/imprimer", "/versions"):
        page = base.browser().get(base.at(made.id) + suffix)
        assert not page.html.select("main script, main [onerror], main b")
        assert all("javascript:" not in (a.get("href") or "") for a in page.html.select("a"))
        assert all("ailleurs" not in (img.get("src") or "") for img in page.html.select("img"))


@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("fa", "rtl"), ("es", "ltr"), ("fr-x-falc", "ltr")])
def test_in_another_language(base: Base, lang: str, direction: str) -> None:
    made = base.published()
    translate(base, made, lang)
    page = base.browser().get(base.at(made.id), {"contenu": lang})
    assert (page.html.h1["lang"], page.html.h1["dir"]) == (lang, direction)
    text = page.html.select_one("#etape-1 .prose")
    assert (text["lang"], text["dir"]) == (lang, direction)
    assert page.html.select_one(".translation-machine")
    assert [a["hreflang"] for a in page.html.select(".content-languages a")] == ["fr", lang]


def test_reviewed_text_carries_no_machine_label(base: Base) -> None:
    made = base.published()
    translate(base, made, "es", state=UnitState.PUBLISHED)
    page = base.browser().get(base.at(made.id), {"contenu": "es"})
    assert not page.html.select_one(".translation-machine")


def test_a_language_that_is_not_there_says_so_and_shows_the_source(base: Base) -> None:
    made = base.published()
    page = base.browser().get(base.at(made.id), {"contenu": "tr"})
    assert "n’existe pas encore dans cette langue : Turc" in page.html.select_one(".translation-note").text
    assert page.html.h1["lang"] == "fr"


@pytest.mark.parametrize("asked", ["", "x", "../..", "a" * 300, "fr<script>", "en-x-", "zz"])
def test_a_language_that_is_none_is_the_source(base: Base, asked: str) -> None:
    made = base.published()
    assert base.browser().get(base.at(made.id), {"contenu": asked}).html.h1["lang"] == "fr"


def test_a_part_that_is_stale_says_since_when(base: Base) -> None:
    made = base.published()
    translate(base, made, "ar")
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, made.id)).content
    changed = tuple(replace(one, text="Autre chose.") if one.key == "etape-1" else one for one in content.blocks)
    base.publish(made.id, replace(content, blocks=changed))
    page = base.browser().get(base.at(made.id), {"contenu": "ar"})
    assert "Traduit le 24 novembre 2026" in page.html.select_one("#etape-1 .translation-line").text
    assert not page.html.select("#etape-2 .translation-line")
    assert "1 passage a changé depuis la traduction." in page.text


def test_who_may_read(base: Base) -> None:
    draft, hidden = base.draft(), base.published()
    with base.site.sessions() as session:
        services.set_visibility(session, session.get_one(Resource, hidden.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    for suffix in ("", "/imprimer", "/versions", ".json"):
        for who in (None, "membre", "coordination"):
            base.browser(who).get(base.at(draft.id) + suffix, status=404)
        base.browser(None).get(base.at(hidden.id) + suffix, status=403)
        base.browser("personne").get(base.at(hidden.id) + suffix, status=403)
        base.browser("voisine").get(base.at(hidden.id) + suffix, status=200)


def changed(base: Base, made: Resource, call: Callable[..., Any], *args: Any) -> None:
    with base.site.sessions() as session:
        call(session, session.get_one(Resource, made.id), *args, base.site.clock.now)
        session.commit()


def test_what_was_withdrawn_says_so(base: Base) -> None:
    shown, hidden = base.published(a_kit("Atelier à 100 %")), base.published(a_kit("Secret du réseau"))
    changed(base, hidden, services.set_visibility, Visibility.NETWORK)
    for one in (shown, hidden):
        changed(base, one, services.withdraw)
    for suffix in ("", "/imprimer", "/versions", ".pdf", ".zip", "/telecharger"):
        page = base.browser().get(base.at(shown.id) + suffix, status=410)
        assert page.html.h1.text == "Ressource retirée"
        assert "« Atelier à 100 % » a été retirée" in page.text
        assert page.html.select_one("main a[href='/ressources']")
        assert "Secret du réseau" not in base.browser().get(base.at(hidden.id) + suffix, status=410)
    assert base.browser().get(base.at(shown.id) + ".json", status=410).json["title"] == "Ressource retirée"
    assert "Secret du réseau" in base.browser("voisine").get(base.at(hidden.id), status=410)
    assert base.browser("membre").get(base.at(hidden.id), status=200).html.select_one(".badge-closed")


def test_a_kit_names_only_what_its_reader_may_open(base: Base) -> None:
    other = base.published(a_tutorial("Suite du kit"))
    blocks = (
        *a_kit().blocks,
        Block("suite", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{other.slug}"}),
    )
    made = base.published(a_kit(blocks=blocks))
    assert base.browser().get(base.at(made.id)).html.select_one("#suite a").text == "Suite du kit"
    with base.site.sessions() as session:
        services.set_visibility(session, session.get_one(Resource, other.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    assert "Suite du kit" not in base.browser().get(base.at(made.id)).text
    assert "Suite du kit" in base.browser("voisine").get(base.at(made.id)).text


def test_paper_speaks_the_language_of_the_content(base: Base) -> None:
    made = base.published()
    translate(base, made, "ar")
    page = base.browser().get(base.at(made.id) + "/imprimer", {"contenu": "ar"})
    paper = page.html.select_one("article.paper")
    assert (paper["lang"], paper["dir"]) == ("ar", "rtl")
    assert not page.html.select("article.paper a.button")


def test_json_gives_the_same_words(base: Base) -> None:
    made = base.published()
    translate(base, made, "en", "etape-1")
    data = base.browser().get(base.at(made.id) + ".json", {"contenu": "en"}).json
    assert (data["langue"], data["version"], data["langues"]) == ("en", 1, ["fr"])
    texts = {one["key"]: one["text"] for one in data["contenu"]["blocks"]}
    assert texts["etape-1"] == "en: Faites le geste 1."
    assert texts["etape-2"] == "Faites le geste 2."
    assert data["traduction"]["etape-1"] == {"etat": "machine", "perimee": False}
    assert data["traduction"]["entete"]["etat"] == "missing"


def test_versions_say_what_changed(base: Base) -> None:
    made = base.published()
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, made.id)).content
    base.publish(made.id, replace(content, blocks=content.blocks[:-1]), note="Un geste de moins")
    page = base.browser("voisine").get(base.at(made.id) + "/versions")
    first = page.html.select("ol.history > li")[0]
    assert "Un geste de moins" in first.text
    assert "Enlevé : Geste 3" in " ".join(first.text.split())


def test_views_are_counted_by_day_language_and_place_never_by_person(base: Base) -> None:
    made = base.published()
    base.browser().get(base.at(made.id))
    base.browser().get(base.at(made.id))
    base.browser("membre").get(base.at(made.id))
    base.browser().head(base.at(made.id))
    base.site.wsgi.registry["tallies"].flush()
    rows = {(row.lang, row.structure): row.count for row in base.rows(Tally, Tally.object_id == made.id)}
    assert rows == {("fr", ""): 2, ("fr", str(base.places["ici"])): 1}
    base.browser().get(base.at(made.id))
    base.site.wsgi.registry["tallies"].flush()
    with base.site.sessions() as session:
        total = session.execute(sa.select(sa.func.sum(Tally.count)).where(Tally.object_id == made.id)).scalar_one()
    assert total == 4


@pytest.mark.parametrize("links", [0, 12])
def test_a_page_sends_ten_statements_at_most(base: Base, links: int) -> None:
    blocks = list(a_kit().blocks)
    for _ in range(links):
        other = base.published()
        blocks.append(
            Block(
                f"r{other.id.hex[-10:]}", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{other.slug}"}
            )
        )
    made = base.published(a_kit(blocks=tuple(blocks)))
    browser, path = base.browser(), base.at(made.id)
    browser.get(path)
    assert statements(base, lambda: browser.get(path)) <= 10
    assert statements(base, lambda: browser.get(path + "/imprimer?contenu=ar")) <= 8


def test_languages_that_are_not_there_make_no_rows(base: Base) -> None:
    made = base.published()
    translate(base, made, "ar")
    browser = base.browser()
    for asked in ("fr-x-un", "fr-x-deux", "tr", "ar"):
        browser.get(base.at(made.id), {"contenu": asked})
    base.site.wsgi.registry["tallies"].flush()
    rows = {row.lang: row.count for row in base.rows(Tally, Tally.object_id == made.id)}
    assert rows == {"": 3, "ar": 1}


def test_its_editors_see_how_often_it_was_read_and_taken(base: Base) -> None:
    made = base.published(a_kit())
    tallies = base.site.wsgi.registry["tallies"]
    for what, lang, version in (("view", "fr", 1), ("view", "ar", 1), ("zip", "fr", 1), ("file", "ar", 1)):
        tallies.add(what, made.id, day="2026-11-24", version=version, lang=lang)
    tallies.flush()
    assert "2 vues, 2 téléchargements" in base.browser("membre").get(base.at(made.id)).text
    assert "téléchargements" not in base.browser("voisine").get(base.at(made.id)).text
    page = base.browser("coordination").get(base.at(made.id) + "/versions")
    counts = [" ".join(one.text.split()) for one in page.html.select("ol.history ul.muted li")]
    assert counts == ["Arabe – 1 vue, 1 téléchargement", "Français – 1 vue, 1 téléchargement"]
    assert not base.browser().get(base.at(made.id) + "/versions").html.select("ul.muted")


def test_by_when_it_is_to_be_verified(base: Base) -> None:
    made = base.published(a_tutorial(verifier_tous_les=6))
    assert made.due_on == "2027-05-24"
    for suffix in ("", "/imprimer"):
        assert "à vérifier avant le 24 mai 2027" in base.browser().get(base.at(made.id) + suffix).text
    base.site.clock.now += timedelta(days=200)
    assert "aurait dû être vérifié avant le 24 mai 2027" in base.browser().get(base.at(made.id)).text
    with base.site.sessions() as session:
        services.verify(session, session.get_one(Resource, made.id), by=base.people["membre"], now=base.site.clock.now)
        session.commit()
    assert base.resource(made.id).due_on == "2027-12-12"
    base.publish(made.id, a_tutorial(verifier_tous_les=3))
    assert base.resource(made.id).due_on == "2027-09-12", "three months after it was verified"


def test_the_history_is_read_in_two_statements(base: Base) -> None:
    made = base.published()
    for number in range(7):
        base.publish(made.id, a_tutorial(f"Titre {number}"))
    with base.site.sessions() as session:
        session.get_one(Resource, made.id)
        assert statements(base, lambda: versions.history(session, made.id)) == 2
        lines = versions.history(session, made.id)
    assert [line.row["number"] for line in lines] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [line.changes is not None for line in lines] == [True] * 5 + [False] * 3
