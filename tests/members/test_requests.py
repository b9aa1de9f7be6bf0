"""Asking to join a place, proposing one, deciding, and the reminders of simulated days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from webtest import TestApp

from reseau.core.jobs import Tools, run_job
from reseau.core.mail import Mail
from reseau.directory.models import FieldChange, Structure
from reseau.members import requests
from reseau.members.joining_jobs import JOBS
from reseau.members.models import Decision, Invitation, JoinRequest, Membership, PeopleList, Person
from tests.directory.site import Page
from tests.members.conftest import ECHO, House, csrf, last_link
from tests.members.test_invitations import at_once, invite, post, roles_at


@pytest.fixture(autouse=True)
def empty_desk(house: House) -> None:
    """What other tests of this file asked is withdrawn."""
    with house.site.sessions.begin() as session:
        for row in session.query(JoinRequest).filter(JoinRequest.state == "open"):
            row.state = Decision.WITHDRAWN.value


@pytest.fixture
def orphan(house: House) -> tuple[str, UUID]:
    """A place of the import that nobody keeps: its name and id."""
    taken = {row.structure_id for row in house.rows(Membership)}
    row = next(row for row in sorted(house.site.rows(), key=lambda row: row["nom"]) if row["id"] not in taken)
    return row["nom"], row["id"]


def ask(house: House, person: UUID, name: str = ECHO, message: str = "Je travaille ici.") -> JoinRequest:
    form = house.browser(person).get(house.path(name) + "/rejoindre")
    form = next(f for f in form.forms.values() if f.action.endswith("/rejoindre"))
    form["message"] = message
    assert form.submit().location.endswith("?merci=1")
    (row,) = house.rows(JoinRequest, JoinRequest.person_id == person, JoinRequest.state == "open")
    return row


def run(house: House, days: float = 0) -> list[Mail]:
    """Run the jobs once, some days from now. :return: the mails that were written."""
    house.site.clock.now += timedelta(days=days)
    before = {mail.id for mail in house.rows(Mail)}
    tools = Tools(house.site.sessions, house.site.settings, house.site.clock)
    assert all(run_job(job, tools) for job in JOBS)
    return [mail for mail in house.rows(Mail) if mail.id not in before]


def test_a_person_asks_and_a_referent_accepts(house: House) -> None:
    person = house.person()
    row = ask(house, person.id, message="<script>alert(1)</script>")
    mail = house.mails("referent@reseau.example")[-1]
    assert mail.subject == f"Répondez à {person.name}, qui demande à rejoindre {ECHO}"
    assert person.email in mail.text
    browser = house.browser("referent")
    page = browser.get(last_link(mail))
    assert Page(page.text).errors == []
    assert "<script>alert" not in page.text
    assert person.email in page.text
    form = next(f for f in page.forms.values() if f.action.endswith(f"{row.id}/accepter"))
    assert form["role"].value == "member"
    assert "C’est accepté" in form.submit().follow().text
    assert roles_at(house, house.places["echo"])[person.id] == "member"
    assert house.mails(person.email)[-1].subject == f"Vous faites maintenant partie de l’équipe « {ECHO} »"
    assert house.get(JoinRequest, row.id).decided_by == house.people["referent"]
    assert "Vous faites partie de ce lieu" in house.browser(person.id).get(house.path(ECHO) + "/rejoindre").text


def test_visitors_are_led_to_sign_in(house: House) -> None:
    for path in (house.path(ECHO) + "/rejoindre", "/proposer-un-lieu"):
        page = house.browser().get(path)
        assert page.status_int == 303
        assert "/connexion?suite=" in page.location


def test_one_open_request_for_each_person_and_place(house: House) -> None:
    person = house.person()
    browsers = [house.browser(person.id) for _ in range(4)]
    tokens = [csrf(browser) for browser in browsers]
    path = house.path(ECHO) + "/rejoindre"
    results = at_once(
        *(lambda b=b, t=t: b.post(path, {"csrf_token": t}) for b, t in zip(browsers, tokens, strict=True))
    )
    assert {result.status_int for result in results} == {303}
    assert len(house.rows(JoinRequest, JoinRequest.person_id == person.id)) == 1
    assert post(browsers[0], path + "/retirer").status_int == 303
    (row,) = house.rows(JoinRequest, JoinRequest.person_id == person.id)
    assert row.state == "withdrawn"
    refused = post(house.browser("referent"), f"/gestion/demandes/{row.id}/accepter", 422, role="member")
    assert "a retiré sa demande" in refused.text


def test_an_orphan_place_asks_the_coordinators_and_gets_a_referent(house: House, orphan: tuple[str, UUID]) -> None:
    person = house.person()
    row = ask(house, person.id, orphan[0])
    assert house.mails("coordination@reseau.example")[-1].subject.startswith(f"Répondez à {person.name}")
    page = house.browser("coordination").get("/gestion/demandes")
    form = next(f for f in page.forms.values() if f.action.endswith(f"{row.id}/accepter"))
    assert form["role"].value == "referent"
    form.submit()
    assert roles_at(house, orphan[1])[person.id] == "referent"
    assert house.path(orphan[0]) + "/modifier" in house.mails(person.email)[-1].text


def test_a_refusal_needs_a_reason_and_is_mailed(house: House) -> None:
    person = house.person()
    row = ask(house, person.id)
    browser = house.browser("referent")
    refused = post(browser, f"/gestion/demandes/{row.id}/refuser", 422, motif="   ")
    assert "Écrivez pourquoi" in refused.text
    assert Page(refused.text).errors == []
    long = post(browser, f"/gestion/demandes/{row.id}/refuser", 422, motif="x" * 1001)
    assert "x" * 1001 in long.text
    assert (
        post(browser, f"/gestion/demandes/{row.id}/refuser", motif="Vous n’êtes\x00 pas de l’équipe.").status_int == 303
    )
    assert "Vous n’êtes pas de l’équipe." in house.mails(person.email)[-1].text
    assert person.id not in roles_at(house, house.places["echo"])


def test_two_referents_decide_at_once(house: House) -> None:
    second = house.person(referent_of=[house.places["echo"]])
    person = house.person()
    row = ask(house, person.id)
    yes, no = house.browser("referent"), house.browser(second.id)
    tokens = csrf(yes), csrf(no)
    path = f"/gestion/demandes/{row.id}"
    results = at_once(
        lambda: yes.post(f"{path}/accepter", {"csrf_token": tokens[0], "role": "member"}, status="*"),
        lambda: no.post(f"{path}/refuser", {"csrf_token": tokens[1], "motif": "Non"}, status="*"),
    )
    assert sorted(result.status_int for result in results) == [303, 422]
    late = next(result for result in results if result.status_int == 422)
    decided = house.get(JoinRequest, row.id)
    who = house.get(Person, decided.decided_by).name
    assert f"{who} a déjà {'accepté' if decided.state == 'accepted' else 'refusé'} cette demande" in late.text
    assert len(house.mails(person.email)) == 1
    assert (person.id in roles_at(house, house.places["echo"])) == (decided.state == "accepted")


def test_a_referent_decides_for_theirs_only(house: House) -> None:
    other = house.person(referent_of=[house.places["epeule"]])
    row = ask(house, house.person().id)
    browser = house.browser(other.id)
    assert str(row.id) not in browser.get("/gestion/demandes").text
    for verb in ("accepter", "refuser"):
        post(browser, f"/gestion/demandes/{row.id}/{verb}", 403, role="member", motif="Non")
        post(house.browser("membre"), f"/gestion/demandes/{row.id}/{verb}", 403, role="member", motif="Non")
        post(browser, f"/gestion/demandes/{other.id}/{verb}", 404, role="member", motif="Non")
        post(browser, f"/gestion/propositions/{row.id}/{verb}", 403, motif="Non")
        post(house.browser("coordination"), f"/gestion/propositions/{row.id}/{verb}", 404, motif="Non")
    house.browser("membre").get("/gestion/demandes", status=403)
    house.browser("referent").get("/gestion/propositions", status=403)


def test_the_lists_ask_the_same_whatever_their_size(house: House, orphan: tuple[str, UUID]) -> None:
    browser = house.browser("coordination")
    counts: dict[str, list[int]] = {"/gestion/demandes": [], "/gestion/propositions": []}
    for number in (1, 6):
        for n in range(number):
            person = house.person()
            ask(house, person.id, [ECHO, orphan[0]][n % 2])
            propose(house, person.id, f"Atelier numéro {number}{n}")
        for path, seen in counts.items():
            with house.site.statements() as statements:
                browser.get(path)
            seen.append(len(statements))
    assert all(one == many <= 10 for one, many in counts.values()), counts


# --- proposing ------------------------------------------------------------------------------------------------


def propose(house: House, person: UUID, name: str, browser: TestApp | None = None, **fields: Any) -> Any:
    page = (browser or house.browser(person)).get("/proposer-un-lieu", {"nom": name, "commune": "59100 Roubaix"})
    form = next(f for f in page.forms.values() if f.method.upper() == "POST" and f.action.endswith("proposer-un-lieu"))
    for key, value in fields.items():
        form[key] = value
    return form.submit(status="*")


def test_a_place_is_looked_for_before_it_is_proposed(house: House) -> None:
    browser = house.browser("personne")
    start = browser.get("/proposer-un-lieu")
    form = next(f for f in start.forms.values() if f.method.upper() == "GET" and f.action.endswith("proposer-un-lieu"))
    form["nom"], form["commune"] = "centre social echo", "Roubaix"
    found = form.submit()
    assert "C’est l’un de ceux-là" in found.text
    assert house.path(ECHO) + "/rejoindre" in found.text
    assert Page(found.text).errors == []
    assert "Nous ne l’avons pas trouvé" in browser.get("/proposer-un-lieu?nom=Zzyzx&commune=Roubaix").text
    for query in (
        "nom=%00&commune=%00",
        "nom=" + "a" * 5000 + "&commune=59100",
        "nom=a&commune=99999",
        "nom[]=1",
    ):
        browser.get("/proposer-un-lieu?" + query)


def test_a_proposal_becomes_a_place_with_a_referent(house: House) -> None:
    person = house.person()
    services = ["aide-aux-demarches-administratives"]
    sent = propose(
        house,
        person.id,
        "Le Coin <i>des</i> écrans",
        adresse="1 rue Nain",
        telephone="03 20 99 88 76",
        services=services,
    )
    assert "Merci" in sent.follow().text
    mail = house.mails("coordination@reseau.example")[-1]
    assert mail.subject == f"Répondez à {person.name}, qui propose d’ajouter Le Coin <i>des</i> écrans à l’annuaire"
    browser = house.browser("coordination")
    page = browser.get(last_link(mail))
    assert Page(page.text).errors == []
    assert "<i>des</i>" not in page.text
    (row,) = house.rows(JoinRequest, JoinRequest.person_id == person.id)
    form = next(f for f in page.forms.values() if f.action.endswith(f"{row.id}/accepter"))
    form.submit().follow()
    made = house.site.named("Le Coin <i>des</i> écrans")
    assert (made["commune"], made["code_insee"], made["code_postal"]) == ("Roubaix", "59512", "59100")
    assert "03 20 99 88 76" in Page(page.text).text
    assert (made["telephone"], made["services"]) == ("+33320998876", services)
    assert roles_at(house, made["id"])[person.id] == "referent"
    assert house.rows(FieldChange, FieldChange.structure_id == made["id"])
    assert house.browser(person.id).get(house.path(made["nom"]) + "/equipe").status_int == 200
    late = post(browser, f"/gestion/propositions/{row.id}/refuser", 422, motif="Trop tard")
    assert "coordination a déjà accepté" in late.text
    assert len(house.rows(Structure, Structure.nom == made["nom"])) == 1


def test_two_coordinators_accept_at_once_make_one_place(house: House) -> None:
    person = house.person()
    propose(house, person.id, "Fabrique unique")
    (row,) = house.rows(JoinRequest, JoinRequest.person_id == person.id)
    browsers = [house.browser("coordination") for _ in range(3)]
    tokens = [csrf(browser) for browser in browsers]
    path = f"/gestion/propositions/{row.id}/accepter"
    pairs = zip(browsers, tokens, strict=True)
    results = at_once(*(lambda b=b, t=t: b.post(path, {"csrf_token": t}, status="*") for b, t in pairs))
    assert sorted(result.status_int for result in results) == [303, 422, 422]
    assert len(house.rows(Structure, Structure.nom == "Fabrique unique")) == 1


def test_a_phone_that_is_known_warns_once(house: House) -> None:
    person = house.person()
    known = next(row for row in house.site.rows() if row["telephone"] and row["status"] == "active")
    browser = house.browser(person.id)
    warned = propose(house, person.id, "Tout autre nom", browser, telephone=known["telephone"])
    assert warned.status_int == 422
    assert "peut-être déjà là" in warned.text
    assert str(known["id"]) in warned.text
    form = next(
        f for f in warned.forms.values() if f.method.upper() == "POST" and f.action.endswith("proposer-un-lieu")
    )
    assert form["telephone"].value == known["telephone"]
    assert form.submit().status_int == 303
    assert house.rows(JoinRequest, JoinRequest.person_id == person.id)


def test_the_same_proposal_twice_is_one_and_bad_ones_come_back(house: House) -> None:
    person = house.person()
    for _ in range(2):
        assert propose(house, person.id, "Deux fois").status_int == 303
    assert len(house.rows(JoinRequest, JoinRequest.person_id == person.id)) == 1
    browser = house.browser(person.id)
    bad = {
        "nom": "Gardé",
        "commune": "Nullepart-sur-Rien",
        "code_postal": "",
        "telephone": "abc",
        "services": "rien",
        "vus": "x,y",
    }
    page = post(browser, "/proposer-un-lieu", 422, **bad)
    assert "Gardé" in page.text
    assert Page(page.text).errors == []
    page = post(browser, "/proposer-un-lieu", 422, nom="Gardé", commune="Saint-Denis")
    assert "ne connaissons pas cette ville" in page.text
    post(browser, "/proposer-un-lieu", 422, nom="\x00", commune="\x00" * 500, message="x" * 5000)
    for n in range(3):
        assert propose(house, person.id, f"Encore {n}").status_int == 303
    assert propose(house, person.id, "De trop").status_int == 429


# --- reminders ------------------------------------------------------------------------------------------------


def test_reminders_after_three_and_seven_days_then_the_coordination(house: House) -> None:
    person = house.person()
    row = ask(house, person.id)
    assert run(house, 2.9) == []
    first = run(house, 0.1)
    assert {mail.recipient for mail in first} >= {"referent@reseau.example"}
    assert all(mail.subject.startswith("Rappel : Répondez à") for mail in first)
    assert run(house) == [], "the job run twice"
    assert run(house, 3.9) == []
    assert run(house, 0.1)
    assert run(house, 2.9) == []
    last = run(house, 0.1)
    assert "coordination@reseau.example" in {mail.recipient for mail in last}
    assert "referent@reseau.example" not in {mail.recipient for mail in last}
    assert run(house, 30) == []
    assert house.get(JoinRequest, row.id).reminders == 3


def test_days_that_were_missed_and_answers_that_came(house: House) -> None:
    late, answered = ask(house, house.person().id), ask(house, house.person().id)
    with house.site.sessions.begin() as session:
        now = house.site.clock.now
        requests.refuse(session, answered.id, "Non", house.people["referent"], house.site.settings, now)
    sent = run(house, 8)
    assert len([mail for mail in sent if mail.recipient == "referent@reseau.example"]) == 1
    assert house.get(JoinRequest, late.id).reminders == 2


def test_a_job_that_is_killed_loses_and_repeats_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [ask(house, house.person().id) for _ in range(4)]
    house.site.clock.now += timedelta(days=3)
    calls = iter(range(100))

    def stopping() -> bool:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return False

    tools = Tools(house.site.sessions, house.site.settings, house.site.clock, stopping)
    before = len(house.mails("referent@reseau.example"))
    with pytest.raises(KeyboardInterrupt):
        JOBS[0].run(tools)
    assert len(house.mails("referent@reseau.example")) == before + 2
    JOBS[0].run(replace(tools, stopping=lambda: False))
    assert len(house.mails("referent@reseau.example")) == before + 4
    assert [house.get(JoinRequest, row.id).reminders for row in rows] == [1] * 4


def test_two_workers_remind_once(house: House) -> None:
    ask(house, house.person().id)
    house.site.clock.now += timedelta(days=3)
    tools = Tools(house.site.sessions, house.site.settings, house.site.clock)
    before = len(house.mails("referent@reseau.example"))
    at_once(*(lambda: JOBS[0].run(tools) for _ in range(3)))
    assert len(house.mails("referent@reseau.example")) == before + 1


def test_who_does_not_want_the_mails_gets_none_and_the_coordination_is_told(
    house: House, orphan: tuple[str, UUID]
) -> None:
    quiet = house.person(referent_of=[orphan[1]])
    with house.site.sessions.begin() as session:
        session.get_one(Person, quiet.id).mails = {"demandes": False}
    before = len(house.mails("coordination@reseau.example"))
    person = house.person()
    ask(house, person.id, orphan[0])
    told = house.mails("coordination@reseau.example")
    assert len(told) == before + 1, "at once, not after ten days"
    assert any(person.name in mail.subject for mail in told)
    assert {mail.recipient for mail in run(house, 3)} == {"coordination@reseau.example"}
    assert house.mails(quiet.email) == []


def test_an_invitation_is_reminded_once_after_five_days(house: House) -> None:
    email = house.stranger()
    invite(house, house.browser("referent"), email)
    mine = lambda mails: [mail for mail in mails if mail.recipient == email]  # noqa: E731
    assert mine(run(house, 4.9)) == []
    (mail,) = mine(run(house, 0.1))
    assert mail.subject.startswith("Rappel : referent vous invite")
    assert mine(run(house)) == []
    assert mine(run(house, 10)) == []
    assert mine(run(house, 20)) == []
    run(house, 181)
    assert house.rows(Invitation, Invitation.email == email) == []


def test_old_lists_are_forgotten(house: House) -> None:
    with house.site.sessions.begin() as session:
        session.add(
            PeopleList(given_by=house.people["coordination"], created_at=house.site.clock.now, rows={"lines": []})
        )
    run(house, 31)
    assert house.rows(PeopleList) == []
