"""Members of labelled structures, counts, and forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import Subscriber
from feeds.newsletter.subscribing import counts, jobs, services, suppressing
from reseau.core import counting
from reseau.label.models import Label
from reseau.members.models import Membership, Person
from tests.feeds.newsletter.subscribing.conftest import Mailing
from tests.feeds.newsletter.subscribing.test_own import email_of, subscribe


@pytest.fixture(autouse=True)
def _no_label(mailing: Mailing) -> Iterator[None]:
    """Labels of one test subscribe nobody in another; what others left to follow is followed."""
    mailing.follow()
    yield
    with mailing.site.sessions.begin() as session:
        session.execute(sa.delete(Label))
        session.execute(sa.delete(Membership))
        session.execute(sa.update(Subscriber).where(Subscriber.source == "label").values(source="form"))


def member(mailing: Mailing, place: str = "ici", lang: str = "fr") -> Person:
    return mailing.person(member_of=[mailing.places[place]], lang=lang)


def kinds(mailing: Mailing, person: Person) -> list[str]:
    return [mail.kind for mail in mailing.mails(email_of(person))]


def test_members_of_a_labelled_structure_receive_the_letter_and_are_told(mailing: Mailing) -> None:
    inside, outside = member(mailing, lang="ar"), member(mailing, "ailleurs")
    mailing.label("ici")
    assert mailing.follow() == "abonnés par le label : 1"
    assert mailing.follow() is None
    row = mailing.of(email_of(inside))
    assert (row.state, row.source, row.person_id, row.lang) == ("active", "label", inside.id, "ar")
    assert mailing.acts(row.email) == [("agreed", "label")]
    (mail,) = mailing.mails(row.email)
    assert mailing.link(row.email) in mail.text
    assert mail.headers["List-Unsubscribe"].endswith(f"{mailing.link(row.email)}>")
    assert mailing.state(email_of(outside)) == ""


def test_who_left_or_is_suppressed_is_left_alone(mailing: Mailing) -> None:
    left, suppressed, bounced, own = (member(mailing) for _ in range(4))
    mailing.do(services.leave, subscribe(mailing, left), "page", mailing.now, secret=mailing.secret)
    mailing.do(suppressing.suppress, mailing.secret, email_of(suppressed), "erased", mailing.now)
    subscribe(mailing, own)
    with mailing.site.sessions.begin() as session:
        session.get_one(Subscriber, subscribe(mailing, bounced).id).state = "bounced"
    mailing.label("ici")
    assert mailing.follow() is None
    states = [mailing.state(email_of(one)) for one in (left, suppressed, bounced, own)]
    assert states == ["left", "", "bounced", "active"]
    assert mailing.of(email_of(own)).source == "profile"


def test_who_leaves_what_the_label_gave_is_not_subscribed_again(mailing: Mailing) -> None:
    person = member(mailing)
    mailing.label("ici")
    mailing.follow()
    mailing.do(services.leave, mailing.of(email_of(person)), "one-click", mailing.now, secret=mailing.secret)
    mailing.later(days=400)
    assert mailing.follow() is None
    assert mailing.do(jobs.purge, mailing.now) >= 1
    assert mailing.follow() is None  # their row is gone: the suppression remembers
    assert mailing.state(email_of(person)) == ""


def test_the_end_of_the_label_ends_what_it_gave_and_only_that(mailing: Mailing) -> None:
    by_label, wanted, kept = member(mailing), member(mailing), member(mailing)
    subscribe(mailing, wanted)
    label = mailing.label("ici")
    mailing.follow()
    subscribe(mailing, kept)  # "keep it, label or not"
    mailing.later(days=30)
    mailing.end_label(label)
    assert mailing.follow() == "fin du label : 1"
    assert mailing.follow() is None
    assert [mailing.state(email_of(one)) for one in (by_label, wanted, kept)] == ["left", "active", "active"]
    assert mailing.reason(email_of(by_label)) == ""
    assert kinds(mailing, by_label) == ["letter-label", "letter-label"]
    assert mailing.acts(email_of(by_label))[-1] == ("left", "label-ended")

    mailing.later(days=1)
    mailing.label("ici")  # again
    assert mailing.follow() == "abonnés par le label : 1"
    assert mailing.state(email_of(by_label)) == "active"


def test_undoing_the_end_is_their_own_wish(mailing: Mailing) -> None:
    person, label = member(mailing), mailing.label("ici")
    mailing.follow()
    mailing.end_label(label)
    mailing.later(minutes=1)
    mailing.follow()
    assert mailing.do(services.undo, mailing.of(email_of(person)), "page", mailing.now, secret=mailing.secret)
    assert mailing.follow() is None
    assert (mailing.state(email_of(person)), mailing.of(email_of(person)).source) == ("active", "form")


def test_leaving_the_structure_keeps_what_was_wished(mailing: Mailing) -> None:
    wished, by_label = member(mailing), member(mailing)
    subscribe(mailing, wished)
    mailing.label("ici")
    mailing.follow()
    with mailing.site.sessions.begin() as session:
        session.execute(sa.delete(Membership).where(Membership.person_id.in_([wished.id, by_label.id])))
    mailing.follow()
    assert [mailing.state(email_of(one)) for one in (wished, by_label)] == ["active", "left"]


def test_batches_are_followed_to_their_end(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.newsletter.subscribing.labelled.BATCH", 2)
    people = [member(mailing) for _ in range(5)]
    mailing.do(suppressing.suppress, mailing.secret, email_of(people[0]), "asked", mailing.now)
    label = mailing.label("ici")
    assert mailing.follow() == "abonnés par le label : 4"
    mailing.end_label(label)
    mailing.later(minutes=1)
    assert mailing.follow() == "fin du label : 4"


def test_counts_are_of_those_who_receive(mailing: Mailing) -> None:
    day = date(2026, 11, 24)
    known = {one.name: one for one in counting.counts()}

    def now() -> list[int]:
        with mailing.site.sessions() as session:
            return [known[name].number(session, day) for name in
                    ("abonnes", "abonnes-pro-sante", "abonnes-labellises", "abonnes-relais")]  # fmt: skip

    before = now()
    mailing.active(health=True)
    mailing.ask(mailing.address(), health=True)
    member(mailing)
    mailing.label("ici")
    mailing.follow()
    relayed = mailing.active()
    with mailing.site.sessions.begin() as session:
        session.get_one(Subscriber, relayed.id).edition = "relay"
    assert [after - was for after, was in zip(now(), before, strict=True)] == [3, 1, 1, 1]
    assert counts.everybody.__doc__


def test_the_unconfirmed_are_forgotten_after_thirty_days(mailing: Mailing) -> None:
    silent, answered = mailing.address(), mailing.active()
    mailing.ask(silent)
    mailing.later(days=29, hours=23)
    mailing.do(jobs.purge, mailing.now)
    assert mailing.state(silent) == "pending"
    mailing.later(hours=2)
    mailing.do(jobs.purge, mailing.now)
    assert (mailing.state(silent), mailing.state(answered.email)) == ("", "active")


def test_who_left_is_forgotten_after_a_year_but_stays_suppressed(mailing: Mailing) -> None:
    gone, back = mailing.active(), mailing.active()
    for row in (gone, back):
        mailing.do(services.leave, row, "page", mailing.now, secret=mailing.secret)
    mailing.site.clock.now += timedelta(days=364)
    mailing.ask(back.email)  # thinks again
    mailing.later(days=2)
    mailing.do(jobs.purge, mailing.now)
    assert (mailing.state(gone.email), mailing.reason(gone.email)) == ("", "left")
    assert mailing.state(back.email) == "left"
