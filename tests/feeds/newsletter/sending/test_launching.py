"""An issue leaves once, to whom it should, and its ledger adds up."""

from __future__ import annotations

import email
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import policy
from uuid import UUID

import pytest
import sqlalchemy as sa

from feeds.newsletter.content import LEAVE
from feeds.newsletter.models import Delivery, Edition, Issue, IssueText, Relay, Subscriber, SubscriberState
from feeds.newsletter.sending import launching, ledger, testing
from feeds.newsletter.sending.launching import NotNow
from feeds.newsletter.sending.ledger import Counts
from feeds.newsletter.writing import looking
from reseau.core.changes import changes_after
from reseau.core.mail import Mail
from reseau.directory.models import Structure
from reseau.settings import Settings
from tests.conftest import ROUBAIX_CSV, TUESDAY, StillClock
from tests.feeds.newsletter.sending.office import Sessions, fast, issue, issue_state, launched, readers, send
from tests.feeds.newsletter.sending.sink import Sink
from tests.people import at_once


def test_each_has_one_in_their_language_or_in_french(sessions: Sessions, settings: Settings) -> None:
    told: list[UUID] = []
    with sessions.begin() as session:
        readers(session, "un@ici.example", "deux@la.example")
        readers(session, "three@ici.example", lang="en")
        readers(session, "four@ici.example", lang="ar")
        readers(session, "pending@ici.example", state=SubscriberState.PENDING.value)
        readers(session, "relais@ici.example", edition=Edition.RELAY.value)
        made = issue(session, langs=["fr", "en"], subject={"fr": "Été à Roubaix", "en": "Summer"})
        count = launching.launch(
            session, made, Edition.GENERAL, settings, TUESDAY, lambda s, one, now: told.append(one.id)
        )
        assert count == 4
    with sessions() as session:
        wanted = sa.select(Subscriber.email, Delivery.lang, Delivery.domain, Delivery.due_at, Delivery.state)
        rows = {row[0]: tuple(row)[1:] for row in session.execute(wanted.join(Delivery))}
        assert rows == {
            "un@ici.example": ("fr", "ici.example", TUESDAY, "waiting"),
            "deux@la.example": ("fr", "la.example", TUESDAY, "waiting"),
            "three@ici.example": ("en", "ici.example", TUESDAY, "waiting"),
            "four@ici.example": ("fr", "ici.example", TUESDAY, "waiting"),
        }
        found = session.get_one(Issue, made.id)
        assert (found.number, found.slug, found.launched_at, found.state) == (1, "1-ete-a-roubaix", TUESDAY, "sending")
        texts = {row.lang: row for row in session.scalars(sa.select(IssueText))}
        assert texts.keys() == {"fr", "en"}
        assert (texts["en"].subject, LEAVE in texts["en"].html) == ("Summer", True)
        (change,) = changes_after(session, 0, 10)
        assert (change.kind, change.object_id, change.op, change.digest) == ("letter", made.id, "publish", found.digest)
        assert len(found.digest) == 64
    assert told == [made.id]


