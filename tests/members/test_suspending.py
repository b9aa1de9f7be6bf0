"""The coordination keeps somebody out, with a reason that they read, and lets them in again."""

from __future__ import annotations

from reseau.core.audit import Audit
from reseau.members.models import Person
from tests.directory.site import Page
from tests.members.conftest import House, csrf, last_link, post_form


def path(id_: object) -> str:
    return f"/gestion/personnes/{id_}/acces"


def test_suspended_with_a_reason_and_back(house: House) -> None:
    person, browser = house.person(), house.browser("coordination")
    theirs = house.browser(person.id)
    listed = browser.get("/gestion/personnes", {"q": person.name})
    assert Page(listed.text).errors == []
    page = listed.click(href=path(person.id))
    assert Page(page.text).errors == []
    form = post_form(page, "/acces")
    assert "Écrivez pourquoi" in form.submit(status=422).text
    form["motif"] = "Des messages blessants, malgré deux rappels."
    done = form.submit(status=303).follow()
    assert "Le compte est suspendu" in done.text
    assert Page(done.text).errors == []
    theirs.get("/compte", status=303)
    (mail,) = house.mails(person.email or "")
    assert "malgré deux rappels" in mail.text
    form.submit(status=303)
    assert len(house.mails(person.email or "")) == 1, "twice is once"
    post_form(done, "/rendre").submit(status=303)
    assert house.browser(person.id).get("/compte").status_int == 200
    told = house.mails(person.email or "")
    assert last_link(told[-1]) == "/connexion"
    assert len(told) == 2
    actions = sorted(row.action for row in house.rows(Audit, Audit.object_id == person.id))
    assert actions == ["person.restore", "person.suspend"]


def test_never_oneself_nor_an_administrator(house: House) -> None:
    mine = house.people["coordination"]
    for id_, said in ((mine, "votre compte"), (house.people["admin"], "administre le site")):
        browser = house.browser("coordination")
        assert said in browser.get(path(id_)).text
        token = csrf(browser, "/compte")
        assert said in browser.post(path(id_), {"csrf_token": token, "motif": "X"}, status=422).text
        assert house.get(Person, id_).state == "active"


def test_an_administrator_of_the_coordination_may_but_one_stays(house: House) -> None:
    both = house.person(roles=["administrator", "coordinator"])
    other = house.person(roles=["administrator"])
    browser = house.browser(both.id)
    form = post_form(browser.get(path(other.id)), "/acces")
    form["motif"] = "X"
    form.submit(status=303)
    assert house.get(Person, other.id).state == "suspended"
    post_form(browser.get(path(both.id).replace(str(both.id), str(other.id))), "/rendre").submit(status=303)
    assert house.get(Person, other.id).state == "active"


def test_for_the_coordination_only(house: House) -> None:
    person = house.people["personne"]
    for who in ("admin", "referent", "personne"):
        browser = house.browser(who)
        browser.get(path(person), status=403)
        for suffix in ("", "/rendre"):
            browser.post(path(person) + suffix, {"csrf_token": csrf(browser, "/compte"), "motif": "X"}, status=403)
    house.browser("coordination").get(path("00000000-0000-7000-8000-000000000000"), status=404)
