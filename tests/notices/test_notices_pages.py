"""The pages of notices, the links that stop mails, the letters. Pages on one engine, unless SQL differs."""

from __future__ import annotations

import email.policy
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.core.letters import Letter, as_message
from reseau.core.letters import Site as Sender
from reseau.core.mail import Mail, queue
from reseau.groups import documents
from reseau.groups.models import DocumentKind
from reseau.members import profile
from reseau.members.models import Person
from reseau.notices import following
from reseau.notices.models import Level, Notice
from tests.members.conftest import post_form
from tests.notices.conftest import ONE_ENGINE, Town


def link(mail: Mail, header: bool = True, label: str = "") -> str:
    """The path that stops mails: of the header, or below a label of the text."""
    url = mail.headers["List-Unsubscribe"].strip("<>") if header else mail.text.partition(label)[2].split()[1]
    return urlsplit(url).path


def answered(town: Town, title: str = "Où est le code ?", text: str = "Dans le courrier.", **more: Any) -> Mail:
    """The letter about one answer."""
    town.reply(town.thread(title), text, **more)
    town.derive()
    town.deliver()
    return town.letters("membre")[-1]


def message(mail: Mail) -> Any:
    raw = as_message(mail, "Réseau <non@reseau.example>").as_bytes()
    return email.message_from_bytes(raw, policy=email.policy.default), raw


# --- letters --------------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_a_letter_about_one_thread_says_it_all(town: Town) -> None:
    mail = answered(town, "هل من <b>سؤال</b>؟", "Un.\n\n- deux", lang="fr")
    found, raw = message(mail)
    assert b"=?" not in b"".join(
        line for line in raw.splitlines() if line.lower().startswith((b"list-", b"references"))
    )
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Unsubscribe"].startswith("<http://localhost:6543/avis/stop/")
    thread_id = town.told("membre")[-1].about_id
    assert found["References"] == found["In-Reply-To"] == f"<fil.{thread_id}@localhost>"
    assert found["Subject"] == "Re: هل من <b>سؤال</b>؟"
    html = found.get_body(("html",)).get_content()
    assert '<blockquote style="margin:0 0 16px' in html
    assert 'lang="fr" dir="ltr">Un.<br>' in html
    assert "<b>" not in html
    assert "Ne plus suivre ce fil" in html


@ONE_ENGINE
def test_what_is_arabic_stays_arabic_in_a_french_letter_and_the_other_way_round(town: Town) -> None:
    mail = answered(town, "Question", "في الرسالة.", lang="ar")
    assert 'lang="ar" dir="rtl">في الرسالة.</blockquote>' in mail.html
    assert '<html lang="fr" dir="ltr">' in mail.html
    with town.site.sessions.begin() as session:
        town.loaded(session, "membre").lang = "ar"
    mail = answered(town, "Question")
    assert '<html lang="ar" dir="rtl">' in mail.html
    assert 'lang="fr" dir="ltr">Dans le courrier.</blockquote>' in mail.html


@ONE_ENGINE
def test_all_optional_mails_have_the_link_and_others_do_not(town: Town) -> None:
    site = Sender.of(town.site.settings)
    letter = Letter("essai", "fr", "Essai", ("Bonjour.",))
    with town.site.sessions.begin() as session:
        queue(session, letter, "a@reseau.example", site=site, now=town.site.clock.now)
        queue(session, letter, "membre@reseau.example", site=site, now=town.site.clock.now,
              optional_for=town.people["membre"])  # fmt: skip
    (plain,), (mail,) = town.mails("a@reseau.example"), town.letters("membre")
    assert "List-Unsubscribe" not in plain.headers
    assert "avis/stop" not in plain.text
    path = link(mail)
    assert link(mail, header=False, label="Ne plus recevoir aucun mail") == path
    town.browser().post(path, {"List-Unsubscribe": "One-Click"}, status=200)
    assert profile.wanted(town.get(Person, town.people["membre"])) == []


# --- stopping -------------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_one_click_without_cookie_nor_token_of_form(town: Town) -> None:
    mail = answered(town)
    thread = ("thread", town.told("membre")[-1].about_id)
    path = link(mail)
    page = town.browser().get(path)
    assert len([form for form in page.forms.values() if form.method.upper() == "POST"]) == 1
    assert following_level(town, thread) is Level.FOLLOW, "a GET does nothing"
    for _twice in range(2):
        done = town.browser().post(path, {"List-Unsubscribe": "One-Click"}, status=200)
        assert "C’est fait" in done.text
    assert following_level(town, thread) is Level.MUTE
    assert town.letters("membre")[-1].state == "cancelled"