def test_a_second_launch_is_impossible_even_at_the_same_moment(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        readers(session, *(f"r{n}@ici.example" for n in range(50)))
        made = issue(session)

    def leave() -> int | str:
        try:
            with sessions.begin() as session:
                mine = session.get_one(Issue, made.id)
                return launching.launch(session, mine, Edition.GENERAL, settings, TUESDAY)
        except NotNow as error:
            return error.code

    assert sorted(map(str, at_once(leave, leave, leave))) == ["50", "launched", "launched"]
    assert leave() == "launched"
    with sessions() as session:
        assert ledger.counts(session, made.id) == Counts(waiting=50, launched=50)
        assert len(changes_after(session, 0, 10)) == 1


def test_relays_get_theirs_before_and_everybody_once(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock
) -> None:
    mine = fast(settings, sink.url)
    with sessions.begin() as session:
        (relay,) = readers(session, "ok-relais@ici.example", edition=Edition.RELAY.value)
        readers(session, "ok-1@ici.example")
        made = issue(session, state="scheduled", scheduled_at=TUESDAY + timedelta(days=2))
        assert launching.launch(session, made, Edition.RELAY, mine, TUESDAY) == 1
        with pytest.raises(NotNow, match="launched"):
            launching.launch(session, made, Edition.RELAY, mine, TUESDAY)
    send(sessions, mine, clock)
    assert issue_state(sessions, made.id) == "scheduled"
    assert [to for to, _ in sink.book.taken] == ["ok-relais@ici.example"]
    with sessions.begin() as session:
        assert changes_after(session, 0, 10) == []  # nothing is published yet
        session.get_one(Subscriber, relay).edition = Edition.GENERAL.value  # they change their mind: not twice
        again = session.get_one(Issue, made.id)
        assert launching.launch(session, again, Edition.GENERAL, mine, TUESDAY + timedelta(days=2)) == 1
        assert again.number == 1
    clock.now += timedelta(days=2)
    send(sessions, mine, clock)
    assert sorted(to for to, _ in sink.book.taken) == ["ok-1@ici.example", "ok-relais@ici.example"]
    with sessions() as session:
        assert ledger.counts(session, made.id) == Counts(accepted=2, launched=2)
        assert ledger.counts(session, made.id, Edition.RELAY) == Counts(accepted=1, launched=1)
        assert ledger.by_language(session, made.id) == {
            ("general", "fr"): Counts(accepted=1, launched=1), ("relay", "fr"): Counts(accepted=1, launched=1)
        }  # fmt: skip


def test_a_relay_gets_its_own_public_address(
    sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock, do_import: Callable[..., object]
) -> None:
    mine = fast(settings, sink.url)
    do_import(ROUBAIX_CSV)
    with sessions.begin() as session:
        place = session.scalars(sa.select(Structure.id).limit(1)).one()
        relay = Relay(structure_id=place, code="CPTS7")
        session.add(relay)
        session.flush()
        readers(session, "ok-relais@ici.example", edition=Edition.RELAY.value, relay_id=relay.id)
        launching.launch(session, issue(session), Edition.RELAY, mine, TUESDAY)
    send(sessions, mine, clock)
    ((_, content),) = sink.book.taken
    html = email.message_from_bytes(content, policy=policy.default).get_body(("html",)).get_content()
    assert "https://reseau.example/lettre?r=CPTS7" in html
    assert ".invalid" not in html


def test_what_refuses_to_leave(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        strict = replace(settings, letter_approval=True)
        for code, mine, fields in (
            ("approval", strict, {}), ("empty", settings, {"langs": []}), ("state", settings, {"state": "cancelled"}),
            ("state", settings, {"state": "paused"}),
        ):  # fmt: skip
            with pytest.raises(NotNow, match=code):
                launching.launch(session, issue(session, **fields), Edition.GENERAL, mine, TUESDAY)
        approved = issue(session, approved_at=TUESDAY, state="scheduled")
        assert launching.launch(session, approved, Edition.GENERAL, strict, TUESDAY) == 0
        for act in (launching.resume, launching.cancel):
            with pytest.raises(NotNow, match="state"):
                act(session, issue(session), TUESDAY)
        with pytest.raises(NotNow, match="state"):
            launching.pause(session, issue(session))


def test_nobody_to_send_to_is_sent(sessions: Sessions, settings: Settings, clock: StillClock) -> None:
    id_ = launched(sessions, settings)
    send(sessions, settings, clock)
    assert issue_state(sessions, id_) == "sent"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ten_thousand_in_seconds(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        for n in range(2):
            readers(session, *(f"r{n}-{m}@ici.example" for m in range(5000)))
        made = issue(session)
        begun = time.process_time()
        assert launching.launch(session, made, Edition.GENERAL, settings, TUESDAY) == 10_000
        assert time.process_time() - begun < 5


def test_proofs_and_reasons_name_nobody(sessions: Sessions, settings: Settings, sink: Sink, clock: StillClock) -> None:
    mine = fast(settings, sink.url)
    id_ = launched(sessions, mine, "rcpt550-1@ici.example", "rcpt550-2@ici.example", "ok-1@ici.example")
    send(sessions, mine, clock)
    with sessions() as session:
        assert ledger.reasons(session, id_) == [("failed", "550 5.1.1 <…>: no such user", 2)]
        lines = list(ledger.proofs(session, id_))
        ids = {f"letter-{one}" for one in session.scalars(sa.select(Delivery.id))}
    assert {line.message_id for line in lines} == ids
    assert not any("@" in str(line) for line in lines)
    assert sorted((line.state, line.attempts) for line in lines) == [("accepted", 1), ("failed", 1), ("failed", 1)]


@pytest.mark.parametrize(
    ("said", "code"),
    [("550 5.1.1 <x@y.example>: unknown", "550 5.1.1"), ("450-4.2.0 later", "450 4.2.0"), ("554 no", "554"), ("", ""),
     ("nobody@here.example", "")],
)  # fmt: skip
def test_only_codes_of_answers_are_kept(said: str, code: str) -> None:
    assert ledger.code(said) == code


def test_a_row_that_is_lost_shows(sessions: Sessions, settings: Settings) -> None:
    id_ = launched(sessions, settings, "un@ici.example", "deux@la.example", "trois@la.example")
    with sessions.begin() as session:
        assert session.get_one(Issue, id_).launched == {"general/fr": 3}
        assert ledger.counts(session, id_).adds_up
        session.delete(session.scalars(sa.select(Delivery).limit(1)).one())
    with sessions.begin() as session:
        assert ledger.counts(session, id_) == Counts(waiting=2, launched=3)
        assert not ledger.counts(session, id_).adds_up
        session.execute(sa.delete(Delivery))
    with sessions() as session:
        assert ledger.counts(session, id_, Edition.GENERAL) == Counts(launched=3)
        assert ledger.counts(session, id_, Edition.RELAY) == Counts()
        assert ledger.by_language(session, id_) == {("general", "fr"): Counts(launched=3)}


def test_a_sent_issue_does_not_leave_for_relays_any_more(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session, pytest.raises(NotNow, match="state"):
        launching.launch(session, issue(session, state="sent"), Edition.RELAY, settings, TUESDAY)


def test_a_test_goes_to_one_address_and_counts_nowhere(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        made = issue(session)
        mail = looking.made(session, made, Edition.GENERAL, "fr", settings, TUESDAY)
        testing.send_test(session, mail, "moi@ici.example", TUESDAY)
        with pytest.raises(ValueError):
            testing.send_test(session, mail, "moi, toi", TUESDAY)
    with sessions() as session:
        mail = session.scalars(sa.select(Mail)).one()
        assert (mail.recipient, mail.subject, mail.state) == ("moi@ici.example", "[Essai] Été à Roubaix", "waiting")
        assert LEAVE not in mail.html + mail.text
        assert "http://localhost:6543/lettre" in mail.html
        assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0
