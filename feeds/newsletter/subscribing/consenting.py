"""The journal of consent: what somebody did, when, where, in front of which words. Only added to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import ConsentEvent

#: Version of the words beside the form (``templates/parts.jinja2``) and in the mails (``emails.py``): another text is
#: another version, and the former stays readable in the history of the code.
TEXT = "2026-11-23"
#: Where something was done (``ConsentEvent.source``).
FORM, MAIL, PAGE, ONE_CLICK, PROFILE, DESK = "form", "mail", "page", "one-click", "profile", "desk"
LIST, RELAY, LABEL, LABEL_ENDED, ADDRESS = "list", "relay", "label", "label-ended", "address"


def note(
    session: Session, subscriber_id: UUID, act: str, source: str, now: datetime, lang: str = "",
    detail: Mapping[str, Any] | None = None,
) -> UUID:  # fmt: skip
    """Add a line. :param act: see ``ConsentEvent``. :param lang: in which the words were read. :return: its id."""
    line = ConsentEvent(subscriber_id=subscriber_id, at=now, act=act, text=TEXT, source=source, lang=lang,
                        detail=dict(detail or {}))  # fmt: skip
    session.add(line)
    session.flush()
    return line.id


def asked_for(session: Session, subscriber_id: UUID, event_id: UUID | None) -> dict[str, Any]:
    """What somebody asked for, as :func:`note` kept it; {}: nothing is known of it."""
    found = session.get(ConsentEvent, event_id) if event_id else None
    return dict(found.detail) if found is not None and found.subscriber_id == subscriber_id else {}


def journal(session: Session, subscriber_id: UUID) -> list[ConsentEvent]:
    """All that somebody did, oldest first."""
    found = sa.select(ConsentEvent).where(ConsentEvent.subscriber_id == subscriber_id)
    return list(session.scalars(found.order_by(ConsentEvent.at, ConsentEvent.id)))


def last_left(session: Session, subscriber_id: UUID) -> str:
    """Where they left the last time (``ConsentEvent.source``); "": never."""
    found = sa.select(ConsentEvent.source).where(ConsentEvent.subscriber_id == subscriber_id)
    found = found.where(ConsentEvent.act.in_(("left", "complained")))
    return session.scalar(found.order_by(ConsentEvent.at.desc(), ConsentEvent.id.desc()).limit(1)) or ""
