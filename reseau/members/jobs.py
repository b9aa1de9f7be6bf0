"""What time does to accounts: those that sleep for 24 months are warned, then anonymised; what has served is swept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import audit, limits, tokens
from reseau.core.actors import SYSTEM
from reseau.core.db import affected
from reseau.core.jobs import Job, Tools
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.core.wording import Wording
from reseau.members import drafts, emails, leaving, signin
from reseau.members.models import Draft, Person, PersonSession, PersonState, SignIn

ASLEEP = timedelta(days=730)
NOTICE = timedelta(days=30)
SESSIONS_KEPT = timedelta(days=30)


# --- accounts that sleep --------------------------------------------------------------------------------------


def inactive(tools: Tools) -> str | None:
    """Warn who did nothing for 24 months; anonymise who was warned 30 days ago and did nothing since.

    One transaction for each person, in which everything is looked at again: they may be signing in just now.
    """
    now = tools.clock()
    counts = dict.fromkeys(("prévenus", "anonymisés", "gardés"), 0)
    with tools.sessions() as session:
        ids = list(session.scalars(sa.select(Person.id).where(*_sleeping(now)).order_by(Person.last_seen_at)))
    for id_ in ids:
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            if done := _look_at(session, id_, tools, now):
                counts[done] += 1
    return ", ".join(f"{what} : {count}" for what, count in counts.items() if count) or None


def _sleeping(now: datetime) -> tuple[Any, ...]:
    return Person.state != PersonState.GONE.value, Person.last_seen_at < now - ASLEEP


def _look_at(session: Session, id_: UUID, tools: Tools, now: datetime) -> str | None:
    person = session.scalars(sa.select(Person).where(Person.id == id_, *_sleeping(now)).with_for_update()).first()
    if person is None:
        return None
    if person.warned_at is None:
        return "prévenus" if _warn(session, person, tools, now) else None
    if person.warned_at > now - NOTICE:
        return None
    if not leaving.leave(session, person, emails.gone(person.lang), site=Site.of(tools.settings), now=now):
        return "gardés"  # the last administrator: somebody must be able to open the door
    audit.record(session, SYSTEM, "account.expire", now, id_)
    return "anonymisés"


def _warn(session: Session, person: Person, tools: Tools, now: datetime) -> bool:
    """Tell them. :return: False when there is nowhere to write to: who was not told is not forgotten."""
    if not person.email:
        return False
    site, local = Site.of(tools.settings), (now + NOTICE).astimezone(ZoneInfo(tools.settings.timezone))
    until = Wording(person.lang).date(local.date())
    if person.state == PersonState.ACTIVE.value:
        letter = emails.asleep(person.lang, f"{site.url}/connexion", until)
    else:
        letter = emails.asleep_suspended(person.lang, until)
    # The state is in the key: who is let in again is told again, with what they can do now.
    key = f"asleep:{person.state}:{person.id}:{now.date()}"
    queue(session, letter, person.email, site=site, now=now, key=key)
    person.warned_at = now
    return True


# --- sweeping -------------------------------------------------------------------------------------------------


def sweep(tools: Tools) -> str | None:
    """Delete what has served its time: each kind in a transaction of its own."""
    now, swept = tools.clock(), []
    for what, purge in _PURGES.items():
        with tools.sessions.begin() as session:
            if count := purge(session, now):
                swept.append(f"{what} : {count}")
    return ", ".join(swept) or None


def _sign_ins(session: Session, now: datetime) -> int:
    return affected(session, sa.delete(SignIn).where(SignIn.created_at < now - signin.KEPT))


def _sessions(session: Session, now: datetime) -> int:
    before = now - SESSIONS_KEPT
    ended = sa.or_(PersonSession.revoked_at < before, PersonSession.expires_at < before)
    return affected(session, sa.delete(PersonSession).where(ended))


def _drafts(session: Session, now: datetime) -> int:
    return affected(session, sa.delete(Draft).where(Draft.saved_at < now - drafts.KEPT))


_PURGES = {
    "liens": _sign_ins,
    "sessions": _sessions,
    "brouillons": _drafts,
    "journal": audit.purge,
    "jetons": tokens.purge,
    "compteurs": limits.purge,
}

JOBS: tuple[Job, ...] = (
    Job("comptes-inactifs", timedelta(days=1), inactive),
    Job("menage", timedelta(days=1), sweep),
)
