"""A form that is sent when the session has expired: nothing of what was written is lost. Both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from webtest import TestApp

from reseau.members import signin
from reseau.members.models import Person, PersonSession, SignIn
from tests.directory.site import Page
from tests.members.conftest import House, csrf, last_link, post_form

ORIGIN = {"Origin": "http://localhost"}
TEXT = "  Première ligne\r\n\r\n\t« deuxième » <b>&amp;</b> \"'\r\n‏مرحبا بالعالم‏ \u00a0é\u0301 \U0001f600 "


def _expired(house: House, person: Person, text: str = TEXT) -> tuple[TestApp, Any]:
    """A browser whose session has expired while its owner was writing, and the answer to what they sent."""
    browser = house.browser(person.id)
    form = post_form(browser.get("/compte"), "/compte")
    form["nom"] = "Nom changé"
    house.site.clock.now += timedelta(days=31)
    fields = [*form.submit_fields(), ("texte", text), ("texte", "deux"), ("vide", "")]
    return browser, browser.post("/compte?x=1", fields, headers=ORIGIN, status=403)


def test_an_expired_session_loses_nothing_of_what_was_written(house: House) -> None:
    person = house.person()
    browser, refused = _expired(house, person)
    assert "il n’est pas perdu" in refused.text
    assert Page(refused.text).errors == []
    form = post_form(refused, "/connexion")
    form["adresse"] = "pas une adresse"
    form = post_form(form.submit(status=422, headers=ORIGIN), "/connexion")
    form["adresse"] = person.email
    assert form.submit(headers=ORIGIN).status_int == 303
    entered = post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit()
    assert entered.location == "http://localhost/connexion/reprendre"
    page = entered.follow()
    form = post_form(page, "/compte?x=1")
    sent = [pair for pair in form.submit_fields() if pair[0] != "csrf_token"]
    assert [value for name, value in sent if name == "texte"] == [TEXT, "deux"]
    assert ("vide", "") in sent
    assert ("nom", "Nom changé") in sent
    assert browser.get("/connexion/reprendre").text, "looking at it does not throw it away"
    assert form.submit().status_int == 303
    assert house.get(Person, person.id).name == "Nom changé"
    assert browser.get("/connexion/reprendre").location.endswith("/compte"), "it was sent: it is forgotten"
    (row,) = house.rows(PersonSession, PersonSession.person_id == person.id, PersonSession.resume.is_not(None)) or [
        None
    ]
    assert row is None


def test_a_refused_form_is_not_forgotten_and_can_be_thrown_away(house: House) -> None:
    person = house.person()
    browser, refused = _expired(house, person)
    form = post_form(refused, "/connexion")
    form["adresse"] = person.email
    form.submit(headers=ORIGIN)
    page = post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().follow()
    form = post_form(page, "/compte?x=1")
    form["nom"] = ""
    form.submit(status=422)
    page = browser.get("/connexion/reprendre")
    assert post_form(page, "/jeter").submit().location.endswith("/compte")
    assert browser.get("/connexion/reprendre").status_int == 303
    assert house.get(Person, person.id).name == person.name


def test_the_text_survives_a_link_that_expired(house: House) -> None:
    person = house.person()
    browser, refused = _expired(house, person)
    form = post_form(refused, "/connexion")
    form["adresse"] = person.email
    form.submit(headers=ORIGIN)
    house.site.clock.now += timedelta(minutes=20)
    form = post_form(browser.get(last_link(house.mails(person.email)[-1]), status=410))
    form["adresse"] = person.email
    form.submit()
    house.site.clock.now += timedelta(seconds=1)
    page = post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().follow()
    assert ("texte", TEXT) in post_form(page, "/compte?x=1").submit_fields()


def test_the_text_survives_too_many_links(house: House) -> None:
    """Five links from one network; twenty for one address from anywhere."""
    for networks in (1, 20):
        person = house.person()
        browser, refused = _expired(house, person)
        asking = browser
        for _ in range(5 if networks == 1 else 20):
            asking = browser if networks == 1 else house.browser()
            asking.post("/connexion", {"adresse": person.email, "csrf_token": csrf(asking)})
        form = post_form(refused, "/connexion")
        form["adresse"] = person.email
        page = browser.post("/connexion", [*form.submit_fields()[1:], ("csrf_token", csrf(browser))], status=429)
        form = post_form(page, "/connexion")
        assert ("tenu-texte", TEXT) in form.submit_fields()
        house.site.clock.now += timedelta(hours=1)
        form.submit()
        page = post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().follow()
        assert ("texte", TEXT) in post_form(page, "/compte?x=1").submit_fields()


def test_an_account_can_be_deleted_by_a_form_that_was_held(house: House) -> None:
    person = house.person()
    browser = house.browser(person.id)
    form = post_form(browser.get("/compte/supprimer"))
    form["compris"] = True
    house.site.clock.now += timedelta(days=31)
    refused = browser.post("/compte/supprimer", form.submit_fields(), headers=ORIGIN, status=403)
    form = post_form(refused, "/connexion")
    form["adresse"] = person.email
    form.submit(headers=ORIGIN)
    page = post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().follow()
    assert post_form(page, "/compte/supprimer").submit().status_int == 303
    assert house.get(Person, person.id).email is None


def test_a_stale_form_that_is_offered_again_says_which_button(house: House) -> None:
    browser = house.browser(house.person().id)
    page = browser.post("/compte", {"csrf_token": "old", "nom": "Nadia"}, headers=ORIGIN, status=400)
    assert "appuyez sur « Envoyer à nouveau »" in page.text
    assert "revenez en arrière" not in page.text
    page = browser.post("/compte", {"csrf_token": "old", "nom": "Nadia"}, status=400)
    assert "revenez en arrière" in page.text


def test_nobody_can_hand_a_form_to_someone_else(house: House) -> None:
    """Anybody may ask a link for any address: what they planted is shown, never sent from that person's browser."""
    victim, attacker = house.person(), house.browser()
    planted = {"tenu-compris": "y", "tenu-<script>": "<script>", "suite": "/compte/supprimer", "adresse": victim.email}
    attacker.post("/connexion", {**planted, "csrf_token": csrf(attacker)})
    browser = house.browser()
    page = post_form(browser.get(last_link(house.mails(victim.email)[0]))).submit().follow()
    assert "autre navigateur" in page.text
    assert "<script>" not in page.text.replace('<script type="module"', "")
    assert [f.action for f in page.forms.values() if f.method.upper() == "POST"] == ["/connexion/reprendre/jeter"]


