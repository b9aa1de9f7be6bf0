"""Tables of the label."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base
from reseau.core.ids import new_id

KIND = "label"


class Criteria(Base):
    """One version of the criteria, as the committee agreed on it; never changed once a label was given under it.

    ``texts``: language → Markdown, in plain words. ``from_on``: first day on which labels may be given under it.
    """

    __tablename__ = "label_criteria"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[str] = mapped_column(sa.String(20), unique=True)
    from_on: Mapped[date]
    texts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by: Mapped[UUID | None]


class Label(Base):
    """A structure holds the label from ``starts_on`` to ``ends_on`` (its last day), days of the site's time zone.

    It ends by itself. ``withdrawn_on``: it ended before, from that day on, for ``withdrawn_reason`` (told to the
    committee, the coordination and the place). ``note``: of the committee, for itself.
    ``reminded_on``: two months before its end, the référents, else the coordination, were told; ``reminded_people``: so
    many, 0 when nobody wants such mails. ``ended``: the log knows that it is over.
    """

    __tablename__ = "label"
    __table_args__ = (sa.Index("ix_label_structure_ends_on", "structure_id", "ends_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"))
    criteria_id: Mapped[UUID] = mapped_column(sa.ForeignKey("label_criteria.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    decided_on: Mapped[date]
    decided_by: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str] = mapped_column(sa.Text, default="")
    withdrawn_by: Mapped[UUID | None]
    reminded_on: Mapped[date | None]
    reminded_people: Mapped[int] = mapped_column(default=0)
    ended: Mapped[bool] = mapped_column(default=False)
    rev: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
