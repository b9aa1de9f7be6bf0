"""The outbox: a mail is a row, written in the transaction of the change that it tells.

So a mail leaves only if that change was committed, and a request never waits for a mail server. ``mail_delivery``
sends the rows; ``queue`` is all that a room needs.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from reseau.core import stopping
from reseau.core.db import Base, affected, insert
from reseau.core.ids import new_id
from reseau.core.letters import REPLY_TO, Letter, Site, address, as_html, as_text, one_line

KEPT = timedelta(days=30)
ASIDE_KEPT = timedelta(days=90)  # somebody is to look at them: the desk shows them
MAX_ADDRESS, MAX_KEY = 254, 200  # RFC 5321 §4.5.3.1.3 less the brackets; ours


class MailState(enum.StrEnum):
    """Where a mail stands. ``aside``: it will not be tried again by itself; ``last_error`` says why."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    ASIDE = "aside"
    CANCELLED = "cancelled"


class Mail(Base):
    """One mail to one person. ``attempts`` counts how often it was offered to a server that answered.

    ``text`` and ``html`` are "" once it left or expired: they hold links that open accounts.
    """

    __tablename__ = "mail"
    __table_args__ = (sa.Index("ix_mail_state_due_at", "state", "due_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str | None] = mapped_column(sa.String(MAX_KEY), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    recipient: Mapped[str] = mapped_column(sa.String(MAX_ADDRESS))
    lang: Mapped[str] = mapped_column(sa.String(10))
    subject: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    headers: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(10), default=MailState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    sent_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]


def queue(
    session: Session,
    letter: Letter,
    recipient: str,
    *,
    site: Site,
    now: datetime,
    key: str | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    reply_to: str | None = None,
    headers: Mapping[str, str] | None = None,
    optional_for: UUID | None = None,
) -> bool:
    """Write ``letter`` to ``recipient`` into the outbox, in the caller's transaction.

    :param key: says once what must be said once (``reminder:<id>:2026-11``); forgotten with the mail, ``KEPT`` after it
        left. :param due_at: not before; by default ``now``. :param expires_at: not from then on: its link is dead.
    :param reply_to: ``Name <address>``.
    :param headers: more headers, ``List-Unsubscribe`` for example.
    :param optional_for: whose account it is: they may do without this mail, and its link turns all of those off.
    :return: False when a mail with that ``key`` is there already, even one being written at the same time.
    :raises ValueError: ``recipient`` is not one mail address, or it or ``key`` is too long to be stored.
    """
    address(recipient)
    if len(recipient) > MAX_ADDRESS or len(key or "") > MAX_KEY:
        raise ValueError(f"too long for a mail: an address of {len(recipient)} characters, key {key!r}")
    if optional_for and site.secret:
        letter, more = stopping.stoppable(letter, site, optional_for, now)
        headers = {**(headers or {}), **more}
    extra = {**(headers or {}), **({REPLY_TO: reply_to} if reply_to else {})}
    when = {"due_at": due_at or now, "expires_at": expires_at}
    row = _row(letter, site, now) | when | {"key": key, "recipient": recipient, "headers": extra}
    statement = insert(session, Mail).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Mail.id)
    return session.scalar(statement) is not None


def _row(letter: Letter, site: Site, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": letter.kind,
        "lang": letter.lang,
        "subject": one_line(letter.subject),
        "text": as_text(letter, site.name, site.url).replace("\x00", ""),  # PostgreSQL stores no NUL
        "html": as_html(letter, site.name, site.url).replace("\x00", ""),
        "created_at": now,
        "state": MailState.WAITING.value,
        "attempts": 0,
    }


def retry(session: Session, id_: UUID, now: datetime) -> bool:
    """Send a mail that was put aside or cancelled as if it were new. :return: False when it was neither, or expired."""
    values = {"state": MailState.WAITING.value, "due_at": now, "attempts": 0, "last_error": None}
    return _move(session, id_, (MailState.ASIDE, MailState.CANCELLED), values, Mail.text != "")


def cancel(session: Session, id_: UUID) -> bool:
    """Do not send a mail that waits or was put aside. :return: False when it is too late."""
    return _move(session, id_, (MailState.WAITING, MailState.ASIDE), {"state": MailState.CANCELLED.value})


def purge(session: Session, now: datetime) -> int:
    """Delete what was sent over ``KEPT`` ago, what was cancelled and written before, and what was put aside over
    ``ASIDE_KEPT`` ago: they hold addresses. :return: how many were deleted.
    """
    before = now - KEPT
    gone = sa.or_(
        sa.and_(Mail.state == MailState.SENT.value, Mail.sent_at < before),
        sa.and_(Mail.state == MailState.CANCELLED.value, Mail.created_at < before, Mail.due_at < before),
        sa.and_(Mail.state == MailState.ASIDE.value, Mail.due_at < now - ASIDE_KEPT),
    )
    return affected(session, sa.delete(Mail).where(gone))


def _move(session: Session, id_: UUID, states: tuple[MailState, ...], values: dict[str, Any], *more: Any) -> bool:
    statement = sa.update(Mail).where(Mail.id == id_, Mail.state.in_([state.value for state in states]), *more)
    return affected(session, statement.values(values)) == 1
