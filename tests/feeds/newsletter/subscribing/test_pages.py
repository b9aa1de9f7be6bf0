"""Pages of the letter, of the link that confirms, of the link of each letter, of one's own account."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.newsletter.models import Issue, Subscriber
from feeds.newsletter.subscribing import inviting, services
from reseau.core.audit import Audit
from reseau.core.ids import new_id
from tests.directory.site import Page
from tests.feeds.newsletter.subscribing.conftest import ONE_ENGINE, Mailing
from tests.members.conftest import csrf, last_link, post_form

pytestmark = ONE_ENGINE
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def fill(mailing: Mailing, email: str, path: str = "/lettre", language: str = "fr", **fields: Any) -> Any:
    """Send the form of the page of the letter from a new browser."""
    form = post_form(mailing.browser(None, language).get(path), "/lettre")
    form["adresse"] = email
    for name, value in fields.items():
        form[name] = value
    return form.submit(expect_errors=True)


def does(form: Any, what: str) -> bool:
    """Whether that is what a form does."""
    return "faire" in form.fields and form["faire"].value == what


def actions(mailing: Mailing, email: str) -> list[str]:
    found = mailing.rows(Audit, Audit.object_id == mailing.of(email).id)
    return [row.action for row in sorted(found, key=lambda row: row.at)]


def test_subscribe_confirm_choose_leave_undo(mailing: Mailing) -> None:
    email = mailing.address()
    answer = fill(mailing, email.upper(), langue="en", pro_sante=True, commune="59100")
    assert (answer.status_int, answer.location) == (303, "http://localhost/lettre/envoye")
    assert "Regardez vos mails" in answer.follow().text
    browser, link = mailing.browser(), last_link(mailing.mails(email)[0])
    page = browser.get(link)
    assert email in page.text
    page = post_form(page).submit().follow()
    assert "C’est confirmé" in page.text
    row = mailing.of(email)
    assert (row.state, row.lang, row.health, row.commune) == ("active", "en", True, "59512")

    form = next(one for one in page.forms.values() if "langue" in one.fields)
    assert form["commune"].value == "59100 Roubaix"
    form["langue"], form["moins"], form["commune"] = "ar", True, ""
    form["themes"] = ["numerique_en_sante"]
    page = form.submit().follow()
    row = mailing.of(email)
    assert (row.lang, row.fewer, row.commune, row.themes) == ("ar", True, "", ["numerique_en_sante"])

    leave = next(one for one in page.forms.values() if does(one, "quitter"))
    page = leave.submit().follow()
    assert "nous ne vous enverrons plus" in page.text
    assert (mailing.state(email), mailing.reason(email)) == ("left", "left")
    page = next(one for one in page.forms.values() if does(one, "annuler")).submit().follow()
    assert "C’est annulé" in page.text
    assert (mailing.state(email), mailing.reason(email)) == ("active", "")
    assert actions(mailing, email) == ["letter.confirm", "letter.change", "letter.leave", "letter.undo"]


def test_the_screen_says_the_same_of_every_address(mailing: Mailing) -> None:
    unknown, known, waits, gone = mailing.address(), mailing.active(), mailing.address(), mailing.active()
    mailing.ask(waits)
    mailing.do(services.leave, gone, "page", mailing.now, secret=mailing.secret)
    seen = {(answer.status_int, answer.location, len(answer.body)) for answer in
            (fill(mailing, email) for email in (unknown, known.email, waits, gone.email))}  # fmt: skip
    assert len(seen) == 1
    assert [mailing.mails(one)[-1].kind for one in (unknown, known.email)] == ["letter-confirm", "letter-already"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"adresse": "pas une adresse"}, "adresse complète"), ({"adresse": ""}, "Écrivez votre adresse mail"),
     ({"adresse": "a@b.fr", "commune": "Atlantide-sur-Rien"}, "commune est inconnue"),
     ({"adresse": "a@b.fr", "commune": "Saint-Denis"}, "Plusieurs communes"),
     ({"adresse": "a@b.fr", "langue": "xx"}, "réponses proposées"),
     ({"adresse": "a@b.fr", "themes": "inventé"}, "réponses proposées"),
     ({"adresse": f"{'a' * 300}@b.fr"}, "trop long"), ({"adresse": "a@b.fr", "r": "x" * 41}, "trop long"),
     ({"adresse": "a\x00@b.fr"}, "adresse complète")],
)  # fmt: skip
def test_bad_input_is_said_and_kept(mailing: Mailing, fields: dict[str, str], said: str) -> None:
    browser = mailing.browser()
    before = len(mailing.rows(Subscriber))
    sent = {"langue": "fr", "csrf_token": csrf(browser, "/lettre"), **fields}
    answer = browser.post("/lettre", sent, status=422)
    assert said in answer.text
    assert Page(answer.text).errors == []
    assert len(mailing.rows(Subscriber)) == before


def test_programs_that_fill_everything_in_are_thanked(mailing: Mailing) -> None:
    email = mailing.address()
    assert fill(mailing, email, adresse_du_site="https://spam.example").status_int == 303
    assert mailing.state(email) == ""


def test_a_network_that_asks_too_often_is_told(mailing: Mailing) -> None:
    browser, email = mailing.browser(), mailing.address()
    for status in [303] * 5 + [429]:
        form = post_form(browser.get("/lettre"), "/lettre")
        form["adresse"] = email
        answer = form.submit(status=status)
    assert answer.headers["Retry-After"] == "3600"
    assert email in answer.text


def test_the_code_of_a_relay_is_remembered_and_told(mailing: Mailing) -> None:
    relay = mailing.relay("abcd23")
    opened: list[str] = []
    mailing.site.wsgi.registry["letter.visited"].append(lambda _request, code: opened.append(code))
    by_code, unknown = mailing.address(), mailing.address()
    fill(mailing, by_code, "/lettre?r=ABCD23")
    fill(mailing, unknown, "/lettre?r=rien")
    mailing.site.wsgi.registry["letter.visited"].pop()
    assert (mailing.of(by_code).came_by, mailing.of(unknown).came_by) == (relay, None)
    assert opened == ["ABCD23", "rien"]
    fill(mailing, by_code)  # again, without the code: still by that relay
    assert mailing.of(by_code).came_by == relay


def test_opening_links_changes_nothing(mailing: Mailing) -> None:
    email = mailing.address()
    token = mailing.ask(email)
    row, browser = mailing.active(), mailing.browser()
    for path in (f"/lettre/confirmer/{token}", mailing.link(row.email),
                 f"{mailing.link(row.email)}?List-Unsubscribe=One-Click", f"{mailing.link(row.email)}?faire=quitter"):  # fmt: skip
        browser.get(path, status=200)
        browser.head(path, status=200)
    assert (mailing.state(email), mailing.state(row.email)) == ("pending", "active")


@pytest.mark.parametrize("multipart", [False, True])
def test_mail_programs_leave_without_a_cookie(mailing: Mailing, multipart: bool) -> None:
    row, browser = mailing.active(), mailing.browser()
    more = {"upload_files": [], "content_type": "multipart/form-data"} if multipart else {}
    for _ in range(2):
        answer = browser.post(mailing.link(row.email), ONE_CLICK, status=200, **more)
        assert "Location" not in answer.headers
        assert "Set-Cookie" not in answer.headers
    assert (mailing.state(row.email), mailing.reason(row.email)) == ("left", "left")
    assert mailing.acts(row.email)[2:] == [("left", "one-click")]
    assert actions(mailing, row.email) == ["letter.leave"]


def test_a_link_whose_case_was_changed_still_leaves(mailing: Mailing) -> None:
    row = mailing.active()
    path = mailing.link(row.email)
    head, token = path.rsplit("/", 1)
    mailing.browser().post(f"{head}/{token.upper()}", ONE_CLICK, status=200)
    assert mailing.state(row.email) == "left"


def test_a_link_of_three_years_ago_still_leaves_even_nobody(mailing: Mailing) -> None:
    row = mailing.active()
    path = mailing.link(row.email)
    mailing.later(days=3 * 365)
    mailing.browser().get(path, status=200)
    with mailing.site.sessions.begin() as session:
        session.delete(session.get_one(Subscriber, row.id))
    mailing.browser().post(path, ONE_CLICK, status=200)
    page = mailing.browser().get(path, status=200)
    assert "Nous n’avons plus rien sur vous" in page.text


@pytest.mark.parametrize("token", ["x" * 32, "court", "%C3%A9", "a" * 2000, "%00"])
def test_a_wrong_link_is_said_so(mailing: Mailing, token: str) -> None:
    browser = mailing.browser()
    assert "copiez-le en entier" in browser.get(f"/lettre/d/{token}", status=404).text
    browser.post(f"/lettre/d/{token}", ONE_CLICK, status=404)
    assert "Ce lien ne marche plus" in browser.get(f"/lettre/confirmer/{token}", status=410).text


def test_people_need_a_token_of_the_page(mailing: Mailing) -> None:
    row = mailing.active()
    for what in ("quitter", "annuler", "choisir"):
        mailing.browser().post(mailing.link(row.email), {"faire": what}, status=400)
    assert mailing.state(row.email) == "active"


def test_undoing_too_late_is_said(mailing: Mailing) -> None:
    row = mailing.active()
    mailing.do(services.leave, row, "mail", mailing.now, secret=mailing.secret, reason="complaint")
    browser = mailing.browser()
    page = browser.get(mailing.link(row.email))
    assert "M’inscrire de nouveau" in page.text
    sent = {"faire": "annuler", "csrf_token": csrf(browser, "/lettre")}
    assert "plus possible" in browser.post(mailing.link(row.email), sent, status=303).follow().text
    assert mailing.state(row.email) == "left"


def test_pages_of_every_state_are_well_formed(mailing: Mailing) -> None:
    pending, bounced = mailing.address(), mailing.active()
    mailing.do(inviting.invite, [pending], None, None, mailing.writer, mailing.now)
    with mailing.site.sessions.begin() as session:
        session.get_one(Subscriber, bounced.id).state = "bounced"
        for lang, subject in (("fr", "Le printemps"), ("ar", "الربيع")):
            session.add(Issue(id=new_id(), number=None, slug=f"n-{lang}", state="sent", subject={lang: subject, "fr": subject},
                              launched_at=mailing.now))  # fmt: skip
    for language in ("fr", "ar", "en"):
        browser = mailing.browser(None, language)
        for path in ("/lettre", "/lettre?r=abc", "/lettre/envoye", mailing.link(pending), mailing.link(bounced.email),
                     mailing.link(mailing.active().email)):  # fmt: skip
            page = browser.get(path)
            assert Page(page.text).errors == [], path
            assert len(page.body) < 60_000
            assert "no-store" in page.headers["Cache-Control"] or path == "/lettre/envoye"
    assert "/lettre/2026/n-fr" in mailing.browser().get("/lettre").text


def test_the_page_of_the_account(mailing: Mailing) -> None:
    person = mailing.person()
    assert person.email
    browser = mailing.browser(person.id)
    assert "/compte/lettre" in browser.get("/compte").text
    page = post_form(browser.get("/compte/lettre"), "/compte/lettre").submit().follow()
    assert "vous recevrez la prochaine lettre" in page.text
    form = next(one for one in page.forms.values() if "langue" in one.fields)
    form["langue"], form["moins"] = "ar", True
    page = form.submit().follow()
    assert (mailing.of(person.email).lang, mailing.of(person.email).fewer) == ("ar", True)
    form = next(one for one in page.forms.values() if "langue" in one.fields)
    form["commune"] = "Nulle-Part-les-Bains"
    assert "commune est inconnue" in form.submit(status=422).text
    leave = next(one for one in page.forms.values() if does(one, "quitter"))
    page = leave.submit().follow()
    assert "vous ne recevrez plus" in page.text
    assert mailing.acts(person.email) == [("confirmed", "profile"), ("changed", "profile"), ("left", "profile")]
    assert actions(mailing, person.email) == ["letter.confirm", "letter.change", "letter.leave"]
    for fields in ({"faire": "quitter"}, {"faire": "choisir", "langue": "fr"}):  # again: nothing, and no error
        browser.post("/compte/lettre", {"csrf_token": csrf(browser, "/compte/lettre"), **fields}, status=303)
