"""A copy credits its original, and follows it section by section."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from resources.base import services, translations
from resources.base.content import HEADER, Block, Content
from resources.base.models import Resource, State, TranslationUnit, Visibility
from resources.base.routes import path_of
from resources.base.shapes import MAX_ALT
from resources.base.translations import UnitState
from resources.writing import adapting
from tests.members.conftest import csrf
from tests.resources.conftest import Base, a_kit
from tests.resources.writing.conftest import form_of, working


def adapt(base: Base, original: Resource, who: str = "voisin") -> Resource:
    """A copy of a resource, by the pages."""
    browser = base.browser(who)
    token = csrf(browser, "/ressources/nouvelle")
    answer = browser.post(f"{base.at(original.id)}/adapter", {"csrf_token": token}, status=303)
    path = answer.location.split("localhost")[1].split("/", 1)[1] if "localhost" in answer.location else answer.location
    slug = path.split("/modifier")[0].rsplit("/", 1)[1]
    (made,) = base.rows(Resource, Resource.slug == slug, Resource.kind == original.kind)
    return made


def republish(base: Base, id_: UUID, edit: Any) -> None:
    with base.site.sessions() as session:
        row = session.get_one(Resource, id_)
        services.save_draft(
            session, row, edit(services.working(session, row)), seen_rev=None, by=None, now=base.site.clock.now
        )
        services.publish(session, row, by=None, now=base.site.clock.now, note="Un changement.")
        session.commit()


def publish_form(base: Base, made: Resource) -> Any:
    page = base.browser("voisin").get(f"{base.at(made.id)}/publier")
    return form_of(page, "/publier", rev=str(base.resource(made.id).draft_rev))


def with_block(key: str, **changes: Any) -> Any:
    def edit(content: Content) -> Content:
        return replace(content, blocks=tuple(replace(b, **changes) if b.key == key else b for b in content.blocks))

    return edit


def test_a_copy_credits_its_original_and_has_its_translations(both: Base) -> None:
    base = both
    original = base.published(a_kit(licence="cc-by-sa-4.0", credits="Dessins : Agnès"))
    with base.site.sessions() as session:
        content = services.working(session, session.get_one(Resource, original.id))
        for section, state in ((HEADER, UnitState.PUBLISHED), ("accueil", UnitState.MACHINE)):
            translations.put(session, content, original.id, section, "ar", {"title": "عنوان"}, state=state, by=None,
                             now=base.site.clock.now)  # fmt: skip
        session.commit()
    made = adapt(base, original)
    content = working(base, made.id)
    assert (made.state, made.origin_id, made.origin_version) == (State.DRAFT.value, original.id, 1)
    assert made.structure_id == base.places["ailleurs"]
    assert content.licence == "cc-by-sa-4.0"
    assert content.credits.startswith(f"Dessins : Agnès ; Adapté de « {original.title} », Lieu Ici (version 1), http")
    assert content.credits.endswith(path_of(original))
    rows = base.rows(TranslationUnit, TranslationUnit.resource_id == made.id)
    assert {(row.section, row.state) for row in rows} == {(HEADER, "published"), ("accueil", "machine")}
    assert base.resource(made.id).langs == ["fr", "ar"]


def test_what_may_not_be_copied(base: Base) -> None:
    browser = base.browser("voisin")
    token = csrf(browser, "/ressources/nouvelle")
    closed = base.published(a_kit(licence="tous-droits-reserves"))
    draft = base.draft(a_kit())
    browser.post(f"{base.at(closed.id)}/adapter", {"csrf_token": token}, status=403)
    browser.post(f"{base.at(draft.id)}/adapter", {"csrf_token": token}, status=404)
    hidden = base.published(a_kit())
    with base.site.sessions() as session:
        session.get_one(Resource, hidden.id).visibility = "network"
        session.commit()
    alone = base.browser("personne")
    alone.post(f"{base.at(hidden.id)}/adapter", {"csrf_token": csrf(alone, "/ressources/nouvelle")}, status=403)
    answer = base.browser().post(f"{base.at(hidden.id)}/adapter", {}, status="*")
    assert answer.status_code >= 300


def test_the_original_changes_and_each_change_is_taken_or_kept(both: Base) -> None:
    base = both
    original = base.published(a_kit())
    made = adapt(base, original)
    at, browser = base.at(made.id), base.browser("voisin")
    assert "Rien n’a changé" in browser.get(f"{at}/original")

    def edit(content: Content) -> Content:
        content = with_block("accueil", text="Dire bonjour à chacun.")(content)
        content = with_block("buts", text="Se connecter et se déconnecter.")(content)
        more = Block("pause", "deroule", title="Pause", minutes=10)
        blocks = tuple(block for block in content.blocks if block.key != "affiche")
        return replace(content, duree=90, blocks=(*blocks, more))

    republish(base, original.id, edit)
    assert "L’original a changé" in browser.get(f"{at}/modifier")
    assert "L’original a changé" in browser.get("/compte/ressources")
    page = browser.get(f"{at}/original")
    assert "Dire bonjour à chacun." in page.html.get_text()
    assert "à chacun" in [one.get_text().strip() for one in page.html.select(".origin-text ins")]
    form = form_of(page, "/original")
    assert set(form.fields) >= {"choix.entete.duree", "choix.accueil", "choix.buts", "choix.pause", "choix.affiche"}
    form["choix.entete.duree"], form["choix.accueil"], form["choix.buts"] = "prendre", "prendre", "garder"
    form["choix.pause"] = "prendre"
    form.submit(status=303)
    content = working(base, made.id)
    assert content.duree == 90
    assert content.block("accueil").text == "Dire bonjour à chacun."  # type: ignore[union-attr]
    assert content.block("buts").text == "Se connecter."  # type: ignore[union-attr]
    assert [block.key for block in content.part("deroule")] == ["accueil", "pause"]
    form = form_of(browser.get(f"{at}/original"), "/original")
    assert [name for name in form.fields if name and name.startswith("choix.")] == ["choix.affiche"]
    form["choix.affiche"] = "garder"
    form.submit(status=303)
    assert "Rien n’a changé" in browser.get(f"{at}/original")
    assert base.resource(made.id).origin_version == 2
    assert working(base, made.id).block("affiche") is not None
    assert "L’original a changé" not in browser.get(f"{at}/modifier")


def test_three_texts_then_now_and_mine(base: Base) -> None:
    original = base.published(a_kit())
    made = adapt(base, original)
    with base.site.sessions() as session:
        row, source = session.get_one(Resource, made.id), session.get_one(Resource, original.id)
        content = with_block("accueil", text="Ma façon.")(services.working(session, row))
        services.save_draft(session, row, content, seen_rev=None, by=None, now=base.site.clock.now)
        session.commit()
        del source
    republish(base, original.id, with_block("accueil", text="Deuxième façon."))
    republish(base, original.id, with_block("accueil", text="Troisième façon."))
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        found = adapting.origin_of(session, row)
        assert found
        (change,) = adapting.changes(session, row, services.working(session, row), found.content)
        assert [side.text for side in (change.then, change.theirs, change.mine)] == [
            "Dire bonjour.", "Troisième façon.", "Ma façon.",
        ]  # fmt: skip


def test_the_same_text_written_by_both_is_no_change(base: Base) -> None:
    original = base.published(a_kit())
    made = adapt(base, original)
    for id_ in (original.id, made.id):
        republish(base, id_, with_block("accueil", text="Pareil."))
    assert "Rien n’a changé" in base.browser("voisin").get(f"{base.at(made.id)}/original")


def test_an_original_that_changes_again_meanwhile_decides_nothing(base: Base) -> None:
    original = base.published(a_kit())
    made = adapt(base, original)
    republish(base, original.id, with_block("accueil", text="Un."))
    browser = base.browser("voisin")
    form = form_of(browser.get(f"{base.at(made.id)}/original"), "/original")
    form["choix.accueil"] = "prendre"
    republish(base, original.id, with_block("accueil", text="Deux."))
    assert "a encore changé" in form.submit(status=422)
    assert working(base, made.id).block("accueil").text == "Dire bonjour."  # type: ignore[union-attr]


def test_a_withdrawn_original_says_so(base: Base) -> None:
    original = base.published(a_kit())
    made = adapt(base, original)
    with base.site.sessions() as session:
        services.withdraw(session, session.get_one(Resource, original.id), base.site.clock.now)
        session.commit()
    assert "n’est plus publié" in base.browser("voisin").get(f"{base.at(made.id)}/original")
    base.browser("voisin").get(f"{base.at(original.id)}/original", status=403)
    base.browser("membre").get(f"{base.at(original.id)}/original", status=404)


@pytest.mark.parametrize("length", [0, 30, 100, 200, 240, 270, 300])
def test_the_credits_of_the_original_are_never_cut(length: int) -> None:
    former, url = "c" * length, "https://exemple.fr/kits/x"
    made = adapting.credit("t" * 150, "s" * 100, 1, url, former)
    assert made.startswith(former)
    assert len(made) <= MAX_ALT
    assert (url in made) == (length < 260), "no line of one's own rather than half a line"
    assert former in adapting.credit("Encore", "", 2, url, made)


def test_a_copy_keeps_a_licence_that_says_so(both: Base) -> None:
    base = both
    licence = "cc-by-sa-4.0" if base.site.engine.dialect.name == "sqlite" else "cc-by-nc-sa-4.0"
    made = adapt(base, base.published(a_kit(licence=licence)))
    republish_draft(base, made.id, title=f"{made.title} chez nous")
    at, browser = base.at(made.id), base.browser("voisin")
    for page, ending in ((f"{at}/modifier", "/modifier"), (f"{at}/publier", "/publier")):
        form = form_of(browser.get(page), ending)
        assert [option[0] for option in form["licence"].options] == [licence]
        form["licence"].force_value("etalab-2.0")
        form.submit(status=422)
    republish_draft(base, made.id, licence="etalab-2.0")  # a program, an older draft
    refused = publish_form(base, made).submit(status=422)
    assert "la même licence que lui : « Creative Commons" in refused
    form = publish_form(base, made)
    form["licence"] = licence
    form.submit(status=303)
    assert base.resource(made.id).licence == licence


def republish_draft(base: Base, id_: UUID, **changes: Any) -> None:
    with base.site.sessions() as session:
        row = session.get_one(Resource, id_)
        content = replace(services.working(session, row), **changes)
        services.save_draft(session, row, content, seen_rev=None, by=None, now=base.site.clock.now)
        session.commit()


def test_an_open_licence_lets_a_copy_have_any(base: Base) -> None:
    made = adapt(base, base.published(a_kit()))
    republish_draft(base, made.id, title=f"{made.title} chez nous")
    form = form_of(base.browser("voisin").get(f"{base.at(made.id)}/publier"), "/publier")
    assert len(form["licence"].options) == 4
    form["licence"] = "cc-by-sa-4.0"
    form.submit(status=303)


def test_what_has_another_licence_now_is_not_taken(base: Base) -> None:
    original = base.published(a_kit())
    made = adapt(base, original)
    republish(
        base,
        original.id,
        lambda content: with_block("accueil", text="Mieux.")(replace(content, licence="cc-by-sa-4.0")),
    )
    form = form_of(base.browser("voisin").get(f"{base.at(made.id)}/original"), "/original")
    form["choix.accueil"] = "prendre"
    assert "a maintenant une autre licence, « Creative Commons BY-SA 4.0 »" in form.submit(status=422)
    assert working(base, made.id).block("accueil").text == "Dire bonjour."  # type: ignore[union-attr]
    form["choix.accueil"] = "garder"
    form.submit(status=303)


def test_a_copy_of_what_is_for_the_network_is_for_the_network(base: Base) -> None:
    original = base.published(a_kit())
    with base.site.sessions() as session:
        session.get_one(Resource, original.id).visibility = Visibility.NETWORK.value
        session.commit()
    made = adapt(base, original)
    republish_draft(base, made.id, title=f"{made.title} chez nous")
    form = form_of(base.browser("voisin").get(f"{base.at(made.id)}/publier"), "/publier")
    assert form["visibilite"].value == Visibility.NETWORK.value
    form["visibilite"] = Visibility.PUBLIC.value
    refused = form.submit(status=422)
    assert "réservé au réseau" in refused
    assert base.resource(made.id).state == State.DRAFT.value
    form["visibilite"] = Visibility.NETWORK.value
    form.submit(status=303)
    assert base.resource(made.id).visibility == Visibility.NETWORK.value


def test_the_desk_says_that_the_original_does_not_allow_it(base: Base) -> None:
    made = adapt(base, base.published(a_kit(licence="cc-by-sa-4.0")), "personne")
    republish_draft(base, made.id, title=f"{made.title} chez nous")
    form_of(base.browser("personne").get(f"{base.at(made.id)}/publier"), "/publier").submit(status=303)
    republish_draft(base, made.id, licence="etalab-2.0")
    desk = base.browser("coordination").get("/gestion/ressources")
    form = form_of(desk, f"{base.at(made.id)}/relecture", rev=str(base.resource(made.id).draft_rev))
    assert "la même licence que lui" in form.submit("publier", status=422)
    assert base.resource(made.id).state == State.REVIEW.value


def test_a_copy_has_a_title_of_its_own(base: Base) -> None:
    original = base.published(a_kit())
    made = adapt(base, original)
    at, browser = base.at(made.id), base.browser("voisin")
    page = browser.get(f"{at}/publier")
    assert "a le titre de son original" in page
    assert f'href="{at}/modifier#titre"' in page
    publish_form(base, made).submit(status=422)
    republish_draft(base, made.id, title=f"  {made.title.upper()} ")
    publish_form(base, made).submit(status=422)
    republish_draft(base, made.id, title=f"{made.title} à Roubaix")
    publish_form(base, made).submit(status=303)
    assert base.resource(made.id).state == State.PUBLISHED.value
