"""When an issue leaves, who approves it, and what happens at that moment. Without Pyramid; services do not commit.

``draft`` → ``approval`` (when the setting asks for a second person) → ``scheduled`` → ``sending``. Who asked for an
issue does not approve it. An issue is only changed after it was taken back, which takes its approval away: what leaves
is what was approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Edition, Issue, IssueState, LetterDate
from feeds.newsletter.sending.launching import launch
from feeds.newsletter.writing import services, telling_others
from reseau.core.clock import local_day
from reseau.settings import Settings

BEFORE = 2
"""Days by which the relays get theirs before the others, unless said otherwise."""
MOST_BEFORE = 7
HOUR = time(9)
"""When a letter is best read, unless said otherwise."""
NEAR = timedelta(days=4)
"""How far from a day of the calendar an issue may leave and still be that of this day."""
AHEAD = timedelta(days=366)


class Refused(Exception):
    """It cannot be done. :ivar code: ``late`` (that moment is over), ``far`` (over a year), ``own`` (who asked does not
    approve), ``state`` (somebody did something else meanwhile)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class When:
    """When an issue leaves: for all, and for the relays. ``general`` may be now."""

    general: datetime
    relays: datetime


def at_once(now: datetime) -> When:
    """Everybody now, relays too."""
    return When(now, now)


def relays_first(now: datetime, timezone: str, days: int = BEFORE) -> When:
    """The relays now, the others some days later, at ``HOUR`` on the clocks of ``timezone``."""
    day = local_day(now, timezone) + timedelta(days=days)
    return When(datetime.combine(day, HOUR, ZoneInfo(timezone)), now)


def on(moment: datetime, days: int, now: datetime) -> When:
    """At a moment; the relays some days before, or now if that is over. :raises Refused: ``late``, ``far``."""
    if moment <= now:
        raise Refused("late")
    if moment > now + AHEAD:
        raise Refused("far")
    return When(moment, max(now, moment - timedelta(days=min(max(days, 0), MOST_BEFORE))))


def plan(
    session: Session,
    issue_id: UUID,
    when: When,
    by: UUID | None,
    settings: Settings,
    rev: int | None = None,
) -> Issue:
    """A draft is to leave: it is scheduled, or awaits a second person.

    :param rev: of the issue that they read; None: whatever it is now.
    :raises services.Frozen: it is no draft any more. :raises Refused: ``state``: it is not what they read.
    """
    issue = services.locked(session, issue_id)
    if rev is not None and issue.rev != rev:
        raise Refused("state")
    issue.state = (IssueState.APPROVAL if settings.letter_approval else IssueState.SCHEDULED).value
    issue.asked_by, issue.approved_by, issue.approved_at = by, None, None
    issue.scheduled_at, issue.relay_at = when.general, when.relays
    issue.rev += 1
    _of_calendar(session, issue, local_day(when.general, settings.timezone))
    session.flush()
    return issue


def approve(session: Session, issue_id: UUID, by: UUID, rev: int, now: datetime) -> Issue:
    """A second person approves what they have read. What was to leave before now leaves now.

    :param rev: of the issue that they read. :raises Refused: ``own``, ``state``.
    """
    issue = _locked(session, issue_id, IssueState.APPROVAL)
    if issue.asked_by == by:
        raise Refused("own")
    if issue.rev != rev:
        raise Refused("state")
    issue.state, issue.approved_by, issue.approved_at = IssueState.SCHEDULED.value, by, now
    session.flush()
    return issue


def take_back(session: Session, issue_id: UUID) -> Issue:
    """It is a draft again; its approval is gone. :raises Refused: ``state``: it has left, or the relays have it."""
    issue = _locked(session, issue_id, IssueState.APPROVAL, IssueState.SCHEDULED)
    if issue.relay_launched_at:
        raise Refused("state")
    issue.state = IssueState.DRAFT.value
    issue.approved_by = issue.approved_at = issue.scheduled_at = issue.relay_at = issue.asked_by = None
    issue.rev += 1
    session.execute(sa.update(LetterDate).where(LetterDate.issue_id == issue.id).values(issue_id=None))
    session.flush()
    return issue


def _locked(session: Session, issue_id: UUID, *states: IssueState) -> Issue:
    wanted = sa.select(Issue).where(Issue.id == issue_id).with_for_update()
    issue = session.scalar(wanted.execution_options(populate_existing=True))
    if issue is None or issue.state not in states:
        raise Refused("state")
    return issue


def _of_calendar(session: Session, issue: Issue, day: Any) -> None:
    """The issue is that of the nearest day of the calendar that has none."""
    session.execute(sa.update(LetterDate).where(LetterDate.issue_id == issue.id).values(issue_id=None))
    wanted = sa.select(LetterDate).where(
        LetterDate.issue_id.is_(None), LetterDate.day >= day - NEAR, LetterDate.day <= day + NEAR
    )
    near = sorted(session.scalars(wanted), key=lambda one: (abs((one.day - day).days), one.day))
    if near:
        near[0].issue_id = issue.id


# --- Leaving -----------------------------------------------------------------------------------------------------


def due(session: Session, now: datetime) -> list[UUID]:
    """The issues of which an edition is to leave; one statement."""
    relays = sa.and_(Issue.relay_at <= now, Issue.relay_launched_at.is_(None))
    wanted = sa.select(Issue.id).where(
        Issue.state == IssueState.SCHEDULED.value, sa.or_(Issue.scheduled_at <= now, relays)
    )
    return list(session.scalars(wanted.order_by(Issue.scheduled_at, Issue.id)))


def leave(session: Session, issue_id: UUID, settings: Settings, now: datetime) -> list[Edition]:
    """Launch the editions of a scheduled issue whose moment has come, the relays' first; the watch is told.

    :return: those that were launched. :raises Refused: ``state``: it is not scheduled (any more).
    """
    issue = _locked(session, issue_id, IssueState.SCHEDULED)
    gone: list[Edition] = []
    general = issue.scheduled_at is not None and issue.scheduled_at <= now
    if issue.relay_launched_at is None and (general or (issue.relay_at and issue.relay_at <= now)):
        launch(session, issue, Edition.RELAY, settings, now)
        gone.append(Edition.RELAY)
    if general:
        launch(session, issue, Edition.GENERAL, settings, now, told=_told)
        gone.append(Edition.GENERAL)
    session.flush()
    return gone


def _told(session: Session, issue: Issue, _now: datetime) -> None:
    """What the watch had for this issue was told, in the transaction of its launch."""
    telling_others.told(session, services.told_watch(services.lines(session, issue.id)))


def untold(session: Session, issue: Issue, _now: datetime) -> None:
    """An issue was called back before anybody had it: what the watch had for it is to be told again."""
    telling_others.untold(session, services.told_watch(services.lines(session, issue.id)))
