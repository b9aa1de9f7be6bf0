"""Tables of the agenda."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base
from reseau.core.ids import new_id

KIND = "event"


class EventState(enum.StrEnum):
    """Where an event is. ``TRAY``: a calendar says it, nobody has looked. ``GONE``: its calendar took it back."""

    TRAY = "tray"
    KEPT = "kept"
    DROPPED = "dropped"
    GONE = "gone"


class Event(Base):
    """One occurrence of something to come: a recurring event has one row for each, expanded.

    ``source``: name of the calendar it came from, "" when it was written here; ``uid`` (RFC 5545) and ``occurrence``
    (start of the occurrence as its calendar first said it, ISO) name it there. ``starts_at``, ``ends_at``: aware, UTC;
    ``timezone``: IANA name in which it is told. ``all_day``: hours mean nothing, ``ends_at`` is the start of the day
    after. ``structure_id``: who organises.
    """

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("source", "uid", "occurrence"), sa.Index("ix_event_tray", "state", "starts_at"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(sa.String(40), default="")
    uid: Mapped[str] = mapped_column(sa.String(255))
    occurrence: Mapped[str] = mapped_column(sa.String(32), default="")
    state: Mapped[str] = mapped_column(sa.String(10), default=EventState.TRAY.value)
    title: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str] = mapped_column(sa.Text, default="")
    place: Mapped[str] = mapped_column(sa.Text, default="")
    url: Mapped[str] = mapped_column(sa.Text, default="")
    lang: Mapped[str] = mapped_column(sa.String(35), default="fr")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    timezone: Mapped[str] = mapped_column(sa.String(60), default="Europe/Paris")
    all_day: Mapped[bool] = mapped_column(default=False)
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="SET NULL"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    rev: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
