"""Sending stops by itself when a server refuses too much: going on would only make our name worse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Delivery, DeliveryState, Issue
from feeds.newsletter.sending import emails
from feeds.newsletter.sending.launching import pause, under_way
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.members.places import people_with
from reseau.settings import Settings

LEAST = 20
"""Answers before a share says anything."""
REFUSALS, SENDER = "refusals", "sender"


class Tally:
    """Answers about an issue since it was launched, or since somebody let it go on."""

    __slots__ = ("accepted", "failed")

    def __init__(self, accepted: int = 0, failed: int = 0) -> None:
        self.accepted, self.failed = accepted, failed

    def too_many(self, percent: int) -> bool:
        """Whether the refused are more than that share of all."""
        answered = self.accepted + self.failed
        return answered >= LEAST and self.failed * 100 > percent * answered


def tallies(session: Session, issues: Iterable[UUID]) -> dict[UUID, Tally]:
    """As the ledger says it."""
    since = sa.or_(Issue.resumed_at.is_(None), Delivery.settled_at > Issue.resumed_at)
    wanted = (
        sa.select(Delivery.issue_id, Delivery.state, sa.func.count())
        .join(Issue, Issue.id == Delivery.issue_id)
        .where(Delivery.issue_id.in_(list(issues)), since,
               Delivery.state.in_([DeliveryState.ACCEPTED.value, DeliveryState.FAILED.value]))
        .group_by(Delivery.issue_id, Delivery.state)
    )  # fmt: skip
    found = {id_: Tally() for id_ in issues}
    for issue_id, state, number in session.execute(wanted):
        setattr(found[issue_id], state, number)
    return found


def stop(session: Session, issue_id: UUID, code: str) -> bool:
    """Pause an issue. :return: False: it was not being sent any more."""
    issue = session.get(Issue, issue_id, with_for_update=True, populate_existing=True)
    if issue is None or not under_way(issue):
        return False
    pause(session, issue, code)
    return True


def tell(session: Session, issue_id: UUID, code: str, settings: Settings, now: datetime) -> None:
    """One mail to each coordinator: it stopped. In a transaction of its own: it must stop even if this fails."""
    issue, site = session.get_one(Issue, issue_id), Site.of(settings)
    for person in people_with(session, "coordinator"):
        if person.email:
            subject = str(issue.subject.get("fr") or next(iter(issue.subject.values()), ""))
            letter = emails.stopped(person.lang, subject, code, f"{site.url}/gestion/lettre/{issue.id}")
            key = f"lettre-arretee:{issue.id}:{now.isoformat()}:{person.id}"
            queue(session, letter, person.email, site=site, now=now, key=key)
