"""Sending, on both engines, to a real SMTP server on this machine: nothing is lost, nothing is stuck."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from reseau.core import mail_delivery
from reseau.core.mail import Mail
from reseau.core.mail_delivery import BACK_OFF, STALE, Refused, SmtpTransport, deliver
from tests.conftest import TUESDAY, StillClock
from tests.core.mailbox import MINUTE, SITE, Inbox, Sessions, fill, rows, send, states
from tests.people import at_once

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
    done = at_once(*[lambda: send(sessions, inbox.url, clock)] * 2)
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
