"""Governance: the public page, roles on the site, suspended accounts, the last administrator."""

from __future__ import annotations

from typing import Any

from reseau.members import governance
from reseau.members.models import Governance, Invitation, Person, PersonSession
from tests.directory.site import Page
from tests.members.conftest import House, csrf, last_link
from tests.members.test_invitations import accept_form, at_once, post

PAGE = "/gestion/gouvernance"


def write(house: House, status: Any = 303, **values: str) -> Any:
    form = house.browser("admin").get(PAGE).forms
    one = next(f for f in form.values() if f.action.endswith(PAGE))
    for key, value in values.items():
        one[key] = value
    return one.submit(status=status)


def test_the_public_page_says_who_runs_this_site_and_what_is_not_known(house: House) -> None:
    with house.site.sessions.begin() as session:
        session.query(Governance).delete()
    browser = house.browser()
    empty = browser.get("/qui-sommes-nous")
    assert Page(empty.text).text.count("non renseigné") == 5
    assert empty.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    etag = empty.headers["ETag"]
    assert browser.get("/qui-sommes-nous", headers={"If-None-Match": etag}, status=304)
    write(
        house, pilote="Association <b>X</b>", pilote_texte="**Les lieux** décident.\n\n- un\n- deux\n\n<script>x</script>",
        contact_courriel="contact@exemple.fr", contact_telephone="03 20 00 11 22", charte="[lien](javascript:alert(1))",
    )  # fmt: skip
    page = browser.get("/qui-sommes-nous", headers={"If-None-Match": etag})
    assert Page(page.text).errors == []
    assert "<strong>Les lieux</strong>" in page.text
    assert "<b>X" not in page.text
    assert "<script>x" not in page.text
    assert 'href="javascript' not in page.text
    assert "non renseigné" not in page.text
    with house.site.sessions() as session:
        assert set(governance.read(session)) == set(governance.KEYS)
    kept = house.browser("admin").get(PAGE)
    assert "Association &lt;b&gt;X" in kept.text


def test_bad_words_come_back(house: House) -> None:
    refused = write(house, 422, contact_courriel="pas une adresse", pilote="Gardé")
    assert "Gardé" in refused.text
    assert Page(refused.text).errors == []
    write(house, 422, pilote_texte="x" * 10_001)
    assert write(house, pilote="a\x00b").status_int == 303


def test_written_at_once_the_first_time(house: House) -> None:
    with house.site.sessions.begin() as session:
        session.query(Governance).delete()
    browsers = [house.browser("admin") for _ in range(3)]
    tokens = [csrf(browser) for browser in browsers]
    pairs = list(enumerate(zip(browsers, tokens, strict=True)))
    answers = at_once(
        *(lambda n=n, b=b, t=t: b.post(PAGE, {"csrf_token": t, "pilote": f"P{n}"}) for n, (b, t) in pairs)
    )
    assert [answer.status_int for answer in answers] == [303] * 3
    assert len(house.rows(Governance, Governance.key == "pilote")) == 1


def test_a_role_is_given_to_an_account_and_taken_back(house: House) -> None:
    person, browser = house.person(), house.browser("admin")
    add = {"courriel": person.email.upper(), "role": "relay", "langue": "fr"}
    assert "fait=done" in post(browser, f"{PAGE}/roles/ajouter", **add).location
    assert "fait=nothing" in post(browser, f"{PAGE}/roles/ajouter", **add).location
    assert house.get(Person, person.id).roles == ["relay"]
    assert person.name in browser.get(PAGE).text
    remove = {"personne": str(person.id), "role": "relay"}
    assert "fait=done" in post(browser, f"{PAGE}/roles/retirer", **remove).location
    post(browser, f"{PAGE}/roles/retirer", 404, **remove)
    post(browser, f"{PAGE}/roles/retirer", 404, personne="x", role="relay")
    post(browser, f"{PAGE}/roles/ajouter", 422, courriel=person.email, role="referent", langue="fr")
    assert house.get(Person, person.id).roles == []


