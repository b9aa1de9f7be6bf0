"""The subscription of somebody who has an account: in one click, since their address is proven; it follows them when
they change of address."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, sessionmaker

from feeds.newsletter import links
from feeds.newsletter.models import ConsentEvent, Subscriber
from feeds.newsletter.subscribing import consenting, services, suppressing
from feeds.newsletter.subscribing.services import ACTIVE, LEFT, PENDING, Choices
from reseau.core.db import affected, insert
from reseau.core.ids import new_id
from reseau.members.models import Person, PersonState


def of_person(session: Session, person_id: UUID, email: str) -> Subscriber | None:
    """Their subscription: by the account, else by its address."""
    theirs = sa.or_(
        Subscriber.person_id == person_id, sa.and_(Subscriber.person_id.is_(None), Subscriber.email == email)
    )
    found = sa.select(Subscriber).where(theirs).order_by(Subscriber.person_id.is_(None)).limit(1)
    return session.scalars(found).first()


def settle(session: Session, secret: str, person_id: UUID, email: str, now: datetime) -> Subscriber | None:
    """The subscription of an account, locked, at the address of today; None: there is none."""
    found = of_person(session, person_id, email)
    row = services.find(session, found.id) if found else None
    if row is None:
        return None
    if row.person_id is None:
        row.person_id = person_id
    elif row.email != email:
        row = move(session, secret, row, email, now)
    session.flush()
    return row


def subscribe(session: Session, secret: str, person: Person, choices: Choices, now: datetime) -> Subscriber:
    """A member subscribes from their account: they receive the letter at once. Twice, or at the same time, is once.

    :raises ValueError: the account has no address any more.
    """
    if not person.email:
        raise ValueError("an account that was deleted subscribes to nothing")
    row = settle(session, secret, person.id, person.email, now)
    if row is None:
        made = new_row(person.email, choices, "profile", now) | {"person_id": person.id}
        session.execute(insert(session, Subscriber).values(made).on_conflict_do_nothing())
        row = settle(session, secret, person.id, person.email, now)
    if row is None:  # pragma: no cover (erased in the same moment)
        raise ValueError("erased meanwhile")
    if row.state == ACTIVE and row.source != "label":
        return row
    if row.state != ACTIVE:
        choices.onto(row)
        services.activate(session, secret, row, now)
    row.source = "profile"  # their own wish: the end of a label ends it no more
    consenting.note(session, row.id, "confirmed", consenting.PROFILE, now, person.lang)
    return row


def new_row(email: str, choices: Choices, source: str, now: datetime) -> dict[str, Any]:
    """The columns of a subscriber who has not said yes yet."""
    return {
        "id": new_id(), "email": email, "key": links.new_key(), "state": PENDING, "edition": "general",
        "source": source, "created_at": now, "bounce_score": 0.0, **choices.stored(),
    }  # fmt: skip


# --- accounts that change -------------------------------------------------------------------------------------


def move(session: Session, secret: str, row: Subscriber, email: str, now: datetime) -> Subscriber:
    """An account has another address: its subscription goes there. If that address had one, the two become one, which
    keeps what was chosen for it; who left there, stays out. The caller has locked ``row``."""
    there = services.by_email(session, email)
    there = services.find(session, there.id) if there else None
    if there is not None and there.person_id not in (None, row.person_id):
        return row  # of an account that has moved itself, and is followed first: the next run sees it free
    if there is not None:
        return _merge(session, row, there, now)
    row.email = email
    consenting.note(session, row.id, "changed", consenting.ADDRESS, now, row.lang)
    if row.state == ACTIVE and suppressing.suppressed(session, secret, [email]):
        row.state, row.left_at, row.asked_at = LEFT, now, None
        consenting.note(session, row.id, "left", consenting.ADDRESS, now, row.lang)
    return row


def _merge(session: Session, row: Subscriber, there: Subscriber, now: datetime) -> Subscriber:
    person_id, row.person_id = row.person_id, None
    if row.state == ACTIVE and there.state == PENDING:
        for name, value in {**Choices.of(row).stored(), "state": ACTIVE, "confirmed_at": row.confirmed_at,
                            "asked_at": None, "source": row.source}.items():  # fmt: skip
            setattr(there, name, value)
    moved = sa.update(ConsentEvent).where(ConsentEvent.subscriber_id == row.id).values(subscriber_id=there.id)
    session.execute(moved)
    session.delete(row)
    session.flush()
    there.person_id = person_id
    consenting.note(session, there.id, "changed", consenting.ADDRESS, now, there.lang)
    return there


def link(session: Session) -> int:
    """Subscriptions whose address is that of an account become its own. :return: how many."""
    other: Any = aliased(Subscriber)
    taken = sa.exists().where(other.person_id == Person.id)
    account = sa.select(Person.id).where(
        Person.email == Subscriber.email, Person.state == PersonState.ACTIVE.value, ~taken
    )
    statement = sa.update(Subscriber).where(Subscriber.person_id.is_(None), account.exists())
    statement = statement.values(person_id=account.scalar_subquery())
    return affected(session, statement.execution_options(synchronize_session=False))


def moved(session: Session) -> list[tuple[UUID, str]]:
    """(subscriber, address of its account) where the account has another address than the subscription."""
    found = sa.select(Subscriber.id, Person.email).join(Person, Person.id == Subscriber.person_id)
    found = found.where(Person.email.is_not(None), Person.email != Subscriber.email).order_by(Subscriber.id)
    return [(id_, email) for id_, email in session.execute(found.limit(500)) if email]


def follow(sessions: sessionmaker[Any], secret: str, now: datetime) -> int:
    """What accounts became since the last time; one transaction each. :return: how many subscriptions changed."""
    with sessions.begin() as session:
        count = link(session)
        waiting = moved(session)
    for id_, email in waiting:
        try:
            with sessions.begin() as session:
                row = services.find(session, id_)
                if row is not None and row.email != email:
                    count += move(session, secret, row, email, now).email == email
        except IntegrityError:
            continue  # somebody subscribes with that address at this very moment: the next run sees it
    return count
