"""The source changed and the translation is right all the same; and what helps to see how far a translation is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reseau.core.audit import Audit
from resources.base.translations import UnitState
from resources.translating.confirming import confirm
from resources.translating.figures import Shape, shape
from resources.translating.services import Overtaken, Refused
from tests.resources.translating.conftest import ARABIC, ONE_ENGINE, Desk
from tests.resources.translating.test_page import form, press

Make = Callable[..., Desk]


def say_so(one: Desk, who: str = "membre", section: str = "etape-1", seen: str = "") -> None:
    with one.work(who) as work:
        confirm(work, section, seen=seen or one.seen(section), of=work.source(section)[2])


def test_it_is_up_to_date_again_and_still_theirs(desk: Make) -> None:
    one = desk()
    one.translate()
    before = one.row()
    one.change_step("Faites autre chose.")
    say_so(one)
    row = one.row()
    assert before is not None
    assert row is not None
    assert (row.words, row.state) == (ARABIC, UnitState.PUBLISHED)
    assert (row.author_id, row.reviewer_id) == (before.author_id, before.reviewer_id)
    assert row.source_digest != before.source_digest
    with pytest.raises(Refused, match="nothing"):
        say_so(one)


def test_there_is_nothing_to_say_so_of(desk: Make) -> None:
    machine, pending, grown = desk(), desk(), desk()
    machine.machine()
    for one in (pending, grown):
        one.translate()
    pending.change_step("Autre chose.")
    pending.save(words={**ARABIC, "text": "غيره"})
    machine.change_step("Autre chose.")
    grown.change_step("Autre chose.", note="Un encadré de plus.")
    for one in (machine, pending, grown, desk()):
        with pytest.raises(Refused, match="nothing"):
            say_so(one)


def test_what_one_has_not_seen_is_not_confirmed(desk: Make) -> None:
    one = desk()
    one.translate()
    seen = one.seen()
    one.change_step("Autre chose.")
    one.translate(words={**ARABIC, "text": "غيره"})
    one.change_step("Encore autre chose.")
    with pytest.raises(Overtaken):
        say_so(one, seen=seen)
    with one.work() as work, pytest.raises(Overtaken):
        confirm(work, "etape-1", seen=one.seen(), of="an older source")


@ONE_ENGINE
def test_the_button_of_the_page(desk: Make) -> None:
    one = desk()
    one.translate()
    browser = one.base.browser("membre")
    assert "etape-1/confirmer" not in browser.get(one.path)
    one.change_step("Autre chose.")
    page = browser.get(one.path)
    assert "Ma traduction reste juste" in page
    assert "La traduction reste juste" in one.base.browser("voisine").get(one.path)
    answer = press(page, "confirmer", status=422, text="غيره")
    assert "Vous avez changé le texte." in answer
    assert "C’est noté : la traduction est à jour." in press(browser.get(one.path), "confirmer").follow()
    (row,) = one.base.rows(Audit, Audit.object_id == one.id, Audit.action == "translation.confirm")
    assert row.detail == {"section": "etape-1", "lang": "ar"}


@ONE_ENGINE
def test_progress_in_words(desk: Make) -> None:
    one = desk()
    one.translate()
    one.machine(section="etape-2")
    one.save(section="etape-3", send=True)
    page = one.base.browser("membre").get(one.path).text
    for said in ("1 publiée<", "1 chez une personne qui relit<", "3 à traduire<", "1 texte de machine à relire<"):
        assert said in page, said


def test_the_shape_of_a_text() -> None:
    assert shape("Un.\n\nDeux.\n- a\n- b\n1. c") == Shape(3, 2)
    assert shape("") == Shape(0, 0)
    assert shape("**gras**") == Shape(0, 1)


@ONE_ENGINE
def test_another_number_of_items_is_a_remark_and_no_refusal(desk: Make) -> None:
    one = desk()
    one.change_step("Prenez :\n- a\n- b")
    one.save(words={**ARABIC, "text": "خذ :\n- a"}, send=True)
    page = one.base.browser("voisine").get(one.path)
    assert page.text.count("il n’y a pas le même nombre") == 1
    assert press(page, "publier", status=303)
    easy = desk(lang="fr-x-falc")
    easy.save(words={"title": "a", "text": "a\n\nb\n\nc"}, send=True)
    assert "pas le même nombre" not in easy.base.browser("voisine").get(easy.path)


@ONE_ENGINE
def test_each_box_says_of_which_section_it_is_and_the_signs_can_be_read(desk: Make) -> None:
    one = desk()
    one.change_step("Du **gras** ici.")
    page = one.base.browser("membre").get(one.path)
    label = page.html.find("label", {"for": "f-etape-1-text"}).get_text(" ", strip=True)
    assert "Geste 1" in label
    assert page.html.find(id="f-etape-1-text-signes").get_text() == "Du **gras** ici."
    assert "Pour le gras, écrivez **mot**." in page
    assert "Enregistre cette partie seulement." in page
    assert form(page)["text"].value == ""


@ONE_ENGINE
def test_who_is_of_no_place_is_told_what_to_do_and_a_visitor_signs_in(desk: Make) -> None:
    base = desk().base
    answer = base.browser("personne").get("/traductions", status=403)
    assert "rejoignez d’abord un lieu" in answer
    assert 'href="/annuaire"' in answer
    assert "/connexion?suite=%2Ftraductions" in base.browser().get("/traductions", status=303).location
