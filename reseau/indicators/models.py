"""Table of the indicators."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.db import Base


class IndicatorMonth(Base):
    """What an indicator was at the end of a month (``2026-11``), or is so far in the present one."""

    __tablename__ = "indicator_month"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    month: Mapped[str] = mapped_column(sa.String(7), primary_key=True)
    value: Mapped[int]
    at: Mapped[datetime]