@pytest.mark.parametrize("suite", ["//evil.example/x", "https://evil.example", "/connexion", "", "/\\evil"])
def test_a_form_is_held_for_this_site_only(house: House, suite: str) -> None:
    person, browser = house.person(), house.browser()
    form = {"adresse": person.email, "suite": suite, "tenu-a": "b", "csrf_token": csrf(browser)}
    browser.post("/connexion", form)
    (row,) = house.rows(SignIn, SignIn.person_id == person.id)
    assert (row.held, row.next) == (None, "")


def test_a_held_form_has_a_limit_and_no_nul(house: House) -> None:
    assert signin.hold("/x", [("a", "é" * 32_768)], "t") is None
    held = signin.hold("/x", [("a\x00", "b\x00c")], "t")
    assert held
    assert held["fields"] == [["a", "bc"]]
    person = house.person()
    _browser, refused = _expired(house, person, "a\x00b")
    form = post_form(refused, "/connexion")
    form["adresse"] = person.email
    assert form.submit(headers=ORIGIN).status_int == 303


def test_another_site_cannot_have_its_form_offered_again(house: House) -> None:
    browser = house.browser()
    fields = {"csrf_token": csrf(browser), "nom": "planté"}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        page = browser.post("/compte", fields, headers=headers, status=403)
        assert "planté" not in page.text
        assert "/connexion?suite=%2Fcompte" in page.text.replace("suite=/", "suite=%2F")
