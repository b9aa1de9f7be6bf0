"""Tables of notices: who follows what, what each person is told, how they want to be told, how far the log was read."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.cards import Ref
from reseau.core.db import Base
from reseau.core.ids import new_id


class Level(enum.StrEnum):
    """What a person said of an object. ``MUTE``: never again by itself, even if they write there."""

    FOLLOW = "follow"
    MUTE = "mute"


class NoticeState(enum.StrEnum):
    """``WAITING``: not told by mail yet (or never will be, ``due_at`` NULL: on the site only). ``READ``: read on the
    site first. ``DROPPED``: they may not see it any more."""

    WAITING = "waiting"
    MAILED = "mailed"
    READ = "read"
    DROPPED = "dropped"


class Subscription(Base):
    """A person follows an object (a thread, a topic, a kit, a place, a group), or never wants to. ``chosen``: they said
    so; else they wrote there."""

    __tablename__ = "subscription"
    __table_args__ = (sa.Index("ix_subscription_object", "object_kind", "object_id"),)

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    object_kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(sa.String(10), default=Level.FOLLOW.value)
    chosen: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]


class Notice(Base):
    """One thing that one person is told, once: unique by person and object.

    ``kind``: of ``preferences.KINDS``, by which people choose. ``reason``: code of why this person. ``object``: what
    happened (a post); ``about``: where (its thread), by which mails are grouped. ``due_at``: when to mail; NULL: never.
    ``mail_key``: of the mail that told it. ``seen_at``: they saw it in the list of the site.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "object_kind", "object_id"),
        sa.Index("ix_notice_due", "state", "due_at"),
        sa.Index("ix_notice_person_at", "person_id", "at", "id"),
        sa.Index("ix_notice_object", "object_kind", "object_id"),
        sa.Index("ix_notice_about", "about_kind", "about_id", "person_id"),
        sa.Index("ix_notice_mail_key", "mail_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(20))
    object_kind: Mapped[str] = mapped_column(sa.String(20))
    object_id: Mapped[UUID]
    about_kind: Mapped[str] = mapped_column(sa.String(20))
    about_id: Mapped[UUID]
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(10), default=NoticeState.WAITING.value)
    seen_at: Mapped[datetime | None]
    mail_key: Mapped[str | None] = mapped_column(sa.String(200))

    @property
    def about(self) -> Ref:
        """Kind and id of where it happened."""
        return self.about_kind, self.about_id


class NoticeChoice(Base):
    """How a person wants to be told: kind → mode (what is not there is the default of ``preferences``); the hour of the
    daily mail and the day of the weekly one (0: Monday), in the time zone of the site. ``off_at``: no mail at all."""

    __tablename__ = "notice_choice"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    modes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hour: Mapped[int] = mapped_column(default=8)
    weekday: Mapped[int] = mapped_column(default=0)
    off_at: Mapped[datetime | None]


class LogCursor(Base):
    """How far a reader whose work is rows of this database has read the log: moved in the transaction of that work."""

    __tablename__ = "log_cursor"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
