"""Entering: a mailed link, one button, one session. Both engines."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from webtest import TestApp

from reseau import ROOMS
from reseau.core import tokens
from reseau.core.audit import Audit
from reseau.members import signin
from reseau.members.models import Person, PersonSession, PersonState, SignIn
from reseau.web.app import make_app
from reseau.web.security import SESSION_COOKIE
from tests.directory.site import Page
from tests.members.conftest import ECHO, EPEULE, House, csrf, last_link, post_form, turned_away
from tests.people import at_once


def ask(house: House, address: str, browser: TestApp | None = None, suite: str = "") -> Any:
    """Fill in the form of ``/connexion``."""
    browser = browser or house.browser()
    form = post_form(browser.get("/connexion?" + urlencode({"suite": suite})))
    form["adresse"] = address
    return form.submit()


def link_for(house: House, address: str, browser: TestApp | None = None, suite: str = "") -> str:
    """Ask for a link and read it in the mail."""
    assert ask(house, address, browser, suite).location.endswith("/connexion/envoye")
    return last_link(house.mails(address)[-1])


def enter(house: House, address: str, browser: TestApp, suite: str = "") -> Any:
    """The whole way of someone who has an account."""
    return post_form(browser.get(link_for(house, address, browser, suite))).submit()


def sessions_of(house: House, person: Person) -> list[PersonSession]:
    return house.rows(PersonSession, PersonSession.person_id == person.id)


# --- the way in -----------------------------------------------------------------------------------------------


def test_someone_enters_by_a_mailed_link_and_lands_where_they_wanted_to_go(house: House) -> None:
    person, browser = house.person(), house.browser()
    browser.extra_environ["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
    reserved = turned_away(browser, "/compte?a=%C3%A9&b=1").follow()
    assert "puis vous pourrez continuer" in Page(reserved.text).text
    form = post_form(reserved)
    form["adresse"] = f"  {person.email.upper()} "
    sent = form.submit().follow()
    assert "Indésirables" in sent.text
    assert "15 minutes" in sent.text
    (mail,) = house.mails(person.email)
    assert mail.subject == "Connectez-vous avec ce lien"
    page = browser.get(last_link(mail))
    assert person.email in page.text
    entered = post_form(page).submit()
    assert (entered.status_int, entered.location) == (303, "http://localhost/compte?a=%C3%A9&b=1")
    account = entered.follow()
    assert "Firefox sur Windows" in Page(account.text).text
    (row,) = sessions_of(house, person)
    assert row.network.endswith(".0/24")
    assert row.created_at == house.site.clock.now
    (journal,) = house.rows(Audit, Audit.object_id == person.id)
    assert (journal.action, journal.person_id, journal.side) == ("session.open", person.id, "personne")
    assert person.email not in str(journal.detail)


def test_an_unknown_address_makes_an_account_and_says_what_is_kept(house: House) -> None:
    address, browser = house.stranger(), house.browser(language="ar")
    page = browser.get(link_for(house, address, browser))
    assert "/donnees-personnelles" in page.text
    form = post_form(page)
    assert form["langue_mails"].value == "ar"
    refused = form.submit(status=422)
    assert not house.rows(Person, Person.email == address), "a refused form makes no account"
    form = post_form(refused)
    form["nom"] = " <b>Nadia</b> \x00\nBenali "
    assert form.submit().location.endswith("/compte")
    (person,) = house.rows(Person, Person.email == address)
    assert (person.name, person.lang, person.state) == ("<b>Nadia</b> Benali", "ar", "active")
    shown = browser.get("/compte")
    assert "<b>Nadia" not in shown.text
    assert "&lt;b&gt;Nadia" in shown.text
    assert Page(shown.text).errors == []


def test_a_suspended_person_is_told_so_without_a_link(house: House) -> None:
    person = house.person()
    path = link_for(house, person.email)
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).state = PersonState.SUSPENDED.value
    assert "410" in house.browser().get(path, status=410).status, "a link mailed before opens nothing now"
    ask(house, person.email)
    mail = house.mails(person.email)[-1]
    assert "suspendu" in mail.subject
    assert "/connexion/lien/" not in mail.text + mail.html


def test_where_one_lands(house: House) -> None:
    echo = house.places["echo"]
    for more, path in (
        ({}, "/compte"),
        ({"member_of": [echo]}, "/compte"),
        ({"referent_of": [echo]}, "/gestion"),
        ({"roles": ["coordinator"]}, "/gestion"),
    ):
        assert enter(house, house.person(**more).email, house.browser()).location == f"http://localhost{path}"


def test_an_older_link_stays_good_when_another_is_asked_for(house: House) -> None:
    person = house.person()
    first, second = link_for(house, person.email), link_for(house, person.email)
    for path in (second, first):
        assert post_form(house.browser().get(path)).submit().status_int == 303


def test_the_device_in_words() -> None:
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
    assert signin.device(phone) == "Chrome / Android"
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Safari/604.1"
    assert signin.device(iphone) == "Safari / iPhone"
    assert signin.device(None) == signin.device("<script>") == ""


# --- a link acts once, in time, for what it is for ---------------------------------------------------------------


def test_a_scanner_that_opens_the_link_uses_nothing_up(house: House) -> None:
    person = house.person()
    path = link_for(house, person.email)
    for _ in range(3):
        scanner = house.browser()
        scanner.get(path)
        scanner.head(path)
        assert SESSION_COOKIE not in scanner.cookies
    assert not sessions_of(house, person)
    assert post_form(house.browser().get(path)).submit().status_int == 303


def test_a_link_opens_one_session_only(house: House) -> None:
    person = house.person()
    path = link_for(house, person.email, suite="/annuaire?q=caf")
    browser, other = house.browser(), house.browser()
    late = post_form(other.get(path))
    assert post_form(browser.get(path)).submit().status_int == 303
    assert browser.get(path).location.endswith("/annuaire?q=caf"), "who came in by it is not told that it is dead"
    again = late.submit(status=303).follow(status=410)
    other.get(path, status=410)
    assert len(sessions_of(house, person)) == 1
    form = post_form(again)
    assert form["suite"].value == "/annuaire?q=caf"
    form["adresse"] = person.email
    assert form.submit().location.endswith("/connexion/envoye")
    browser = house.browser()
    assert (
        post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().location.endswith("/annuaire?q=caf")
    )


@pytest.mark.parametrize("known", [True, False])
def test_two_clicks_at_once_open_one_session(house: House, known: bool) -> None:
    address = house.person().email if known else house.stranger()
    path = link_for(house, address)
    forms = [post_form(house.browser().get(path)) for _ in range(4)]
    for form in forms if not known else ():
        form["nom"] = "Nadia"
    gate, seen = threading.Barrier(len(forms)), []

    def click(form: Any) -> None:
        gate.wait()
        answer = form.submit(status=303)
        opened = any(cookie.startswith(SESSION_COOKIE) for cookie in answer.headers.getall("Set-Cookie"))
        seen.append(303 if opened else answer.follow(status="*").status_int)

    threads = [threading.Thread(target=click, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [303, 410, 410, 410]
    (person,) = house.rows(Person, Person.email == address)
    assert len(sessions_of(house, person)) == 1


def test_two_links_of_a_newcomer_make_one_account(house: House) -> None:
    address = house.stranger()
    forms = [post_form(house.browser().get(link_for(house, address))) for _ in range(2)]
    for form in forms:
        form["nom"] = "Nadia"
    seen = [answer.status_int for answer in at_once(*(partial(form.submit, status="*") for form in forms))]
    assert seen == [303, 303]
    assert len(house.rows(Person, Person.email == address)) == 1


def test_a_link_expires_after_fifteen_minutes(house: House) -> None:
    person = house.person()
    path, asked = link_for(house, person.email, suite="/annuaire"), house.site.clock.now
    house.site.clock.now = asked + timedelta(minutes=15)
    form = post_form(house.browser().get(path))
    house.site.clock.now = asked + timedelta(minutes=15, seconds=1)
    page = house.browser().get(path, status=410)
    assert "ne marche plus" in page.text
    assert post_form(page)["suite"].value == "/annuaire"
    form.submit(status=410)
    assert not sessions_of(house, person)
    house.site.clock.now = asked + timedelta(days=2)
    assert "suite" not in post_form(house.browser().get(path, status=410)).fields


def test_tokens_of_another_purpose_or_secret_open_nothing(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    path = link_for(house, person.email)
    (row,) = house.rows(SignIn, SignIn.person_id == person.id)
    secret = house.site.settings.secret
    good = path.rpartition("/")[2]
    forged = [
        tokens.sign(secret, "new-address", str(row.id), now),
        tokens.sign("another secret, long enough to be accepted", signin.PURPOSE, str(row.id), now),
        tokens.sign(secret, signin.PURPOSE, [str(row.id)], now),
        tokens.sign(secret, signin.PURPOSE, "x", now),
        tokens.sign(secret, signin.PURPOSE, str(person.id), now),
        good[:-1], good + "x", good.swapcase(), "x", "." * 2000,
    ]  # fmt: skip
    for token in forged:
        page = house.browser().get(f"/connexion/lien/{token}", status=410)
        assert SESSION_COOKIE not in page.headers.get("Set-Cookie", "").split("=")[0]
    assert not sessions_of(house, person)
    house.browser().get("/connexion/lien/" + "a" * 2001, status=404)


def test_a_link_to_an_address_that_was_changed_since_opens_nothing(house: House) -> None:
    person = house.person()
    path = link_for(house, person.email)
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).email = house.stranger()
    house.browser().get(path, status=410)


# --- nobody learns who has an account, and nobody is flooded ------------------------------------------------------


def test_known_unknown_and_suspended_get_the_same_answer_by_the_same_statements(house: House) -> None:
    suspended = house.person()
    with house.site.sessions.begin() as session:
        session.get_one(Person, suspended.id).state = PersonState.SUSPENDED.value
    seen = []
    for address in (house.person().email, house.stranger(), suspended.email):
        browser = house.browser()
        form = post_form(browser.get("/connexion"))
        form["adresse"] = address
        with house.site.statements() as statements:
            answer = form.submit()
        headers = sorted((k, v) for k, v in answer.headers.items() if k != "Set-Cookie")
        seen.append((answer.status, headers, answer.text, answer.follow().text, list(statements)))
        assert len(house.mails(address)) == 1
    assert seen[0] == seen[1] == seen[2]


def test_five_links_an_hour_for_one_address_from_one_network(house: House) -> None:
    person, browser = house.person(), house.browser()
    for _ in range(5):
        ask(house, person.email, browser)
    form = post_form(browser.get("/connexion?suite=/annuaire"))
    form["adresse"] = person.email.upper()
    refused = form.submit(status=429)
    assert "dans une heure" in refused.text
    assert Page(refused.text).errors == []
    assert refused.headers["Retry-After"] == "3600"
    assert len(house.mails(person.email)) == 5
    form = post_form(refused)
    assert (form["suite"].value, form["adresse"].value) == ("/annuaire", person.email)
    assert ask(house, person.email).status_int == 303, "nobody is kept out by what somebody else asks for"
    assert len(house.mails(person.email)) == 6
    house.site.clock.now += timedelta(hours=1)
    assert form.submit().status_int == 303


def flood(house: House, address: str) -> None:
    """Twenty links for an address, each from another network."""
    for _ in range(20):
        ask(house, address)


def test_over_twenty_links_an_hour_the_last_one_must_serve_first(house: House) -> None:
    person, stranger, suspended = house.person(), house.stranger(), house.person()
    with house.site.sessions.begin() as session:
        session.get_one(Person, suspended.id).state = PersonState.SUSPENDED.value
    for address in (person.email, stranger, suspended.email):
        flood(house, address)
        assert ask(house, address).location.endswith("/connexion/envoye"), "the same answer"
        assert len(house.mails(address)) == 20
    browser = house.browser()
    assert post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().status_int == 303
    house.site.clock.now += timedelta(minutes=15)
    for number in (21, 21):
        ask(house, person.email)
        assert len(house.mails(person.email)) == number, "every link is too old: one more leaves"


def test_one_link_that_serves_is_enough_however_it_was_asked_for(house: House) -> None:
    """Whoever floods a mailbox keeps nobody out: its owner has a link that opens their account."""
    person = house.person()
    flood(house, person.email)
    browser = house.browser()
    assert ask(house, person.email, browser).status_int == 303
    assert post_form(browser.get(last_link(house.mails(person.email)[-1]))).submit().status_int == 303


def test_without_an_address_of_theirs_visitors_do_not_share_a_count(house: House) -> None:
    browser = house.browser()
    browser.extra_environ["REMOTE_ADDR"] = "unknown"
    person = house.person()
    for _ in range(6):
        assert ask(house, person.email, browser).status_int == 303
    for _ in range(30):
        assert ask(house, house.stranger(), browser).status_int == 303


def test_thirty_links_an_hour_from_one_network(house: House) -> None:
    browser = house.browser()
    token = csrf(browser)
    ours = browser.extra_environ["REMOTE_ADDR"].rpartition(".")[0]
    for number in range(30):
        environ = {"REMOTE_ADDR": f"{ours}.{number}"}
        form = {"adresse": house.stranger(), "csrf_token": token}
        assert browser.post("/connexion", form, extra_environ=environ).status_int == 303
    address = house.stranger()
    browser.post("/connexion", {"adresse": address, "csrf_token": token}, status=429)
    assert not house.mails(address)
    assert ask(house, address).status_int == 303, "another network is not concerned"


# --- the second of two fast clicks -------------------------------------------------------------------------------


def test_a_double_click_leads_where_the_link_leads(house: House) -> None:
    for suite, where in (("/annuaire?q=caf", "/annuaire?q=caf"), ("", "/gestion")):
        person, browser = house.person(referent_of=[house.places["echo"]]), house.browser()
        path = link_for(house, person.email, suite=suite)
        form = post_form(browser.get(path))
        before = dict(browser.cookies)
        assert form.submit().location.endswith(where)
        # Sent before the first was answered: neither the session nor the new token.
        early = TestApp(house.site.wsgi, extra_environ=browser.extra_environ)
        for name, value in before.items():
            early.set_cookie(name, value.strip('"'))
        again = early.post(path, form.submit_fields(), status=303)
        assert again.location.endswith(path)
        assert SESSION_COOKIE not in early.cookies
        assert browser.get(path).location.endswith(where), "the page, asked for with the cookies of by now"
        # Sent after: the token is an old one.
        late = form.submit(status=303)
        assert late.follow().location.endswith(where)
        assert len(sessions_of(house, person)) == 1
        assert len(house.rows(Audit, Audit.object_id == person.id)) == 1


def test_a_forged_or_stale_form_of_a_link_is_refused_to_who_is_not_signed_in(house: House) -> None:
    person, browser = house.person(), house.browser()
    browser.post(link_for(house, person.email), {"csrf_token": "x"}, status=400)
    assert not sessions_of(house, person)


# --- cookies and sessions -----------------------------------------------------------------------------------------


def test_the_cookies_are_new_at_sign_in_and_flagged(house: House) -> None:
    person, browser = house.person(), house.browser()
    browser.set_cookie(SESSION_COOKIE, "planted-by-somebody-else")
    token = csrf(browser)
    entered = enter(house, person.email, browser)
    cookies = {c.partition("=")[0]: c for c in entered.headers.getall("Set-Cookie")}
    assert "planted" not in cookies[SESSION_COOKIE]
    assert browser.cookies["jeton"].strip('"') != token
    flags = {part.strip().lower() for part in cookies[SESSION_COOKIE].split(";")[1:]}
    assert {"httponly", "path=/", "samesite=lax", "max-age=2592000"} <= flags
    assert "secure" not in flags
    stored = sessions_of(house, person)[0].digest
    assert stored == tokens.digest(browser.cookies[SESSION_COOKIE]) != browser.cookies[SESSION_COOKIE]
    assert browser.get("/compte").headers["Cache-Control"] == "private, no-store"
    browser.post("/compte/deconnexion", {"csrf_token": token}, status=400)


def test_the_cookies_are_secure_where_the_settings_say_so(house: House) -> None:
    wsgi = make_app(replace(house.site.settings, secure_cookies=True, search="null"), ROOMS)
    wsgi.registry["clock"] = house.site.clock
    person, environ = (
        house.person(),
        {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost", "REMOTE_ADDR": "10.200.0.1"},
    )
    browser = TestApp(wsgi, extra_environ={**environ, "HTTP_ACCEPT_LANGUAGE": "fr"})
    try:
        form = post_form(browser.get("/connexion"))
        form["adresse"] = person.email
        form.submit(headers={"Referer": "https://localhost/connexion"})
        page = browser.get(last_link(house.mails(person.email)[0]))
        entered = post_form(page).submit(headers={"Referer": "https://localhost/"})
        assert len(entered.headers.getall("Set-Cookie")) >= 2
        for cookie in entered.headers.getall("Set-Cookie"):
            assert {"secure", "httponly", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
    finally:
        wsgi.registry["engine"].dispose()


def test_who_was_signed_in_here_is_signed_out(house: House) -> None:
    first, second = house.person(), house.person()
    browser = house.browser(first.id)
    path = link_for(house, second.email)
    page = browser.get(path)
    assert "Elle sera déconnectée" in page.text
    old = browser.cookies[SESSION_COOKIE]
    post_form(page).submit()
    assert second.name in browser.get("/compte").text
    other = house.browser()
    other.set_cookie(SESSION_COOKIE, old)
    turned_away(other)


def test_a_post_makes_the_session_last(house: House) -> None:
    person, start = house.person(), house.site.clock.now
    browser = house.browser(person.id)
    for day in (20, 40, 60):
        house.site.clock.now = start + timedelta(days=day)
        saved = post_form(browser.get("/compte"), "/compte").submit()
        assert any(c.startswith(f"{SESSION_COOKIE}=") for c in saved.headers.getall("Set-Cookie"))
    assert house.get(Person, person.id).last_seen_at == house.site.clock.now
    with house.site.statements() as statements:
        browser.get("/compte")
    assert not [s for s in statements if s.lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE"))]
    house.site.clock.now += timedelta(days=30, seconds=1)
    turned_away(browser)


def test_who_is_signed_in_and_not_allowed_is_not_asked_to_sign_in(house: House) -> None:
    page = house.browser("personne").get("/gestion/gouvernance", status=403)
    assert "Page réservée" in page.text


def test_a_member_who_is_stopped_is_told_what_to_do(house: House) -> None:
    path, browser = house.path(ECHO), house.browser("membre")
    page = browser.get(path + "/modifier", status=403)
    assert "Vous êtes membre de ce lieu" in Page(page.text).text
    assert all(f'href="{path}/{end}"' in page.text for end in ("signaler", "equipe"))
    page = browser.get("/gestion", status=403)
    assert "Vous êtes membre d’un lieu" in Page(page.text).text
    assert 'href="/compte"' in page.text
    for who, where in (
        ("membre", house.path(EPEULE) + "/modifier"), ("referent", house.path(EPEULE) + "/modifier"),
        ("referent", "/gestion/lieux/nouveau"), ("personne", "/gestion"), ("membre", "/gestion/gouvernance"),
    ):  # fmt: skip
        assert "Vous êtes membre" not in house.browser(who).get(where, status=403).text, (who, where)


def test_a_page_for_anybody_with_an_account_leads_to_sign_in_and_back(house: House) -> None:
    person, path = house.person(), house.path(ECHO) + "/rejoindre"
    browser = house.browser()
    page = turned_away(browser, path + "?a=1").follow()
    form = post_form(page)
    form["adresse"] = person.email
    form.submit()
    link = last_link(house.mails(person.email)[-1])
    assert post_form(browser.get(link)).submit().location.endswith(path + "?a=1")
    for other in ("/gestion", house.path(ECHO) + "/modifier", "/compte/mes-donnees.json"):
        house.browser().get(other, status=403)


def test_every_page_of_entering_is_well_formed_in_three_languages(house: House) -> None:
    for lang, path in itertools.product(
        ("fr", "en", "ar"), ("/connexion", "/connexion/envoye", "/donnees-personnelles")
    ):
        page = house.browser(language=lang).get(path)
        assert Page(page.text).errors == [], path
