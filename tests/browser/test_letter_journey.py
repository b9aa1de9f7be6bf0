"""The letter from end to end with its real parts: people subscribe in three languages, the coordination sends, a mail
server on loopback receives, a relay passes on, somebody leaves by the button of their mail program.

The mails are looked at in the browser; their pictures stay in the folder of the test (``--basetemp``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from feeds.newsletter import links
from feeds.newsletter.models import Delivery, Issue, Subscriber, Suppression
from feeds.newsletter.sending import ledger
from feeds.newsletter.sending.jobs import send_letters
from reseau.core import changes
from reseau.core.db import session_factory
from reseau.core.jobs import Tools
from reseau.members.models import Person
from reseau.members.places import join_structure
from reseau.worker import deliver_mail
from tests.browser.conftest import Tab
from tests.browser.demo import Demo, running
from tests.browser.shelf import stock
from tests.conftest import StillClock
from tests.feeds.newsletter.sending.sink import Book, Sink

pytestmark = pytest.mark.browser

PEOPLE = {"fr": "ok-camille@lecteurs.example", "en": "ok-grace@lecteurs.example", "ar": "ok-jamila@lecteurs.example"}
CONTACT = "ok-secretariat@cpts.example"
WORDS = {"fr": "Un mot de la coordination", "en": "A word from the team", "ar": "كلمة من فريق التنسيق"}
WIDTHS = (320, 1280)


@dataclass
class House:
    """A demonstration whose mail goes to a server of this process. ``shots``: where pictures go."""

    demo: Demo
    sink: Sink
    browser: Browser
    shots: Path

    @property
    def tools(self) -> Tools:
        """What the worker works with."""
        return Tools(session_factory(self.demo.engine), self.demo.registry.settings_typed, StillClock())

    def mails(self, email: str) -> list[EmailMessage]:
        """What was received at an address, in order."""
        return [message_from_bytes(raw, policy=default) for to, raw in self.sink.book.taken if to == email]

    def letter(self, email: str) -> EmailMessage:
        """The letter that was received there: the only one."""
        (found,) = (one for one in self.mails(email) if one["list-id"])
        return found

    def tab(self, who: str | None = None, lang: str = "fr") -> Tab:
        """A new browser."""
        context = self.browser.new_context(locale=lang, viewport={"width": 1280, "height": 900})
        if who:
            context.add_cookies([self.demo.cookie(who)])  # type: ignore[list-item]
        return Tab(context.new_page(), self.demo.url)

    def here(self, url: str) -> str:
        """An address of a mail, where the site really is."""
        return self.demo.url + urlsplit(url).path

    def subscriber(self, email: str) -> Subscriber:
        """As it is now."""
        with session_factory(self.demo.engine)() as session:
            return session.scalars(sa.select(Subscriber).where(Subscriber.email == email)).one()

    def secrets(self) -> set[str]:
        """What would name somebody: addresses, keys and tokens of all subscribers."""
        secret = self.demo.registry.settings_typed.secret
        with session_factory(self.demo.engine)() as session:
            rows = session.execute(sa.select(Subscriber.email, Subscriber.key)).all()
        return {text for email, key in rows for text in (email, key, links.of_reader(secret, key))}


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house, with resources; all of it happens on one Tuesday."""
    sink = Sink(Book()).start()
    sending: dict[str, Any] = {"smtp_url": sink.url, "letter_bounces": "retours@reseau.example", "letter_rate": 6_000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "utcnow", StillClock())
        with running(tmp_path_factory.mktemp("journey"), stock, **sending) as demo:
            yield House(demo, sink, browser, tmp_path_factory.mktemp("shots"))
    sink.stop()


