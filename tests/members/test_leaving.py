"""Leaving, of one's own will or by sleeping; and the sweeping of what has served. Both engines."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core import audit, limits, tokens
from reseau.core.actors import SYSTEM
from reseau.core.jobs import Tools, run_job
from reseau.core.mail import Mail
from reseau.directory.models import Cause, FieldChange, Suggestion
from reseau.members import drafts, governance, jobs, places
from reseau.members.models import (
    Draft,
    Invitation,
    JoinRequest,
    Membership,
    Person,
    PersonSession,
    PersonState,
    SignIn,
)
from reseau.members.sessions import open_session
from tests.directory.site import Page
from tests.members.conftest import ECHO, EPEULE, House, csrf, last_link, post_form, turned_away
from tests.members.test_signin import ask, link_for
from tests.people import at_once

DAY = timedelta(days=1)
INACTIVE, SWEEP = jobs.JOBS


def _delete(house: House, person: Person) -> Any:
    form = post_form(house.browser(person.id).get("/compte/supprimer"))
    form["compris"] = True
    return form.submit()


def _tools(house: House) -> Tools:
    return Tools(house.site.sessions, house.site.settings, house.site.clock)


# --- of one's own will --------------------------------------------------------------------------------------------


def test_who_leaves_is_forgotten_and_what_they_wrote_stays(house: House) -> None:
    echo, now = house.places["echo"], house.site.clock.now
    person = house.person(referent_of=[echo], lang="en")
    email = person.email
    ask(house, email)
    with house.site.sessions.begin() as session:
        row = session.get_one(Person, person.id)
        row.languages, row.mails = ["ar"], {"rappels": False}
        change = FieldChange(structure_id=echo, field="telephone", before={"v": None}, after={"v": "0320000000"},
                             cause=Cause.EDIT.value, side="lieu", author_id=person.id)  # fmt: skip
        said = Suggestion(structure_id=echo, reason="autre", message="avis", contact=email.upper(), language="fr",
                          nonce=person.id)  # fmt: skip
        session.add_all([
            change, said,
            Invitation(email=email, structure_id=echo, role="member", lang="fr", expires_at=now),
            JoinRequest(person_id=person.id, structure_id=echo, message="c’est moi, Nadia"),
            JoinRequest(person_id=person.id, structure_id=echo, message="moi", state="accepted"),
        ])  # fmt: skip
        drafts.save(session, person.id, "/x", [("a", "b")], now)
        audit.record(session, SYSTEM, "x.y", now, echo)
    browser = house.browser(person.id)
    form = post_form(browser.get("/compte/supprimer"))
    assert "Cochez la case" in form.submit(status=422).text
    assert house.get(Person, person.id).email == email
    form["compris"] = True
    gone = form.submit()
    assert "Votre compte est supprimé" in gone.follow().text
    turned_away(browser)
    now_is = house.get(Person, person.id)
    assert (now_is.state, now_is.email, now_is.name) == (PersonState.GONE.value, None, "")
    assert (now_is.languages, now_is.roles, now_is.mails, now_is.gone_at) == ([], [], {}, now)
    for table in (PersonSession, Draft, Membership):
        assert not house.rows(table, table.person_id == person.id)
    assert not house.rows(SignIn, SignIn.email == email)
    assert not house.rows(Invitation, Invitation.email == email)
    requests = house.rows(JoinRequest, JoinRequest.person_id == person.id)
    assert sorted((one.state, one.message) for one in requests) == [("accepted", ""), ("withdrawn", "")]
    assert house.get(FieldChange, change.id).author_id == person.id
    assert house.get(Suggestion, said.id).contact is None
    with house.site.sessions() as session:
        assert places.names(session, [person.id]) == {}
    (mail,) = house.mails(email)
    assert (mail.kind, mail.lang) == ("account-deleted", "en"), "links that waited are not sent any more"


def test_the_same_address_can_come_back_as_somebody_new(house: House) -> None:
    person = house.person()
    path = link_for(house, person.email)
    _delete(house, person)
    house.browser().get(path, status=410)
    form = post_form(house.browser().get(link_for(house, person.email)))
    form["nom"] = "De retour"
    form.submit()
    (back,) = house.rows(Person, Person.email == person.email)
    assert back.id != person.id


def test_the_last_administrator_must_name_another_first(house: House) -> None:
    with house.site.sessions.begin() as session:
        for one in session.scalars(sa.select(Person)):
            one.roles = [role for role in one.roles if role != "administrator"]
    last = house.person(roles=["administrator", "coordinator"])
    suspended = house.person(roles=["administrator"])
    with house.site.sessions.begin() as session:
        session.get_one(Person, suspended.id).state = PersonState.SUSPENDED.value
    form = post_form(house.browser(last.id).get("/compte/supprimer"))
    form["compris"] = True
    refused = form.submit(status=422)
    assert "Nommez d’abord quelqu’un d’autre" in refused.text
    assert house.get(Person, last.id).email == last.email
    other = house.person(roles=["administrator"])
    forms = []
    for person in (last, other):
        form = post_form(house.browser(person.id).get("/compte/supprimer"))
        form["compris"] = True
        forms.append(form)
    seen = [answer.status_int for answer in at_once(*(partial(form.submit, status="*") for form in forms))]
    assert sorted(seen) == [303, 422], "two who leave at once are judged one by one"


def test_the_last_one_to_keep_a_sheet_is_told_before_leaving(house: House) -> None:
    epeule = house.places["epeule"]
    person = house.person(referent_of=[epeule], member_of=[house.places["echo"]])
    browser = house.browser(person.id)
    text = Page(browser.get("/compte/supprimer").text).text
    assert f"Vous êtes la seule personne à tenir la fiche de {EPEULE}" in text
    assert ECHO not in text
    other = house.person(referent_of=[epeule])
    assert "la seule personne" not in browser.get("/compte/supprimer").text
    with house.site.sessions.begin() as session:
        session.get_one(Person, other.id).state = PersonState.SUSPENDED.value
    page = browser.post("/compte/supprimer", {"csrf_token": csrf(browser, "/compte")}, status=422)
    assert "la seule personne" in page.text
    assert Page(page.text).errors == []
    assert _delete(house, person).status_int == 303


def test_leaving_twice_and_without_ticking(house: House) -> None:
    person = house.person()
    browser, other = house.browser(person.id), house.browser(person.id)
    form = post_form(other.get("/compte/supprimer"))
    token = csrf(browser, "/compte")
    for wrong in ({}, {"compris": ""}, {"compris": "false"}):
        browser.post("/compte/supprimer", {**wrong, "csrf_token": token}, status=422)
    _delete(house, person)
    form["compris"] = True
    form.submit(status=403)


# --- by sleeping --------------------------------------------------------------------------------------------------


def test_who_sleeps_for_two_years_is_warned_then_forgotten(house: House) -> None:
    start = house.site.clock.now
    with house.site.sessions.begin() as session:  # all the others were here a moment ago, whatever the tests before
        session.execute(sa.update(Person).values(last_seen_at=start + 3000 * DAY, warned_at=None))
    sleeper, waker, admin = house.person(lang="en"), house.person(), house.person(roles=["administrator"])
    suspended = house.person()
    with house.site.sessions.begin() as session:
        session.get_one(Person, suspended.id).state = PersonState.SUSPENDED.value
        everyone = session.scalars(sa.select(Person).where(Person.id != admin.id))
        for one in everyone:
            one.roles = []
    tools = _tools(house)
    for month in range(1, 28):
        house.site.clock.now = start + month * 30 * DAY
        assert run_job(INACTIVE, tools)
        assert run_job(INACTIVE, tools), "twice the same day changes nothing"
        if month == 24:
            assert not house.mails(sleeper.email), "720 days"
        if month == 25:
            (mail,) = house.mails(sleeper.email)
            assert (mail.lang, last_link(mail)) == ("en", "/connexion")
            with house.site.sessions.begin() as session:
                session.execute(sa.update(Mail).values(state="sent", sent_at=house.site.clock.now))
                open_session(session, waker.id, house.site.clock.now)
            house.site.clock.now += 29 * DAY
            assert run_job(INACTIVE, tools)
            assert house.get(Person, sleeper.id).email == sleeper.email, "30 days are 30 days"
    assert house.get(Person, sleeper.id).state == PersonState.GONE.value
    assert house.get(Person, suspended.id).state == PersonState.GONE.value
    assert [mail.kind for mail in house.mails(sleeper.email)] == ["asleep", "asleep"]
    told, last = house.mails(suspended.email)
    assert (told.kind, last.kind) == ("asleep", "asleep")
    assert "Écrivez à la coordination avant" in told.subject
    assert "/connexion" not in told.text
    assert house.get(Person, waker.id).warned_at is None
    assert house.get(Person, waker.id).email == waker.email
    assert house.get(Person, admin.id).email == admin.email, "the last administrator is warned, and kept"
    assert len(house.mails(admin.email)) == 1
    (row,) = house.rows(audit.Audit, audit.Audit.object_id == sleeper.id)
    assert (row.action, row.side) == ("account.expire", "systeme")


def test_a_job_that_is_killed_between_two_people_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    start = house.site.clock.now
    with house.site.sessions.begin() as session:
        session.execute(sa.update(Person).values(last_seen_at=start + 9000 * DAY))
    house.site.clock.now = start + 4000 * DAY
    people = [house.person(now=start + number * DAY) for number in range(3)]
    real = jobs._warn

    def killed(session: Any, person: Person, *rest: Any) -> None:
        real(session, person, *rest)
        if person.id == people[1].id:
            raise RuntimeError("killed after the mail was written, before the commit")

    monkeypatch.setattr(jobs, "_warn", killed)
    assert not run_job(INACTIVE, _tools(house))
    assert [len(house.mails(one.email)) for one in people] == [1, 0, 0]
    monkeypatch.setattr(jobs, "_warn", real)
    assert run_job(INACTIVE, _tools(house))
    assert [len(house.mails(one.email)) for one in people] == [1, 1, 1]


def test_a_warning_names_the_day_and_signing_in_keeps_the_account(house: House) -> None:
    start = house.site.clock.now
    person = house.person(now=start - 731 * DAY)
    run_job(INACTIVE, _tools(house))
    (mail,) = house.mails(person.email)
    assert "24 décembre 2026" in mail.subject
    post_form(house.browser().get(link_for(house, person.email))).submit()
    house.site.clock.now += 40 * DAY
    run_job(INACTIVE, _tools(house))
    assert house.get(Person, person.id).email == person.email


def test_who_is_let_in_again_is_told_again_before_anything_is_erased(house: House) -> None:
    start = house.site.clock.now
    with house.site.sessions.begin() as session:
        session.execute(sa.update(Person).values(last_seen_at=start + 9000 * DAY, warned_at=None))
    person = house.person(now=start - 740 * DAY)
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).state = PersonState.SUSPENDED.value
    run_job(INACTIVE, _tools(house))
    house.site.clock.now = start + 29 * DAY
    with house.site.sessions.begin() as session:
        governance.restore(session, person.id)
    house.site.clock.now = start + 31 * DAY
    run_job(INACTIVE, _tools(house))
    assert house.get(Person, person.id).email == person.email
    assert len(house.mails(person.email)) == 2
    assert last_link(house.mails(person.email)[-1]) == "/connexion"
    house.site.clock.now = start + 60 * DAY
    run_job(INACTIVE, _tools(house))
    assert house.get(Person, person.id).email == person.email
    house.site.clock.now = start + 62 * DAY
    run_job(INACTIVE, _tools(house))
    assert house.get(Person, person.id).email is None


def test_who_was_not_told_is_not_forgotten(house: House) -> None:
    start = house.site.clock.now
    with house.site.sessions.begin() as session:
        session.execute(sa.update(Person).values(last_seen_at=start + 9000 * DAY, warned_at=None))
    person = house.person(now=start - 740 * DAY)
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).email = None
    for day in (0, 31, 62):
        house.site.clock.now = start + day * DAY
        assert run_job(INACTIVE, _tools(house))
    assert (house.get(Person, person.id).state, house.get(Person, person.id).warned_at) == ("active", None)


# --- sweeping -----------------------------------------------------------------------------------------------------


def test_what_has_served_is_swept_and_what_serves_stays(house: House) -> None:
    now = house.site.clock.now
    person = house.person()
    limit = limits.Limit("test", 5, timedelta(hours=1))
    with house.site.sessions.begin() as session:
        for age in (timedelta(hours=23), timedelta(hours=25)):
            session.add(SignIn(email=person.email, created_at=now - age))
        for age in (59, 61):
            open_session(session, person.id, now - age * DAY)  # expired 29 and 31 days ago
        open_session(session, person.id, now)
        for number, age in enumerate((89, 91)):
            drafts.save(session, person.id, f"/{number}", [("a", "b")], now - age * DAY)
        for age in (360, 370):
            audit.record(session, SYSTEM, f"swept.{age}", now - age * DAY, person.id)
        for age in (0, 2):
            tokens.spend(session, f"token {age}", now - age * DAY, DAY)
            limits.allow(session, limit, str(age), now - age * DAY)
    assert run_job(SWEEP, _tools(house))
    assert len(house.rows(SignIn, SignIn.email == person.email)) == 1
    assert len(house.rows(PersonSession, PersonSession.person_id == person.id)) == 2
    assert [row.path for row in house.rows(Draft, Draft.person_id == person.id)] == ["/0"]
    assert [row.action for row in house.rows(audit.Audit, audit.Audit.object_id == person.id)] == ["swept.360"]
    digests = {row.digest for row in house.rows(tokens.SpentToken)}
    assert tokens.digest("token 0") in digests
    assert tokens.digest("token 2") not in digests
    assert run_job(SWEEP, _tools(house))