def test_an_unknown_address_is_invited_to_its_role(house: House) -> None:
    email, browser = house.stranger(), house.browser("admin")
    sent = post(browser, f"{PAGE}/roles/ajouter", courriel=email, role="coordinator", langue="ar")
    assert "une invitation est partie" in sent.follow().text
    (mail,) = house.mails(email)
    assert mail.lang == "ar"
    page = house.browser()
    form = accept_form(page.get(last_link(mail)))
    form["nom"] = "Nouvelle"
    assert form.submit().location.endswith("/gestion")
    (person,) = house.rows(Person, Person.email == email)
    assert person.roles == ["coordinator"]
    assert page.get("/gestion/propositions").status_int == 200
    other = house.stranger()
    post(browser, f"{PAGE}/roles/ajouter", courriel=other, role="relay", langue="fr")
    (row,) = house.rows(Invitation, Invitation.email == other)
    assert "fait=revoked" in post(browser, f"{PAGE}/invitation/{row.id}/annuler").location
    house.browser().get(last_link(house.mails(other)[0]), status=410)
    (echo, *_) = house.rows(Invitation, Invitation.structure_id.is_not(None)) or [None]
    if echo:
        post(browser, f"{PAGE}/invitation/{echo.id}/annuler", 404)


def test_the_last_administrator_stays(house: House) -> None:
    browser, admin = house.browser("admin"), house.people["admin"]
    mine = {"personne": str(admin), "role": "administrator"}
    refused = post(browser, f"{PAGE}/roles/retirer", 422, **mine)
    assert "Il faut au moins une personne" in refused.text
    assert Page(refused.text).errors == []
    post(browser, f"/gestion/personnes/{admin}/suspendre", 422)
    second = house.person(roles=["administrator"])
    theirs = {"personne": str(second.id), "role": "administrator"}
    one, two = house.browser("admin"), house.browser(second.id)
    tokens = csrf(one), csrf(two)
    answers = at_once(
        lambda: one.post(f"{PAGE}/roles/retirer", {"csrf_token": tokens[0], **theirs}, status="*"),
        lambda: two.post(f"{PAGE}/roles/retirer", {"csrf_token": tokens[1], **mine}, status="*"),
    )
    left = [p for p in house.rows(Person) if "administrator" in p.roles]
    assert len(left) == 1, [answer.status_int for answer in answers]
    with house.site.sessions.begin() as session:
        for id_ in (admin, second.id):
            session.get_one(Person, id_).roles = ["administrator"] if id_ == admin else []


def test_a_suspended_person_is_out_at_once_and_comes_back(house: House) -> None:
    person, browser = house.person(), house.browser("admin")
    theirs = house.browser(person.id)
    assert theirs.get("/compte").status_int == 200
    found = browser.get(PAGE, {"q": person.email})
    assert Page(found.text).errors == []
    assert next(f for f in found.forms.values() if f.action.endswith("/suspendre")).submit().status_int == 303
    assert "compte suspendu" in browser.get(PAGE, {"q": person.name}).text
    theirs.get("/compte", status=303)
    assert all(row.revoked_at for row in house.rows(PersonSession, PersonSession.person_id == person.id))
    refused = post(browser, f"{PAGE}/roles/ajouter", 422, courriel=person.email, role="relay", langue="fr")
    assert "compte est suspendu" in refused.text
    assert post(browser, f"/gestion/personnes/{person.id}/retablir").status_int == 303
    assert house.browser(person.id).get("/compte").status_int == 200
    post(browser, "/gestion/personnes/00000000-0000-7000-8000-000000000000/suspendre", 404)


def test_for_administrators_only(house: House) -> None:
    person = house.people["personne"]
    for who in ("coordination", "referent", "personne", None):
        browser = house.browser(who)
        browser.get(PAGE, status=403)
        post(browser, PAGE, 403, pilote="X")
        post(browser, f"{PAGE}/roles/ajouter", 403, courriel="a@b.fr", role="administrator", langue="fr")
        post(browser, f"{PAGE}/roles/retirer", 403, personne=str(house.people["admin"]), role="administrator")
        post(browser, f"/gestion/personnes/{person}/suspendre", 403)


def test_the_page_asks_the_same_whatever_the_number_of_people(house: House) -> None:
    browser, counts = house.browser("admin"), []
    for number in (1, 8):
        for _ in range(number):
            house.person(roles=["relay"])
        with house.site.statements() as statements:
            browser.get(PAGE)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8
