"""Asking, confirming, choosing, leaving, and undoing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from feeds.newsletter import links
from feeds.newsletter.audience import Segments, people
from feeds.newsletter.models import Edition, Subscriber, SubscriberState
from feeds.newsletter.subscribing import services, suppressing
from feeds.newsletter.subscribing.services import Choices
from reseau.core.mail import Mail
from tests.feeds.newsletter.subscribing.conftest import ONE_ENGINE, Mailing
from tests.people import at_once


def test_nobody_receives_before_they_confirm(mailing: Mailing) -> None:
    email = mailing.address()
    token = mailing.ask(email, themes=("numerique_en_sante",), health=True)
    row = mailing.of(email)
    assert (row.state, row.source, row.edition, row.themes, row.health) == (
        "pending", "form", "general", ["numerique_en_sante"], True)  # fmt: skip
    (mail,) = mailing.mails(email)
    assert (mail.kind, mail.expires_at) == ("letter-confirm", mailing.now + timedelta(days=7))

    mailing.later(hours=2)
    assert mailing.do(services.confirm, mailing.secret, token, mailing.now)[0] == "done"
    row = mailing.of(email)
    assert (row.state, row.confirmed_at, row.asked_at) == ("active", mailing.now, None)
    assert mailing.acts(email) == [("asked", "form"), ("confirmed", "mail")]


def test_a_link_is_good_for_seven_days_and_once(mailing: Mailing) -> None:
    late, email = mailing.address(), mailing.address()
    old, token = mailing.ask(late), mailing.ask(email)
    mailing.later(days=6, hours=23)
    assert mailing.do(services.confirm, mailing.secret, token, mailing.now)[0] == "done"
    assert mailing.do(services.confirm, mailing.secret, token, mailing.now)[0] == "already"  # does nothing
    assert mailing.acts(email) == [("asked", "form"), ("confirmed", "mail")]
    mailing.later(hours=2)
    assert mailing.do(services.confirm, mailing.secret, old, mailing.now)[0] == "dead"
    assert mailing.state(late) == "pending"


def test_links_of_before_leaving_bring_nobody_back(mailing: Mailing) -> None:
    email = mailing.address()
    first = mailing.ask(email)
    mailing.later(minutes=1)
    second = mailing.ask(email)
    assert first != second
    mailing.do(services.confirm, mailing.secret, second, mailing.now)
    mailing.do(services.leave, mailing.of(email), "page", mailing.now, secret=mailing.secret)
    for token in (first, second):
        assert mailing.do(services.confirm, mailing.secret, token, mailing.now)[0] == "dead"
    assert mailing.state(email) == "left"


def test_a_forged_link_confirms_nobody(mailing: Mailing) -> None:
    email = mailing.address()
    token = mailing.ask(email)
    row = mailing.of(email)
    forged = links.confirmation("another secret that is long enough, surely", row.id, mailing.now)
    reader = links.of_reader(mailing.secret, row.key)
    for text in (forged, token[:-1], "", "x" * 2000, "é", reader):
        assert mailing.do(services.confirm, mailing.secret, text, mailing.now) == ("dead", None), text
    assert mailing.state(email) == "pending"


def test_who_receives_already_is_told_by_mail_and_keeps_their_choices(mailing: Mailing) -> None:
    row = mailing.active(lang="ar", themes=("numerique_en_sante",))
    mailing.ask(row.email, lang="fr", themes=())
    again = mailing.of(row.email)
    assert (again.state, again.lang, again.themes) == ("active", "ar", ["numerique_en_sante"])
    mail = mailing.mails(row.email)[-1]
    assert (mail.kind, mail.lang) == ("letter-already", "ar")
    assert mailing.link(row.email) in mail.text


def test_every_address_costs_the_same_statements(mailing: Mailing) -> None:
    unknown, waits, gone = mailing.address(), mailing.address(), mailing.active()
    mailing.ask(waits)
    mailing.do(services.leave, gone, "page", mailing.now, secret=mailing.secret)
    seen = []
    for email in (unknown, waits, mailing.active().email, gone.email):
        with mailing.site.statements() as statements:
            mailing.do(services.ask, mailing.writer, email, Choices("fr"), mailing.now)
        seen.append([one.split("(")[0].split("WHERE")[0][:60] for one in statements])
    assert seen[0] == seen[1] == seen[2] == seen[3]


def test_three_mails_a_day_to_an_address(mailing: Mailing) -> None:
    email = mailing.address()
    for _ in range(5):
        mailing.later(minutes=1)
        mailing.ask(email)
    assert len(mailing.mails(email)) == 3
    mailing.later(hours=25)
    mailing.ask(email)
    assert len(mailing.mails(email)) == 4


@pytest.mark.parametrize("reason", ["left", "complaint", "bounce", "erased", "asked"])
def test_confirming_from_the_mailbox_lifts_any_suppression(mailing: Mailing, reason: str) -> None:
    email = mailing.address()
    mailing.do(suppressing.suppress, mailing.secret, email, reason, mailing.now)
    token = mailing.ask(email)
    assert mailing.reason(email) == reason
    mailing.do(services.confirm, mailing.secret, token, mailing.now)
    assert (mailing.state(email), mailing.reason(email)) == ("active", "")


def test_leaving_is_once_and_can_be_undone(mailing: Mailing) -> None:
    row = mailing.active(lang="en", fewer=True)
    mailing.later(minutes=5)
    assert mailing.do(services.leave, row, "one-click", mailing.now, secret=mailing.secret)
    assert not mailing.do(services.leave, row, "one-click", mailing.now, secret=mailing.secret)
    gone = mailing.of(row.email)
    assert (gone.state, gone.left_at, mailing.reason(row.email)) == ("left", mailing.now, "left")
    mailing.later(days=6)
    assert mailing.do(services.undo, row, "page", mailing.now, secret=mailing.secret)
    assert not mailing.do(services.undo, row, "page", mailing.now, secret=mailing.secret)
    back = mailing.of(row.email)
    assert (back.state, back.left_at, back.lang, back.fewer, mailing.reason(row.email)) == (
        "active", None, "en", True, "")  # fmt: skip
    assert mailing.acts(row.email)[2:] == [("left", "one-click"), ("undone", "page")]


def test_what_cannot_be_undone(mailing: Mailing) -> None:
    late, complained, asked = mailing.active(), mailing.active(), mailing.active()
    mailing.do(services.leave, late, "page", mailing.now, secret=mailing.secret)
    mailing.do(services.leave, complained, "mail", mailing.now, secret=mailing.secret, reason="complaint")
    mailing.do(services.leave, asked, "desk", mailing.now, secret=mailing.secret, reason="asked")
    for row in (complained, asked):
        assert not mailing.do(services.undo, row, "page", mailing.now, secret=mailing.secret)
    mailing.later(days=7, seconds=1)
    assert not mailing.do(services.undo, late, "page", mailing.now, secret=mailing.secret)
    assert [mailing.state(row.email) for row in (late, complained, asked)] == ["left"] * 3
    assert mailing.acts(complained.email)[-1] == ("complained", "mail")


def test_undoing_a_refusal_subscribes_nobody(mailing: Mailing) -> None:
    email = mailing.address()
    mailing.ask(email)
    mailing.do(services.leave, mailing.of(email), "page", mailing.now, secret=mailing.secret)
    assert mailing.do(services.undo, mailing.of(email), "page", mailing.now, secret=mailing.secret)
    assert mailing.state(email) == "pending"


def test_choices_are_written_once(mailing: Mailing) -> None:
    row = mailing.active()
    wanted = Choices("ar", ("numerique_en_sante",), "59512", True, True)
    assert mailing.do(services.change, row, wanted, "page", mailing.now)
    assert not mailing.do(services.change, row, wanted, "page", mailing.now)
    assert Choices.of(mailing.of(row.email)) == wanted
    assert mailing.acts(row.email)[2:] == [("changed", "page")]


def test_an_account_of_the_same_address_becomes_the_owner(mailing: Mailing) -> None:
    person = mailing.person()
    assert person.email
    assert mailing.active(person.email).person_id == person.id


def test_the_same_address_at_the_same_time_is_one_subscriber(mailing: Mailing) -> None:
    email = mailing.address()
    at_once(*[lambda: mailing.do(services.ask, mailing.writer, email, Choices("fr"), mailing.now)] * 4)
    assert len(mailing.rows(Subscriber, Subscriber.email == email)) == 1
    assert len(mailing.mails(email)) == 3  # and no more than three mails


def test_confirming_and_leaving_at_the_same_time(mailing: Mailing) -> None:
    email = mailing.address()
    token = mailing.ask(email)
    found = at_once(*[lambda: mailing.do(services.confirm, mailing.secret, token, mailing.now)[0]] * 4)
    assert sorted(found) == ["already", "already", "already", "done"]
    assert mailing.acts(email) == [("asked", "form"), ("confirmed", "mail")]
    row = mailing.of(email)
    mailing.later(seconds=1)
    left = at_once(*[lambda: mailing.do(services.leave, row, "one-click", mailing.now, secret=mailing.secret)] * 4)
    assert sorted(left) == [False, False, False, True]
    assert mailing.acts(email)[2:] == [("left", "one-click")]


def test_leaving_while_somebody_changes_choices(mailing: Mailing) -> None:
    row = mailing.active()

    def leave() -> Any:
        return mailing.do(services.leave, row, "one-click", mailing.now, secret=mailing.secret)

    at_once(leave, *[lambda: mailing.do(services.change, row, Choices("ar"), "page", mailing.now)] * 3)
    gone = mailing.of(row.email)
    assert (gone.state, gone.lang, mailing.reason(row.email)) == (SubscriberState.LEFT.value, "ar", "left")


def test_who_was_erased_meanwhile_changes_nothing(mailing: Mailing) -> None:
    row = mailing.active()
    with mailing.site.sessions.begin() as session:
        session.delete(session.get_one(Subscriber, row.id))
    assert not mailing.do(services.leave, row, "page", mailing.now, secret=mailing.secret)
    assert not mailing.do(services.change, row, Choices("ar"), "page", mailing.now)
    assert not mailing.do(services.undo, row, "page", mailing.now, secret=mailing.secret)


@ONE_ENGINE
def test_suppression_keeps_the_strongest_reason(mailing: Mailing) -> None:
    email = mailing.address()
    assert mailing.do(suppressing.suppress, mailing.secret, email, "left", mailing.now)
    assert mailing.do(suppressing.suppress, mailing.secret, email, "complaint", mailing.now)
    assert not mailing.do(suppressing.suppress, mailing.secret, email.upper(), "left", mailing.now)
    assert mailing.reason(email) == "complaint"
    assert not mailing.do(suppressing.release, mailing.secret, email, "left")
    assert mailing.do(suppressing.release, mailing.secret, email)
    assert mailing.reason(email) == ""


def test_suppressed_among_many(mailing: Mailing) -> None:
    many = [mailing.address() for _ in range(1_203)]
    for email in (many[0], many[700], many[1_202]):
        mailing.do(suppressing.suppress, mailing.secret, email, "left", mailing.now)
    shouted = many[700].upper()
    found = mailing.do(suppressing.suppressed, mailing.secret, [*many, shouted])
    assert found == {many[0], many[700], shouted, many[1_202]}
    assert mailing.do(suppressing.suppressed, "x" * 40, many) == set()  # another key knows nobody
    assert mailing.do(suppressing.suppressed, mailing.secret, []) == set()


@ONE_ENGINE
def test_mails_can_be_read_and_refused(mailing: Mailing) -> None:
    email = mailing.address()
    mailing.ask(email)
    (mail,) = mailing.rows(Mail, Mail.recipient == email)
    assert "/lettre/confirmer/" in mail.text
    assert mailing.link(email) in mail.text  # where its owner says: no more of these


def test_leaving_while_an_issue_is_launched(mailing: Mailing) -> None:
    """Whichever comes first: the address is suppressed when the letter is about to leave (sending looks again)."""
    row = mailing.active()
    day = mailing.now.date()

    def launch() -> Any:
        with mailing.site.sessions.begin() as session:
            wanted = people(Segments(), Edition.GENERAL, day, mailing.now)
            return row.id in set(session.scalars(wanted))

    at_once(launch, lambda: mailing.do(services.leave, row, "one-click", mailing.now, secret=mailing.secret), launch)
    assert mailing.do(suppressing.suppressed, mailing.secret, [row.email]) == {row.email}
    assert not launch()
