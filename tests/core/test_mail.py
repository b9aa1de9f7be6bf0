"""The outbox on both engines: what is written, what is forgotten."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from reseau.core.letters import Letter
from reseau.core.mail import ASIDE_KEPT, KEPT, Mail, MailState, cancel, purge, queue, retry
from reseau.core.mail_delivery import FileTransport, deliver
from tests.conftest import TUESDAY, StillClock
from tests.core.mailbox import LETTER, MINUTE, SITE, Inbox, Sessions, fill, rows, send, states

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


def test_a_mail_that_left_keeps_no_link(sessions: Sessions, tmp_path: Path, clock: StillClock) -> None:
    fill(sessions, "a")
    assert deliver(sessions, FileTransport(tmp_path), SITE, clock) == Counter(sent=1)
    row = rows(sessions)["a"]
    assert (row.text, row.html) == ("", "")
    assert (row.subject, row.kind, row.recipient) == ("Été à Roubaix", "test", "a@ici.example")


def test_a_demonstration_keeps_what_its_visitors_read(sessions: Sessions, tmp_path: Path, clock: StillClock) -> None:
    fill(sessions, "a")
    assert deliver(sessions, FileTransport(tmp_path), SITE, clock, keep_text=True) == Counter(sent=1)
    assert "http://reseau.example/x" in rows(sessions)["a"].text


def test_a_mail_whose_link_is_dead_does_not_leave(sessions: Sessions, tmp_path: Path, clock: StillClock) -> None:
    fill(sessions, "a", "b", expires_at=TUESDAY + 15 * MINUTE)
    fill(sessions, "c")
    clock.now += 15 * MINUTE - timedelta(seconds=1)
    assert deliver(sessions, FileTransport(tmp_path), SITE, clock, limit=1) == Counter(sent=1)
    clock.now += timedelta(seconds=1)
    assert deliver(sessions, FileTransport(tmp_path), SITE, clock) == Counter(sent=1, expired=1)
    assert states(sessions) == {"a": "sent", "b": "cancelled", "c": "sent"}
    expired = rows(sessions)["b"]
    assert (expired.text, expired.html, expired.last_error) == ("", "", "expired")
    with sessions.begin() as session:
        assert not retry(session, expired.id, clock.now), "there is nothing left to send"


def test_a_mail_put_aside_expires_when_it_is_tried_again(sessions: Sessions, inbox: Inbox, clock: StillClock) -> None:
    fill(sessions, "a", expires_at=TUESDAY + 15 * MINUTE)
    inbox.rcpt = lambda _address: "550 no"
    assert send(sessions, inbox.start().url, clock) == Counter(aside=1)
    clock.now += 15 * MINUTE
    with sessions.begin() as session:
        assert retry(session, rows(sessions)["a"].id, clock.now)
    assert send(sessions, inbox.url, clock) == Counter(expired=1)


def test_mails_put_aside_are_forgotten_later(sessions: Sessions) -> None:
    fill(sessions, "a")
    with sessions.begin() as session:
        session.execute(sa.update(Mail).values(state=MailState.ASIDE.value))
    with sessions.begin() as session:
        assert purge(session, TUESDAY + ASIDE_KEPT) == 0
        assert purge(session, TUESDAY + ASIDE_KEPT + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("recipient", ["nadia.b@ici.example " * 20, "nadia.b@", "nadia.b@ici.example" + "x" * 250])
def test_an_error_does_not_say_the_address(sessions: Sessions, recipient: str) -> None:
    with sessions() as session, pytest.raises(ValueError) as caught:
        queue(session, LETTER, recipient, site=SITE, now=TUESDAY)
    assert "nadia" not in str(caught.value)
