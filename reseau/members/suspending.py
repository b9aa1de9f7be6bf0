"""Keeping somebody out, and letting them in again: with a reason that they read. Whoever calls commits.

What they wrote stays, and nothing of theirs is lost. The coordination decides; an administrator is suspended by another
administrator only.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.members import emails, governance
from reseau.members.governance import Done
from reseau.members.models import Person
from reseau.settings import Settings

MAX_REASON = 1000


class Refused(enum.StrEnum):
    """Why somebody is not suspended."""

    ONESELF = "oneself"
    ADMINISTRATOR = "administrator"


def may_suspend(person: Person, by: UUID, administers: bool) -> Refused | None:
    """Whether somebody may keep a person out. :param administers: who decides administers the site."""
    if person.id == by:
        return Refused.ONESELF
    return Refused.ADMINISTRATOR if governance.ADMINISTRATOR in person.roles and not administers else None


def suspend(
    session: Session, person_id: UUID, reason: str, *, by: UUID, administers: bool, settings: Settings, now: datetime
) -> Done | Refused:
    """Keep a person out: their sessions end, they are told why. :return: what was done, or why nothing was."""
    person = session.get(Person, person_id)
    if person is not None and (refused := may_suspend(person, by, administers)):
        return refused
    done = governance.suspend(session, person_id, now)
    if done is Done.DONE:
        _tell(session, person_id, reason, settings, now)
    return done


def restore(session: Session, person_id: UUID, *, settings: Settings, now: datetime) -> Done:
    """Let a suspended person in again, and tell them."""
    done = governance.restore(session, person_id)
    if done is Done.DONE:
        _tell(session, person_id, None, settings, now)
    return done


def _tell(session: Session, person_id: UUID, reason: str | None, settings: Settings, now: datetime) -> None:
    person = session.get_one(Person, person_id)
    site = Site.of(settings)
    if not person.email:
        return
    if reason is None:
        letter = emails.restored(person.lang, f"{site.url}/connexion")
    else:
        letter = emails.kept_out(person.lang, reason)
    queue(session, letter, person.email, site=site, now=now)
