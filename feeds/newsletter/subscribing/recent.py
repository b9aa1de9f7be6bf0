"""The last issues, for the page where one subscribes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue, IssueState
from reseau.core.db import site_day

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue in the archive. ``lang``: of its subject."""

    path: str
    subject: str
    lang: str
    day: date


def issues(session: Session, lang: str) -> list[Shown]:
    """The last issues that were sent to all, newest first; one statement."""
    out = (IssueState.SENDING.value, IssueState.PAUSED.value, IssueState.SENT.value)
    found = sa.select(Issue).where(Issue.launched_at.is_not(None), Issue.slug != "", Issue.state.in_(out))
    return [
        _shown(session, one, lang) for one in session.scalars(found.order_by(Issue.launched_at.desc()).limit(SHOWN))
    ]


def _shown(session: Session, one: Issue, lang: str) -> Shown:
    assert one.launched_at is not None
    day = site_day(session, one.launched_at)
    said = lang if one.subject.get(lang) else "fr"
    return Shown(f"/lettre/{day.year}/{one.slug}", str(one.subject.get(said, "")), said, day)
