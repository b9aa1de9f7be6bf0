"""What the page of a resource shows of what people say."""

from __future__ import annotations

from typing import Any

from resources.base.models import Opinion, ResourceUse
from tests.directory.site import Page
from tests.resources.conftest import Base, post_form
from tests.resources.saying.conftest import ONE_ENGINE


def spoken(base: Base) -> Any:
    made = base.published()
    with base.site.sessions() as session:
        session.add_all([
            Opinion(resource_id=made.id, person_id=base.people[who], grade=grade, comment=comment, version=1,
                    at=base.site.clock.now)
            for who, grade, comment in (("voisine", 4, "Très clair."), ("voisin", 1, ""), ("coordination", 3, "Bien."))
        ])  # fmt: skip
        session.add(
            ResourceUse(resource_id=made.id, structure_id=base.places["ailleurs"], on_day="2026-11-01", people=9)
        )
        session.commit()
    return made


def said(seen: list[str]) -> list[str]:
    """The statements about what people say."""
    return [
        one
        for one in seen
        if one.startswith("SELECT") and ("opinion" in one or "resource_use" in one or "collection" in one)
    ]


@ONE_ENGINE
def test_visitors_read_figures_and_comments_in_two_statements(base: Base) -> None:
    made, browser = spoken(base), base.browser()
    path = base.at(made.id)
    with base.site.statements() as seen:
        answer = browser.get(path)
    assert len(said(seen)) <= 2, "\n".join(seen)
    shown = Page(answer.text)
    assert "3 personnes ont répondu" in shown.text
    assert "Très clair." in shown.text
    assert "1 structure, avec 9 personnes" in shown.text
    assert "Lieu Ailleurs –" in shown.text, "the place of the comment"
    assert not [one for one in shown.all("form") if one.get("method") == "post" and "avis" in str(one.get("action"))]
    assert f"{path}/signaler" in answer.text
    assert "csrf_token" not in answer.text, "a token would keep the page from caches"


@ONE_ENGINE
def test_a_silent_resource_costs_one_statement(base: Base) -> None:
    made, browser = base.published(), base.browser()
    path = base.at(made.id)
    with base.site.statements() as seen:
        answer = browser.get(path)
    assert len(said(seen)) == 1
    assert "Personne n’a encore donné son avis" in answer.text


@ONE_ENGINE
def test_a_member_says_all_of_it_from_the_page(base: Base) -> None:
    made = spoken(base)
    page = base.browser("membre").get(base.at(made.id))
    form = post_form(page, "/avis")
    form["utile"], form["commentaire"] = "4", "Merci."
    form.submit(status=303)
    post_form(page, "/utilisations").submit(status=303)
    uses = base.rows(ResourceUse, ResourceUse.resource_id == made.id, ResourceUse.structure_id == base.places["ici"])
    assert [(one.on_day, one.people) for one in uses] == [("2026-11-24", None)]
    again = base.browser("membre").get(base.at(made.id))
    assert "Nous l’avons utilisée à nouveau" in again.text
    assert "Lieu Ailleurs" in Page(again.text).text
    assert post_form(again, "/avis")["commentaire"].value == "Merci."
    assert f"{base.at(made.id)}/collections" in again.text


@ONE_ENGINE
def test_a_person_of_no_place_says_no_use(base: Base) -> None:
    shown = Page(base.browser("personne").get(base.at(spoken(base).id)).text)
    assert not [one for one in shown.all("form") if str(one.get("action")).endswith("/utilisations")]
    assert [one for one in shown.all("form") if str(one.get("action")).endswith("/avis")]


@ONE_ENGINE
def test_those_who_keep_it_are_led_to_what_is_reported(base: Base) -> None:
    made = spoken(base)
    form = post_form(base.browser().get(base.at(made.id) + "/signaler"), "/signaler")
    form["raison"], form["message"] = "wrong", "Faux."
    form.submit(status=303)
    for who, there in (("membre", True), ("coordination", True), ("voisin", False), (None, False)):
        shown = base.browser(who).get(base.at(made.id)).text
        assert ("1 problème signalé sans réponse" in shown) == there
        assert (base.at(made.id) + "/signalements" in shown) == there
