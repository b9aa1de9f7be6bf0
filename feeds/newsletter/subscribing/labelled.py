"""Members of labelled structures: the agreement of the label subscribes them. They are told, and leave when they like.

A job looks at who should receive the letter and does not, and the other way round: it needs no log, and a run that was
missed, doubled or killed does no harm.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import ConsentEvent, Edition, Subscriber, SubscriberState
from feeds.newsletter.subscribing import consenting, emails, own, services, suppressing
from feeds.newsletter.subscribing.services import ACTIVE, LEFT, PENDING, Choices
from reseau.core import stopping
from reseau.core.db import insert, site_day
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.directory.models import Structure
from reseau.label.services import holders
from reseau.members.models import Membership, Person, PersonState

BATCH = 100  # people, in one transaction
ACCOUNT_PAGE = "/compte/lettre"


def covered(day: date) -> sa.Select[Any]:
    """Ids of the people of structures that hold the label on a day (a merged structure is the one that stays)."""
    place = Membership.structure_id
    found = sa.select(Membership.person_id).join(Structure, Structure.id == place)
    return found.where(sa.or_(place.in_(holders(day)), Structure.merged_into.in_(holders(day))))


def agree(session: Session, site: Site, now: datetime, after: UUID | None = None) -> tuple[int, UUID | None]:
    """Subscribe a batch of those whom the agreement subscribes; not who left before, nor whose address is suppressed.

    :param after: the last person of the batch before. :return: (how many, the last one looked at; None: all were).
    """
    people = session.scalars(_to_subscribe(site_day(session, now), after)).all()
    barred = suppressing.suppressed(session, site.secret, [person.email for person in people if person.email])
    count = sum(_subscribe(session, site, person, now) for person in people if person.email not in barred)
    return count, people[-1].id if len(people) == BATCH else None


def _to_subscribe(day: date, after: UUID | None) -> sa.Select[Any]:
    left: Any = sa.select(ConsentEvent.source).where(
        ConsentEvent.subscriber_id == Subscriber.id, ConsentEvent.act.in_(("left", "complained"))
    )
    left = left.order_by(ConsentEvent.at.desc(), ConsentEvent.id.desc()).limit(1).scalar_subquery()
    waits = sa.and_(Subscriber.state == PENDING, Subscriber.edition == Edition.GENERAL.value)
    ended = sa.and_(Subscriber.state == LEFT, sa.func.coalesce(left, "") == consenting.LABEL_ENDED)
    theirs = sa.or_(Subscriber.person_id == Person.id, Subscriber.email == Person.email)
    settled = sa.exists().where(theirs, sa.not_(sa.or_(waits, ended)))
    found = sa.select(Person).where(
        Person.state == PersonState.ACTIVE.value, Person.email.is_not(None), Person.id.in_(covered(day)), ~settled
    )
    if after is not None:
        found = found.where(Person.id > after)
    return found.order_by(Person.id).limit(BATCH)


def _subscribe(session: Session, site: Site, person: Person, now: datetime) -> bool:
    email = person.email or ""
    made = own.new_row(email, Choices(person.lang), "label", now) | {"person_id": person.id}
    session.execute(insert(session, Subscriber).values(made).on_conflict_do_nothing())
    row = own.settle(session, site.secret, person.id, email, now)
    if row is None or row.state in (ACTIVE, SubscriberState.BOUNCED.value):
        return False  # they subscribed by themselves at this very moment
    row.state, row.source, row.confirmed_at, row.left_at, row.asked_at = ACTIVE, "label", now, None, None
    consenting.note(session, row.id, "agreed", consenting.LABEL, now, row.lang)
    url = services.reader_url(site, row.key)
    queue(session, emails.labelled(person.lang, url), email, site=site, now=now, headers=stopping.headers(url),
          key=f"letter-label:{row.id}:{now:%Y-%m-%d}")  # fmt: skip
    return True


def end(session: Session, site: Site, now: datetime) -> int:
    """A batch of those who received the letter by the label alone, and whom it covers no more: they receive it no
    longer, may come back when they like (nothing is suppressed), and are told once. :return: how many."""
    day = site_day(session, now)
    out = sa.or_(Subscriber.person_id.is_(None), Subscriber.person_id.not_in(covered(day)))
    found = sa.select(Subscriber).where(Subscriber.state == ACTIVE, Subscriber.source == "label", out)
    rows = session.scalars(found.order_by(Subscriber.id).limit(BATCH).with_for_update()).all()
    for row in rows:
        row.state, row.left_at, row.asked_at = LEFT, now, None
        consenting.note(session, row.id, "left", consenting.LABEL_ENDED, now, row.lang)
        letter = emails.label_ended(row.lang, f"{site.url}{ACCOUNT_PAGE}")
        queue(session, letter, row.email, site=site, now=now, key=f"letter-label-ended:{row.id}:{now:%Y-%m-%d}")
    return len(rows)
