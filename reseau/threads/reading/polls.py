"""Polls: what was voted, and one's own vote. Never who voted what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.wording import _
from reseau.threads.base import services
from reseau.threads.base.models import PollVote, Thread, ThreadKind

NOTHING = _("Choisissez une réponse.")
ONE_ONLY = _("Choisissez une seule réponse.")
TOO_LATE = _("Ce sondage est terminé : votre vote n’est pas compté.")


class Refused(Exception):
    """The vote is not counted. ``args[0]``: why, a French msgid."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. ``votes``: how many people made it. ``percent``: of those who voted. ``mine``: the reader did."""

    id: int
    label: str
    votes: int
    percent: int
    mine: bool


@dataclass(frozen=True, slots=True)
class Results:
    """A poll. ``voters``: how many people voted. ``open``: votes are taken. ``told``: the figures may be shown: whoever
    has not voted yet is not to be led by others."""

    choices: tuple[Choice, ...]
    voters: int
    several: bool
    open: bool
    closes_at: datetime | None

    @property
    def voted(self) -> bool:
        """Whether the reader has voted."""
        return any(choice.mine for choice in self.choices)

    @property
    def told(self) -> bool:
        """Whether figures are shown."""
        return self.voted or not self.open


def is_open(thread: Thread, now: datetime) -> bool:
    """Whether votes are taken."""
    return (
        thread.kind == ThreadKind.SONDAGE.value and thread.open and not (thread.closes_at and thread.closes_at <= now)
    )


def results(session: Session, thread: Thread, person_id: UUID | None, now: datetime) -> Results:
    """What was voted; one statement."""
    mine = sa.func.max(sa.case((PollVote.person_id == person_id, 1), else_=0))
    everyone = sa.select(sa.func.count(PollVote.person_id.distinct())).where(PollVote.thread_id == thread.id)
    wanted = sa.select(PollVote.option, sa.func.count(), mine, everyone.scalar_subquery())
    rows = session.execute(wanted.where(PollVote.thread_id == thread.id).group_by(PollVote.option)).all()
    known = {option: (votes, bool(own)) for option, votes, own, _ in rows}
    voters = rows[0][3] if rows else 0
    made = []
    for option in thread.options:
        votes, own = known.get(option["id"], (0, False))
        made.append(Choice(option["id"], option["label"], votes, round(100 * votes / voters) if voters else 0, own))
    return Results(tuple(made), voters, thread.several, is_open(thread, now), thread.closes_at)


def vote(session: Session, thread_id: UUID, person_id: UUID, chosen: Collection[str], now: datetime) -> None:
    """Set the vote of a person, whatever it was before. :raises Refused: it is not counted."""
    thread = services.lock(session, thread_id)  # two forms of one person at once leave one vote
    if not is_open(thread, now):
        raise Refused(TOO_LATE)
    known = {str(option["id"]): int(option["id"]) for option in thread.options}
    wanted = sorted({known[one] for one in chosen if one in known})
    if not wanted:
        raise Refused(NOTHING)
    if len(wanted) > 1 and not thread.several:
        raise Refused(ONE_ONLY)
    session.execute(sa.delete(PollVote).where(PollVote.thread_id == thread.id, PollVote.person_id == person_id))
    for option in wanted:
        session.add(PollVote(thread_id=thread.id, person_id=person_id, option=option, at=now))
    session.flush()
