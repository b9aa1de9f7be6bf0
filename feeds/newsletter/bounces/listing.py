"""What the coordination sees of what came back. For pages of parts above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feeds.newsletter.models import BounceEvent, Subscriber, SubscriberState

PAGE = 50


@dataclass(frozen=True, slots=True)
class Bouncing:
    """An address to which letters do not get. ``said``: the last words of a server, without addresses."""

    subscriber_id: UUID
    email: str
    state: str
    score: float
    at: datetime
    status: str
    said: str


def unread(session: Session, most: int = PAGE) -> Sequence[BounceEvent]:
    """What nobody understood, or proved nothing, newest first: the messages are starred in the mailbox. One
    statement."""
    wanted = sa.select(BounceEvent).where(BounceEvent.kind == "unread").order_by(BounceEvent.at.desc(), BounceEvent.id)
    return session.scalars(wanted.limit(most)).all()


def bouncing(session: Session, most: int = PAGE, start: int = 0) -> list[Bouncing]:
    """Addresses with a score, or given up, the worst first; those who left are none of them. One statement."""
    one = aliased(BounceEvent)
    last = sa.select(one.id).where(one.subscriber_id == Subscriber.id, one.kind.in_(("hard", "soft")))
    last = last.order_by(one.at.desc(), one.id).limit(1).correlate(Subscriber)
    wanted = sa.select(Subscriber, BounceEvent).join(BounceEvent, BounceEvent.id == last.scalar_subquery())
    wanted = wanted.where(
        Subscriber.bounce_score > 0,
        Subscriber.state.in_((SubscriberState.ACTIVE.value, SubscriberState.BOUNCED.value)),
    )
    wanted = wanted.order_by(Subscriber.bounce_score.desc(), Subscriber.email).limit(most).offset(start)
    return [
        Bouncing(row.id, row.email, row.state, row.bounce_score, event.at, event.status, event.said)
        for row, event in session.execute(wanted)
    ]


def numbers(session: Session, since: datetime) -> dict[str, int]:
    """Kind → how many since a moment; ``policy``: of those ignored, refusals of our letter (5.7.x, 5.6.x): to be looked
    at, for they are ours to mend. One statement."""
    policy = sa.and_(BounceEvent.kind == "ignored", BounceEvent.status.like("5.%"))
    kind = sa.case((policy, "policy"), else_=BounceEvent.kind)
    wanted = sa.select(kind, sa.func.count()).where(BounceEvent.at >= since).group_by(kind)
    return {name: int(count) for name, count in session.execute(wanted)}
