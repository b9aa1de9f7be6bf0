"""Statements of the worker on the ledger. Each is right with any number of workers at once: only one of them finds a
delivery ``waiting`` when it marks it, and ``attempts``, which the mark raises, tells what it settles from what another
one did since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import (
    Delivery,
    DeliveryState,
    Edition,
    Issue,
    IssueState,
    Relay,
    Subscriber,
    SubscriberState,
)
from feeds.newsletter.subscribing.suppressing import suppressed
from reseau.core.db import affected

LEASE = timedelta(minutes=10)
"""A claim of another worker is respected so long. It only spares work: the mark is what counts."""
KILLED = "le processus s’est arrêté pendant l’envoi"
_BEFORE = (IssueState.DRAFT.value, IssueState.APPROVAL.value, IssueState.SCHEDULED.value)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery to be handed over. ``relay``: code of the relay that it is for, if it still is one, or ""."""

    id: UUID
    issue_id: UUID
    subscriber_id: UUID
    edition: str
    lang: str
    domain: str
    attempts: int
    email: str
    key: str
    relay: str


def open_() -> sa.ColumnElement[bool]:
    """Whether the issue of a delivery is being sent, in that edition: relays get theirs before the others."""
    relays = sa.and_(
        Delivery.edition == Edition.RELAY.value, Issue.relay_launched_at.is_not(None), Issue.state.in_(_BEFORE)
    )
    return sa.or_(Issue.state == IssueState.SENDING.value, relays)


def active(session: Session) -> list[UUID]:
    """Issues of which something may be sent now; few."""
    relays = sa.and_(Issue.relay_launched_at.is_not(None), Issue.state.in_(_BEFORE))
    return list(session.scalars(sa.select(Issue.id).where(sa.or_(Issue.state == IssueState.SENDING.value, relays))))


def left_behind(session: Session) -> bool:
    """Whether a worker died with something under way."""
    return bool(session.scalar(sa.select(sa.exists().where(Delivery.state == DeliveryState.SENDING.value))))


def recover(session: Session, now: datetime) -> int:
    """What a worker that died left behind: a marked delivery becomes ``unknown``, a claimed one is free again. To be
    called when nothing of this process is under way. (Of a worker that lives elsewhere, against the lock: what it
    learns still counts, see :func:`settle`.) :return: how many are unknown now."""
    left = sa.update(Delivery).where(Delivery.state == DeliveryState.SENDING.value)
    count = affected(session, left.values(state=DeliveryState.UNKNOWN.value, settled_at=now, said=KILLED))
    waiting = (Delivery.state == DeliveryState.WAITING.value, Delivery.claimed_at.is_not(None))
    session.execute(sa.update(Delivery).where(*waiting).values(claimed_at=None))
    return count


def claim(
    session: Session, secret: str, now: datetime, room: int, shut: Collection[str], take: Callable[[str], bool]
) -> list[Claimed]:
    """At most ``room`` deliveries that are due, ours for a while. Who left since the launch is put down as such.

    :param shut: domains to which nothing may go now. :param take: asked for each: may one more go to that domain?
    """
    found = session.execute(_due(active(session), now, room, shut)).all()
    addresses = [row.email for row in found if row.email]
    gone = suppressed(session, secret, addresses) if addresses else set()
    kept, left = list[Claimed](), list[UUID]()
    for row in found:
        if row.state != SubscriberState.ACTIVE.value or row.email in gone:
            left.append(row.id)
        elif take(row.domain):
            kept.append(
                Claimed(row.id, row.issue_id, row.subscriber_id, row.edition, row.lang, row.domain, row.attempts,
                        row.email, row.key, row.relay or "")
            )  # fmt: skip
    waiting = Delivery.state == DeliveryState.WAITING.value
    if left:
        values = {"state": DeliveryState.SUPPRESSED.value, "settled_at": now}
        session.execute(sa.update(Delivery).where(Delivery.id.in_(left), waiting).values(values))
    if kept:
        ours = Delivery.id.in_([one.id for one in kept])
        session.execute(sa.update(Delivery).where(ours, waiting).values(claimed_at=now))
    return kept


