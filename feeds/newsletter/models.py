"""Tables of the letter."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base
from reseau.core.ids import new_id

KIND = "letter"


class SubscriberState(enum.StrEnum):
    """``PENDING``: has not confirmed. ``ACTIVE``: receives. ``LEFT``: no more, by their will. ``BOUNCED``: their
    address
    does not answer. What is erased is a row no more."""

    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"
    BOUNCED = "bounced"


class Edition(enum.StrEnum):
    """``GENERAL``: to people, with their own link to leave. ``RELAY``: to those who pass it on, nothing personal in
    it."""

    GENERAL = "general"
    RELAY = "relay"


class IssueState(enum.StrEnum):
    """``APPROVAL``: awaits a second person. ``SCHEDULED``: leaves by itself at ``scheduled_at``. ``SENT``: nothing
    waits
    any more. ``CANCELLED``: what had not left will not."""

    DRAFT = "draft"
    APPROVAL = "approval"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class DeliveryState(enum.StrEnum):
    """``SENDING``: claimed, before the final dot. ``UNKNOWN``: the connection was lost after it, or the process died
    while sending: perhaps received, never sent again by itself. ``SUPPRESSED``: left in between. ``CANCELLED``: the
    issue was."""

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class Relay(Base):
    """A structure that passes the letter on (CPTS, URPS, CPAM…). ``code``: in its public subscribe address.

    ``intro``: language → Markdown, on top of its edition. ``logo_sha``: of a stored picture, ``logo_alt`` what it
    shows.
    """

    __tablename__ = "relay"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), unique=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    intro: Mapped[dict[str, Any]] = mapped_column(default=dict)
    logo_sha: Mapped[str | None] = mapped_column(sa.String(64))
    logo_alt: Mapped[str] = mapped_column(sa.Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by: Mapped[UUID | None]


class Subscriber(Base):
    """Somebody who receives the letter, or was asked whether they want it.

    ``email``: lower case. ``key``: 16 letters and digits, in the links of their letters. ``edition``: which one they
    get. ``fewer``: one letter in three months at most. ``themes``: codes of the vocabulary ``themes``; [] is all.
    ``health``: they said that they are health professionals. ``relay_id``: they receive it for this relay.
    ``came_by``: the relay whose code was in the address. ``source``: ``form``, ``profile``, ``label``, ``list``,
    ``relay``. ``bounce_score``: 1 a hard bounce, 0.5 a soft one, at most once a day; ``bounced_on``: the last day
    that counted.
    """

    __tablename__ = "subscriber"
    __table_args__ = (sa.Index("ix_subscriber_state_edition", "state", "edition"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    key: Mapped[str] = mapped_column(sa.String(16), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"), unique=True)
    state: Mapped[str] = mapped_column(sa.String(10), default=SubscriberState.PENDING.value)
    edition: Mapped[str] = mapped_column(sa.String(10), default=Edition.GENERAL.value)
    lang: Mapped[str] = mapped_column(sa.String(10))
    themes: Mapped[list[str]] = mapped_column(default=list)
    commune: Mapped[str] = mapped_column(sa.String(5), default="")
    health: Mapped[bool] = mapped_column(default=False)
    fewer: Mapped[bool] = mapped_column(default=False)
    relay_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("relay.id", ondelete="SET NULL"), index=True)
    came_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("relay.id", ondelete="SET NULL"), index=True)
    source: Mapped[str] = mapped_column(sa.String(10))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    asked_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    bounce_score: Mapped[float] = mapped_column(default=0.0)
    bounced_on: Mapped[date | None]


class ConsentEvent(Base):
    """One line of the journal of consent: only added to. ``act``: ``asked``, ``invited``, ``confirmed``, ``agreed``
    (label),
    ``changed``, ``left``, ``undone``, ``complained``, ``bounced``. ``text``: version of the words that they read.
    ``source``: where (``form``, ``one-click``, ``profile``, ``mail``…). It goes with the subscriber.
    """

    __tablename__ = "consent_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subscriber_id: Mapped[UUID] = mapped_column(sa.ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.String(20), default="")
    source: Mapped[str] = mapped_column(sa.String(20))
    lang: Mapped[str] = mapped_column(sa.String(10), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Suppression(Base):
    """An address that is never written to again, by its keyed hash: it stays when the subscriber is erased.

    ``reason``: ``left``, ``complaint``, ``bounce``, ``erased``, ``asked``.
    """

    __tablename__ = "suppression"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(12))
    at: Mapped[datetime]


class Issue(Base):
    """One issue of the letter. ``number``: given at launch. ``slug``: of its address, with the year of ``launched_at``.

    ``subject``, ``intro``: language → text (Markdown). ``langs``: in which it is written, French first.
    ``segments``: who receives it (``audience.Segments``). ``log_from``, ``log_to``: what it tells of the log, first
    excluded, last included. ``relay_at``: when the relays get theirs. ``stopped``: why sending stopped by itself, a
    code. ``resumed_at``: when somebody let it go on: refusals before that count no more. ``digest``: of all that was
    frozen at launch. ``launched``: "edition/language" → deliveries that its launch made, written once: the ledger is
    compared with it. ``called_back``: cancelled before the general edition had reached anybody: it was never told.
    """

    __tablename__ = "letter_issue"
    __table_args__ = (sa.Index("ix_letter_issue_state", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int | None] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(sa.String(80), default="")
    state: Mapped[str] = mapped_column(sa.String(10), default=IssueState.DRAFT.value)
    subject: Mapped[dict[str, Any]] = mapped_column(default=dict)
    intro: Mapped[dict[str, Any]] = mapped_column(default=dict)
    langs: Mapped[list[str]] = mapped_column(default=list)
    segments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    log_from: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    log_to: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rev: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by: Mapped[UUID | None]
    asked_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    scheduled_at: Mapped[datetime | None]
    relay_at: Mapped[datetime | None]
    relay_launched_at: Mapped[datetime | None]
    launched_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    stopped: Mapped[str] = mapped_column(sa.String(20), default="")
    resumed_at: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    launched: Mapped[dict[str, Any]] = mapped_column(default=dict)
    called_back: Mapped[bool] = mapped_column(default=False)


class Line(Base):
    """One thing that an issue tells. ``section``: see ``content.SECTIONS``. ``kept``: False: taken out, may come back.

    ``source``: ``log``, ``watch``, ``event``, ``hand``. ``object_kind``, ``object_id``: what it is about. ``url``:
    path of this site, or a whole address. ``texts``: language → {"title", "text", "state"}; state: ``source`` (as
    its author wrote it), ``unit`` (its published translation), ``machine``, ``hand`` (the coordinator's words).
    """

    __tablename__ = "letter_line"
    __table_args__ = (sa.Index("ix_letter_line_issue", "issue_id", "section", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    issue_id: Mapped[UUID] = mapped_column(sa.ForeignKey("letter_issue.id", ondelete="CASCADE"))
    section: Mapped[str] = mapped_column(sa.String(20))
    position: Mapped[int]
    kept: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(sa.String(10))
    object_kind: Mapped[str] = mapped_column(sa.String(20), default="")
    object_id: Mapped[UUID | None]
    url: Mapped[str] = mapped_column(sa.Text, default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class IssueText(Base):
    """What was sent: an issue composed for an edition and a language, frozen at its launch.

    ``edition``: ``general``; ``relay``: to be passed on by who has no text of their own; :func:`for_relay`: by one
    relay, with its words on top.
    """

    __tablename__ = "letter_text"

    issue_id: Mapped[UUID] = mapped_column(sa.ForeignKey("letter_issue.id", ondelete="CASCADE"), primary_key=True)
    edition: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    lang: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]


def for_relay(code: str) -> str:
    """``IssueText.edition`` of what one relay passes on. :param code: of the relay."""
    return f"{Edition.RELAY.value}/{code}"


class Delivery(Base):
    """An issue to a subscriber, once. The sum of all states of an issue is ``Issue.launched``.

    ``domain``: of the address, for the pace of each. ``number``: of its VERP address. ``attempts``: times that a server
    answered about it. ``said``: the server's last answer. ``bounce``: what came back later: ``hard``, ``soft``,
    ``complaint`` (it stays ``accepted``: the server had taken it).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("issue_id", "subscriber_id"),
        sa.Index("ix_delivery_due", "state", "due_at"),
        sa.Index("ix_delivery_issue_state", "issue_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    issue_id: Mapped[UUID] = mapped_column(sa.ForeignKey("letter_issue.id", ondelete="CASCADE"))
    subscriber_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("subscriber.id", ondelete="SET NULL"), index=True)
    edition: Mapped[str] = mapped_column(sa.String(10))
    lang: Mapped[str] = mapped_column(sa.String(10))
    domain: Mapped[str] = mapped_column(sa.String(253))
    state: Mapped[str] = mapped_column(sa.String(10), default=DeliveryState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    said: Mapped[str] = mapped_column(sa.Text, default="")
    bounce: Mapped[str] = mapped_column(sa.String(10), default="")


class BounceEvent(Base):
    """Something that came back, read once. ``digest``: of the message and the recipient it names. ``kind``: ``hard``,
    ``soft``, ``complaint``, ``left`` (unsubscribed by mail), ``ignored``, ``unread`` (nobody understood it: kept to
    be looked at). ``status``: RFC 3463."""

    __tablename__ = "bounce_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(10))
    status: Mapped[str] = mapped_column(sa.String(12), default="")
    said: Mapped[str] = mapped_column(sa.Text, default="")
    delivery_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("delivery.id", ondelete="SET NULL"))
    subscriber_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)


class LetterDate(Base):
    """The calendar of issues: a day on which one is to be sent. ``reminded_on``: the coordination was told."""

    __tablename__ = "letter_date"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    day: Mapped[date] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(sa.Text, default="")
    issue_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("letter_issue.id", ondelete="SET NULL"))
    reminded_on: Mapped[date | None]


class RelayReach(Base):
    """What a relay says: "passed on to n professionals". ``people``: n. One row for each time that it says so."""

    __tablename__ = "relay_reach"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    relay_id: Mapped[UUID] = mapped_column(sa.ForeignKey("relay.id", ondelete="CASCADE"), index=True)
    issue_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("letter_issue.id", ondelete="SET NULL"))
    people: Mapped[int]
    means: Mapped[str] = mapped_column(sa.String(20), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime]
    by: Mapped[UUID | None]


class RelayVisit(Base):
    """How often the address with a relay's code was opened on a day: a sum, of nobody."""

    __tablename__ = "relay_visit"

    relay_id: Mapped[UUID] = mapped_column(sa.ForeignKey("relay.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]
