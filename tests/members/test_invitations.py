"""Invitations and teams: journeys on both engines, at once, across places."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webtest import TestApp

from reseau.core import tokens
from reseau.core.audit import Audit
from reseau.members import invitations, team
from reseau.members.models import Invitation, Membership, Person, PersonState
from reseau.web.security import SESSION_COOKIE
from tests.directory.site import Page
from tests.members.conftest import ECHO, EPEULE, House, csrf, last_link


def invite(house: House, browser: TestApp, email: str, name: str = ECHO, **values: str) -> Any:
    page = browser.get(house.path(name) + "/equipe")
    form = page.forms["inviter"]
    form["courriel"] = email
    for key, value in values.items():
        form[key] = value
    return form.submit()


def post(browser: TestApp, path: str, status: Any = None, **fields: str) -> Any:
    return browser.post(path, {"csrf_token": csrf(browser), **fields}, status=status)


def accept_form(page: Any) -> Any:
    return next(form for form in page.forms.values() if form.action == page.request.path)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    results: list[Any] = [None] * len(jobs)
    barrier = threading.Barrier(len(jobs))

    def run(rank: int, job: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[rank] = job()
        except Exception as error:
            results[rank] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def roles_at(house: House, place: UUID) -> dict[UUID, str]:
    return {row.person_id: row.role for row in house.rows(Membership, Membership.structure_id == place)}


def test_an_invited_referent_is_at_the_form_of_the_sheet_in_three_clicks(house: House) -> None:
    email = house.stranger()
    sent = invite(house, house.browser("referent"), email.upper(), nom="Amina <b>B.</b>", role="referent").follow()
    assert "L’invitation est partie" in sent.text
    assert email in sent.text
    assert Page(sent.text).errors == []
    (mail,) = house.mails(email)
    assert mail.subject == f"referent vous invite à tenir à jour la fiche « {ECHO} »"
    browser = house.browser()
    page = browser.get(last_link(mail))  # click 1
    assert "Un référent tient à jour la fiche" in page.text
    assert Page(page.text).errors == []
    assert "<b>B.</b>" not in page.text
    form = accept_form(page)
    assert form["nom"].value == "Amina <b>B.</b>"
    landed = form.submit()  # click 2
    assert landed.status_int == 303
    assert landed.location.endswith(f"{house.path(ECHO)}/modifier?bienvenue=1")
    (person,) = house.rows(Person, Person.email == email)
    assert roles_at(house, house.places["echo"])[person.id] == "referent"
    assert browser.get("/compte").status_int == 200, "signed in"
    assert "&lt;b&gt;B." in browser.get(house.path(ECHO) + "/equipe").text
    (row,) = house.rows(Invitation, Invitation.email == email)
    (journal,) = house.rows(Audit, Audit.object_id == row.id, Audit.action == "invitation.accept")
    assert email not in str(journal.detail)


def test_the_link_alone_does_nothing_and_serves_once(house: House) -> None:
    email = house.stranger()
    invite(house, house.browser("referent"), email, nom="Zoé", role="member")
    link = last_link(house.mails(email)[0])
    house.browser().get(link)
    assert not house.rows(Person, Person.email == email)
    form = accept_form(house.browser().get(link))
    landed = accept_form(house.browser().get(link)).submit()
    assert landed.location.endswith("/equipe?fait=welcome")
    stale = form.submit(status=303)
    assert SESSION_COOKIE not in stale.headers.get("Set-Cookie", "")
    again = house.browser().get(link)
    assert "Ce lien a déjà servi" in again.text
    assert "/connexion?suite=%2Fannuaire%2F" in again.text
    assert again.headers["Cache-Control"] == "private, no-store"


def test_accepted_twice_at_once_makes_one_person(house: House) -> None:
    email = house.stranger()
    for place in (ECHO, EPEULE):
        invite(house, house.browser("coordination"), email, place, nom="Zoé", role="member")
    first, second = (last_link(mail) for mail in house.mails(email))
    forms = [accept_form(house.browser().get(link)) for link in (first, first, second, second)]
    results = at_once(*(form.submit for form in forms))
    assert [result.status_int for result in results] == [303] * 4
    (person,) = house.rows(Person, Person.email == email)
    # Who comes second finds an account, which only a link of 15 minutes opens: its invitation waits there.
    opened = [result for result in results if SESSION_COOKIE in str(result.headers.getall("Set-Cookie"))]
    assert len(opened) == len(house.rows(Membership, Membership.person_id == person.id)) in (1, 2)
    assert len(house.rows(Person, Person.email == email)) == 1


def test_revoked_expired_and_cut_links_say_so(house: House) -> None:
    email, late = house.stranger(), house.stranger()
    browser = house.browser("referent")
    for address in (email, late):
        invite(house, browser, address)
    (row,) = house.rows(Invitation, Invitation.email == email)
    form = accept_form(house.browser().get(last_link(house.mails(email)[0])))
    assert post(browser, f"{house.path(ECHO)}/equipe/invitation/{row.id}/annuler").status_int == 303
    assert "Invitation annulée" in house.browser().get(last_link(house.mails(email)[0]), status=410).text
    form["nom"] = "Zoé"
    assert "Invitation annulée" in form.submit().follow(status=410).text
    assert not house.rows(Person, Person.email == email)
    link = last_link(house.mails(late)[0])
    house.site.clock.now += timedelta(days=30)
    assert "Invitation expirée" in house.browser().get(link, status=410).text
    for bad in (link[:-3], "/invitation/x", "/invitation/" + "a" * 5000, "/invitation/%00"):
        page = house.browser().get(bad, status=404)
        assert "Lien incomplet" in page.text, bad
    other = tokens.sign(house.site.settings.secret, "sign-in", str(row.id), house.site.clock.now)
    house.browser().get(f"/invitation/{other}", status=404)


def test_an_expired_invitation_can_be_sent_again_three_times_a_day(house: House) -> None:
    email = house.stranger()
    browser = house.browser("referent")
    invite(house, browser, email)
    (row,) = house.rows(Invitation, Invitation.email == email)
    house.site.clock.now += timedelta(days=29)
    browser = house.browser("referent")
    path = f"{house.path(ECHO)}/equipe/invitation/{row.id}/renvoyer"
    for _ in range(3):
        assert post(browser, path).status_int == 303
    assert post(browser, path, status=429)
    assert len(house.mails(email)) == 4
    house.site.clock.now += timedelta(days=29)
    assert "Accepter" in house.browser().get(last_link(house.mails(email)[0])).text


def test_an_account_that_is_there_is_used_and_a_suspended_one_is_not(house: House) -> None:
    person, out = house.person(), house.person()
    with house.site.sessions.begin() as session:
        session.get_one(Person, out.id).state = PersonState.SUSPENDED.value
    browser = house.browser("referent")
    for one in (person, out):
        invite(house, browser, one.email)
    link, browser = last_link(house.mails(person.email)[0]), house.browser()
    page = browser.get(link)
    assert "Cette adresse a déjà un compte" in page.text
    refused = browser.post(link, {"csrf_token": csrf(browser)})
    assert SESSION_COOKIE not in str(refused.headers.getall("Set-Cookie")), "30 days: too old to open an account"
    assert not house.rows(Membership, Membership.person_id == person.id)
    sign_in = page.click("Se connecter", index=-1)
    assert f'value="{urlsplit(link).path}"' in sign_in.text, "and comes back here"
    page = house.browser(person.id).get(link)
    assert "nom" not in accept_form(page).fields
    assert accept_form(page).submit().status_int == 303
    assert house.get(Person, person.id).name == person.name
    assert house.rows(Membership, Membership.person_id == person.id)
    link, browser = last_link(house.mails(out.email)[0]), house.browser()
    refused = browser.post(link, {"csrf_token": csrf(browser)})
    assert SESSION_COOKIE not in str(refused.headers.getall("Set-Cookie"))
    assert "compte est suspendu" in refused.follow(status=403).text
    assert not house.rows(Membership, Membership.person_id == out.id)


def test_signed_in_under_another_address(house: House) -> None:
    person, other = house.person(), house.person()
    invite(house, house.browser("referent"), person.email)
    browser = house.browser(other.id)
    page = browser.get(last_link(house.mails(person.email)[0]))
    assert "Un autre compte est ouvert ici" in page.text
    assert any(form.action == "/compte/deconnexion" for form in page.forms.values())
    assert browser.post(last_link(house.mails(person.email)[0]), {"csrf_token": csrf(browser)}).status_int == 303
    assert person.id not in roles_at(house, house.places["echo"])
    assert other.id not in roles_at(house, house.places["echo"])


def test_accepting_from_ones_own_account_only(house: House) -> None:
    person, other = house.person(), house.person()
    invite(house, house.browser("referent"), person.email, role="referent")
    (row,) = house.rows(Invitation, Invitation.email == person.email)
    with house.site.sessions() as session:
        (pending,) = invitations.pending_for(session, person.email.upper(), house.site.clock.now)
    assert (pending.id, pending.place["nom"], pending.invited_by) == (row.id, ECHO, "referent")
    path = f"/compte/invitation/{row.id}/accepter"
    post(house.browser(other.id), path, status=404)
    post(house.browser(), path, status=403)
    browser = house.browser(person.id)
    assert post(browser, path).location.endswith("/modifier?bienvenue=1")
    assert post(browser, path).location.endswith("/compte"), "once"


def test_inviting_says_what_is_wrong_and_keeps_what_was_typed(house: House) -> None:
    browser = house.browser("referent")
    for bad in (
        "",
        "pas une adresse",
        "a@b",
        "x\x00@y",
        "a" * 300 + "@exemple.fr",
        "<a@b.fr>",
        "a@b.fr\r\nBcc: c@d.fr",
    ):
        page = browser.get(house.path(ECHO) + "/equipe")
        fields = {
            "csrf_token": page.forms["inviter"]["csrf_token"].value,
            "courriel": bad,
            "nom": "Gardé",
            "role": "member",
        }
        refused = browser.post(house.path(ECHO) + "/equipe/inviter", {**fields, "langue": "fr"}, status=422)
        assert "Gardé" in refused.text, bad
        assert Page(refused.text).errors == []
    post(browser, house.path(ECHO) + "/equipe/inviter", 422, courriel="a@b.fr", role="administrator", langue="xx")


def test_nobody_is_invited_twice(house: House) -> None:
    email = house.stranger()
    browser = house.browser("referent")
    assert "fait=sent" in invite(house, browser, email).location
    assert "fait=pending" in invite(house, browser, email).location
    assert "fait=member" in invite(house, browser, house.get(Person, house.people["membre"]).email).location
    assert len(house.mails(email)) == 1
    twice = house.stranger()
    forms = []
    for _ in range(3):
        form = house.browser("referent").get(house.path(ECHO) + "/equipe").forms["inviter"]
        form["courriel"] = twice
        forms.append(form)
    assert {result.status_int for result in at_once(*(form.submit for form in forms))} == {303}
    assert len(house.mails(twice)) == 1


def test_a_member_reads_the_team_and_manages_nothing(house: House) -> None:
    page = house.browser("membre").get(house.path(ECHO) + "/equipe")
    assert "inviter" not in page.forms
    assert "@reseau.example" not in page.text
    names = [text.strip() for text in Page(page.text).text_of("strong")]
    assert names.index("referent") < names.index("membre")
    for who in ("personne", None):
        house.browser(who).get(house.path(ECHO) + "/equipe", status=403)
    post(
        house.browser("membre"),
        house.path(ECHO) + "/equipe/inviter",
        403,
        courriel="a@b.fr",
        role="member",
        langue="fr",
    )


def test_a_referent_of_one_place_has_no_say_in_another(house: House) -> None:
    ours = house.person(referent_of=[house.places["epeule"]])
    browser, theirs = house.browser(ours.id), house.people["membre"]
    invite(house, house.browser("referent"), house.stranger())
    (row, *_) = house.rows(Invitation, Invitation.structure_id == house.places["echo"])
    for tail in (
        f"{theirs}/role",
        f"{theirs}/retirer",
        f"invitation/{row.id}/annuler",
        f"invitation/{row.id}/renvoyer",
    ):
        post(browser, f"{house.path(ECHO)}/equipe/{tail}", 403, role="referent")
        post(browser, f"{house.path(EPEULE)}/equipe/{tail}", 404, role="referent")
    assert roles_at(house, house.places["echo"])[theirs] == "member"
    assert house.get(Invitation, row.id).revoked_at is None


def test_roles_and_leaving(house: House) -> None:
    place = house.places["epeule"]
    one, two = house.person(referent_of=[place]), house.person(member_of=[place])
    others = [p for p, role in roles_at(house, place).items() if role == "referent" and p != one.id]
    with house.site.sessions.begin() as session:
        for other in others:
            team.remove(session, place, other, house.site.clock.now, may_orphan=True)
    path, browser = house.path(EPEULE) + "/equipe", house.browser(one.id)
    for tail, fields in (("quitter", {}), (f"{one.id}/role", {"role": "member"}), (f"{one.id}/retirer", {})):
        refused = post(browser, f"{path}/{tail}", 422, **fields)
        assert "Il faut au moins un référent" in refused.text
        assert Page(refused.text).errors == []
    post(browser, f"{path}/{two.id}/role", 422, role="administrator")
    assert post(browser, f"{path}/{two.id}/role", role="referent").status_int == 303
    results = at_once(*(lambda who=who: post(house.browser(who), f"{path}/quitter", "*") for who in (one.id, two.id)))
    assert sorted(result.status_int for result in results) == [303, 422], "somebody stays"
    (left,) = [p for p, role in roles_at(house, place).items() if role == "referent"]
    assert post(house.browser("coordination"), f"{path}/{left}/retirer").status_int == 303


def test_the_team_page_asks_the_same_whatever_its_size(house: House) -> None:
    place, browser = house.places["echo"], house.browser("referent")
    path = house.path(ECHO) + "/equipe"
    with house.site.statements() as few:
        browser.get(path)
    for _ in range(10):
        house.person(member_of=[place])
        invite(house, house.browser("coordination"), house.stranger())
    with house.site.statements() as many:
        browser.get(path)
    assert len(few) == len(many) <= 16


def test_a_place_that_was_merged_keeps_its_invitations(house: House) -> None:
    from reseau.core.actors import SYSTEM
    from reseau.directory import lifecycle
    from reseau.directory.models import Cause
    from reseau.directory.reproject import Because

    because, now = Because(Cause.CREATE, SYSTEM), house.site.clock.now
    with house.site.sessions.begin() as session:
        kept, lost = (
            lifecycle.create(session, {"nom": f"Lieu {n}", "commune": "Roubaix"}, because, ("cartographie",), now)
            for n in (1, 2)
        )
    person = house.person(referent_of=[lost])
    email, old = house.stranger(), house.path("Lieu 2")
    invite(house, house.browser(person.id), email, "Lieu 2", nom="Zoé", role="referent")
    with house.site.sessions.begin() as session:
        lifecycle.merge(session, kept, lost, Because(Cause.MERGE, SYSTEM), ("cartographie",), now)
    moved = house.browser(person.id).get(old + "/equipe", status=301)
    assert str(kept) in moved.location
    assert email in house.browser(person.id).get(house.path("Lieu 1") + "/equipe").text
    landed = accept_form(house.browser().get(last_link(house.mails(email)[0]))).submit()
    assert str(kept) in landed.location
