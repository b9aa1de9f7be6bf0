"""The demonstration: people who are played with one click, their mails, a little life. Both engines."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from webtest import TestApp

from reseau import ROOMS, rooms_of
from reseau.core.audit import Audit
from reseau.core.mail import Mail
from reseau.demonstration.people import MEMBER_OF, NEWCOMER, PLAYED, REFERENT_OF, seed
from reseau.directory.models import Override, Suggestion
from reseau.members.models import JoinRequest, Membership, Person, PersonSession, PersonState
from reseau.settings import Settings
from reseau.web.app import make_app
from reseau.web.security import SESSION_COOKIE
from tests.directory.site import TUESDAY, Page, Site

AMINA, BRUNO, CLAIRE, _DRISS, _EMILIE, FARID = PLAYED


def rows(site: Site, model: Any, *where: Any) -> list[Any]:
    with site.sessions() as session:
        return list(session.scalars(sa.select(model).where(*where)))


def person(site: Site, email: str) -> Person:
    (found,) = rows(site, Person, Person.email == email)
    return found


def button(page: Any, email: str) -> Any:
    """The form that lets one be somebody."""
    (form,) = (f for f in page.forms.values() if "courriel" in f.fields and f["courriel"].value == email)
    return form


def enter(site: Site, email: str) -> tuple[TestApp, Any]:
    browser = site.client()
    return browser, button(browser.get("/demo"), email).submit(status=303)


# --- what is there ------------------------------------------------------------------------------------------------


def test_the_seed_makes_its_people_and_what_they_have_begun_once(demo: Site) -> None:
    with demo.sessions.begin() as session:
        assert seed(session, demo.settings.sources, TUESDAY) == 0
    for one in (*PLAYED, NEWCOMER):
        made = person(demo, one.email)
        assert (made.name, made.roles, made.lang) == (one.name, list(one.roles), "fr")
        assert made.email.endswith("@demo.example")
        found = {row.structure_id: row.role for row in rows(demo, Membership, Membership.person_id == made.id)}
        assert found == ({demo.named(one.place[0])["id"]: one.place[1]} if one.place else {})
    place = demo.named(REFERENT_OF)["id"]
    (asked,) = rows(demo, JoinRequest, JoinRequest.structure_id == place)
    assert asked.person_id == person(demo, NEWCOMER.email).id
    assert len(rows(demo, Suggestion, Suggestion.structure_id == place)) == 1
    (override,) = rows(demo, Override, Override.structure_id == place)
    assert override.conflict_since is not None


def test_the_page_offers_everybody_and_every_page_leads_to_it(demo: Site) -> None:
    page = demo.client().get("/annuaire").click("Essayer la démonstration")
    assert Page(page.text).errors == []
    assert page.request.path == "/demo"
    for one in PLAYED:
        assert button(page, one.email)
        assert one.name in page.text
    assert NEWCOMER.email not in page.text, "only asks to join"
    for lang in ("en", "ar"):
        assert Page(demo.client(lang).get("/demo").text).errors == []


# --- being somebody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", PLAYED, ids=lambda one: one.local)
def test_one_click_lands_like_a_real_sign_in(demo: Site, one: Any) -> None:
    browser, entered = enter(demo, one.email)
    desk = one in (BRUNO, CLAIRE, FARID)
    assert entered.location == "http://localhost" + ("/gestion" if desk else "/compte")
    page = entered.follow()
    assert Page(page.text).errors == []
    assert one.name in page.text
    assert SESSION_COOKIE in browser.cookies
    (row,) = rows(demo, Audit, Audit.action == "demo.enter", Audit.object_id == person(demo, one.email).id)
    assert (row.person_id, row.side) == (person(demo, one.email).id, "personne")


def test_entering_as_somebody_else_signs_the_first_out(demo: Site) -> None:
    browser, _entered = enter(demo, AMINA.email)
    first = browser.cookies[SESSION_COOKIE]
    button(browser.get("/demo"), CLAIRE.email).submit()
    assert CLAIRE.name in browser.get("/compte").text
    other = demo.client()
    other.set_cookie(SESSION_COOKIE, first.strip('"'))
    assert other.get("/compte").status_int == 303


def test_who_was_deleted_or_suspended_by_a_visitor_comes_back(demo: Site) -> None:
    browser, _entered = enter(demo, AMINA.email)
    before = person(demo, AMINA.email).id
    form = next(f for f in browser.get("/compte/supprimer").forms.values() if "compris" in f.fields)
    form["compris"] = True
    form.submit(status=303)
    assert not rows(demo, Person, Person.email == AMINA.email)
    page = enter(demo, AMINA.email)[1].follow()
    back = person(demo, AMINA.email)
    assert back.id != before
    assert MEMBER_OF in page.text
    assert "membre" in Page(page.text).text
    with demo.sessions.begin() as session:
        suspended = session.get_one(Person, person(demo, CLAIRE.email).id)
        suspended.state, suspended.roles = PersonState.SUSPENDED.value, []
    assert enter(demo, CLAIRE.email)[1].location.endswith("/gestion")
    assert person(demo, CLAIRE.email).roles == ["coordinator"]


def test_two_visitors_who_bring_her_back_at_once_make_one(demo: Site) -> None:
    with demo.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.email == AMINA.email).values(email=None, state="gone"))
    forms = [button(demo.client().get("/demo"), AMINA.email) for _ in range(4)]
    gate, seen = threading.Barrier(len(forms)), []

    def click(form: Any) -> None:
        gate.wait()
        seen.append(form.submit(status="*").status_int)

    threads = [threading.Thread(target=click, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [303] * 4
    back = person(demo, AMINA.email)
    assert len(rows(demo, Membership, Membership.person_id == back.id)) == 1
    assert len(rows(demo, PersonSession, PersonSession.person_id == back.id)) == 4


@pytest.mark.parametrize(
    "body",
    [
        {}, {"courriel": ""}, {"courriel": "x" * 10_000}, {"courriel": "\x00"}, {"courriel": "a\x00@demo.example"},
        {"courriel": AMINA.email.upper()}, {"courriel": f" {AMINA.email}"}, {"courriel": NEWCOMER.email},
        {"courriel": "<script>alert(1)</script>"}, {"courriel": "' OR 1=1 --"}, {"courriel[]": AMINA.email},
    ],
    ids=repr,
)  # fmt: skip
def test_nobody_else_can_be_played(demo: Site, body: dict[str, str]) -> None:
    browser = demo.client()
    token = button(browser.get("/demo"), AMINA.email)["csrf_token"].value
    count = len(rows(demo, Person))
    page = browser.post("/demo/entrer", {**body, "csrf_token": token}, status=404)
    assert "<script>alert" not in page.text
    assert SESSION_COOKIE not in browser.cookies
    assert len(rows(demo, Person)) == count


def test_a_real_person_of_the_site_a_file_or_no_token_opens_nothing(demo: Site) -> None:
    browser = demo.client()
    token = button(browser.get("/demo"), AMINA.email)["csrf_token"].value
    with demo.sessions.begin() as session:
        session.add(Person(email="vrai@reseau.example", name="Vrai", lang="fr", last_seen_at=TUESDAY))
    browser.post("/demo/entrer", {"courriel": "vrai@reseau.example", "csrf_token": token}, status=404)
    files = [("courriel", AMINA.email, AMINA.email.encode())]
    browser.post("/demo/entrer", {"csrf_token": token}, upload_files=files, status=404)
    browser.post("/demo/entrer", {"courriel": AMINA.email}, status=400)
    browser.get("/demo/entrer?courriel=" + AMINA.email, status=405)
    raw = {"Content-Type": "application/x-www-form-urlencoded"}
    bad = f"csrf_token={token}&courriel=%ff%fe".encode()
    assert browser.post("/demo/entrer", bad, raw, status="*").status_int in (400, 404)
    assert SESSION_COOKIE not in browser.cookies


# --- mails --------------------------------------------------------------------------------------------------------


def test_mails_are_read_on_the_site_and_their_links_work(demo: Site) -> None:
    browser = demo.client()
    form = next(f for f in browser.get("/connexion").forms.values() if "adresse" in f.fields)
    form["adresse"] = BRUNO.email
    sent = form.submit().follow()
    page = sent.click("Lire les mails de la démonstration", index=0)
    assert Page(page.text).errors == []
    mail = page.click("Connectez-vous avec ce lien", index=0)
    assert Page(mail.text).errors == []
    assert BRUNO.email in mail.text
    link = mail.html.find("a", href=lambda href: href and "/connexion/lien/" in href)["href"]
    entering = browser.get(link[link.index("/connexion") :])
    form = next(f for f in entering.forms.values() if f.action.startswith("/connexion/lien/"))
    assert form.submit().location.endswith("/gestion")


def test_the_list_of_mails_takes_as_many_statements_for_one_as_for_many_and_has_an_end(demo: Site) -> None:
    def write(count: int, subject: str) -> None:
        with demo.sessions.begin() as session:
            session.add_all(
                Mail(kind="x", recipient=BRUNO.email, lang="fr", subject=subject, text="x", html="x", headers={},
                     created_at=TUESDAY, due_at=TUESDAY)
                for _ in range(count)
            )  # fmt: skip

    write(1, "<script>alert(1)</script>")
    counts = []
    for more in (0, 120):
        write(more, "Sujet")
        with demo.statements() as statements:
            page = demo.client().get("/demo/courriels")
        counts.append(len(statements))
        assert "<script>alert" not in page.text
    assert counts[0] == counts[1]
    assert page.text.count('href="/demo/courriels/') <= 101


@pytest.mark.parametrize(
    "id_", ["x", "%00", "%ff", "0", "../compte", "00000000-0000-7000-8000-000000000000", "a" * 3000]
)
def test_a_mail_that_is_not_there(demo: Site, id_: str) -> None:
    assert demo.client().get(f"/demo/courriels/{id_}", status="*").status_int in (400, 404)


def test_a_mail_is_shown_as_text(demo: Site) -> None:
    with demo.sessions.begin() as session:
        row = Mail(
            kind="x", recipient=BRUNO.email, lang="ar", subject="<b>", html="<script>alert(1)</script>", headers={},
            text="<script>alert(1)</script> javascript:alert(2)\nhttps://reseau.example/x", created_at=TUESDAY,
            due_at=TUESDAY,
        )  # fmt: skip
        session.add(row)
        session.flush()
        id_ = row.id
    page = demo.client().get(f"/demo/courriels/{id_}")
    assert Page(page.text).errors == []
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text
    assert 'href="https://reseau.example/x"' in page.text


# --- a real site --------------------------------------------------------------------------------------------------


def test_a_real_site_has_none_of_it(settings: Settings) -> None:
    assert "reseau.demonstration" not in rooms_of(settings)
    with pytest.raises(RuntimeError):
        make_app(settings, (*ROOMS, "reseau.demonstration"))
    wsgi = make_app(replace(settings, search="null"), rooms_of(settings))
    try:
        app = TestApp(wsgi)
        for path in ("/demo", "/demo/courriels"):
            app.get(path, status=404)
        app.post("/demo/entrer", {"courriel": AMINA.email}, status="4*")
    finally:
        wsgi.registry["engine"].dispose()
