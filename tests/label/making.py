"""Places, criteria and labels for the tests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.actors import IMPORT
from reseau.core.changes import Change
from reseau.directory import lifecycle
from reseau.directory.models import Cause, Structure
from reseau.directory.reproject import Because
from reseau.label import criteria, services
from reseau.label.models import Criteria, Label
from tests.conftest import TUESDAY

BECAUSE = Because(Cause.CREATE, IMPORT)
SOURCES = ("cartographie",)
FRENCH = "- Le lieu est ouvert au moins deux jours par semaine.\n- Une personne est formée."
#: Today in the tests.
TODAY = date(2026, 11, 24)


def place(session: Session, name: str = "La Maison", now: datetime = TUESDAY) -> UUID:
    """An open place."""
    said = {"nom": name, "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512"}
    return lifecycle.create(session, said, BECAUSE, SOURCES, now)


def merged(session: Session, kept: UUID, lost: UUID, now: datetime = TUESDAY) -> None:
    """Two places are one."""
    lifecycle.merge(session, kept, lost, Because(Cause.MERGE, IMPORT), SOURCES, now)


def version(session: Session, name: str = "2026", from_on: date = date(2026, 1, 1), **texts: str) -> Criteria:
    """A version of the criteria."""
    return criteria.add(session, name, from_on, {"fr": FRENCH, **texts}, None, now=TUESDAY)


def given(session: Session, place_id: UUID, of: Criteria, start: str, end: str, now: datetime = TUESDAY) -> Label:
    """A label from a day to a day (ISO)."""
    days = (date.fromisoformat(start), date.fromisoformat(end), TODAY)
    return services.grant(session, place_id, of, *days, None, now=now)


def until(session: Session, place_id: UUID) -> date | None:
    """What is written on the place."""
    return session.execute(sa.select(Structure.label_until).where(Structure.id == place_id)).scalar_one()


def logged(session: Session, *ids: UUID) -> list[tuple[str, int, str]]:
    """(kind, rev, op) of what the log says of objects, in order."""
    found = sa.select(Change).where(Change.object_id.in_(ids)).order_by(Change.seq)
    return [(one.kind, one.rev, one.op) for one in session.scalars(found)]


def mails(session: Session) -> list[Any]:
    """All of the outbox, by address."""
    from reseau.core.mail import Mail

    return list(session.scalars(sa.select(Mail).order_by(Mail.recipient, Mail.key)))
