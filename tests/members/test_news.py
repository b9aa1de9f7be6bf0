"""Who hears of what: proposals, decisions of the coordination, accepted invitations; long lists; names that are alike."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from reseau.core.actors import SYSTEM
from reseau.core.communes import communes
from reseau.core.vocabularies import fold
from reseau.members import proposals
from reseau.members.models import Decision, JoinRequest, Person, PersonState
from reseau.members.places import people_with
from reseau.members.requests import PER_PAGE
from tests.directory.site import Page
from tests.members.conftest import ECHO, House, last_link
from tests.members.test_invitations import accept_form, invite, post
from tests.members.test_requests import ask, empty_desk, propose, run  # noqa: F401 (a fixture)


def silence(house: House, person: UUID, *, quiet: bool = True) -> None:
    with house.site.sessions.begin() as session:
        session.get_one(Person, person).mails = {"demandes": not quiet}


def test_the_mail_of_a_proposal_says_where_and_the_answer_leads_to_the_sheet(house: House) -> None:
    person = house.person()
    propose(house, person.id, "La Ruche du Pile", adresse="3 rue Nain")
    mail = house.mails("coordination@reseau.example")[-1]
    for words in ("La Ruche du Pile", "3 rue Nain, 59100 Roubaix", "Voir et répondre"):
        assert words in mail.text, words
    (row,) = house.rows(JoinRequest, JoinRequest.person_id == person.id)
    done = post(house.browser("coordination"), f"/gestion/propositions/{row.id}/accepter").follow()
    sheet = house.path("La Ruche du Pile")
    assert Page(done.text).errors == []
    assert f'href="{sheet}"' in done.text, "the notice leads to the new sheet"
    answer = house.mails(person.email)[-1]
    assert answer.subject == "« La Ruche du Pile » est maintenant dans l’annuaire"
    assert last_link(answer) == sheet


def test_a_decision_is_told_only_of_places(house: House) -> None:
    browser = house.browser("coordination")
    for query in (
        "fait=accepted&lieu=x",
        "fait=accepted&lieu=00000000-0000-7000-8000-000000000000",
        "lieu=%00",
        "page=x",
    ):
        assert "Voir la fiche" not in browser.get(f"/gestion/propositions?{query}").text


@pytest.mark.parametrize("verb", ["accepter", "refuser"])
def test_the_referents_hear_what_the_coordination_decided_for_them(house: House, verb: str) -> None:
    person, quiet = house.person(), house.person(referent_of=[house.places["echo"]])
    silence(house, quiet.id)
    row = ask(house, person.id)
    post(house.browser("coordination"), f"/gestion/demandes/{row.id}/{verb}", role="member", motif="Non")
    mail = house.mails("referent@reseau.example")[-1]
    assert mail.subject == f"La coordination a répondu à {person.name} pour « {ECHO} »"
    assert ("a accepté" if verb == "accepter" else "a refusé") in mail.text
    assert house.mails(quiet.email) == []
    other = ask(house, house.person().id)
    before = len(house.mails("referent@reseau.example"))
    post(house.browser("referent"), f"/gestion/demandes/{other.id}/{verb}", role="member", motif="Non")
    assert len(house.mails("referent@reseau.example")) == before, "they decided themselves"


def test_the_inviter_hears_that_the_invitation_is_accepted(house: House) -> None:
    inviter = house.person(referent_of=[house.places["echo"]])
    for quiet in (False, True):
        silence(house, inviter.id, quiet=quiet)
        email = house.stranger()
        invite(house, house.browser(inviter.id), email, nom="Zoé", role="member")
        accept_form(house.browser().get(last_link(house.mails(email)[0]))).submit()
    known = house.person()
    silence(house, inviter.id, quiet=False)
    invite(house, house.browser(inviter.id), known.email, role="member")
    accept_form(house.browser(known.id).get(last_link(house.mails(known.email)[0]))).submit()
    said = [mail.subject for mail in house.mails(inviter.email)]
    assert said == [f"{who} a accepté votre invitation à rejoindre « {ECHO} »" for who in ("Zoé", known.name)]


def test_requests_of_suspended_people_wait_unsaid(house: House) -> None:
    person = house.person()
    row = ask(house, person.id)
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).state = PersonState.SUSPENDED.value
    assert [mail for mail in run(house, 3) if person.name in mail.subject] == []
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).state = PersonState.ACTIVE.value
    assert [mail for mail in run(house) if person.name in mail.subject], "they came back"
    assert house.get(JoinRequest, row.id).reminders == 1
    house.site.fresh()


def test_long_lists_have_pages_and_every_request_is_in_one(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        for n in range(PER_PAGE + 3):
            at = {"created_at": now - timedelta(minutes=200 - n), "state": Decision.OPEN.value, "person_id": person.id}
            session.add(JoinRequest(structure_id=house.places["echo"], **at))
            session.add(JoinRequest(proposal={"nom": f"Lieu long {n}", "commune": "Roubaix"}, **at))
    for who, path, total in (
        ("coordination", "/gestion/demandes", PER_PAGE + 3), ("coordination", "/gestion/propositions", PER_PAGE + 3),
        ("referent", "/gestion/demandes", PER_PAGE + 2),
    ):  # fmt: skip
        browser = house.browser(who)
        pages = [browser.get(path), browser.get(f"{path}?page=2")]
        assert [Page(page.text).errors for page in pages] == [[], []]
        ids = [
            form.action
            for page in pages
            for form in page.forms.values()
            if form.action.partition("?")[0].endswith("/accepter")
        ]
        assert len(set(ids)) == total
        assert browser.get(f"{path}?page=99").text.count("/accepter") == total - PER_PAGE, "beyond the last is the last"
        form = next(f for f in pages[1].forms.values() if f.action.partition("?")[0].endswith("/refuser"))
        refused = form.submit(status=422)
        assert "Écrivez pourquoi" in refused.text, "it comes back to its place"
        assert f'href="{path}"' in refused.text
        form["motif"] = "Non"
        assert "page=2" in form.submit().location


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Centre social ECHO", "Centre social du Pile", False),
        ("Centre social Basse Masure", "Centre social des 4 Quartiers", False),
        ("Médiathèque La Grand-Plage", "CCAS de Roubaix", False),
        ("Maison France Services", "France Services de Roubaix", True),
        ("Centre social", "Centre social ECHO", True),
        ("centre sociale echo", "Centre social ECHO", True),
        ("ECHO", "Centre social ECHO", True),
        ("Mairie", "Mairie annexe", True),
        ("Mairie", "Médiathèque de Roubaix", False),
        ("Le Fil de l'épeule", "Le fil de l’Epeule", True),
        ("Roubaix", "Centre social de Roubaix", False),
    ],
)
def test_places_are_told_apart_by_the_words_that_are_theirs(one: str, other: str, alike: bool) -> None:
    generic = proposals.generic_in("Roubaix")
    assert (proposals.likeness(fold(one), fold(other), generic) >= proposals.ALIKE) is alike


def test_the_same_number_is_the_same_place_whatever_its_name(house: House) -> None:
    roubaix = communes().by_name("Roubaix")[0]
    known = next(row for row in house.site.rows() if row["telephone"] and row["status"] == "active")
    with house.site.sessions() as session:
        found = proposals.similar(session, "Centre social", roubaix, known["telephone"])
    assert found[0]["id"] == known["id"] or found[0]["telephone"] == known["telephone"]


def test_only_the_holders_of_a_role_are_read(house: House) -> None:
    house.person(roles=["relay"])
    with house.site.sessions() as session, house.site.statements() as statements:
        found = people_with(session, "relay")
    assert found
    assert all("relay" in person.roles for person in found)
    (asked,) = (text for text in statements if text.startswith("SELECT"))
    assert "LIKE" in asked


def test_the_first_to_be_invited_to_a_place_is_asked_to_keep_it(house: House) -> None:
    taken = {row["nom"] for row in house.site.rows() if row["id"] in house.places.values()}
    name = next(row["nom"] for row in house.site.rows() if row["nom"] not in taken)
    browser = house.browser("coordination")
    assert browser.get(house.path(name) + "/equipe").forms["inviter"]["role"].value == "referent"
    assert browser.get(house.path(ECHO) + "/equipe").forms["inviter"]["role"].value == "member"


def test_a_proposal_is_accepted_by_a_person(house: House) -> None:
    with house.site.sessions() as session, pytest.raises(ValueError, match="person"):
        proposals.accept(session, house.places["echo"], SYSTEM, house.site.settings, house.site.clock.now)


def test_an_invitation_says_what_is_kept(house: House) -> None:
    email = house.stranger()
    invite(house, house.browser("referent"), email)
    assert (
        "/donnees-personnelles"
        in house.browser().get(last_link(house.mails(email)[0])).text.partition("<main")[2].partition("</main>")[0]
    )
