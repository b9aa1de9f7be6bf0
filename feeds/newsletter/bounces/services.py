"""What comes back counts against an address, once, and ends the letters to it. Whoever calls commits, but
:func:`take`.

| what | counts |
|---|---|
| a hard failure | 1: the address is ``bounced`` and suppressed at once |
| a soft one | 0.5, at most once a day; forgotten after 30 days without any; at 3 the address is ``bounced`` |
| our letter refused (5.7.x…), an absence, a delay | nothing; kept as ``ignored`` |
| a complaint | they leave, and are suppressed |
| ``unsubscribe`` as subject, at the address of a letter of theirs | they leave; they may undo it |
| what proves nothing, or nobody understands | nothing; kept as ``unread`` |
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from feeds.newsletter import links
from feeds.newsletter.bounces.judging import Verdict, status_in, verdict
from feeds.newsletter.bounces.parsing import Back, Fate, parse
from feeds.newsletter.bounces.proving import hopeful, token_of
from feeds.newsletter.models import BounceEvent, ConsentEvent, Delivery, Subscriber, SubscriberState
from feeds.newsletter.subscribing.services import leave
from feeds.newsletter.subscribing.suppressing import suppress
from reseau.core.clock import Clock, utcnow
from reseau.core.db import insert, site_day
from reseau.core.ids import new_id
from reseau.core.masking import masked
from reseau.settings import Settings

log = logging.getLogger(__name__)
SOFT, HARD, MOST = 0.5, 1.0, 3.0
STALE = timedelta(days=30)
MAX_SAID = 300  # characters kept of what a server said
MOST_BYTES = 2_000_000
"""Of a message that is read whole: a letter of ours is under 100 kB, also when it comes back inside a report."""
_GREATER = ("complaint", "hard", "soft", "")  # what a delivery says came back: the worst of it


@dataclass(frozen=True)
class Desk:
    """Where messages come back."""

    sessions: sessionmaker[Any]
    settings: Settings
    clock: Clock = utcnow


@dataclass(frozen=True, slots=True)
class Proven:
    """Of whom a message proves that it speaks. ``delivery``: None for a complaint that only gives back the link to
    leave."""

    delivery: Delivery | None
    subscriber: Subscriber | None


def take(desk: Desk, raw: bytes, recipients: Sequence[str] = (), *, whole: bool = True) -> str:
    """Take a message, in a transaction of its own.

    :param recipients: addresses to which the mail server delivered it. :return: ``hard``, ``soft``, ``complaint``,
        ``left``, ``ignored``, ``unread``, or ``again`` (it came before).
    """
    back = parse(raw, whole and hopeful(desk.settings.secret, raw, recipients))
    with desk.sessions.begin() as session:
        return receive(session, desk.settings.secret, back, recipients, desk.clock())


def receive(session: Session, secret: str, back: Back, recipients: Sequence[str], now: datetime) -> str:
    """What :func:`take` does once the message is taken apart."""
    proven = _proven(session, secret, (*recipients, *back.to), back.links)
    if proven is None:
        return _note(session, back.key, "unread", "", back.said, None, now)
    kind, status, said = _meaning(back, proven)
    if (known := _note(session, back.key, kind, status, said, proven, now)) == "again":
        return known
    if kind == "complaint":
        _mark(proven.delivery, "complaint")
        if proven.subscriber is not None:
            leave(session, proven.subscriber, "mail", now, secret=secret, reason="complaint")
    elif kind == "left" and proven.subscriber is not None:
        leave(session, proven.subscriber, "mail", now, secret=secret)
    elif kind in ("hard", "soft"):
        _count(session, secret, proven, Verdict(kind), now)
    return kind


def refused(
    session: Session, subscriber_id: UUID, said: str, now: datetime, *, secret: str = "",
    delivery_id: UUID | None = None,
) -> str:  # fmt: skip
    """A server refused a letter for ever (5xx) while it was being handed over: it counts as what would have come back.
    Once for a delivery.

    :param said: the server's answer, ``550 5.1.1 …``. :param secret: of the site; "": the address is not written to all
        the same (its state), and :func:`settle` suppresses it later. :return: as :func:`take`.
    """
    subscriber = session.get(Subscriber, subscriber_id, with_for_update=True)
    if subscriber is None:
        return "ignored"
    delivery = session.get(Delivery, delivery_id) if delivery_id else None
    judged = verdict(status := status_in(said), said)
    kind = "ignored" if judged is Verdict.POLICY else judged.value
    key = f"refused\x00{delivery_id or (subscriber_id, now.isoformat())}"
    proven = Proven(delivery, subscriber)
    if (known := _note(session, key, kind, status, said, proven, now)) == "again":
        return known
    if kind != "ignored":  # the delivery itself says "failed": nothing came back later
        _count(session, secret, Proven(None, subscriber), Verdict(kind), now)
    return kind


# --- of whom it speaks ------------------------------------------------------------------------------------------------


def _proven(session: Session, secret: str, named: Sequence[str], given: Sequence[str]) -> Proven | None:
    """None: nothing in the message proves anything."""
    for address in named:
        if delivery_id := links.bounced(secret, token_of(address)):
            # A proof of a delivery that is no more (erased with its issue, a test send) concerns nobody.
            delivery = session.get(Delivery, delivery_id)
            found = delivery.subscriber_id if delivery else None
            return Proven(delivery, session.get(Subscriber, found, with_for_update=True) if found else None)
    for url in given:
        token = urlsplit(url).path.rpartition("/")[2] if url.startswith(("https://", "http://")) else ""
        if token and (key := links.reader_key(secret, token)):
            wanted = sa.select(Subscriber).where(Subscriber.key == key).with_for_update()
            return Proven(None, session.scalars(wanted).one_or_none())
    return None


def _meaning(back: Back, proven: Proven) -> tuple[str, str, str]:
    """(kind, status, words) of a message whose proof is good."""
    if proven.subscriber is None:
        return "ignored", "", back.kind
    if back.kind == "complaint":
        return "complaint", "", back.fates[0].said
    if back.kind == "leave":
        return "left", "", ""
    if back.kind != "report":
        return ("ignored" if back.kind == "automatic" else "unread"), "", back.said
    if proven.delivery is not None and _domain(proven.subscriber.email) != proven.delivery.domain:
        return "ignored", "", "address changed since"
    fates = _theirs(back.fates, proven.subscriber.email)
    failed = [one for one in fates if one.action == "failed"]
    if not failed:
        return ("ignored" if all(one.action for one in fates) else "unread"), fates[0].status, fates[0].said
    if len(failed) < len(fates):
        return "ignored", failed[0].status, failed[0].said  # behind their address are several: one got it
    judged = [(verdict(one.status, one.said), one) for one in failed]
    order = (Verdict.POLICY, Verdict.SOFT, Verdict.HARD)  # several that all failed: the mildest
    mildest, one = min(judged, key=lambda pair: order.index(pair[0]))
    return ("ignored" if mildest is Verdict.POLICY else mildest.value), one.status, one.said


def _theirs(fates: Sequence[Fate], email: str) -> Sequence[Fate]:
    """Of the recipients of a report, those that are the address; all, where it names others only (a forwarding)."""
    return [one for one in fates if email in one.recipients] or fates


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


# --- what it counts ---------------------------------------------------------------------------------------------------


def _note(
    session: Session, key: str, kind: str, status: str, said: str, proven: Proven | None, now: datetime
) -> str:  # fmt: skip
    """Write it down; the same message again, about the same delivery, is ``again``."""
    delivery = proven.delivery if proven else None
    subscriber = proven.subscriber if proven else None
    name = f"{key}\x00{delivery.id if delivery else ''}\x00{subscriber.id if subscriber else ''}"
    values = {
        "id": new_id(), "digest": hashlib.sha256(name.encode()).hexdigest(), "at": now, "kind": kind,
        "status": status[:12], "said": _written(said),
        "delivery_id": delivery.id if delivery else None, "subscriber_id": subscriber.id if subscriber else None,
    }  # fmt: skip
    statement = insert(session, BounceEvent).values(**values).on_conflict_do_nothing(index_elements=["digest"])
    if not session.execute(statement.returning(BounceEvent.id)).scalar_one_or_none():
        return "again"
    log.info("letter: something came back (%s %s)", kind, status)
    return kind


def _written(said: str) -> str:
    """A server's words as they can be kept: no address, no token, nothing that a database refuses."""
    plain = said[: 20 * MAX_SAID].replace("\x00", "").encode("utf-8", "replace").decode()
    return masked(" ".join(plain.split())[: 2 * MAX_SAID])[:MAX_SAID]


