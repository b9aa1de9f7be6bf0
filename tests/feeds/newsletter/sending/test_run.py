"""What the worker does with each answer of a server, on both engines: nothing is lost, nothing twice."""

from __future__ import annotations

import email
from collections import Counter
from datetime import timedelta
from email import policy

import pytest
import sqlalchemy as sa

from feeds.newsletter import links
from feeds.newsletter.bounces.services import refused
from feeds.newsletter.models import BounceEvent, Delivery, Issue, Subscriber, SubscriberState, Suppression
from feeds.newsletter.sending import hooks, launching, ledger
from feeds.newsletter.sending.ledger import Counts
from feeds.newsletter.sending.pace import Pace
from feeds.newsletter.subscribing.suppressing import suppress
from reseau.core.mail import Mail
from reseau.settings import Settings
from tests.conftest import SECRET, TUESDAY, StillClock
from tests.feeds.newsletter.sending.office import SOON, Sessions, fast, issue_state, launched, send, states
from tests.feeds.newsletter.sending.sink import Handler, Sink
from tests.people import person


def ledger_of(sessions: Sessions, id_: object) -> Counts:
    with sessions() as session:
        return ledger.counts(session, id_)


def test_each_answer_becomes_what_it_means(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    kinds = ("ok", "delay", "rcpt550", "rcpt450", "dot554", "dot451", "before", "after", "lost")
    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, *(f"{kind}-1@ici.example" for kind in kinds))
    send(sessions, mine, clock)
    first = states(sessions)
    assert first == {
        "ok-1": "accepted", "delay-1": "accepted", "rcpt550-1": "failed", "rcpt450-1": "waiting",
        "dot554-1": "failed", "dot451-1": "waiting", "before-1": "waiting", "after-1": "unknown", "lost-1": "unknown",
    }  # fmt: skip
    assert ledger_of(sessions, id_) == Counts(accepted=2, failed=2, unknown=2, waiting=3, launched=9)
    clock.now += SOON
    send(sessions, mine, clock)
    assert ledger_of(sessions, id_) == Counts(accepted=5, failed=2, unknown=2, launched=9)
    assert issue_state(sessions, id_) == "sent"
    taken = Counter(recipient for recipient, _ in sink.book.taken)
    assert taken == Counter({f"{k}-1@ici.example": 1 for k in ("ok", "delay", "rcpt450", "dot451", "before", "after")})


def test_what_is_unknown_is_sent_again_only_when_somebody_says_so(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, "lost-1@ici.example", "ok-1@ici.example")
    for _ in range(3):
        send(sessions, mine, clock)
        clock.now += timedelta(days=1)
    assert sink.book.tries["lost-1@ici.example"] == 1
    with sessions.begin() as session:
        assert ledger.resend_unknown(session, session.get_one(Issue, id_), clock()) == 1
    assert issue_state(sessions, id_) == "sending"
    send(sessions, mine, clock)
    assert sink.book.tries == Counter({"lost-1@ici.example": 2, "ok-1@ici.example": 1})
    with sessions.begin() as session:
        launching_state = session.get_one(Issue, id_)
        launching_state.state = "cancelled"
        session.flush()
        assert ledger.resend_unknown(session, launching_state, clock()) == 0