def part(message: EmailMessage, kind: str) -> str:
    """The text or the HTML of a mail."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def press(page: Page, selector: str) -> None:
    """Press what sends a form or leads elsewhere."""
    with page.expect_navigation() as there:
        page.locator(selector).first.click()
    assert there.value is None or there.value.ok, f"{page.url}: {page.locator('main').inner_text()}"


def subscribe(house: House, lang: str, email: str) -> None:
    """Ask for the letter, open the link of the mail, press its button."""
    tab = house.tab(lang=lang)
    page = tab.go(f"/lettre?langue={lang}", quiet=False)
    page.locator("main [name=adresse]").fill(email)
    page.locator("main [name=langue]").select_option(lang)
    press(page, "main form.letter-form button[type=submit]")
    deliver_mail(house.tools)
    (mail,) = house.mails(email)
    assert mail["content-language"] in (lang, None)
    confirm(house, tab, email)


def confirm(house: House, tab: Tab, email: str) -> None:
    """The link of the last mail, and its one button. Opening it changes nothing."""
    (link,) = set(re.findall(r"http\S+/lettre/confirmer/\S+", part(house.mails(email)[-1], "plain")))
    page = tab.page
    page.goto(house.here(link))
    assert house.subscriber(email).state == "pending"
    assert page.locator("main button").evaluate("node => node === document.activeElement")
    press(page, "main form button")
    assert house.subscriber(email).state == "active"
    assert tab.complaints == []
    page.context.close()


@pytest.fixture(scope="module")
def relay(house: House) -> str:
    """The code of a relay that the coordination made, with a contact who said yes."""
    with session_factory(house.demo.engine).begin() as session:
        person = session.scalars(sa.select(Person.id).where(Person.email == "cpts@demo.example")).one()
        place = house.demo.sheet[-36:]
        join_structure(session, person, UUID(place), "member", None)
    tab = house.tab("coordination")
    page = tab.go("/gestion/relais", quiet=False)
    page.locator("main [name=structure]").fill(f"{house.demo.url}{house.demo.sheet}")
    press(page, "main form button[type=submit]")
    page.locator("main [name=adresses]").fill(CONTACT)
    press(page, "main form:has([name=adresses]) button[type=submit]")
    page.context.close()
    deliver_mail(house.tools)
    confirm(house, house.tab(), CONTACT)
    assert house.subscriber(CONTACT).edition == "relay"
    with session_factory(house.demo.engine)() as session:
        found: str = session.execute(sa.text("SELECT code FROM relay")).scalar_one()
    return found


@pytest.fixture(scope="module")
def sent(house: House, relay: str) -> Issue:
    """The issue that the coordination sent, from ``/gestion`` on; the mail server has it."""
    for lang, email in PEOPLE.items():
        subscribe(house, lang, email)
    tab = house.tab("coordination")
    page = tab.go("/gestion", quiet=False)
    press(page, "main a[href$='/gestion/lettre']")
    assert urlsplit(page.url).path == "/gestion/lettre", page.locator("main").inner_text()
    press(page, "main form[action$='/gestion/lettre'] button")  # prepare the next issue
    press(page, "main a[href*='/lignes/nouvelle']")
    page.goto(page.url.replace("avec=en", "avec=ar"))
    page.locator("main [name=titre_fr]").fill(WORDS["fr"])
    page.locator("main [name=titre_ar]").fill(WORDS["ar"])
    press(page, "main form:has([name=titre_fr]) button[type=submit]")
    press(page, "main button[name=suite]")
    assert "Rien n’empêche l’envoi" in page.locator("main").inner_text()
    press(page, "main form[action$='/envoyer'] button")
    assert "Envoyer à 4 personnes" in page.locator("main").inner_text()
    press(page, "main form[action$='/lancer'] button")
    assert urlsplit(page.url).path.endswith("/suivi")
    send_letters(house.tools)
    page.reload()
    assert "4 sur 4" in page.locator("main").inner_text()
    assert tab.complaints == []
    page.context.close()
    with session_factory(house.demo.engine)() as session:
        issue = session.scalars(sa.select(Issue)).one()
        counts = ledger.counts(session, issue.id)
        assert (counts.launched, counts.accepted, issue.state) == (4, 4, "sent")
        assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 4
    return issue


@pytest.mark.parametrize("lang", list(PEOPLE))
@pytest.mark.parametrize("width", WIDTHS)
def test_the_letter_that_was_received_reads_well(house: House, sent: Issue, lang: str, width: int) -> None:
    letter = house.letter(PEOPLE[lang])
    assert letter["content-language"] == lang
    assert letter["subject"] == sent.subject[lang]
    html, text = part(letter, "html"), part(letter, "plain")
    assert WORDS["ar" if lang == "ar" else "fr"] in html
    assert WORDS["ar" if lang == "ar" else "fr"] in text
    own = house.here(str(letter["list-unsubscribe"]).partition(">")[0].lstrip("<"))
    token = own.rpartition("/")[2]
    assert token in html
    assert token in text
    others = {one for one in house.secrets() if one not in token and token not in one and one != PEOPLE[lang]}
    assert not [one for one in others if one in html or one in text]
    context = house.browser.new_context(viewport={"width": width, "height": 900})
    asked: list[str] = []
    context.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    mail = Tab(context.new_page(), "")
    mail.page.set_content(html)
    mail.page.screenshot(path=house.shots / f"lettre-{lang}-{width}.png", full_page=True)
    assert mail.page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
        lang, "rtl" if lang == "ar" else "ltr"]  # fmt: skip
    assert mail.axe(page=False) == []
    assert mail.overflow() <= 0
    assert asked == [], "nothing is asked of anybody when a letter is opened"
    context.close()


def test_the_edition_of_relays_holds_nothing_of_anybody(house: House, sent: Issue, relay: str) -> None:
    letter, tab = house.letter(CONTACT), house.tab("cpts")
    assert not urlsplit(letter["list-unsubscribe"].strip("<>")).path.startswith(links.READER), "it unsubscribes nobody"
    assert letter["list-unsubscribe-post"] is None
    del letter["to"]
    page = tab.go("/relais", quiet=False)
    assert page.url.endswith(f"/relais/{relay}")
    taken = [page.content(), str(letter), part(letter, "html"), part(letter, "plain")]
    for lang in PEOPLE:
        for name in ("lettre.html", "lettre.txt"):
            answer = page.request.get(f"{house.demo.url}/relais/{relay}/{sent.id}/{lang}/{name}")
            assert answer.ok
            taken.append(answer.text())
    for one in house.secrets():
        assert not any(one in text for text in taken), one
    for text in taken[2:]:
        assert "/lettre/d/" not in text
        assert f"r={relay}" in text
    assert tab.complaints == []
    page.context.close()


def test_a_reader_leaves_by_the_button_of_their_mail_program(house: House, sent: Issue) -> None:
    email = PEOPLE["en"]
    letter = house.letter(email)
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    web, mailto = re.findall(r"<([^>]+)>", letter["list-unsubscribe"])
    assert mailto.startswith("mailto:retours+")
    address = house.here(web)
    for ask in (requests.get, requests.head):  # scanners open every link
        assert ask(address, timeout=10).status_code == 200
    assert house.subscriber(email).state == "active"
    for _ in range(2):
        answer = requests.post(address, {"List-Unsubscribe": "One-Click"}, timeout=10, allow_redirects=False)
        assert answer.status_code == 200
    with session_factory(house.demo.engine)() as session:
        secret = house.demo.registry.settings_typed.secret
        kept = session.get_one(Suppression, links.suppressed(secret, email))
        assert kept.reason == "left"
    assert house.subscriber(email).state == "left"
    tab = house.tab(lang="en")
    page = tab.go(urlsplit(address).path + "?langue=en", quiet=False)
    assert page.locator("main form button").count() == 1, "it can be undone"
    page.context.close()
