"""What people do in the exchanges, in a real browser and with a real mail server: ask, be told by mail, answer by mail,
mark the answer, find it; want no more mail; load a first page on a slow line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from reseau.core.db import session_factory
from reseau.core.jobs import Tools
from reseau.core.letters import Site
from reseau.core.mail_delivery import SmtpTransport, deliver
from reseau.directory.models import Structure
from reseau.editing.jobs import ask_to_verify
from reseau.members.models import Person
from reseau.notices import services as notices
from reseau.notices.jobs import JOBS
from reseau.notices.models import NoticeChoice
from reseau.notices.preferences import KINDS
from reseau.threads.answering.office import Office, Outcome
from reseau.threads.answering.services import receive
from resources.finding import asking, asking_news
from tests.browser.conftest import Tab
from tests.browser.demo import Demo, running
from tests.browser.talks import doctolib
from tests.core.mailbox import Inbox

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
READ_AND_TOLD = {job.name: job.run for job in JOBS if job.name in ("avis", "avis-courriels")}


class Town:
    """A demonstration with the kit of Doctolib, its worker, and the mail server to which it sends."""

    def __init__(self, demo: Demo, inbox: Inbox, browser: Browser) -> None:
        self.demo, self.inbox, self.browser = demo, inbox, browser
        self.clock = demo.registry["clock"]
        self.settings = replace(
            demo.registry.settings_typed, smtp_url=inbox.url, mail_replies="reponses@reseau.example",
            public_url=demo.url, mail_from="Réseau <non@reseau.example>",
        )  # fmt: skip
        self.sessions = session_factory(demo.engine)

    def tab(self, who: str | None, *, scripts: bool = True) -> Tab:
        """A new tab of somebody."""
        context = self.browser.new_context(locale="fr-FR", java_script_enabled=scripts)
        if who:
            context.add_cookies([self.demo.cookie(who, self.clock.now)])  # type: ignore[list-item]
        return Tab(context.new_page(), self.demo.url)

    def work(self, later: timedelta = timedelta(0)) -> None:
        """What the worker does: reads the log, writes letters, sends them, all of it after a while."""
        READ_AND_TOLD["avis"](self.tools)
        self.clock.now += later
        READ_AND_TOLD["avis-courriels"](self.tools)
        self.send()

    def send(self) -> None:
        """The outbox is emptied."""
        deliver(self.sessions, SmtpTransport(self.inbox.url), Site.of(self.settings), self.clock)

    @property
    def tools(self) -> Tools:
        return Tools(self.sessions, self.settings, clock=self.clock)

    def index(self) -> None:
        """The search knows all that was written."""
        with self.demo.registry["read_sessions"]() as session:
            self.demo.registry["search.indexer"].catch_up(session)

    def mails(self, who: str) -> list[EmailMessage]:
        """What arrived for somebody, since it was asked last."""
        address = f"{who}@demo.example"
        found = [message for recipient, message in self.inbox.received if recipient == address]
        self.inbox.received[:] = [one for one in self.inbox.received if one[0] != address]
        return found


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    inbox = Inbox().start()
    with running(tmp_path_factory.mktemp("town"), doctolib) as demo:
        made = Town(demo, inbox, browser)
        made.work()  # the log is told from now on
        yield made
    inbox.stop()


@pytest.fixture
def opened(town: Town) -> Iterator[Callable[..., Tab]]:
    """``town.tab``; all are closed at the end."""
    tabs: list[Tab] = []

    def tab(who: str | None, *, scripts: bool = True) -> Tab:
        tabs.append(town.tab(who, scripts=scripts))
        return tabs[-1]

    yield tab
    for one in tabs:
        one.page.context.close()


def press(page: Page, name: str | re.Pattern[str], nth: int = -1) -> None:
    """Press a button of the page and wait for the page that it leads to."""
    with page.expect_navigation(wait_until="load"):
        page.locator("main").get_by_role("button", name=name, exact=True).nth(nth).click()


def ask(tab: Tab, kit: str, title: str) -> str:
    """Ask a question from the page of the kit. :return: the address of the thread."""
    page = tab.go(kit, quiet=False)
    page.get_by_role("link", name="Poser une question sur ce kit").first.click()
    page.locator("main [name=titre]").fill(title)
    page.locator("main [name=texte]").fill("La personne n’en a pas.\n\nComment **faites-vous** ?")
    assert page.locator("main [name=type][value=question]").is_checked()
    press(page, "Publier")
    assert page.locator("h1", has_text=title).is_visible()
    assert "Prendre rendez-vous" in page.locator("main").inner_text(), "the thread shows its object"
    return urlsplit(page.url).path


def answer(tab: Tab, path: str, text: str) -> None:
    """Answer on the page of a thread."""
    page = tab.go(path, quiet=False)
    page.locator("main [name=texte]").fill(text)
    press(page, "Répondre")
    assert text in page.locator("main .posts").inner_text()


def body(message: EmailMessage) -> str:
    """What a mail says in plain text."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def reply_to(message: EmailMessage, text: str) -> bytes:
    """The answer of a mail program to a mail."""
    made = EmailMessage()
    made["From"], made["To"] = f"Amina <{message['To'].addresses[0].addr_spec}>", str(message["Reply-To"])
    made["Subject"], made["Message-ID"] = f"Re: {message['Subject']}", make_msgid(domain="lilas.example")
    made["In-Reply-To"] = made["References"] = message["Message-ID"]
    quoted = "\n".join(f"> {line}" for line in body(message).splitlines())
    made.set_content(f"{text}\n\nLe mar. 24 nov. 2026 à 10:35, Réseau <non@reseau.example> a écrit :\n{quoted}\n")
    return made.as_bytes()


