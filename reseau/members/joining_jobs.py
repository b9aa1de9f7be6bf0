"""What is done by the clock for those who join: reminders of requests and invitations, and forgetting old lists.

Each request is one small transaction: a job that is killed has done what it did, and the next run does the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.db import affected
from reseau.core.jobs import Job, Tools
from reseau.members import invitations, requests
from reseau.members.models import Decision, Invitation, PeopleList, Person, PersonState
from reseau.settings import Settings

#: After how long a request is told again, in order: twice to those who decide, then to the coordinators.
STEPS = (timedelta(days=3), timedelta(days=7), timedelta(days=10))
INVITATION_AFTER = timedelta(days=5)
#: The key of a reminder is forgotten 30 days after it left: an invitation that was sent again is not reminded twice.
INVITATION_UNTIL = timedelta(days=25)
FORGOTTEN_AFTER = timedelta(days=180)
LIST_KEPT = timedelta(days=30)


def remind_requests(tools: Tools) -> str | None:
    """Tell again the requests that wait; each step once, and only the last one when several days were missed."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        ids = list(requests.open_ids(session, now - STEPS[0]))
    sent = 0
    for id_ in ids:
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            sent += _remind(session, id_, tools.settings, now)
    return f"{sent} rappels de demandes" if sent else None


def _remind(session: Session, id_: UUID, settings: Settings, now: datetime) -> int:
    row = requests.lock(session, id_)
    if row is None or row.state != Decision.OPEN.value:
        return 0
    person = session.get_one(Person, row.person_id)
    if person.state != PersonState.ACTIVE.value:  # nothing to decide while they are suspended; they may come back
        return 0
    step = sum(now - row.created_at >= after for after in STEPS)
    if step <= row.reminders:
        return 0
    row.reminders = step
    sent = requests.tell(session, row, person, settings, now, step)
    if step == len(STEPS):
        audit.record(session, SYSTEM, "request.escalate", now, row.id, mails=sent)
    return sent


def remind_invitations(tools: Tools) -> str | None:
    """Invitations that nobody answered: one reminder; those of half a year ago are forgotten with their address."""
    now = tools.clock()
    waiting = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)
    old_enough = Invitation.created_at <= now - INVITATION_AFTER
    sent_before = Invitation.expires_at <= now - INVITATION_AFTER + invitations.LASTS
    young_enough = Invitation.created_at >= now - INVITATION_UNTIL
    with tools.sessions.begin() as session:
        found = sa.select(Invitation.id).where(*waiting, old_enough, young_enough, sent_before)
        ids = list(session.scalars(found.order_by(Invitation.created_at)))
    sent = 0
    for id_ in ids:
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            row = invitations.lock(session, id_)
            if row is not None and invitations.current(session, row, now) is invitations.State.OPEN:
                key = f"invitation:{row.id}:rappel"
                sent += invitations.send(session, row, tools.settings, now, reminder=True, key=key)
    return f"{sent} rappels d’invitations" if sent else None


def forget(tools: Tools) -> str | None:
    """Lists of people after 30 days, invitations half a year after they ended: they hold addresses."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        ended = Invitation.expires_at < now - FORGOTTEN_AFTER
        gone = affected(session, sa.delete(PeopleList).where(PeopleList.created_at < now - LIST_KEPT))
        gone += affected(session, sa.delete(Invitation).where(ended))
        if gone:
            audit.record(session, SYSTEM, "joining.forget", now, rows=gone)
    return f"{gone} listes et invitations oubliées" if gone else None


JOBS = (
    Job("demandes-en-attente", timedelta(hours=1), remind_requests),
    Job("invitations-en-attente", timedelta(hours=1), remind_invitations),
    Job("invitations-oubliees", timedelta(days=1), forget),
)
