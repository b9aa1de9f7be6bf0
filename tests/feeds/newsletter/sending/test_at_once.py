"""Two workers at the same time, a pause or a departure in the midst of a message: the mark decides."""

from __future__ import annotations

import time
from collections import Counter
from threading import Thread
from uuid import UUID

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import Delivery, Issue, Subscriber
from feeds.newsletter.sending import claims, jobs, launching, ledger
from feeds.newsletter.sending.carrying import Fate, SmtpLine
from feeds.newsletter.sending.claims import Settled
from feeds.newsletter.sending.ledger import Counts
from feeds.newsletter.sending.run import Options
from feeds.newsletter.sending.writer import Writer
from reseau.core.jobs import Tools
from reseau.settings import Settings
from tests.conftest import SECRET, TUESDAY, StillClock
from tests.feeds.newsletter.sending.office import Sessions, fast, issue_state, launched, send, states
from tests.feeds.newsletter.sending.sink import Sink
from tests.people import at_once


def test_two_workers_never_send_one_letter_twice(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url, letter_connections=3)
    emails = [f"{'delay' if n % 9 == 0 else 'ok'}-{n}@ici.example" for n in range(200)]
    id_ = launched(sessions, mine, *emails)
    at_once(*[lambda: send(sessions, mine, clock, linger_s=0.3)] * 2)
    send(sessions, mine, clock)
    received = Counter(to for to, _ in sink.book.taken)
    assert received == Counter(emails)
    with sessions() as session:
        assert ledger.counts(session, id_) == Counts(accepted=200, launched=200)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_somebody_sends_again_while_the_worker_ends_is_not_lost(sessions: Sessions, settings: Settings) -> None:
    id_ = launched(sessions, settings, "ok-1@ici.example")
    with sessions.begin() as session:
        session.query(Delivery).update({"state": "unknown"})
    with sessions() as session:
        assert ledger.resend_unknown(session, session.get_one(Issue, id_), TUESDAY) == 1
        ended: list[UUID] = []

        def end() -> None:
            with sessions.begin() as other:
                ended.extend(claims.finish(other, TUESDAY))

        worker = Thread(target=end)
        worker.start()
        waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while worker.is_alive() and not session.scalar(waits):
            time.sleep(0.01)
        session.commit()
        worker.join(10)
    assert (ended, issue_state(sessions, id_)) == ([], "sending")


@pytest.mark.parametrize("what", ["pause", "cancel", "leave"])
def test_what_happens_before_the_dot_takes_it_back(
    what: str, sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url, letter_connections=1)
    id_ = launched(sessions, mine, "ok-1@ici.example")

    class Late(SmtpLine):
        """Something happens while the message is handed over."""

        def _offer(self, sender: str, recipient: str, message: bytes) -> None:
            super()._offer(sender, recipient, message)
            with sessions.begin() as session:
                issue = session.get_one(Issue, id_)
                if what == "pause":
                    launching.pause(session, issue)
                elif what == "cancel":
                    launching.cancel(session, issue, clock())
                else:
                    session.query(Subscriber).update({"state": "left"})

    send(sessions, mine, clock, lines=lambda: Late(sink.url))
    assert sink.book.taken == []
    send(sessions, mine, clock)
    expected = {"pause": "waiting", "cancel": "cancelled", "leave": "suppressed"}[what]
    assert (sink.book.taken, states(sessions)) == ([], {"ok-1": expected})


def test_what_a_worker_learns_late_counts_and_what_another_settled_stays(
    sessions: Sessions, settings: Settings, clock: StillClock
) -> None:
    id_ = launched(sessions, settings, "ok-1@ici.example", "ok-2@ici.example")
    with sessions.begin() as session:
        rows = claims.claim(session, SECRET, TUESDAY, 10, (), lambda domain: True)
        marked = claims.mark(session, [row.id for row in rows], TUESDAY)
        assert set(marked.values()) == {1}
        assert claims.mark(session, [row.id for row in rows], TUESDAY) == {}
        assert claims.recover(session, TUESDAY) == 2
        assert ledger.counts(session, id_).unknown == 2

    def settled(at: int, seen: int, state: str) -> Settled:
        word = claims.DeliveryState(state)
        return Settled(rows[at].id, seen, word, seen, "250", TUESDAY, TUESDAY, rows[at].subscriber_id)

    with sessions.begin() as session:
        claims.settle(session, [settled(0, 1, "accepted")])  # it was only slow
        assert ledger.resend_unknown(session, session.get_one(Issue, id_), TUESDAY) == 1
        assert claims.mark(session, [rows[1].id], TUESDAY) == {rows[1].id: 2}
        claims.settle(session, [settled(1, 1, "failed")])  # of the first try: the second one decides
        claims.settle(session, [settled(1, 2, "accepted")])
    assert set(states(sessions).values()) == {"accepted"}


def test_a_ledger_that_cannot_be_written_lets_nothing_leave(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = fast(settings, sink.url)
    launched(sessions, mine, "ok-1@ici.example")

    def broken(*arguments: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(claims, "mark", broken)
        send(sessions, mine, clock, budget_s=1.0)
    assert (sink.book.taken, states(sessions)) == ([], {"ok-1": "waiting"})
    send(sessions, mine, clock)
    assert states(sessions) == {"ok-1": "accepted"}


def test_the_writer_says_what_went_wrong_and_goes_on(sessions: Sessions, clock: StillClock) -> None:
    writer = Writer(sessions, clock)
    with pytest.raises(ZeroDivisionError):
        writer.call(lambda session: 1 // 0)
    assert writer.call(lambda session: 1) == 1
    writer.close()


def test_the_job_says_what_it_did_in_french(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url)
    tools, options = Tools(sessions, mine, clock), Options(linger_s=0)
    assert jobs.send_letters(tools, options) is None
    id_ = launched(sessions, mine, "ok-1@ici.example", "rcpt550-1@ici.example")
    assert jobs.send_letters(tools, options) == "acceptées : 1, refusées : 1, numéros terminés : 1"
    assert jobs.send_letters(tools, options) is None
    assert issue_state(sessions, id_) == "sent"
    assert [(job.name, job.every.total_seconds()) for job in jobs.JOBS] == [("lettre-envoi", 5.0)]


def test_asked_to_stop_it_stops_between_two_letters(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url, letter_connections=1)
    id_ = launched(sessions, mine, *(f"ok-{n}@ici.example" for n in range(30)))
    tools = Tools(sessions, mine, clock, stopping=lambda: len(sink.book.taken) >= 3)
    jobs.send_letters(tools, Options(linger_s=0))
    with sessions() as session:
        counts = ledger.counts(session, id_)
    assert (counts.accepted, counts.waiting, counts.unknown) == (len(sink.book.taken), 30 - len(sink.book.taken), 0)
    assert len(sink.book.taken) < 6


def test_a_message_of_dots_arrives_as_it_is(sink: Sink) -> None:
    line = SmtpLine(sink.url, final_s=5, answer_s=5)
    body = b"Subject: x\r\n\r\n.\r\n..\r\n.x\r\n"
    try:
        answer = line.carry("x", "a@reseau.example", "ok-1@ici.example", body, lambda: True)
    finally:
        line.close()
    assert answer.fate is Fate.ACCEPTED
    assert sink.book.taken[0][1].endswith(b"\r\n\r\n.\r\n..\r\n.x\r\n")
