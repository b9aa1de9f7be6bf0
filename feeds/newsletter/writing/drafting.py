"""A draft is made already filled from the log, and brought up to date from it; what the coordination wrote stays.

A line *follows the log* as long as nobody has edited it or taken it out: when the draft is brought up to date, it says
the latest state of its object, or goes with it. Every other line is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from babel import dates
from sqlalchemy.orm import Session

from feeds.newsletter.content import SECTIONS
from feeds.newsletter.models import Issue, IssueState, Line
from feeds.newsletter.writing import telling_others, telling_places, telling_resources
from feeds.newsletter.writing.sources import Found, Window, found
from reseau.core.changes import Change, current_seq
from reseau.core.ids import new_id
from reseau.core.wording import LOCALES, Wording, _
from reseau.settings import LANGUAGES, Settings

FIRST = timedelta(days=60)
"""What the first issue looks back on."""
MARGIN = timedelta(minutes=10)
"""What is written in a row may be a little older than its row of the log, which is given at commit."""
HAND = "hand"
PROVIDERS = (telling_resources, telling_places, telling_others)
"""Modules that register providers when they are imported."""


class NothingNew(Exception):
    """Nothing was published or changed since the last issue: a draft is only made if it is asked for all the same."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What bringing a draft up to date did, in lines."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def any(self) -> bool:
        """Whether it did something."""
        return bool(self.added or self.changed or self.removed)


def last_told(session: Session) -> int | None:
    """How far the issues that left have told the log; None: none ever left. Nobody was told by one called back."""
    told = (Issue.launched_at.is_not(None), Issue.called_back.is_(False))
    return session.scalar(sa.select(sa.func.max(Issue.log_to)).where(*told))


def first_told(session: Session, now: datetime) -> int:
    """From where the first issue reads the log: its last row older than ``FIRST``, or its beginning."""
    return session.scalar(sa.select(sa.func.max(Change.seq)).where(Change.at < now - FIRST)) or 0


def window_of(session: Session, log_from: int, settings: Settings, now: datetime) -> Window:
    """What is new after a row of the log, up to now."""
    first = sa.select(Change.at).where(Change.seq > log_from).order_by(Change.seq).limit(1)
    since = (session.scalar(first) or now) - MARGIN
    return Window(log_from, current_seq(session), since, now, settings.timezone, settings.territory)


def prepare(session: Session, settings: Settings, by: UUID | None, now: datetime, *, even_empty: bool = False) -> Issue:
    """A draft filled from the log; flushed, not committed.

    :param even_empty: make it although nothing is new.
    :raises NothingNew: nothing was published nor changed since the last issue.
    """
    log_from = last_told(session)
    window = window_of(session, first_told(session, now) if log_from is None else log_from, settings, now)
    lines = found(session, window, SECTIONS)
    if not even_empty and not any(one.fresh for one in lines):
        raise NothingNew
    issue = Issue(
        id=new_id(), state=IssueState.DRAFT.value, subject=subjects(settings, now), intro={}, langs=list(LANGUAGES),
        segments={}, log_from=window.log_from, log_to=window.log_to, created_at=now, created_by=by,
    )  # fmt: skip
    session.add(issue)
    session.flush()
    session.add_all(_line(issue.id, one, position) for position, one in enumerate(lines, 1))
    session.flush()
    return issue


def subjects(settings: Settings, now: datetime) -> dict[str, str]:
    """The subject that is proposed, in each language: the name of the site and the month."""
    local = now.astimezone(ZoneInfo(settings.timezone))
    return {
        lang: Wording(lang).gettext(
            _("La lettre de %(site)s – %(month)s"), site=settings.site_name,
            month=dates.format_date(local, "LLLL y" if lang == "fr" else "MMMM y", locale=LOCALES[lang]),
        )
        for lang in LANGUAGES
    }  # fmt: skip


def open_draft(session: Session) -> Issue | None:
    """The newest draft that nobody has finished. Two at once would tell the same."""
    drafts = sa.select(Issue).where(Issue.state == IssueState.DRAFT.value)
    return session.scalar(drafts.order_by(Issue.created_at.desc(), Issue.id).limit(1))


def update(session: Session, issue: Issue, settings: Settings, now: datetime) -> Updated:
    """Bring a draft up to date from the log (its row is locked by the caller); see the module. It begins where the
    issues that left end today: what another one told meanwhile goes, what one that was called back told comes."""
    told = last_told(session)
    issue.log_from = min(issue.log_from, first_told(session, now)) if told is None else told
    window = window_of(session, issue.log_from, settings, now)
    wanted = {one.key: one for one in found(session, window, SECTIONS)}
    lines = list(session.scalars(sa.select(Line).where(Line.issue_id == issue.id).order_by(Line.position)))
    known = {(line.object_kind, line.object_id) for line in lines if line.object_id}
    changed = removed = 0
    for line in lines:
        if not follows(line):
            continue
        latest = wanted.get((line.object_kind, line.object_id)) if line.object_id else None
        if latest is None:
            session.delete(line)
            removed += 1
        else:
            changed += _follow(line, latest)
    new = [one for key, one in wanted.items() if key not in known]
    last = max((line.position for line in lines), default=0)
    session.add_all(_line(issue.id, one, position) for position, one in enumerate(new, last + 1))
    issue.log_to = window.log_to
    done = Updated(len(new), changed, removed)
    issue.rev += done.any
    session.flush()
    return done


def follows(line: Line) -> bool:
    """Whether a line says what the log says: nobody edited it, nobody took it out."""
    return line.kept and line.source != HAND and HAND not in states(line.texts)


def states(texts: Mapping[str, Any]) -> set[str]:
    """The states of its texts."""
    return {str(words.get("state", "")) for words in texts.values()}


def _follow(line: Line, latest: Found) -> bool:
    texts = {lang: dict(words) for lang, words in latest.texts.items()}
    if (line.texts, line.url, line.note) == (texts, latest.url, latest.note):
        return False
    line.texts, line.url, line.note = texts, latest.url, latest.note
    return True


def _line(issue_id: UUID, one: Found, position: int) -> Line:
    return Line(
        id=new_id(), issue_id=issue_id, section=one.section, position=position, kept=True, source=one.source,
        object_kind=one.kind, object_id=one.id, url=one.url, note=one.note,
        texts={lang: dict(words) for lang, words in one.texts.items()},
    )  # fmt: skip


def by_section(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Lines in the order of the letter, by section; sections without a line included."""
    order = sorted(lines, key=lambda line: (line.position, str(line.id)))
    return {section: [line for line in order if line.section == section] for section in SECTIONS}
