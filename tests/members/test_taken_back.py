"""What was taken away does not come back by an old mail: roles, places, inviters who are no more. Both engines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from webtest import TestApp

from reseau.core.actors import SYSTEM
from reseau.core.audit import Audit
from reseau.directory import lifecycle
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.members import governance, invitations, places, team
from reseau.members.invitations import Wanted
from reseau.members.models import Invitation, JoinRequest, Membership, Person, PersonState
from tests.members.conftest import ECHO, EPEULE, House, csrf, last_link
from tests.members.test_governance import PAGE
from tests.members.test_invitations import accept_form, at_once, invite, post, roles_at
from tests.members.test_requests import run


def open_rows(house: House, email: str) -> list[Invitation]:
    where = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return house.rows(Invitation, Invitation.email == email, *where)


def links(house: House, email: str) -> list[str]:
    return [last_link(mail) for mail in house.mails(email) if "/invitation/" in mail.text]


def accept(house: House, link: str, who: UUID | None = None) -> Any:
    form = accept_form(house.browser(who).get(link))
    if "nom" in form.fields:
        form["nom"] = "Zoé"
    return form.submit()


def stays_out(house: House, link: str, who: UUID) -> None:
    browser = house.browser(who)
    assert "Invitation annulée" in browser.get(link, status=410).text
    browser.post(link, {"csrf_token": csrf(browser, "/compte")})


def invite_twice(house: House, role: str, email: str, by: UUID) -> None:
    """As two administrators who do not know of each other would: older rows may be there."""
    with house.site.sessions.begin() as session:
        for _ in range(2):
            row = Invitation(email=email, role=role, lang="fr", invited_by=by, expires_at=house.site.clock.now + invitations.LASTS)  # fmt: skip
            session.add(row)
            session.flush()
            invitations.send(session, row, house.site.settings, house.site.clock.now)


# --- roles on the site ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "coordinator"])
def test_a_removed_role_does_not_come_back_by_an_older_invitation(house: House, role: str) -> None:
    email, admin = house.stranger(), house.browser("admin")
    invite_twice(house, role, email, house.people["admin"])
    first, second = links(house, email)
    accept(house, first)
    (person,) = house.rows(Person, Person.email == email)
    assert person.roles == [role]
    assert open_rows(house, email) == [], "accepting one closes the others"
    assert "fait=done" in post(admin, f"{PAGE}/roles/retirer", personne=str(person.id), role=role).location
    stays_out(house, second, person.id)
    assert house.get(Person, person.id).roles == []


def test_a_role_given_directly_closes_its_invitation(house: House) -> None:
    email, admin = house.stranger(), house.browser("admin")
    add = {"courriel": email, "role": "coordinator", "langue": "fr"}
    post(admin, f"{PAGE}/roles/ajouter", **add)
    with house.site.sessions.begin() as session:
        person = invitations.account(session, email, "Zoé", "fr", house.site.clock.now)
    assert "fait=done" in post(admin, f"{PAGE}/roles/ajouter", **add).location
    assert open_rows(house, email) == []
    post(admin, f"{PAGE}/roles/retirer", personne=str(person.id), role="coordinator")
    stays_out(house, links(house, email)[0], person.id)
    assert house.get(Person, person.id).roles == []


def test_taking_a_role_closes_what_would_give_it_back_and_nothing_else(house: House) -> None:
    person = house.person(roles=["relay"])
    for role in ("relay", "coordinator"):
        invite_twice(house, role, person.email, house.people["admin"])
    with house.site.sessions.begin() as session:
        done = governance.remove_role(session, person.id, "relay", house.site.clock.now)
    assert done is governance.Done.DONE
    assert {row.role for row in open_rows(house, person.email)} == {"coordinator"}


def test_a_role_taken_while_it_is_accepted_is_taken(house: House) -> None:
    email = house.stranger()
    invite_twice(house, "relay", email, house.people["admin"])
    accept(house, links(house, email)[0])
    (person,) = house.rows(Person, Person.email == email)
    invite_twice(house, "relay", email, house.people["admin"])
    form = accept_form(house.browser(person.id).get(links(house, email)[-1]))
    admin = house.browser("admin")
    token = csrf(admin)
    sent = {"csrf_token": token, "personne": str(person.id), "role": "relay"}
    results = at_once(form.submit, lambda: admin.post(f"{PAGE}/roles/retirer", sent, status="*"))
    assert [result.status_int for result in results] == [303, 303]
    assert house.get(Person, person.id).roles == []


def test_the_journal_says_who_received_a_role(house: House) -> None:
    person, email, admin = house.person(), house.stranger(), house.browser("admin")
    post(admin, f"{PAGE}/roles/ajouter", courriel=person.email, role="relay", langue="fr")
    (row,) = house.rows(Audit, Audit.action == "role.add", Audit.object_id == person.id)
    assert row.detail == {"role": "relay"}
    post(admin, f"{PAGE}/roles/ajouter", courriel=email, role="relay", langue="fr")
    (sent,) = open_rows(house, email)
    assert len(house.rows(Audit, Audit.action == "role.add", Audit.object_id == sent.id)) == 1
    before = len(house.rows(Audit, Audit.action == "role.add"))
    post(admin, f"{PAGE}/roles/ajouter", courriel=email, role="relay", langue="fr")
    assert len(house.rows(Audit, Audit.action == "role.add")) == before, "nothing was done"


def test_three_administrators_suspend_each_other_at_once_and_one_stays(house: House) -> None:
    ids = [house.people["admin"], *(house.person(roles=["administrator"]).id for _ in range(2))]
    with house.site.sessions.begin() as session:
        for person in session.query(Person).filter(Person.id.not_in(ids)):
            person.roles = [role for role in person.roles if role != "administrator"]
    browsers = [house.browser(id_) for id_ in ids]
    tokens = [csrf(browser) for browser in browsers]

    def suspend(rank: int) -> Any:
        path = f"/gestion/personnes/{ids[(rank + 1) % 3]}/suspendre"
        return browsers[rank].post(path, {"csrf_token": tokens[rank]}, status="*")

    at_once(*(lambda rank=rank: suspend(rank) for rank in range(3)))
    left = [id_ for id_ in ids if house.get(Person, id_).state == PersonState.ACTIVE.value]
    with house.site.sessions.begin() as session:
        for id_ in ids:
            person = session.get_one(Person, id_)
            person.state, person.roles = PersonState.ACTIVE.value, ["administrator"] if id_ == ids[0] else []
    assert len(left) >= 1


# --- places ---------------------------------------------------------------------------------------------------


def invited_as_both(house: House, email: str, name: str = ECHO) -> tuple[str, str]:
    """Invited as a member, then as a référent."""
    for role in ("member", "referent"):
        invite(house, house.browser("coordination"), email, name, nom="Zoé", role=role)
    member, referent = links(house, email)
    return member, referent


@pytest.mark.parametrize("gone", ["retirer", "quitter", "role"])
def test_who_is_removed_or_lowered_does_not_come_back_as_a_referent(house: House, gone: str) -> None:
    email, place = house.stranger(), house.places["echo"]
    member, referent = invited_as_both(house, email)
    accept(house, member)
    (person,) = house.rows(Person, Person.email == email)
    path, manager = house.path(ECHO) + "/equipe", house.browser("referent")
    if gone == "quitter":
        post(house.browser(person.id), f"{path}/quitter")
    elif gone == "role":
        with house.site.sessions.begin() as session:
            places.join_structure(session, person.id, place, "referent", None)
        post(manager, f"{path}/{person.id}/role", role="member")
    else:
        post(manager, f"{path}/{person.id}/retirer")
    assert open_rows(house, email) == []
    stays_out(house, referent, person.id)
    assert roles_at(house, place).get(person.id) == ("member" if gone == "role" else None)


def test_accepting_closes_what_it_supersedes_in_that_place_only(house: House) -> None:
    email = house.stranger()
    member, referent = invited_as_both(house, email)
    invite(house, house.browser("coordination"), email, EPEULE, role="member")
    accept(house, referent)
    (left,) = open_rows(house, email)
    assert left.structure_id == house.places["epeule"]
    (person,) = house.rows(Person, Person.email == email)
    stays_out(house, member, person.id)


def test_joining_by_request_closes_the_invitation(house: House) -> None:
    person, place = house.person(), house.places["echo"]
    browser = house.browser(person.id)
    post(browser, house.path(ECHO) + "/rejoindre")
    invite(house, house.browser("coordination"), person.email, ECHO, role="member")
    (asked,) = house.rows(JoinRequest, JoinRequest.person_id == person.id)
    post(house.browser("referent"), f"/gestion/demandes/{asked.id}/accepter", role="member")
    assert roles_at(house, place)[person.id] == "member"
    assert open_rows(house, person.email) == []


def test_a_place_that_was_merged_takes_its_invitations_back_too(house: House) -> None:
    now, email = house.site.clock.now, house.stranger()
    with house.site.sessions.begin() as session:
        kept, lost = (
            lifecycle.create(session, {"nom": f"Repris {n}"}, Because(Cause.CREATE, SYSTEM), ("cartographie",), now)
            for n in (1, 2)
        )
        person = invitations.account(session, email, "Zoé", "fr", now)
        places.join_structure(session, person.id, kept, "member", None)
        by = house.people["coordination"]
        invitations.invite(session, Wanted(email, "referent", lost), by, house.site.settings, now)
    with house.site.sessions.begin() as session:
        lifecycle.merge(session, kept, lost, Because(Cause.MERGE, SYSTEM), ("cartographie",), now)
    with house.site.sessions.begin() as session:
        assert team.remove(session, kept, person.id, now, may_orphan=True) is team.Done.DONE
    assert open_rows(house, email) == []
    stays_out(house, links(house, email)[0], person.id)


def test_removed_and_accepting_at_once_ends_outside_or_by_their_own_hand(house: House) -> None:
    email, place = house.stranger(), house.places["echo"]
    member, referent = invited_as_both(house, email)
    accept(house, member)
    (person,) = house.rows(Person, Person.email == email)
    form, manager = accept_form(house.browser(person.id).get(referent)), house.browser("coordination")
    token, path = csrf(manager), f"{house.path(ECHO)}/equipe/{person.id}/retirer"
    results = at_once(form.submit, lambda: manager.post(path, {"csrf_token": token}, status="*"))
    assert [result.status_int for result in results] == [303, 303]
    assert person.id not in roles_at(house, place)


# --- inviters who are no more ---------------------------------------------------------------------------------


def _suspend(house: House, inviter: Person) -> None:
    post(house.browser("admin"), f"/gestion/personnes/{inviter.id}/suspendre")


def _remove(house: House, inviter: Person) -> None:
    post(house.browser("coordination"), f"{house.path(EPEULE)}/equipe/{inviter.id}/retirer")


def _lower(house: House, inviter: Person) -> None:
    post(house.browser("coordination"), f"{house.path(EPEULE)}/equipe/{inviter.id}/role", role="member")


def _leave(house: House, inviter: Person) -> None:
    browser: TestApp = house.browser(inviter.id)
    post(browser, "/compte/supprimer", compris="y")


@pytest.mark.parametrize("end", [_suspend, _remove, _lower, _leave])
def test_an_invitation_is_worth_what_its_inviter_may_do(house: House, end: Any) -> None:
    inviter, email, known = house.person(referent_of=[house.places["epeule"]]), house.stranger(), house.person()
    for address in (email, known.email):
        invite(house, house.browser(inviter.id), address, EPEULE, nom="Zoé", role="referent")
    form = accept_form(house.browser().get(links(house, email)[0]))
    end(house, inviter)
    assert form.submit().status_int == 303
    assert house.rows(Person, Person.email == email) == [], "no account either"
    assert "Invitation annulée" in house.browser().get(links(house, email)[0], status=410).text
    (row,) = open_rows(house, known.email)
    assert f"/compte/invitation/{row.id}" not in house.browser(known.id).get("/compte").text
    post(house.browser(known.id), f"/compte/invitation/{row.id}/accepter")
    assert not house.rows(Membership, Membership.person_id == known.id)
    assert email not in {mail.recipient for mail in run(house, 6)}, "nor is it reminded"
    house.site.fresh()


def test_someone_else_may_invite_again_or_send_again(house: House) -> None:
    inviter = house.person(referent_of=[house.places["epeule"]])
    one, two = house.stranger(), house.stranger()
    for address in (one, two):
        invite(house, house.browser(inviter.id), address, EPEULE, nom="Zoé", role="referent")
    _suspend(house, inviter)
    coordination = house.browser("coordination")
    assert "fait=sent" in invite(house, coordination, one, EPEULE, role="referent").location
    accept(house, links(house, one)[-1])
    (row,) = open_rows(house, two)
    post(coordination, f"{house.path(EPEULE)}/equipe/invitation/{row.id}/renvoyer")
    accept(house, links(house, two)[0])
    for address in (one, two):
        (person,) = house.rows(Person, Person.email == address)
        assert roles_at(house, house.places["epeule"])[person.id] == "referent"


def test_a_role_on_the_site_needs_an_administrator_behind_it(house: House) -> None:
    admin, email = house.person(roles=["administrator"]), house.stranger()
    post(house.browser(admin.id), f"{PAGE}/roles/ajouter", courriel=email, role="coordinator", langue="fr")
    form = accept_form(house.browser().get(links(house, email)[0]))
    post(house.browser("admin"), f"{PAGE}/roles/retirer", personne=str(admin.id), role="administrator")
    form["nom"] = "Zoé"
    form.submit()
    assert house.rows(Person, Person.email == email) == []
    post(house.browser("admin"), f"{PAGE}/roles/ajouter", courriel=admin.email, role="administrator", langue="fr")
    accept(house, links(house, email)[0])
    assert house.rows(Person, Person.email == email)[0].roles == ["coordinator"]
    with house.site.sessions.begin() as session:
        session.get_one(Person, admin.id).roles = []
