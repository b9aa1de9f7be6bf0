"""Tables of working groups: the group, who is in it, what it keeps (minutes, pages)."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base
from reseau.core.ids import new_id

KIND = "group"
DOCUMENT_KIND = "group-document"


class Joining(enum.StrEnum):
    """How somebody of the network comes in: at once, by asking its animators, or invited by them."""

    OPEN = "open"
    ASK = "ask"
    INVITE = "invite"


class Seen(enum.StrEnum):
    """Who reads its page and documents."""

    PUBLIC = "public"
    NETWORK = "network"
    MEMBERS = "members"


class Belonging(enum.StrEnum):
    """Where a person stands in a group: in it, or asking to be, or asked to be."""

    IN = "in"
    ASKED = "asked"
    INVITED = "invited"


class DocumentKind(enum.StrEnum):
    """What a group keeps."""

    MINUTES = "minutes"
    PAGE = "page"


class WorkingGroup(Base):
    """A group of people of the network who work on something together."""

    __tablename__ = "working_group"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    lang: Mapped[str] = mapped_column(sa.String(35), default="fr")
    seen: Mapped[str] = mapped_column(sa.String(10), default=Seen.NETWORK.value)
    joining: Mapped[str] = mapped_column(sa.String(10), default=Joining.ASK.value)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by: Mapped[UUID | None]
    archived_at: Mapped[datetime | None]
    rev: Mapped[int] = mapped_column(default=1)


class GroupMember(Base):
    """A person and a group. ``animates``: keeps the group: its page, its members, its documents."""

    __tablename__ = "group_member"

    group_id: Mapped[UUID] = mapped_column(sa.ForeignKey("working_group.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    belonging: Mapped[str] = mapped_column(sa.String(10), default=Belonging.IN.value)
    animates: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime] = mapped_column(default=utcnow)
    message: Mapped[str] = mapped_column(sa.Text, default="")


class GroupDocument(Base):
    """``kind``: of :class:`DocumentKind`: minutes of a meeting (``day``: ISO date) or a page of a group. ``rev``: grows
    with each change; files are in ``attached_file``, owner kind ``group-document``."""

    __tablename__ = "group_document"
    __table_args__ = (sa.UniqueConstraint("group_id", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    group_id: Mapped[UUID] = mapped_column(sa.ForeignKey("working_group.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    slug: Mapped[str] = mapped_column(sa.String(100))
    title: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    lang: Mapped[str] = mapped_column(sa.String(35), default="fr")
    day: Mapped[str] = mapped_column(sa.String(10), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by: Mapped[UUID | None]
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_by: Mapped[UUID | None]
    rev: Mapped[int] = mapped_column(default=1)
