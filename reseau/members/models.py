"""Tables of people: accounts, sessions, where they belong, who asked or was asked to join, what they were writing."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base, Json
from reseau.core.ids import new_id


class PersonState(enum.StrEnum):
    """``GONE``: anonymised, by the person or after 24 months; the row stays so that contributions keep an author."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    GONE = "gone"


class Decision(enum.StrEnum):
    """What became of a request."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Person(Base):
    """Someone of the network. ``email``: lower case; NULL once gone. ``roles``: codes of ``security.SITE_ROLES``.

    ``mails``: kind of mail → wanted or not (kinds: ``members.profile.MAILS``; a kind that is not there is wanted).
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str | None] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    languages: Mapped[list[str]] = mapped_column(default=list)
    lang: Mapped[str] = mapped_column(sa.String(10))
    roles: Mapped[list[str]] = mapped_column(default=list)
    mails: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(sa.String(10), default=PersonState.ACTIVE.value)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    warned_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class Membership(Base):
    """A person belongs to a structure. ``role``: ``member`` or ``referent``."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("person_id", "structure_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    since: Mapped[datetime] = mapped_column(default=utcnow)
    added_by: Mapped[UUID | None]


class Invitation(Base):
    """Someone was asked by mail to join a structure, or the network with a role on the site (``structure_id`` NULL)."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    lang: Mapped[str] = mapped_column(sa.String(10))
    invited_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class JoinRequest(Base):
    """A person asks to join a structure, or proposes one that is not there (``proposal``: its fields).

    ``reminders``: how many were sent to those who decide.
    """

    __tablename__ = "join_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    proposal: Mapped[dict[str, Any] | None] = mapped_column(Json)
    message: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.String(10), default=Decision.OPEN.value, index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    reminders: Mapped[int] = mapped_column(default=0)


class SignIn(Base):
    """A link that was mailed to open a session, or an account when there is none.

    ``next``: path of this site to open then. ``held``: a form that its sender had no session for, as (name, value)
    pairs.
    """

    __tablename__ = "sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    next: Mapped[str] = mapped_column(sa.Text, default="")
    held: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    used_at: Mapped[datetime | None]


class PersonSession(Base):
    """A browser in which a person is signed in. ``digest``: of the cookie's secret. ``resume``: a held form to send."""

    __tablename__ = "person_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(sa.String(120), default="")
    network: Mapped[str] = mapped_column(sa.String(64), default="")
    resume: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Draft(Base):
    """What a person was writing in a form, by the path of the form. One draft for each person and form."""

    __tablename__ = "draft"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(default=utcnow)


class Governance(Base):
    """Who pilots this site, as data: one row for each key (``members.governance.KEYS``)."""

    __tablename__ = "governance"

    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
    changed_by: Mapped[UUID | None]


class PeopleList(Base):
    """A list of people and structures that a coordinator gave, tried first, then applied. ``rows``: as read."""

    __tablename__ = "people_list"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    given_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    rows: Mapped[dict[str, Any]]
    applied_at: Mapped[datetime | None]