# --- A question has its answer -----------------------------------------------------------------------------------------


@SCRIPTS
def test_a_question_asked_from_a_kit_is_answered_by_mail_and_found(
    town: Town, opened: Callable[..., Tab], scripts: bool
) -> None:
    title = f"Doctolib veut une adresse mail numéro {1 + scripts}"
    amina, bruno = opened("mediatrice", scripts=scripts), opened("referent", scripts=scripts)
    path = ask(amina, town.demo.names["kit"], title)
    answer(bruno, path, "Nous créons une adresse ensemble.")
    town.work(timedelta(minutes=3))
    (told,) = town.mails("mediatrice")
    assert title in str(told["Subject"])
    assert "Nous créons une adresse ensemble." in body(told)
    address = told["Reply-To"].addresses[0].addr_spec
    assert re.fullmatch(r"reponses\+\w{42}@reseau\.example", address)

    office = Office(town.sessions, town.settings, town.clock)
    raw = reply_to(told, "Merci, je vais essayer jeudi.")
    assert receive(office, raw, [address]) is Outcome.POSTED
    assert receive(office, raw, [address]) is Outcome.AGAIN
    page = bruno.go(path, quiet=False)
    last = page.locator("main .posts > *").last.inner_text()
    assert "Merci, je vais essayer jeudi." in last
    assert "a écrit" not in last
    assert "Amina" in last

    page = amina.go(path, quiet=False)
    press(page, "Cette réponse a aidé", nth=0)
    assert "La réponse qui a aidé" in page.locator("main").inner_text()
    town.index()
    visitor = opened(None, scripts=scripts)
    page = visitor.go(town.demo.names["kit"], quiet=False)
    box = page.locator(".header-search [name=q]")
    box.fill("doctolib adresse mail")
    with page.expect_navigation():
        box.press("Enter")
    assert urlsplit(page.url).path == "/recherche"
    page.locator("main").get_by_role("link", name=title).first.click()
    page.wait_for_load_state("load")
    assert urlsplit(page.url).path == path
    assert "Nous créons une adresse ensemble." in page.locator("main").inner_text()
    assert "Amina" not in page.locator("main").inner_text(), "visitors read places, never names"
    assert [tab.complaints for tab in (amina, bruno, visitor)] == [[], [], []]


# --- No more mail ------------------------------------------------------------------------------------------------------


def two_answers(town: Town, opened: Callable[..., Tab], who: str, other: str) -> list[str]:
    """Two questions of somebody, each answered by somebody else. :return: their addresses."""
    mine, theirs = opened(who, scripts=False), opened(other, scripts=False)
    paths = [ask(mine, town.demo.names["kit"], f"Une question {uuid4().hex[:8]}") for _ in range(2)]
    for path in paths:
        answer(theirs, path, "Comme ceci.")
    return paths


