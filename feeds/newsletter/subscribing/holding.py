"""What the letter holds of a person: given to them whole, forgotten when they leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import ConsentEvent, Delivery, Issue, Subscriber
from feeds.newsletter.subscribing import desk
from reseau.core import personal

#: The key opens the page of their choices: a copied file must open nothing. The account says who they are already.
SECRET = {"subscriber": frozenset({"key", "person_id"})}


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
    events = session.scalars(said.order_by(ConsentEvent.at, ConsentEvent.id))
    return {
        "lettre_consentements": [_said(one) for one in events],
        "lettre_envois": [
            {"numero": row.number, "etat": row.state, "le": row.settled_at, "langue": row.lang, "retour": row.bounce}
            for row in session.execute(sent.order_by(Delivery.due_at, Delivery.id))
        ],
    }  # fmt: skip


def _said(event: ConsentEvent) -> dict[str, Any]:
    """A line of the journal, but for who in the coordination gave the list that they are of."""
    detail = {name: value for name, value in event.detail.items() if name != "by"}
    return {"le": event.at, "acte": event.act, "ou": event.source, "langue": event.lang, "texte": event.text,
            "detail": detail}  # fmt: skip


def forget(session: Session, person_id: UUID, email: str | None) -> None:
    """Subscription and journal are erased. What was suppressed stays so, by its keyed hash: had they left, no list is
    to bring them back."""
    if email:
        desk.forget_mails(session, email)
    session.execute(sa.delete(Subscriber).where(_theirs(person_id, email)))


personal.register("letter", rows_of, forget, SECRET)
