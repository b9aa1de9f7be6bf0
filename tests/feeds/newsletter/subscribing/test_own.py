"""The subscription of an account, and what is held of a person."""

from __future__ import annotations

from uuid import UUID

import pytest

from feeds.newsletter.models import ConsentEvent, Delivery, Issue, Subscriber
from feeds.newsletter.subscribing import own, services
from feeds.newsletter.subscribing.services import Choices
from reseau.members import leaving
from reseau.members.export import everything
from reseau.members.models import Person
from tests.feeds.newsletter.subscribing.conftest import Mailing
from tests.people import at_once


def subscribe(mailing: Mailing, person: Person, lang: str = "fr") -> Subscriber:
    """In one click."""

    def do(session: object) -> Subscriber:
        found = session.get_one(Person, person.id)  # type: ignore[attr-defined]
        return own.subscribe(session, mailing.secret, found, Choices(lang), mailing.now)  # type: ignore[arg-type]

    done: Subscriber = mailing.do(do)
    return done


def moved_to(mailing: Mailing, person: Person, email: str) -> None:
    """The account has another address; the job hears of it."""
    with mailing.site.sessions.begin() as session:
        session.get_one(Person, person.id).email = email
    mailing.follow()


def email_of(person: Person) -> str:
    assert person.email
    return person.email


def test_a_member_subscribes_in_one_click(mailing: Mailing) -> None:
    person = mailing.person()
    row = subscribe(mailing, person, "ar")
    assert (row.state, row.person_id, row.lang, row.source) == ("active", person.id, "ar", "profile")
    assert subscribe(mailing, person).id == row.id
    assert mailing.acts(email_of(person)) == [("confirmed", "profile")]
    assert mailing.mails(email_of(person)) == []


def test_a_click_brings_back_who_had_left(mailing: Mailing) -> None:
    person = mailing.person()
    row = subscribe(mailing, person)
    mailing.do(services.leave, row, "profile", mailing.now, secret=mailing.secret)
    mailing.later(minutes=1)
    subscribe(mailing, person)
    assert (mailing.state(email_of(person)), mailing.reason(email_of(person))) == ("active", "")


def test_clicks_at_the_same_time_are_one(mailing: Mailing) -> None:
    person = mailing.person()
    at_once(*[lambda: subscribe(mailing, person)] * 4)
    assert mailing.acts(email_of(person)) == [("confirmed", "profile")]


def test_the_subscription_follows_the_address_of_the_account(mailing: Mailing) -> None:
    person, new = mailing.person(), mailing.address()
    former = email_of(person)
    row = subscribe(mailing, person)
    moved_to(mailing, person, new)
    assert mailing.state(former) == ""
    assert mailing.of(new).id == row.id
    assert mailing.acts(new) == [("confirmed", "profile"), ("changed", "address")]
    mailing.follow()
    assert len(mailing.acts(new)) == 2


@pytest.mark.parametrize(("there", "after"), [("pending", "active"), ("active", "active"), ("left", "left")])
def test_two_subscriptions_become_one(mailing: Mailing, there: str, after: str) -> None:
    person, new = mailing.person(), mailing.address()
    former = email_of(person)
    subscribe(mailing, person)
    if there == "pending":
        mailing.ask(new)
    else:
        row = mailing.active(new)
        if there == "left":
            mailing.do(services.leave, row, "page", mailing.now, secret=mailing.secret)
    mailing.later(minutes=1)
    moved_to(mailing, person, new)
    assert mailing.state(former) == ""
    kept = mailing.of(new)
    assert (kept.state, kept.person_id) == (after, person.id)
    assert ("confirmed", "profile") in mailing.acts(new)


def test_who_left_at_the_new_address_and_was_erased_stays_out(mailing: Mailing) -> None:
    person, new = mailing.person(), mailing.address()
    gone = mailing.active(new)
    mailing.do(services.leave, gone, "page", mailing.now, secret=mailing.secret)
    with mailing.site.sessions.begin() as session:
        session.delete(session.get_one(Subscriber, gone.id))
    subscribe(mailing, person)
    moved_to(mailing, person, new)
    assert (mailing.state(new), mailing.reason(new)) == ("left", "left")


def test_an_address_that_goes_from_one_account_to_another(mailing: Mailing) -> None:
    first, second = mailing.person(), mailing.person()
    freed = email_of(second)
    rows = [subscribe(mailing, one).id for one in (first, second)]
    with mailing.site.sessions.begin() as session:
        session.get_one(Person, second.id).email = mailing.address()
        session.flush()
        session.get_one(Person, first.id).email = freed
    mailing.follow()
    mailing.follow()
    with mailing.site.sessions() as session:
        kept = [session.get_one(Subscriber, id_) for id_ in rows]
        assert [one.email for one in kept] == [session.get_one(Person, who.id).email for who in (first, second)]
    assert kept[0].email == freed


def test_an_account_made_later_finds_its_subscription(mailing: Mailing) -> None:
    person = mailing.person()
    row = mailing.active()
    with mailing.site.sessions.begin() as session:
        session.get_one(Person, person.id).email = row.email
    mailing.follow()
    assert mailing.of(row.email).person_id == person.id


def test_deleting_the_account_erases_the_subscription(mailing: Mailing) -> None:
    stays, left = mailing.person(), mailing.person()
    ids: list[UUID] = []
    for person in (stays, left):
        ids.append(subscribe(mailing, person).id)
        mailing.ask(email_of(person))  # a mail waits
    mailing.do(services.leave, mailing.of(email_of(left)), "profile", mailing.now, secret=mailing.secret)
    for person in (stays, left):
        with mailing.site.sessions.begin() as session:
            leaving.anonymise(session, session.get_one(Person, person.id), mailing.now)
    assert mailing.rows(Subscriber, Subscriber.id.in_(ids)) == []
    assert mailing.rows(ConsentEvent, ConsentEvent.subscriber_id.in_(ids)) == []
    assert [mailing.reason(email_of(one)) for one in (stays, left)] == ["", "left"]
    assert [mailing.mails(email_of(one)) for one in (stays, left)] == [[], []]


def test_all_that_is_held_is_given_but_the_key(mailing: Mailing) -> None:
    person = mailing.person()
    row = subscribe(mailing, person)
    with mailing.site.sessions.begin() as session:
        issue = Issue(number=None, state="sent")
        session.add(issue)
        session.flush()
        session.add(Delivery(issue_id=issue.id, subscriber_id=row.id, edition="general", lang="fr",
                             domain="reseau.example", state="accepted", due_at=mailing.now))  # fmt: skip
        session.flush()
        found = everything(session, person.id, mailing.now)
    assert found["lettre"][0]["email"] == person.email
    assert [one["acte"] for one in found["lettre_consentements"]] == ["confirmed"]
    assert "person_id" not in found["lettre"][0]
    assert [one["etat"] for one in found["lettre_envois"]] == ["accepted"]
    assert row.key not in repr(found)
