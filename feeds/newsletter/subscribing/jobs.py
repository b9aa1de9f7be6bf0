"""What the worker does for subscribers: accounts and labels that change, and forgetting."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Subscriber, SubscriberState
from feeds.newsletter.subscribing import labelled, own
from feeds.newsletter.subscribing.services import LEFT, PENDING
from reseau.core.db import affected
from reseau.core.jobs import Job, Tools
from reseau.core.letters import Site

UNCONFIRMED = timedelta(days=30)
GONE = timedelta(days=365)
"""How long the row of who left, or whose address does not answer, is kept: their address stays suppressed."""


def follow(tools: Tools) -> str | None:
    """Accounts that changed of address, structures that got or lost the label."""
    site, now = Site.of(tools.settings), tools.clock()
    followed = own.follow(tools.sessions, site.secret, now)
    ended = batch = labelled.BATCH
    total = 0
    while batch == ended and not tools.stopping():
        with tools.sessions.begin() as session:
            ended = labelled.end(session, site, now)
        total += ended
    agreed = _agree(tools, site, now)
    found = {"suivis": followed, "abonnés par le label": agreed, "fin du label": total}
    return ", ".join(f"{name} : {number}" for name, number in found.items() if number) or None


def _agree(tools: Tools, site: Site, now: datetime) -> int:
    count, after, more = 0, None, True
    while more and not tools.stopping():
        with tools.sessions.begin() as session:
            done, last = labelled.agree(session, site, now, after)
        count, after, more = count + done, last, last is not None
    return count


def purge(session: Session, now: datetime) -> int:
    """Erase who never confirmed in 30 days, with their journal; who left, or cannot be reached, a year ago. A question
    that was not answered is one no more. :return: how many rows went."""
    asked = sa.func.coalesce(Subscriber.asked_at, Subscriber.created_at)
    stale = sa.and_(Subscriber.state == PENDING, asked < now - UNCONFIRMED)
    left = sa.and_(Subscriber.state == LEFT, Subscriber.left_at < now - GONE)
    lost = sa.and_(Subscriber.state == SubscriberState.BOUNCED.value, Subscriber.bounced_on < (now - GONE).date())
    unanswered = sa.update(Subscriber).where(Subscriber.state != PENDING, Subscriber.asked_at < now - UNCONFIRMED)
    session.execute(unanswered.values(asked_at=None).execution_options(synchronize_session=False))
    gone = sa.delete(Subscriber).where(sa.or_(stale, sa.and_(left, Subscriber.asked_at.is_(None)), lost))
    return affected(session, gone.execution_options(synchronize_session=False))


def clean(tools: Tools) -> str | None:
    """Once a day."""
    with tools.sessions.begin() as session:
        count = purge(session, tools.clock())
    return f"effacés : {count}" if count else None


JOBS: tuple[Job, ...] = (
    Job("lettre-abonnes-labellises", timedelta(minutes=10), follow),
    Job("lettre-menage", timedelta(days=1), clean),
)