def test_a_letter_as_it_arrives(sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock) -> None:
    mine = fast(settings, sink.url, letter_bounces="retours@reseau.example")
    launched(sessions, mine, "ok-1@ici.example")
    send(sessions, mine, clock)
    ((recipient, content),) = sink.book.taken
    message = email.message_from_bytes(content, policy=policy.default)
    with sessions() as session:
        delivery, reader = session.scalars(sa.select(Delivery)).one(), session.scalars(sa.select(Subscriber)).one()
    token = links.of_reader(SECRET, reader.key)
    verp = f"retours+{links.of_bounce(SECRET, delivery.id)}@reseau.example"
    assert (recipient, str(message["To"])) == ("ok-1@ici.example", "ok-1@ici.example")
    assert sink.book.senders == [verp]
    assert message["Message-ID"] == f"<letter-{delivery.id}@reseau.example>"
    assert message["List-Unsubscribe"] == (
        f"<https://reseau.example/lettre/d/{token}>, <mailto:{verp}?subject=unsubscribe>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<lettre.reseau.example>"
    assert reader.last_sent_at == TUESDAY
    assert (delivery.state, delivery.attempts, delivery.settled_at) == ("accepted", 1, TUESDAY)


def test_who_left_since_the_launch_gets_nothing(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, *(f"ok-{n}@ici.example" for n in range(4)))
    with sessions.begin() as session:
        by_name = {row.email: row for row in session.scalars(sa.select(Subscriber))}
        by_name["ok-0@ici.example"].state = SubscriberState.LEFT.value
        suppress(session, SECRET, "ok-1@ici.example", "complaint", TUESDAY)
        session.delete(by_name["ok-2@ici.example"])
    send(sessions, mine, clock)
    assert [recipient for recipient, _ in sink.book.taken] == ["ok-3@ici.example"]
    assert ledger_of(sessions, id_) == Counts(accepted=1, suppressed=3, launched=4)


def test_paused_nothing_leaves_resumed_it_goes_on_cancelled_it_is_over(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, "ok-1@ici.example", "rcpt450-1@ici.example")
    with sessions.begin() as session:
        launching.pause(session, session.get_one(Issue, id_))
    send(sessions, mine, clock)
    assert sink.book.connections == 0
    with sessions.begin() as session:
        launching.resume(session, session.get_one(Issue, id_), clock())
    send(sessions, mine, clock)
    assert states(sessions) == {"ok-1": "accepted", "rcpt450-1": "waiting"}
    with sessions.begin() as session:
        assert launching.cancel(session, session.get_one(Issue, id_), clock()) == 1
    clock.now += SOON
    send(sessions, mine, clock)
    assert ledger_of(sessions, id_) == Counts(accepted=1, cancelled=1, launched=2)
    assert issue_state(sessions, id_) == "cancelled"


def test_it_stops_by_itself_and_tells_the_coordination_once(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url, letter_refusals=10, letter_connections=1)
    with sessions.begin() as session:
        person(session, "Camille", roles=["coordinator"])
    id_ = launched(sessions, mine, *(f"rcpt550-{n}@ici.example" for n in range(60)))
    send(sessions, mine, clock)
    assert issue_state(sessions, id_) == "paused refusals"
    assert ledger_of(sessions, id_).failed == 20  # the least that says anything
    with sessions.begin() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 1
        launching.resume(session, session.get_one(Issue, id_), clock())
    clock.now += timedelta(seconds=1)
    send(sessions, mine, clock)
    assert ledger_of(sessions, id_).failed == 40  # what was before is forgiven
    assert issue_state(sessions, id_) == "paused refusals"


def test_a_server_that_refuses_us_stops_it_and_costs_nobody_their_letter(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    mine = fast(settings, sink.url, mail_from="R <refused-sender@reseau.example>")
    id_ = launched(sessions, mine, *(f"ok-{n}@ici.example" for n in range(5)))
    send(sessions, mine, clock)
    assert issue_state(sessions, id_) == "paused sender"
    assert ledger_of(sessions, id_) == Counts(waiting=5, launched=5)
    with sessions() as session:
        ((state, said, number),) = ledger.reasons(session, id_)
        assert (state, said, number >= 1) == ("waiting", "550 5.7.1 who are you?", True)
        assert set(session.scalars(sa.select(Delivery.attempts))) == {0}
    assert "who are you?" in caplog.text


def test_a_server_that_takes_nothing_now_costs_nobody_an_attempt(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(self: object, *arguments: object) -> str:
        return "451 4.7.1 system busy"

    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, *(f"ok-{n}@d{n}.example" for n in range(9)))
    with monkeypatch.context() as patch:
        patch.setattr(Handler, "handle_MAIL", busy)
        pace = Pace(6_000_000, 6_000_000)
        send(sessions, mine, clock, pace)
        assert (pace.resting(), pace.shut()) == (True, set())
    with sessions() as session:
        assert set(session.scalars(sa.select(Delivery.attempts))) == {0}
    send(sessions, mine, clock)
    assert ledger_of(sessions, id_) == Counts(accepted=9, launched=9)


@pytest.mark.parametrize("kind", ["slow421", "busy47"])
def test_a_domain_that_says_slower_rests_and_the_others_do_not(
    kind: str, sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url, letter_connections=1)
    seconds = [0.0]
    pace = Pace(6_000_000, 6_000_000, clock=lambda: seconds[0])
    launched(sessions, mine, f"{kind}-1@la.example", *(f"ok-{n}@ici.example" for n in range(5)))
    send(sessions, mine, clock, pace)
    assert Counter(states(sessions).values()) == {"accepted": 5, "waiting": 1}
    assert pace.shut() == {"la.example"}
    clock.now += SOON
    send(sessions, mine, clock, pace)
    assert states(sessions)[f"{kind}-1"] == "waiting"
    seconds[0] = 61.0
    send(sessions, mine, clock, pace)
    assert states(sessions)[f"{kind}-1"] == "accepted"


def test_no_server_nothing_is_lost_and_it_is_left_in_peace(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, "smtp://127.0.0.1:9")
    seconds = [0.0]
    pace = Pace(6_000_000, 6_000_000, clock=lambda: seconds[0])
    id_ = launched(sessions, mine, "ok-1@ici.example")
    send(sessions, mine, clock, pace)
    assert (pace.resting(), pace.room()) == (True, 0)
    with sessions() as session:
        assert session.scalars(sa.select(Delivery.attempts)).one() == 0
    seconds[0] = 6.0
    send(sessions, fast(settings, sink.url), clock, pace)
    assert ledger_of(sessions, id_) == Counts(accepted=1, launched=1)


def test_after_the_last_pause_it_has_failed(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url)
    launched(sessions, mine, "rcpt450-1@ici.example")
    sink.book.tries["rcpt450-1@ici.example"] = 0
    for n in range(2):
        sink.book.tries.clear()  # it is always the first time
        send(sessions, mine, clock, back_off=(SOON,))
        assert states(sessions) == {"rcpt450-1": ("waiting", "failed")[n]}
        clock.now += SOON


def test_refused_for_ever_is_told_and_says_no_address(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[object, str]] = []
    monkeypatch.setattr(hooks, "_REFUSED", [])
    hooks.on_refused(lambda session, id_, said, now, **more: told.append((id_, said)))
    mine = fast(settings, sink.url)
    launched(sessions, mine, "rcpt550-1@ici.example", "rcpt450-1@ici.example", "ok-1@ici.example")
    send(sessions, mine, clock)
    with sessions() as session:
        wanted = sa.select(Subscriber.id).where(Subscriber.email == "rcpt550-1@ici.example")
        assert told == [(session.scalar(wanted), "550 5.1.1 <…>: no such user")]


def test_two_refusals_of_one_delivery_are_one_event(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "_REFUSED", [])
    hooks.on_refused(refused)
    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, "rcpt550-1@ici.example")
    send(sessions, mine, clock)
    with sessions.begin() as session:
        (first,) = session.scalars(sa.select(BounceEvent))
        assert (first.kind, first.delivery_id) == ("hard", session.scalars(sa.select(Delivery.id)).one())
        # By hand, as after a backup was put back: the same delivery is tried again.
        session.execute(sa.update(Delivery).values(state="waiting", settled_at=None))
        session.execute(sa.update(Subscriber).values(state="active"))
        session.execute(sa.delete(Suppression))
        session.get_one(Issue, id_).state = "sending"
    send(sessions, mine, clock)
    assert sink.book.tries["rcpt550-1@ici.example"] == 2
    with sessions() as session:
        assert session.scalars(sa.select(BounceEvent.id)).all() == [first.id]
        reader = session.scalars(sa.select(Subscriber)).one()
        assert (reader.bounce_score, reader.state) == (1.0, "active")


def test_in_a_demonstration_letters_are_files_and_can_be_read(
    sessions: Sessions, settings: Settings, clock: StillClock
) -> None:
    mine = fast(settings, "", demo=True, public_url="http://localhost:6543")
    launched(sessions, mine, *(f"ok-{n}@ici.example" for n in range(3)))
    send(sessions, mine, clock)
    files = list((mine.data_dir / "courriels").iterdir())
    with sessions() as session:
        ids = {f"letter-{id_}.eml" for id_ in session.scalars(sa.select(Delivery.id))}
        shown = session.scalars(sa.select(Mail)).all()
        keys = {row.email: row.key for row in session.scalars(sa.select(Subscriber))}
    assert {path.name for path in files} == ids
    assert len(shown) == 3
    assert all(f"/lettre/d/{links.of_reader(SECRET, keys[row.recipient])}" in row.html for row in shown)
    assert {row.state for row in shown} == {"sent"}
