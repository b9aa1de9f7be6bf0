"""Tables of the feeds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base
from reseau.core.ids import new_id


class FeedKey(Base):
    """A personal address of the feeds of the network: whoever has it reads them, until it is revoked.

    ``digest``: SHA-256 of the secret in the address; the secret itself is shown once.
    """

    __tablename__ = "feed_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    revoked_at: Mapped[datetime | None]


class SavedSearch(Base):
    """A search whose news a person gets by mail. ``room``: ``annuaire``, ``ressources`` or ``echanges``; ``query``: its
    parameters, canonical and URL-encoded. ``mode``: ``daily`` or ``weekly``. ``seq``: how far the log was read for it.
    """

    __tablename__ = "saved_search"
    __table_args__ = (sa.UniqueConstraint("person_id", "room", "query"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    room: Mapped[str] = mapped_column(sa.String(20))
    query: Mapped[str] = mapped_column(sa.String(500))
    mode: Mapped[str] = mapped_column(sa.String(10))
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
