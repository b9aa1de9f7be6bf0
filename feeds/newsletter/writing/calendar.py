"""The calendar of the year: the days on which an issue is to be sent, and who is reminded of them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue, IssueState, LetterDate
from reseau.core.db import affected, insert
from reseau.core.ids import new_id

BEFORE = timedelta(days=7)
READY = tuple(state.value for state in IssueState if state not in (IssueState.DRAFT, IssueState.CANCELLED))
MOST = 60


def to_come(session: Session, today: date, most: int = MOST) -> list[tuple[LetterDate, Issue | None]]:
    """(day, its issue) from today on, the next first; one statement."""
    wanted = (
        sa.select(LetterDate, Issue)
        .outerjoin(Issue, Issue.id == LetterDate.issue_id)
        .where(LetterDate.day >= today)
        .order_by(LetterDate.day)
        .limit(most)
    )
    return [(day, issue) for day, issue in session.execute(wanted)]


def add(session: Session, day: date, title: str) -> bool:
    """Add a day, once. :return: False: it was there (its title is now this one, if there is one)."""
    statement = insert(session, LetterDate).values(id=new_id(), day=day, title=title)
    statement = statement.on_conflict_do_nothing(index_elements=["day"])
    if session.scalar(statement.returning(LetterDate.id)) is not None:  # drivers count such rows in ways of their own
        return True
    if title:
        session.execute(sa.update(LetterDate).where(LetterDate.day == day).values(title=title))
    return False


def remove(session: Session, id_: UUID) -> bool:
    """Take a day away. :return: whether it was there."""
    return affected(session, sa.delete(LetterDate).where(LetterDate.id == id_)) > 0


def to_remind(session: Session, today: date) -> list[tuple[LetterDate, int]]:
    """(day, days until then) of which the coordination is to hear now: a week before and on the day itself, once each,
    when no issue is ready. A run that was missed is made up for: until the day before, until the day is over. Their
    rows are locked."""
    ready = sa.exists().where(Issue.id == LetterDate.issue_id, Issue.state.in_(READY))
    wanted = (
        sa.select(LetterDate)
        .where(LetterDate.day >= today, LetterDate.day <= today + BEFORE, ~ready)
        .order_by(LetterDate.day)
        .with_for_update()
    )
    return [
        (one, (one.day - today).days)
        for one in session.scalars(wanted)
        if one.reminded_on is None or (one.day == today and one.reminded_on != today)
    ]
