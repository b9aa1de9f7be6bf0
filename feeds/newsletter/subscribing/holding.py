"""What the letter holds of a person: given to them whole, forgotten when they leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import ConsentEvent, Delivery, Issue, Subscriber
from feeds.newsletter.subscribing import desk
from reseau.core import personal

#: The key opens the page of their choices: a copied file must open nothing.
SECRET = {"subscriber": frozenset({"key"})}


def _theirs(person_id: UUID, email: str | None) -> sa.ColumnElement[bool]:
    return sa.or_(Subscriber.person_id == person_id, sa.and_(Subscriber.email == email, Subscriber.person_id.is_(None)))


def rows_of(session: Session, person_id: UUID, email: str | None) -> dict[str, list[Any]]:
    """Their subscription, what they said to it, what was sent."""
    subscribers = list(session.scalars(sa.select(Subscriber).where(_theirs(person_id, email))))
    return {"lettre": subscribers, **events_of(session, [one.id for one in subscribers])}


def events_of(session: Session, ids: list[UUID]) -> dict[str, list[Any]]:
    """The journal of consent of subscribers, and the letters that were sent to them."""
    said = sa.select(ConsentEvent).where(ConsentEvent.subscriber_id.in_(ids))
    sent = sa.select(Issue.number, Delivery.state, Delivery.settled_at, Delivery.lang, Delivery.bounce)
    sent = sent.join(Issue, Issue.id == Delivery.issue_id).where(Delivery.subscriber_id.in_(ids))
    return {
        "lettre_consentements": list(session.scalars(said.order_by(ConsentEvent.at, ConsentEvent.id))),
        "lettre_envois": [
            {"numero": row.number, "etat": row.state, "le": row.settled_at, "langue": row.lang, "retour": row.bounce}
            for row in session.execute(sent.order_by(Delivery.due_at, Delivery.id))
        ],
    }  # fmt: skip


def of_subscriber(session: Session, subscriber: Subscriber) -> dict[str, Any]:
    """All that is held about who has no account, as plain values."""
    held = events_of(session, [subscriber.id])
    return {
        "lettre": _plain(subscriber),
        "lettre_consentements": [_plain(row) for row in held["lettre_consentements"]],
        "lettre_envois": [{name: str(value or "") for name, value in row.items()} for row in held["lettre_envois"]],
    }


def _plain(row: Any) -> dict[str, Any]:
    hidden = SECRET.get(row.__table__.name, frozenset())
    found = {column.name: getattr(row, column.key) for column in row.__table__.columns if column.name not in hidden}
    plain = (str, int, float, bool, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in found.items()}


def forget(session: Session, person_id: UUID, email: str | None) -> None:
    """Subscription and journal are erased. What was suppressed stays so, by its keyed hash: had they left, no list is
    to bring them back."""
    if email:
        desk.forget_mails(session, email)
    session.execute(sa.delete(Subscriber).where(_theirs(person_id, email)))


personal.register("letter", rows_of, forget, SECRET)
