"""The outbox on both engines, against a real SMTP server on this machine: nothing is lost, nothing is stuck."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy.orm import sessionmaker

from reseau.core import mail_delivery
from reseau.core.db import ReseauSession
from reseau.core.letters import Letter, Site
from reseau.core.mail import KEPT, Mail, MailState, cancel, purge, queue, retry
from reseau.core.mail_delivery import (
    BACK_OFF,
    STALE,
    FileTransport,
    Later,
    Refused,
    SmtpTransport,
    Unreachable,
    deliver,
    transport_of,
)
from reseau.settings import Settings, SettingsError
from tests.conftest import TUESDAY, StillClock

SITE = Site("Réseau de Roubaix", "http://reseau.example", "Réseau <non@reseau.example>")
LETTER = Letter("test", "fr", "Été à Roubaix", ("Bonjour à vous.",), ("Ouvrir", "http://reseau.example/x"))
MINUTE = timedelta(minutes=1)

Sessions = sessionmaker[ReseauSession]


class Inbox:
    """A mail server that does as it is told: ``rcpt`` and ``data`` give the answer for an address."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self.rcpt: Callable[[str], str] = lambda _address: "250 OK"
        self.data: Callable[[str], str] = lambda _address: "250 OK"
        self.cut_after_data = False
        self.hang_at = ""
        self.hanging, self.release = threading.Event(), threading.Event()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller: Controller | None = None

    def start(self, **options: Any) -> Inbox:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        return self

    def stop(self) -> None:
        self.release.set()
        if self._controller:
            self._controller.stop()
        self._controller = None

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.received]

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.connections += not hasattr(_session, "counted")
        _session.counted = True
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        answer = self.rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        await self._maybe_hang("rcpt", address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        (address,) = envelope.rcpt_tos
        answer = self.data(address)
        if self.cut_after_data:
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.received.append((address, message))  # type: ignore[arg-type]
        await self._maybe_hang("data", address)
        return answer

    async def _maybe_hang(self, step: str, address: str) -> None:
        if self.hang_at == f"{step} {address}":
            self.hanging.set()
            while not self.release.is_set():
                await asyncio.sleep(0.01)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server, not started yet."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    made = Inbox()
    yield made
    made.stop()


def fill(sessions: Sessions, *names: str, **options: Any) -> None:
    with sessions.begin() as session:
        for name in names:
            assert queue(session, LETTER, f"{name}@ici.example", site=SITE, now=TUESDAY, **options)


def rows(sessions: Sessions) -> dict[str, Mail]:
    """The outbox by the first part of the address."""
    with sessions() as session:
        return {mail.recipient.partition("@")[0]: mail for mail in session.scalars(sa.select(Mail).order_by(Mail.id))}


def states(sessions: Sessions) -> dict[str, str]:
    return {name: mail.state for name, mail in rows(sessions).items()}


def send(sessions: Sessions, url: str, clock: StillClock, **options: Any) -> Counter[str]:
    return deliver(sessions, SmtpTransport(url), SITE, clock, **options)


# --- writing ------------------------------------------------------------------------------------------------


def test_a_mail_leaves_only_with_its_change(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    with sessions() as session:
        queue(session, LETTER, "a@ici.example", site=SITE, now=TUESDAY)
        session.rollback()
    assert send(sessions, inbox.start().url, clock) == Counter()
    assert inbox.received == []


def test_a_key_says_once_what_must_be_said_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert queue(session, LETTER, "a@ici.example", site=SITE, now=TUESDAY, key="k")
        assert not queue(session, LETTER, "b@ici.example", site=SITE, now=TUESDAY, key="k")
        assert queue(session, LETTER, "c@ici.example", site=SITE, now=TUESDAY)
        assert queue(session, LETTER, "d@ici.example", site=SITE, now=TUESDAY)
    with sessions.begin() as session:
        assert not queue(session, LETTER, "e@ici.example", site=SITE, now=TUESDAY, key="k")
    assert list(rows(sessions)) == ["a", "c", "d"]


@pytest.mark.parametrize("first_commits", [True, False])
def test_a_key_written_twice_at_once(sessions: Sessions, first_commits: bool) -> None:
    second: list[bool] = []
    begun = threading.Event()

    def other() -> None:
        begun.set()
        with sessions.begin() as session:
            second.append(queue(session, LETTER, "b@ici.example", site=SITE, now=TUESDAY, key="k"))

    thread = threading.Thread(target=other)
    with sessions() as session:
        assert queue(session, LETTER, "a@ici.example", site=SITE, now=TUESDAY, key="k")
        thread.start()
        begun.wait()
        thread.join(0.3)
        assert second == []  # it waits to know
        (session.commit if first_commits else session.rollback)()
    thread.join()
    assert second == [not first_commits]
    assert list(rows(sessions)) == (["a"] if first_commits else ["b"])


@pytest.mark.parametrize(
    "recipient", ["", "a", "a@b.example\nBcc: c@d.example", "a@b.example,c@d.example", "a" * 250 + "@b.example"]
)
def test_what_cannot_receive_is_not_queued(sessions: Sessions, recipient: str) -> None:
    with sessions() as session, pytest.raises(ValueError):
        queue(session, LETTER, recipient, site=SITE, now=TUESDAY)


def test_a_nul_in_a_text_harms_nobody(sessions: Sessions) -> None:
    with sessions.begin() as session:
        letter = Letter("test", "fr", "a\x00b", ("c\x00d",))
        assert queue(session, letter, "a@ici.example", site=SITE, now=TUESDAY)
    assert rows(sessions)["a"].subject == "a b"


# --- sending ------------------------------------------------------------------------------------------------


def test_a_mail_arrives_once_as_text_and_html(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(
        sessions,
        "a",
        reply_to="Camille <camille@ici.example>",
        headers={"List-Unsubscribe": "<http://reseau.example/u>"},
    )
    assert send(sessions, inbox.start().url, clock) == Counter(sent=1)
    assert send(sessions, inbox.url, clock) == Counter()
    ((recipient, message),) = inbox.received
    row = rows(sessions)["a"]
    assert recipient == message["To"] == "a@ici.example"
    assert message["Subject"] == "Été à Roubaix"
    assert message["From"] == SITE.sender
    assert message["Message-ID"] == f"<{row.id}@reseau.example>"
    assert message["Date"].datetime == TUESDAY
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "fr")
    assert (message["Reply-To"], message["List-Unsubscribe"]) == (
        "Camille <camille@ici.example>",
        "<http://reseau.example/u>",
    )
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())
    assert "Bonjour à vous.\n\nOuvrir\u00a0:\nhttp://reseau.example/x\n" in text.replace("\r\n", "\n")
    assert '<html lang="fr" dir="ltr">' in html
    assert (row.state, row.attempts, row.sent_at, row.last_error) == ("sent", 1, TUESDAY, None)


def test_one_connection_for_a_batch_in_order_and_no_more_than_asked(
    sessions: Sessions, inbox: Inbox, clock: StillClock
) -> None:
    fill(sessions, *"abcde")
    assert send(sessions, inbox.start().url, clock, limit=3) == Counter(sent=3)
    assert inbox.recipients == ["a@ici.example", "b@ici.example", "c@ici.example"]
    assert inbox.connections == 1


def test_not_before_its_time(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", due_at=TUESDAY + MINUTE)
    assert send(sessions, inbox.start().url, clock) == Counter()
    clock.now += MINUTE
    assert send(sessions, inbox.url, clock) == Counter(sent=1)
    assert inbox.received[0][1]["Date"].datetime == TUESDAY + MINUTE


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_later_then_taken(sessions: Sessions, inbox: Inbox, clock: StillClock, step: str) -> None:
    fill(sessions, "a", "b")
    setattr(inbox, step, lambda address: "451 busy" if address.startswith("a") else "250 OK")
    assert send(sessions, inbox.start().url, clock) == Counter(later=1, sent=1)
    row = rows(sessions)["a"]
    assert (row.state, row.attempts, row.due_at, row.last_error) == ("waiting", 1, TUESDAY + MINUTE, "451 busy")
    setattr(inbox, step, lambda _address: "250 OK")
    assert send(sessions, inbox.url, clock) == Counter()
    clock.now += MINUTE
    assert send(sessions, inbox.url, clock) == Counter(sent=1)
    assert inbox.recipients == ["b@ici.example", "a@ici.example"]
    assert rows(sessions)["a"].last_error is None


def test_put_aside_after_the_last_pause(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a")
    inbox.rcpt = lambda _address: "451 busy"
    inbox.start()
    for pause in BACK_OFF:
        assert send(sessions, inbox.url, clock) == Counter(later=1)
        assert rows(sessions)["a"].due_at == clock.now + pause
        clock.now += pause
    assert send(sessions, inbox.url, clock) == Counter(aside=1)
    assert rows(sessions)["a"].attempts == len(BACK_OFF) + 1


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_refused_for_ever(sessions: Sessions, inbox: Inbox, clock: StillClock, step: str) -> None:
    fill(sessions, "a", "b")
    setattr(inbox, step, lambda address: "550 inconnu ici" if address.startswith("a") else "250 OK")
    assert send(sessions, inbox.start().url, clock) == Counter(aside=1, sent=1)
    assert states(sessions) == {"a": "aside", "b": "sent"}
    assert rows(sessions)["a"].last_error == "550 inconnu ici"
    clock.now += timedelta(days=400)
    assert send(sessions, inbox.url, clock) == Counter()


def test_poison_stops_nobody(
    sessions: Sessions, inbox: Inbox, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    fill(sessions, *"abcd")
    with sessions.begin() as session:
        mails = {mail.recipient[0]: mail for mail in session.scalars(sa.select(Mail))}
        mails["a"].recipient = "x@ici.example\r\nBcc: victim@ici.example"
        mails["b"].headers = {"Bcc": "victim@ici.example"}
        mails["c"].recipient = ""
    assert send(sessions, inbox.start().url, clock) == Counter(aside=3, sent=1)
    assert inbox.recipients == ["d@ici.example"]
    assert sorted(mail.state for mail in rows(sessions).values()) == ["aside", "aside", "aside", "sent"]
    assert "ValueError" in str(rows(sessions)["x"].last_error)
    assert caplog.text.count("cannot be built") == 3


def test_a_fault_of_the_transport_stops_nobody(sessions: Sessions, clock: StillClock) -> None:
    class Faulty:
        closed = False

        def send(self, _message: EmailMessage, recipient: str) -> None:
            if recipient.startswith("a"):
                raise RuntimeError("a fault of ours")

        def close(self) -> None:
            self.closed = True

    fill(sessions, "a", "b")
    transport = Faulty()
    assert deliver(sessions, transport, SITE, clock) == Counter(later=1, sent=1)
    assert transport.closed
    assert rows(sessions)["a"].last_error == "RuntimeError: a fault of ours"


def test_a_dead_server_then_it_is_back(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", "b", "c")
    for _ in range(len(BACK_OFF) + 5):  # however long it lasts, no mail is given up
        assert send(sessions, inbox.url, clock) == Counter(later=1)
        clock.now += timedelta(days=1)
    assert {mail.attempts for mail in rows(sessions).values()} == {0}
    assert set(states(sessions).values()) == {"waiting"}
    inbox.start()
    assert send(sessions, inbox.url, clock) == Counter(sent=3)


def test_a_dead_server_touches_one_row(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", "b")
    send(sessions, inbox.url, clock)
    first, second = rows(sessions).values()
    assert (first.state, first.attempts, first.due_at) == ("waiting", 0, TUESDAY + MINUTE)
    assert "ConnectionRefusedError" in str(first.last_error)
    assert (second.state, second.attempts, second.due_at, second.claimed_at) == ("waiting", 0, TUESDAY, None)


def test_the_connection_cut_after_data(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", "b")
    inbox.cut_after_data = True
    assert send(sessions, inbox.start().url, clock) == Counter(later=1)
    first, second = rows(sessions).values()
    assert (first.state, first.attempts, first.due_at) == ("waiting", 1, TUESDAY + MINUTE)
    assert (second.attempts, second.due_at) == (0, TUESDAY)
    inbox.cut_after_data = False
    clock.now += MINUTE
    assert send(sessions, inbox.url, clock) == Counter(sent=2)
    assert sorted(inbox.recipients) == ["a@ici.example", "b@ici.example"]


def test_a_mail_that_always_cuts_the_connection_does_not_block_the_others(
    sessions: Sessions, inbox: Inbox, clock: StillClock
) -> None:
    fill(sessions, "a", "b")
    inbox.start()
    inbox.cut_after_data = True
    send(sessions, inbox.url, clock)
    inbox.cut_after_data = False
    assert send(sessions, inbox.url, clock) == Counter(sent=1)
    assert states(sessions) == {"a": "waiting", "b": "sent"}


def test_a_server_that_leaves_between_two_mails_is_called_again(
    sessions: Sessions, inbox: Inbox, clock: StillClock
) -> None:
    fill(sessions, "a", "b")
    transport = SmtpTransport(inbox.start().url)
    assert deliver(sessions, transport, SITE, clock, limit=1) == Counter(sent=1)
    message = EmailMessage()
    message["From"] = "x@ici.example"
    transport.send(message, "x@ici.example")
    assert transport._smtp is not None
    assert transport._smtp.sock is not None
    transport._smtp.sock.shutdown(socket.SHUT_RDWR)
    assert deliver(sessions, transport, SITE, clock) == Counter(sent=1)
    assert inbox.recipients == ["a@ici.example", "x@ici.example", "b@ici.example"]


def test_a_421_ends_the_batch(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", "b")
    inbox.rcpt = lambda _address: "421 too many"
    assert send(sessions, inbox.start().url, clock) == Counter(later=1)
    assert [mail.attempts for mail in rows(sessions).values()] == [1, 0]


def test_asked_to_stop_it_stops_between_two_mails(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, *"abc")
    inbox.start()
    assert send(sessions, inbox.url, clock, stopping=lambda: len(inbox.received) == 2) == Counter(sent=2)
    assert states(sessions) == {"a": "sent", "b": "sent", "c": "waiting"}


# --- several at once, and sudden deaths ---------------------------------------------------------------------


def test_two_deliverers_at_once_send_each_mail_once(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    names = [f"p{number:02}" for number in range(30)]
    fill(sessions, *names)
    inbox.start()
    both = threading.Barrier(2)
    done: list[Counter[str]] = []

    def work() -> None:
        both.wait()
        done.append(send(sessions, inbox.url, clock))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done, Counter()) == Counter(sent=30)
    assert Counter(inbox.recipients) == Counter(f"{name}@ici.example" for name in names)
    assert all(one["sent"] for one in done), "both worked"


SENDER = """
import sys
from datetime import datetime
from reseau.core.db import create_engine, session_factory
from reseau.core.letters import Site
from reseau.core.mail_delivery import SmtpTransport, deliver
database, server, now = sys.argv[1:]
moment = datetime.fromisoformat(now)
site = Site("Réseau de Roubaix", "http://reseau.example", "Réseau <non@reseau.example>")
deliver(session_factory(create_engine(database)), SmtpTransport(server), site, lambda: moment)
"""


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_killed_in_the_middle_of_a_batch_nothing_is_lost(
    sessions: Sessions, database_url: str, inbox: Inbox, clock: StillClock, step: str
) -> None:
    """At ``data`` the server has the mail and we have not heard so: it arrives twice, with one ``Message-ID``."""
    fill(sessions, *"abcde")
    inbox.hang_at = f"{step} c@ici.example"
    inbox.start()
    process = subprocess.Popen([sys.executable, "-c", SENDER, database_url, inbox.url, TUESDAY.isoformat()])
    assert inbox.hanging.wait(30)
    process.send_signal(signal.SIGKILL)
    process.wait()
    inbox.hang_at = ""
    inbox.release.set()
    assert states(sessions) == {"a": "sent", "b": "sent", "c": "sending", "d": "waiting", "e": "waiting"}

    assert send(sessions, inbox.url, clock) == Counter(sent=2)  # the others do not wait for it
    clock.now += STALE
    assert send(sessions, inbox.url, clock) == Counter()
    clock.now += MINUTE
    assert send(sessions, inbox.url, clock) == Counter(stale=1, sent=1)
    assert set(states(sessions).values()) == {"sent"}
    expected = Counter(f"{name}@ici.example" for name in "abcde")
    expected["c@ici.example"] += step == "data"
    assert Counter(inbox.recipients) == expected
    assert len({message["Message-ID"] for _, message in inbox.received}) == 5


def test_a_mail_that_kills_its_process_each_time_is_put_aside(sessions: Sessions, clock: StillClock) -> None:
    fill(sessions, "a")
    deaths = 0
    while states(sessions)["a"] == "waiting":
        assert mail_delivery._claim(sessions, clock()) is not None
        deaths += 1
        clock.now += STALE + MINUTE
        with sessions.begin() as session:
            assert mail_delivery._release(session, clock()) == 1
    assert (states(sessions)["a"], deaths) == ("aside", len(BACK_OFF) + 1)


def test_who_was_thought_dead_does_not_overwrite_what_another_did(sessions: Sessions, clock: StillClock) -> None:
    fill(sessions, "a")
    slow = mail_delivery._claim(sessions, clock())
    assert slow is not None
    clock.now += STALE + MINUTE
    with sessions.begin() as session:
        assert mail_delivery._release(session, clock()) == 1
    quick = mail_delivery._claim(sessions, clock())
    assert quick is not None
    mail_delivery._settle(sessions, slow, Refused("550 too late"), clock())
    assert states(sessions) == {"a": "sending"}
    mail_delivery._settle(sessions, quick, None, clock())
    mail_delivery._settle(sessions, slow, Refused("550 too late"), clock())
    assert states(sessions) == {"a": "sent"}


# --- TLS, passwords, addresses (once: no database decides them) ---------------------------------------------


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of TLS; our side trusts it."""
    path = tmp_path / "authority.pem"
    authority = trustme.CA()  # made for this test, kept nowhere
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return context


def note(to: str = "a@ici.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "x@ici.example", to, "<n@ici.example>"
    message.set_content("x")
    return message


def authenticator(seen: list[tuple[bytes, bytes]]) -> Callable[..., AuthResult]:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/w:rd", handled=False)

    return check


@pytest.fixture
def login(inbox: Inbox) -> str:
    return inbox.url.replace("//", "//us%40er:p%40ss%2Fw%3Ard@")


def test_with_a_password_tls_comes_first(inbox: Inbox, tls: ssl.SSLContext, login: str) -> None:
    seen: list[tuple[bytes, bytes]] = []
    inbox.start(tls_context=tls, require_starttls=True, authenticator=authenticator(seen), auth_required=True)
    transport = SmtpTransport(login)
    transport.send(note(), "a@ici.example")
    transport.close()
    transport.close()
    assert seen == [(b"us@er", b"p@ss/w:rd")]
    assert inbox.recipients == ["a@ici.example"]


def test_a_password_is_not_said_to_a_server_without_tls(inbox: Inbox, login: str) -> None:
    seen: list[tuple[bytes, bytes]] = []
    inbox.start(authenticator=authenticator(seen), auth_require_tls=False)
    with pytest.raises(Unreachable, match="STARTTLS") as caught:
        SmtpTransport(login).send(note(), "a@ici.example")
    assert (seen, inbox.received, caught.value.offered) == ([], [], False)


def test_a_password_is_not_said_to_a_server_that_nobody_vouches_for(
    inbox: Inbox, tls: ssl.SSLContext, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bytes, bytes]] = []
    inbox.start(tls_context=tls, authenticator=authenticator(seen))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        SmtpTransport(login).send(note(), "a@ici.example")
    assert (seen, inbox.received) == ([], [])


def test_a_wrong_password_is_no_fault_of_the_mail(inbox: Inbox, tls: ssl.SSLContext, login: str) -> None:
    inbox.start(tls_context=tls, authenticator=authenticator([]))
    with pytest.raises(Unreachable, match="535") as caught:
        SmtpTransport(login.replace("p%40ss", "other")).send(note(), "a@ici.example")
    assert not caught.value.offered


def test_without_a_password_tls_is_used_when_offered(
    inbox: Inbox, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    inbox.start(tls_context=tls, require_starttls=True)
    transport = SmtpTransport(inbox.url)
    transport.send(note(), "a@ici.example")
    transport.close()
    assert inbox.recipients == ["a@ici.example"]


def test_an_address_with_accents(inbox: Inbox) -> None:
    inbox.start(enable_SMTPUTF8=True)
    transport = SmtpTransport(inbox.url)
    transport.send(note("léa@ici.example"), "léa@ici.example")
    transport.close()
    assert inbox.recipients == ["léa@ici.example"]
    assert inbox.received[0][1]["To"] == "léa@ici.example"


def test_an_address_that_the_server_cannot_carry(inbox: Inbox) -> None:
    inbox.start(enable_SMTPUTF8=False)
    transport = SmtpTransport(inbox.url)
    with pytest.raises(Refused, match="SMTPUTF8"):
        transport.send(note("léa@ici.example"), "léa@ici.example")
    transport.send(note(), "a@ici.example")
    transport.close()


def test_a_refused_sender_may_be_set_right(inbox: Inbox) -> None:
    async def refuse(*_arguments: Any) -> str:
        return "550 who are you"

    inbox.handle_MAIL = refuse  # type: ignore[method-assign]
    inbox.start()
    transport = SmtpTransport(inbox.url)
    with pytest.raises(Later, match="550") as caught:
        transport.send(note(), "a@ici.example")
    transport.close()
    assert not isinstance(caught.value, Unreachable)


SECRET = "x" * 40
WRONG = [
    "http://x",
    "smtp://",
    "x",
    "smtp://h:port",
    "smtp://h:70000",
    "smtp://u:pa/ss@h:25",
    "smtp://h/path",
    "smtp://u:p:a/ss@h",
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_stops_the_start_and_keeps_the_password(url: str) -> None:
    with pytest.raises(SettingsError, match="smtp_url") as caught:
        Settings(secret=SECRET, smtp_url=url)
    assert "pa/" not in str(caught.value)


@pytest.mark.parametrize("sender", ["", "Réseau", "a@", "@b", "A <a@b.example>\nBcc: x@y.example"])
def test_a_wrong_sender_stops_the_start(sender: str) -> None:
    with pytest.raises(SettingsError, match="mail_from"):
        Settings(secret=SECRET, mail_from=sender)


def test_the_password_is_not_printed() -> None:
    assert "hush" not in repr(Settings(secret=SECRET, smtp_url="smtp://u:hush@h"))


# --- files --------------------------------------------------------------------------------------------------


def test_without_a_server_mails_are_files(sessions: Sessions, tmp_path: Path, clock: StillClock) -> None:
    settings = Settings(secret=SECRET, data_dir=tmp_path / "data")
    fill(sessions, "a", "b")
    assert deliver(sessions, transport_of(settings), SITE, clock) == Counter(sent=2)
    folder = tmp_path / "data" / "courriels"
    assert folder.stat().st_mode & 0o777 == 0o700
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == [f"{mail.id}.eml" for mail in rows(sessions).values()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    assert (message["To"], message["Subject"]) == ("a@ici.example", "Été à Roubaix")
    assert isinstance(transport_of(Settings(secret=SECRET, smtp_url="smtp://h")), SmtpTransport)


def test_the_same_mail_again_is_the_same_file(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path)
    for _ in range(2):
        transport.send(note("léa@ici.example"), "léa@ici.example")
    assert [path.name for path in tmp_path.iterdir()] == ["n.eml"]
    assert "To: léa@ici.example" in (tmp_path / "n.eml").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_mail(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable) as caught:
        FileTransport(tmp_path / "file" / "x").send(note(), "a@ici.example")
    assert not caught.value.offered


# --- the desk -----------------------------------------------------------------------------------------------


def test_retry_cancel_and_what_cannot_be(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", "b")
    inbox.rcpt = lambda address: "550 no" if address.startswith("a") else "250 OK"
    send(sessions, inbox.start().url, clock)
    aside, sent = rows(sessions).values()
    later = TUESDAY + MINUTE
    with sessions.begin() as session:
        assert not retry(session, sent.id, later)
        assert not cancel(session, sent.id)
        assert retry(session, aside.id, later)
        assert not retry(session, aside.id, later)
    row = rows(sessions)["a"]
    assert (row.state, row.attempts, row.due_at, row.last_error) == ("waiting", 0, later, None)
    with sessions.begin() as session:
        assert cancel(session, aside.id)
        assert not cancel(session, aside.id)
    clock.now = later
    assert send(sessions, inbox.url, clock) == Counter()
    with sessions.begin() as session:
        assert retry(session, aside.id, later)
    inbox.rcpt = lambda _address: "250 OK"
    assert send(sessions, inbox.url, clock) == Counter(sent=1)


def test_purge_forgets_addresses_of_what_is_over(sessions: Sessions) -> None:
    fill(sessions, *"abcd")
    with sessions.begin() as session:
        mails = {mail.recipient[0]: mail for mail in session.scalars(sa.select(Mail))}
        mails["a"].state, mails["a"].sent_at = MailState.SENT.value, TUESDAY
        mails["b"].state, mails["b"].sent_at = MailState.SENT.value, TUESDAY + MINUTE
        mails["c"].state = MailState.ASIDE.value
        mails["d"].state = MailState.CANCELLED.value
    with sessions.begin() as session:
        assert purge(session, TUESDAY + KEPT) == 0
        assert purge(session, TUESDAY + KEPT + timedelta(seconds=1)) == 2
    assert list(rows(sessions)) == ["b", "c"]