def test_a_grouped_mail_stops_all_mails_in_one_click_of_the_mail_program(
    town: Town, opened: Callable[..., Tab]
) -> None:
    with town.sessions.begin() as session:
        reader = session.scalars(sa.select(Person.id).where(Person.email == "cpts@demo.example")).one()
        notices.choose(session, reader, dict.fromkeys(KINDS, "jour"), hour=8, weekday=0, now=town.clock.now,
                       timezone="Europe/Paris")  # fmt: skip
    paths = two_answers(town, opened, "cpts", "referent")
    town.work(timedelta(days=1))
    (told,) = town.mails("cpts")
    assert body(told).count("Comme ceci.") == 2, "one mail for all"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(told["List-Unsubscribe"]).strip("<>")
    said = requests.post(address, data={"List-Unsubscribe": "One-Click"}, timeout=10, allow_redirects=False)
    assert said.status_code == 200
    answer(opened("referent", scripts=False), paths[0], "Et encore ceci.")
    town.work(timedelta(days=8))
    assert town.mails("cpts") == []
    page = opened("cpts").go("/compte/avis", quiet=False)
    assert "Et encore ceci" in page.locator("main").inner_text(), "the site still tells"


def remind(town: Town) -> str:
    """The sheet of the référent is to be verified."""
    with town.sessions.begin() as session:
        due = (town.clock.now - timedelta(days=8)).date().isoformat()
        session.execute(sa.update(Structure).where(Structure.id == UUID(town.demo.sheet[-36:])).values(due_on=due))
    ask_to_verify(town.tools)
    return "referent"


def wish(town: Town) -> str:
    """Somebody asks for a resource."""
    with town.sessions.begin() as session:
        said = asking.Wish("carte vitale perdue", "Que faire ?", "")
        asked = asking.ask(session, said, id_=uuid4(), by=None, now=town.clock.now)
        assert asked
        asking_news.tell_arrival(session, asked, town.settings, town.clock.now)
    return "coordination"


MAILS: dict[str, Callable[[Town], Any]] = {"reminder": remind, "request": wish}


@pytest.mark.parametrize(("kind", "scripts"), [("reminder", False), ("request", True)])
def test_the_link_of_any_mail_stops_all_of_them_with_one_button(
    town: Town, opened: Callable[..., Tab], kind: str, scripts: bool
) -> None:
    who = MAILS[kind](town)
    town.send()
    stop(opened(None, scripts=scripts).page, town.mails(who)[0])
    town.clock.now += timedelta(days=40)
    MAILS[kind](town)
    town.send()
    assert town.mails(who) == []
    with town.sessions.begin() as session:  # they want them again: then they come
        session.execute(sa.update(Person).where(Person.email == f"{who}@demo.example").values(mails={}))
        session.execute(sa.update(NoticeChoice).values(off_at=None))
    town.clock.now += timedelta(days=40)
    MAILS[kind](town)
    town.send()
    assert len(town.mails(who)) == 1


def test_the_link_of_a_notice_stops_all_mails_until_one_wants_them_again(
    town: Town, opened: Callable[..., Tab]
) -> None:
    path, _other = two_answers(town, opened, "comite-label", "referent")
    town.work(timedelta(minutes=3))
    stop(opened(None, scripts=False).page, town.mails("comite-label")[0])
    answer(opened("referent", scripts=False), path, "Une suite.")
    town.work(timedelta(days=8))
    assert town.mails("comite-label") == []
    page = opened("comite-label", scripts=False).go("/compte/avis/reglages", quiet=False)
    with page.expect_navigation():
        page.locator("form[action$='/reprendre'] button").click()
    answer(opened("referent", scripts=False), path, "Et une autre.")
    town.work(timedelta(minutes=3))
    (told,) = town.mails("comite-label")
    assert "Et une autre." in body(told)
    assert "Une suite." not in body(told)


def stop(page: Page, told: EmailMessage) -> None:
    """Follow the last link of a mail, which stops all of them, and press its one button."""
    links = [one for one in re.findall(r"https?://\S+", body(told)) if "/avis/stop/" in one]
    page.goto(links[-1])
    assert "/connexion" not in page.url, "nobody signs in"
    assert page.locator("main button").count() == 1
    press(page, re.compile("^Arrêter tous les"))
    assert "C’est fait" in page.locator("main").inner_text()
    page.get_by_role("link", name="Ouvrir mes réglages").click()
    assert "/connexion" in page.url, "the link opens no account"


# --- On a slow line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/echanges", "{rich}", "{arabic}"])
def test_a_first_visit_weighs_under_60_kilobytes(browser: Browser, library: Demo, path: str) -> None:
    context = browser.new_context(locale="fr-FR")
    tab = Tab(context.new_page(), library.url)
    sizes: dict[str, int] = {}
    tab.page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    tab.go(library.path(path))
    tab.page.wait_for_timeout(100)
    assert 10_000 < sum(sizes.values()) < 60_000, sizes
    context.close()