def following_level(town: Town, ref: Any) -> Level | None:
    found: Level | None = town.act(following.level, town.people["membre"], ref)
    return found


@ONE_ENGINE
def test_the_second_link_stops_everything_and_says_how_to_undo(town: Town) -> None:
    mail = answered(town)
    path = link(mail, header=False, label="Ne plus recevoir aucun mail")
    browser = town.browser("membre")
    done = post_form(browser.get(path)).submit()
    assert "/compte/avis/reglages" in done.text
    assert "ceux qui répondent à ce que vous faites" in done.text
    page = browser.get("/compte/avis/reglages")
    assert "Vous ne recevez aucun mail" in page.text
    page = post_form(page, "reprendre").submit().follow()
    assert "Vous ne recevez aucun mail" not in page.text


@ONE_ENGINE
@pytest.mark.parametrize("token", ["faux", "a.b.c", "x" * 1900])
def test_a_link_that_is_not_ours(town: Town, token: str) -> None:
    town.browser().get(f"/avis/stop/{token}", status=410)
    town.browser().post(f"/avis/stop/{token}", status=410)


@ONE_ENGINE
def test_a_link_of_last_year_works_and_one_of_somebody_who_left_does_nothing(town: Town) -> None:
    path = link(answered(town))
    town.later(timedelta(days=399))
    town.browser().get(path, status=200)
    town.later(timedelta(days=2))
    town.browser().get(path, status=410)


# --- the list -------------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_the_list_by_thread_with_what_is_new(town: Town) -> None:
    thread = town.thread("Fil <un>", lang="ar")
    for n in range(2):
        town.reply(thread, f"Message {n}.")
    town.reply(town.thread("Fil deux"), "Autre.")
    town.derive()
    browser = town.browser("membre")
    page = browser.get("/compte/avis")
    assert page.text.index("Fil deux") < page.text.index("Fil &lt;un&gt;")
    assert page.text.count("Fil &lt;un&gt;") == 1
    assert page.text.count("badge badge-plain") == 3
    assert ", 3 nouvelles notifications" in page.text
    assert "/echanges/messages/" in page.text
    page = post_form(page, "vus").submit().follow()
    assert "badge badge-plain" not in page.text
    assert ", 3 nouveaux" not in page.text


@ONE_ENGINE
def test_what_came_after_the_page_is_not_seen_with_it(town: Town) -> None:
    thread = town.thread()
    town.reply(thread)
    town.derive()
    page = town.browser("membre").get("/compte/avis")
    town.reply(thread)
    town.derive()
    post_form(page, "vus").submit()
    assert [one.seen_at is None for one in town.told("membre")] == [False, True]