def _due(issues: Sequence[UUID], now: datetime, room: int, shut: Collection[str]) -> sa.Select[*tuple[Any, ...]]:
    # No ORDER BY: sorting 50,000 rows that are all due at the launch, for each claim, would cost more than sending.
    wanted = (
        sa.select(
            Delivery.id, Delivery.issue_id, Delivery.subscriber_id, Delivery.edition, Delivery.lang, Delivery.domain,
            Delivery.attempts, Subscriber.email, Subscriber.key, Subscriber.state, Relay.code.label("relay"),
        )
        .join(Issue, Issue.id == Delivery.issue_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(Relay, sa.and_(Relay.id == Subscriber.relay_id, Relay.active.is_(True)))
        .where(
            Delivery.issue_id.in_(issues), open_(), Delivery.state == DeliveryState.WAITING.value,
            Delivery.due_at <= now,
            sa.or_(Delivery.claimed_at.is_(None), Delivery.claimed_at < now - LEASE),
        )
        .limit(room)
        .with_for_update(skip_locked=True, of=Delivery)
    )  # fmt: skip
    return wanted.where(Delivery.domain.not_in(list(shut))) if shut else wanted


def mark(session: Session, ids: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Before the final dot: ``waiting`` becomes ``sending``, of those whose issue is still being sent and whose reader
    still wants it. :return: id → attempts, of those that are ours to send; another worker may have the others."""
    return {row[0]: row[1] for row in session.connection().execute(_MARK, {"ids": list(ids), "moment": now})}


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a delivery. ``seen``: its ``attempts`` when we last knew; ``attempts``: as they are now."""

    id: UUID
    seen: int
    state: DeliveryState
    attempts: int
    said: str
    at: datetime
    due_at: datetime
    subscriber_id: UUID


def settle(session: Session, done: Sequence[Settled]) -> None:
    """Write down what became of deliveries. What another worker settled since stays as it is; what was given up as
    ``unknown`` because this worker seemed dead becomes what it knows."""
    rows = [
        {"b_id": one.id, "b_seen": one.seen, "b_state": one.state.value, "b_attempts": one.attempts,
         "b_said": one.said, "b_due": one.due_at, "b_at": None if one.state is DeliveryState.WAITING else one.at}
        for one in done
    ]  # fmt: skip
    session.connection().execute(_SETTLE, rows)
    reached = [one for one in done if one.state is DeliveryState.ACCEPTED]
    if reached:
        given = {"ids": [one.subscriber_id for one in reached], "moment": max(one.at for one in reached)}
        session.connection().execute(_REACHED, given)


def finish(session: Session, now: datetime) -> list[UUID]:
    """Issues of which nothing waits any more are sent; what waits of cancelled ones is cancelled.

    :return: which ended.
    """
    sending = sa.select(Issue.id).where(Issue.state == IssueState.SENDING.value).order_by(Issue.id).with_for_update()
    # Locked first: a second statement sees what whoever held the row has written (READ COMMITTED), one alone does not.
    ids = session.scalars(sending).all()
    waits = sa.select(Delivery.id).where(Delivery.issue_id == Issue.id, Delivery.state.in_(("waiting", "sending")))
    ended = sa.update(Issue).where(Issue.id.in_(ids), ~waits.correlate(Issue).exists())
    values = {"state": IssueState.SENT.value, "finished_at": now}
    done = list(session.scalars(ended.values(values).returning(Issue.id)))
    cancelled = sa.select(Issue.id).where(Issue.state == IssueState.CANCELLED.value)
    late = sa.update(Delivery).where(Delivery.state == "waiting", Delivery.issue_id.in_(cancelled))
    session.execute(late.values(state=DeliveryState.CANCELLED.value, settled_at=now))
    return done


# --- the statements of each message: made once, because making them costs more than running them ----------------


def _mark() -> sa.Update:
    table: Any = Delivery.__table__
    sent = sa.select(Issue.id).where(Issue.id == Delivery.issue_id, open_()).correlate(Delivery).exists()
    active_ = Subscriber.state == SubscriberState.ACTIVE.value
    wanted = sa.select(Subscriber.id).where(Subscriber.id == Delivery.subscriber_id, active_).correlate(Delivery)
    chosen = table.c.id.in_(sa.bindparam("ids", expanding=True))
    return (
        sa.update(table)
        .where(chosen, table.c.state == DeliveryState.WAITING.value, sent, wanted.exists())
        .values(state=DeliveryState.SENDING.value, attempts=table.c.attempts + 1, claimed_at=sa.bindparam("moment"))
        .returning(table.c.id, table.c.attempts)
    )


def _settle() -> sa.Update:
    table: Any = Delivery.__table__
    # Not IN: its parameters cannot be many times many.
    states = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    unsettled = sa.or_(*(table.c.state == state.value for state in states))
    ours = (table.c.id == sa.bindparam("b_id"), table.c.attempts == sa.bindparam("b_seen"), unsettled)
    return sa.update(table).where(*ours).values(
        state=sa.bindparam("b_state"), attempts=sa.bindparam("b_attempts"), said=sa.bindparam("b_said"),
        settled_at=sa.bindparam("b_at"), due_at=sa.bindparam("b_due"), claimed_at=None,
    )  # fmt: skip


def _reached() -> sa.Update:
    table: Any = Subscriber.__table__
    ours = table.c.id.in_(sa.bindparam("ids", expanding=True))
    return sa.update(table).where(ours).values(last_sent_at=sa.bindparam("moment"))


_MARK, _SETTLE, _REACHED = _mark(), _settle(), _reached()
