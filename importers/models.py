"""Tables of the importers: what was run, and which rows were refused or repaired, with the reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base
from reseau.core.ids import new_id


class ImportRun(Base):
    """One run of an importer. ``state``: running, done or failed (stopped midway). A refused file leaves no run: it
    changed nothing."""

    __tablename__ = "import_run"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(sa.String(40), index=True)
    location: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="running")
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ImportReject(Base):
    """One row, or one value of a row, that could not be used. ``field`` is NULL when the whole row was refused."""

    __tablename__ = "import_reject"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey("import_run.id", ondelete="CASCADE"), index=True)
    row_number: Mapped[int]
    source_id: Mapped[str | None] = mapped_column(sa.Text)
    field: Mapped[str | None] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(60))
    value: Mapped[str] = mapped_column(sa.Text)