def _count(session: Session, secret: str, proven: Proven, judged: Verdict, now: datetime) -> None:
    """Add to the score of an address; the row is locked."""
    subscriber = proven.subscriber
    if subscriber is None:
        return
    _mark(proven.delivery, judged.value)
    today = site_day(session, now)
    stale = subscriber.bounced_on is not None and subscriber.bounced_on < today - STALE
    score = 0.0 if stale else subscriber.bounce_score
    if judged is Verdict.HARD:
        score += HARD
    elif stale or subscriber.bounced_on != today:
        score += SOFT
    subscriber.bounce_score, subscriber.bounced_on = score, today
    dead = judged is Verdict.HARD or score >= MOST
    if dead and subscriber.state == SubscriberState.ACTIVE.value:
        subscriber.state = SubscriberState.BOUNCED.value
        _journal(session, subscriber, "bounced", now)
        if secret:
            suppress(session, secret, subscriber.email, "bounce", now)
    session.flush()


def settle(session: Session, secret: str, now: datetime) -> int:
    """Suppress the addresses that were given up these days by who did not know the secret. Can be done again.
    :return: how many."""
    row, since = Subscriber, site_day(session, now) - timedelta(days=3)
    lost = sa.select(row.email).where(row.state == SubscriberState.BOUNCED.value, row.bounced_on >= since)
    return sum(suppress(session, secret, email, "bounce", now) for email in session.scalars(lost).all())


def _mark(delivery: Delivery | None, what: str) -> None:
    if delivery is not None and _GREATER.index(what) < _GREATER.index(delivery.bounce):
        delivery.bounce = what


def _journal(session: Session, subscriber: Subscriber, act: str, now: datetime) -> None:
    session.add(ConsentEvent(subscriber_id=subscriber.id, at=now, act=act, source="mail", lang=subscriber.lang))


def forget(session: Session, before: Callable[[str], datetime]) -> int:
    """Delete what came back long ago. :param before: kind → the oldest moment that is kept. :return: how many."""
    row, count = BounceEvent, 0
    for kind in ("hard", "soft", "complaint", "left", "ignored", "unread"):
        found = session.execute(sa.delete(row).where(row.kind == kind, row.at < before(kind)))
        count += int(getattr(found, "rowcount", 0))
    return count
