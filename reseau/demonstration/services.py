"""What the pages of the demonstration ask for."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.mail import Mail
from reseau.demonstration.people import PLAYED, make
from reseau.members.models import Person, PersonState

SHOWN = 100
_LINK = re.compile(r"(https?://[^\s<>]+)")


def played(session: Session, email: object, now: datetime) -> Person | None:
    """The person of the demonstration with that address, made anew if a visitor deleted or suspended them; nobody else
    can be played.

    :param email: as it was sent: any field of a form, a file too.
    """
    one = next((one for one in PLAYED if one.email == email), None)
    if one is None:
        return None
    found = sa.select(Person).where(Person.email == one.email, Person.state == PersonState.ACTIVE.value)
    return session.scalars(found).first() or make(session, one, now)


def last_mails(session: Session) -> list[Mail]:
    """The last hundred mails, the newest first, whether they left or not."""
    return list(session.scalars(sa.select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(SHOWN)))


def mail(session: Session, id_: UUID) -> Mail | None:
    """One mail."""
    return session.get(Mail, id_)


def with_links(text: str) -> list[list[tuple[str, bool]]]:
    """Lines of a text cut in pieces, each with whether it is a link."""
    return [
        [(piece, bool(_LINK.fullmatch(piece))) for piece in _LINK.split(line) if piece] for line in text.split("\n")
    ]
