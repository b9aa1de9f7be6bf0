"""What the coordination has set for the exchanges; what nobody set is the default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.threads.base.models import Post, PostState, ThreadSetting

FORGOTTEN_DAYS = range(1, 91)


@dataclass(frozen=True, slots=True)
class Choices:
    """:ivar forgotten_days: after how many days an unanswered question is brought to those who know its topic.
    :ivar first_post_waits: the first post of somebody who never wrote waits for a moderator."""

    forgotten_days: int = 14
    first_post_waits: bool = False

    @property
    def forgotten_after(self) -> timedelta:
        """The same as a duration."""
        return timedelta(days=self.forgotten_days)


def choices(session: Session) -> Choices:
    """What is set; one statement."""
    rows = {row.key: row.value for row in session.scalars(sa.select(ThreadSetting))}
    days = rows.get("forgotten_days", "")
    known = int(days) if days.isascii() and days.isdecimal() and int(days) in FORGOTTEN_DAYS else 14
    return Choices(known, rows.get("first_post_waits") == "1")


def waits(session: Session, person_id: UUID | None, moderates: bool) -> bool:
    """Whether what somebody writes waits for a look: nothing of theirs was shown yet, and the coordination wants to
    read first posts. At most two statements, none for a moderator."""
    if moderates or not choices(session).first_post_waits:
        return False
    return not session.scalar(
        sa.select(sa.exists().where(Post.author_id == person_id, Post.state == PostState.SHOWN.value))
    )


def choose(session: Session, wanted: Choices, *, by: UUID, now: datetime) -> None:
    """Set all of it."""
    values = {"forgotten_days": str(wanted.forgotten_days), "first_post_waits": "1" if wanted.first_post_waits else ""}
    for key, value in values.items():
        session.merge(ThreadSetting(key=key, value=value, changed_at=now, changed_by=by))
    session.flush()