def test_the_list_goes_on_and_costs_ten_statements_with_many_notices(town: Town) -> None:
    for title in ("Un", "Deux"):
        thread = town.thread(title)
        for n in range(40):
            town.reply(thread, f"Message {n}.")
    town.derive()
    browser, seen = town.browser("membre"), []
    engine = town.site.engine

    def count(*args: Any) -> None:
        seen.append(args[2])

    browser.get("/compte/avis")
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        page = browser.get("/compte/avis")
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    statements = [one for one in seen if one.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(statements) <= 10, statements
    assert len(page.body) < 60_000
    met: list[str] = []
    for _page in range(5):
        met += [a["href"] for a in page.html.select(".told a")] if hasattr(page, "html") else []
        more = page.html.select_one("a[rel=next]")
        if more is None:
            break
        page = browser.get(more["href"])
    assert len(met) == len(set(met)) == 80


@ONE_ENGINE
@pytest.mark.parametrize(
    "query",
    [
        "avant=x",
        "avant=1-2",
        "avant=99999999999999999-x",
        "avant=9999999999999999-00000000-0000-7000-8000-000000000000",
    ],
)
def test_addresses_that_make_no_sense(town: Town, query: str) -> None:
    town.browser("membre").get(f"/compte/avis?{query}", status=200)


# --- choices --------------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_choosing(town: Town) -> None:
    browser = town.browser("membre")
    form = post_form(browser.get("/compte/avis/reglages"), "reglages")
    assert (form["reponses"].value, form["suivis"].value, form["heure"].value) == ("aussitot", "jour", "8")
    form["suivis"], form["heure"], form["jour"] = "semaine", "18", "4"
    form = post_form(form.submit().follow(), "reglages")
    assert (form["suivis"].value, form["heure"].value, form["jour"].value) == ("semaine", "18", "4")
    fields = dict(form.submit_fields()) | {"heure": "25"}
    refused = browser.post("/compte/avis/reglages", fields, status=422)
    assert "Choisissez une des réponses proposées" in refused.text
    assert post_form(refused, "reglages")["suivis"].value == "semaine"


@ONE_ENGINE
def test_what_i_follow(town: Town) -> None:
    town.thread("Mon fil à moi")
    browser = town.browser("membre")
    page = browser.get("/compte/avis/reglages")
    assert "Mon fil à moi" in page.text
    page = post_form(page, "ne-plus-suivre").submit().follow()
    assert "Ce que je ne veux plus suivre" in page.text
    page = post_form(page, "/suivre").submit().follow()
    assert "Ce que je ne veux plus suivre" not in page.text
    token = post_form(page, "reglages")["csrf_token"].value
    for fields in ({"kind": "thread", "id": "x"}, {"kind": "x" * 30, "id": str(town.group_id)}, {}):
        browser.post("/compte/avis/ne-plus-suivre", {"csrf_token": token, **fields}, status=400)


@ONE_ENGINE
def test_a_group_that_one_left_has_no_name_any_more(town: Town) -> None:
    thread = town.thread("Secret du groupe", topic="groupe")
    town.act(following.follow, town.people["personne"], ("thread", thread.id), town.site.clock.now)
    page = town.browser("personne").get("/compte/avis/reglages")
    assert "Secret du groupe" not in page.text
    assert "que vous ne pouvez plus lire" in page.text
    assert town.rows(Notice) == []


@ONE_ENGINE
def test_what_one_never_followed_is_not_stopped_here(town: Town) -> None:
    thread = town.thread("Fil des autres", by="voisine")
    browser = town.browser("membre")
    token = post_form(browser.get("/compte/avis/reglages"), "reglages")["csrf_token"].value
    for action in ("ne-plus-suivre", "suivre"):
        fields = {"csrf_token": token, "kind": "thread", "id": str(thread.id)}
        browser.post(f"/compte/avis/{action}", fields, status=400)
    assert following_level(town, ("thread", thread.id)) is None


def test_what_i_follow_by_fifty(town: Town) -> None:
    ids = [new_id() for _n in range(120)]
    with town.site.sessions.begin() as session:
        for n, id_ in enumerate(ids):
            follow = following.follow if n % 2 else following.unfollow
            follow(session, town.people["membre"], ("thread", id_), town.site.clock.now + timedelta(seconds=n // 4))
    browser = town.browser("membre")
    pages = {"suivis": 0, "tus": 0}
    for name, action in (("suivis", "ne-plus-suivre"), ("tus", "/suivre")):
        page, met = browser.get("/compte/avis/reglages"), set()
        while True:
            forms = [form for form in page.forms.values() if form.action.endswith(action)]
            assert len(forms) <= 50
            met |= {form["id"].value for form in forms}
            pages[name] += 1
            more = page.html.select_one(f"a[rel=next][href$='#{name}']")
            if more is None:
                break
            page = browser.get(more["href"])
        assert len(met) == 60
    assert pages == {"suivis": 2, "tus": 2}


# --- letters about something else -----------------------------------------------------------------------------


@ONE_ENGINE
def test_the_letter_of_a_new_thread_answers_nothing(town: Town) -> None:
    town.act(following.follow, town.people["voisin"], ("topic", town.topics["public"]), town.site.clock.now)
    town.choose("voisin")
    town.thread("Un nouveau fil")
    town.derive()
    town.deliver()
    (mail,) = town.letters("voisin")
    assert mail.subject == "Un nouveau fil"
    assert "References" in mail.headers, "answers to it come with it"


@ONE_ENGINE
def test_the_letter_of_a_document_speaks_of_its_group(town: Town) -> None:
    for n in (1, 2):
        text = documents.Writing(f"Réunion {n}", "Nous étions six.", "fr", None)
        town.act(documents.create, town.group_id, DocumentKind.MINUTES, text, id_=new_id(), by=town.people["membre"],
                 now=town.tick())  # fmt: skip
        if n == 1:
            town.choose("voisine")
            town.derive()
            town.deliver()
            town.choose("voisine", {})
    town.reply(town.thread(by="voisine"), by="membre")
    town.choose("voisine", {"reponses": "jour"})
    town.derive()
    town.deliver(timedelta(days=1))
    one, many = town.letters("voisine")
    assert one.subject == "Réunion 1"
    assert not {"References", "In-Reply-To"} & set(one.headers)
    assert "Ne plus suivre ce groupe" in one.text
    assert "fil" not in one.text.split()
    assert many.subject == "2 nouvelles notifications"
    page = town.browser().get(link(one))
    assert "Ne plus suivre ce groupe" in page.text
    assert "comptes rendus de ce groupe" in post_form(page).submit().text
    ref = ("group", town.group_id)
    assert town.act(following.level, town.people["voisine"], ref) is Level.MUTE
