"""Browsers in which a person is signed in. The cookie holds a random secret, the table its digest: a session can be
listed, and ended from elsewhere. A session lasts 30 days from the last thing that was done (a POST: a GET writes
nothing).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.ids import new_id
from reseau.core.tokens import digest
from reseau.members.models import Membership, Person, PersonSession, PersonState
from reseau.members.places import present_place
from reseau.notices.models import Notice, NoticeState
from reseau.web.security import SITE_ROLES, Identity, Role

LASTS = timedelta(days=30)
_SITE_ROLES = {role.value: role for role in SITE_ROLES}


def open_session(
    session: Session, person_id: UUID, now: datetime, *, device: str = "", network: str = "", held: object = None
) -> str:
    """Sign a person in. :param held: a form to send again, see ``SignIn.held``. :return: the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    session.add(
        PersonSession(
            id=new_id(), digest=digest(secret), person_id=person_id, created_at=now, last_seen_at=now,
            expires_at=now + LASTS, device=device[:120], network=network, resume=held,
        )
    )  # fmt: skip
    person = session.get_one(Person, person_id)
    person.last_seen_at, person.warned_at = now, None
    session.flush()
    return secret


def identify(session: Session, secret: str, now: datetime) -> Identity | None:
    """Who holds this secret: two statements, or one for a secret that opens nothing."""
    columns = (PersonSession.id, Person.id, Person.name, Person.email, Person.roles, _unread())
    found = session.execute(
        sa.select(*columns)
        .join(Person, Person.id == PersonSession.person_id)
        .where(
            PersonSession.digest == digest(secret),
            PersonSession.revoked_at.is_(None),
            PersonSession.expires_at > now,
            Person.state == PersonState.ACTIVE.value,
        )
    ).first()
    if found is None:
        return None
    session_id, person_id, name, email, roles, unread = found
    site = frozenset(_SITE_ROLES[code] for code in roles if code in _SITE_ROLES)
    return Identity(person_id, name, email or "", site, places_of(session, person_id), session_id, unread)


def _unread() -> sa.ScalarSelect[int]:
    """How many notices the person of the statement has not seen."""
    mine = (Notice.person_id == Person.id, Notice.seen_at.is_(None))
    told = Notice.state.in_((NoticeState.WAITING.value, NoticeState.MAILED.value))
    return sa.select(sa.func.count()).select_from(Notice).where(*mine, told).correlate(Person).scalar_subquery()


def places_of(session: Session, person_id: UUID) -> dict[UUID, Role]:
    """The structures of a person and their role there; a structure that was merged counts as the one it is now."""
    place, join = present_place()
    rows = session.execute(sa.select(place, Membership.role).select_from(join).where(Membership.person_id == person_id))
    found: dict[UUID, Role] = {}
    for structure_id, role in rows:
        if found.get(structure_id) is not Role.REFERENT:
            found[structure_id] = Role(role)
    return found


def touch(session: Session, session_id: UUID, now: datetime) -> None:
    """The person did something: the session lasts again, the account is not asleep."""
    row = session.get(PersonSession, session_id)
    if row is not None and now - row.last_seen_at > timedelta(hours=1):
        row.last_seen_at, row.expires_at = now, now + LASTS
        person = session.get_one(Person, row.person_id)
        person.last_seen_at, person.warned_at = now, None


def end_session(session: Session, session_id: UUID, person_id: UUID, now: datetime) -> bool:
    """End one session of a person. :return: False when it is not theirs or was ended."""
    row = session.get(PersonSession, session_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        return False
    row.revoked_at = now
    row.resume = None
    return True


def end_all(session: Session, person_id: UUID, now: datetime, but: UUID | None = None) -> int:
    """Sign out everywhere. :param but: the session to keep. :return: how many were ended."""
    rows = [row for row in open_sessions(session, person_id, now) if row.id != but]
    for row in rows:
        row.revoked_at = now
        row.resume = None
    return len(rows)


def open_sessions(session: Session, person_id: UUID, now: datetime) -> list[PersonSession]:
    """The sessions of a person that are still open, the last used first."""
    found = sa.select(PersonSession).where(
        PersonSession.person_id == person_id, PersonSession.revoked_at.is_(None), PersonSession.expires_at > now
    )
    return list(session.scalars(found.order_by(PersonSession.last_seen_at.desc(), PersonSession.id)))
