"""What a hurried coordinator meets: nothing typed is lost, one stays where one was, nothing looks finished that is not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import Edition, Issue, LetterDate
from feeds.newsletter.writing import calendar
from tests.feeds.newsletter.writing.conftest import ONE_ENGINE, Desk, post_form

pytestmark = ONE_ENGINE


def at(issue: Any, path: str = "") -> str:
    return f"/gestion/lettre/{issue.id}{path}"


@pytest.fixture
def ready(desk: Desk) -> Any:
    desk.nobody()
    desk.subscriber()
    issue = desk.letter()
    desk.add(issue, "Une information")
    return issue


def test_buttons_lead_back_to_where_one_was(desk: Desk, ready: Any) -> None:
    one, two = desk.add(ready, "Une date", section="dates"), desk.add(ready, "Deux dates", section="dates")
    form = post_form(desk.claire().get(at(ready, "?avec=ar")), "/lignes")
    assert form.submit("descendre", value=str(one.id)).location.endswith(f"{ready.id}?avec=ar#l-{one.id}")
    assert form.submit("retirer", value=str(one.id)).location.endswith("?fait=retire&avec=ar#r-dates")
    assert form.submit("retirer", value=str(two.id)).location.endswith("?fait=retire&avec=ar#informations")


def test_going_on_saves_the_words(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    form = post_form(claire.get(at(ready)), "?avec=en")
    form["intro_fr"] = "Un mot pas encore enregistré"
    page = form.submit("suite", value="1").follow()
    assert page.request.path.endswith("/envoyer")
    assert desk.issue(ready.id).intro["fr"] == "Un mot pas encore enregistré"
    form["objet_fr"] = ""
    assert "Écrivez un objet." in form.submit("suite", value="1", status=422).text


def test_before_sending_one_sees_who_receives_it_and_what_is_not_translated(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    page = claire.get(at(ready, "/envoyer"))
    assert "1 personne le recevrait aujourd’hui" in page.text
    assert "Aucun abonné" not in page.text
    assert "vous avez changé celui en français" not in page.text
    form = post_form(claire.get(at(ready)), "?avec=en")
    form["objet_fr"] = "Un objet à nous"
    desk.nobody()
    page = form.submit("suite", value="1").follow()
    assert "Aucun abonné ne recevrait ce numéro" in page.text
    assert page.html.find("details", class_="letter-advice").has_attr("open")
    assert page.text.count("vous avez changé celui en français") == 2  # English, Arabic


def test_a_day_that_was_not_chosen_is_asked_for(desk: Desk, ready: Any) -> None:
    form = post_form(desk.claire().get(at(ready, "/envoyer")), "/envoyer")
    form["quand"], form["jour"] = "date", ""
    page = form.submit(status=422)
    assert "Choisissez un jour." in page.text
    assert page.html.find("label", attrs={"for": "jour"}).text == "Jour"
    form["quand"], form["jour"] = "maintenant", "n’importe quoi"
    form.submit(status=303)


def test_what_only_the_relays_have_is_not_over(desk: Desk, ready: Any) -> None:
    desk.subscriber(edition=Edition.RELAY.value)
    claire = desk.claire()
    form = post_form(claire.get(at(ready, "/envoyer")), "/envoyer")
    form["quand"] = "relais"
    post_form(form.submit().follow(), "/lancer").submit(status=303)
    page = claire.get(at(ready, "/suivi"))
    said = page.html.find(string=re.compile("Les relais l’ont reçu"))
    assert "26 novembre 2026" in said
    assert "(1 personne aujourd’hui)" in said


def test_a_sent_issue_says_its_number_in_the_calendar(desk: Desk, ready: Any) -> None:
    with desk.site.sessions() as session:
        calendar.add(session, desk.site.clock.now.date() + timedelta(days=3), "Un jour")
        session.commit()
    desk.launch(ready)
    for path in ("", "/calendrier"):
        text = desk.claire().get(f"/gestion/lettre{path}").text
        assert f"N° {desk.issue(ready.id).number}, parti le 24 novembre 2026" in text, path
    with desk.site.sessions() as session:
        session.execute(sa.delete(LetterDate))
        session.commit()


def test_the_desk_counts_a_draft(desk: Desk, ready: Any) -> None:
    page = desk.claire().get("/gestion")
    number = len(desk.rows(Issue, Issue.state == "draft"))
    words = "brouillon de la lettre" if number == 1 else "brouillons de la lettre"
    assert f"<strong>{number}</strong> {words}" in page.text
    assert "Imports</span>" not in page.text
