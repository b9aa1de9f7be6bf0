"""Issues and their lines as the coordination changes them. Without Pyramid; services flush, never commit.

Only a draft can be changed: what was approved or is about to leave is first taken back (``planning.take_back``), which
somebody has to ask for. Two people do not overwrite each other unseen: a form gives back the mark of what its reader
saw; a text that somebody else changed meanwhile is a :class:`Clash`, and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.audience import Segments
from feeds.newsletter.content import SECTIONS
from feeds.newsletter.models import Issue, IssueState, Line
from feeds.newsletter.writing.drafting import HAND
from reseau.core.db import affected
from reseau.core.ids import new_id
from reseau.core.paging import Page, nearest, offset
from reseau.settings import LANGUAGES

MAX_LINES = 200
OPEN = (IssueState.DRAFT.value, IssueState.APPROVAL.value, IssueState.SCHEDULED.value)
"""States of the issues that have not left."""
PER_PAGE = 24


class Frozen(Exception):
    """The issue is no draft any more."""


class Clash(Exception):
    """Somebody else has changed the same words meanwhile. :ivar now: what they are now."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        super().__init__("changed meanwhile")
        self.now = now


class TooMany(Exception):
    """The issue has ``MAX_LINES`` lines."""


@dataclass(frozen=True, slots=True)
class Words:
    """A line as it is written in one language."""

    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A line as its form says it. ``words``: at least one language has a title. ``section``: of ``SECTIONS``."""

    words: Mapping[str, Words]
    section: str
    url: str = ""
    note: str = ""


def mark(value: Any) -> str:
    """What a form gives back: a digest of what its reader saw."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --- Reading -----------------------------------------------------------------------------------------------------


def find(session: Session, id_: UUID) -> Issue | None:
    """An issue, or None."""
    return session.get(Issue, id_)


def locked(session: Session, id_: UUID) -> Issue:
    """A draft, its row locked until the end of the transaction. :raises Frozen: it is no draft, or is gone."""
    issue = session.scalar(
        sa.select(Issue).where(Issue.id == id_).with_for_update().execution_options(populate_existing=True)
    )
    if issue is None or issue.state != IssueState.DRAFT.value:
        raise Frozen
    return issue


def issues(session: Session, number: int = 1) -> Page[Issue]:
    """A page of the issues that have not left, then of those that have, the newest first; two statements."""
    total = session.scalar(sa.select(sa.func.count()).select_from(Issue)) or 0
    number = nearest(number, total, PER_PAGE)
    left = sa.case((Issue.state.in_(OPEN), 0), else_=1)
    order = (left, sa.func.coalesce(Issue.launched_at, Issue.created_at).desc(), Issue.id)
    rows = session.scalars(sa.select(Issue).order_by(*order).limit(PER_PAGE).offset(offset(number, PER_PAGE)))
    return Page(list(rows), total, number, PER_PAGE)


def lines(session: Session, issue_id: UUID) -> list[Line]:
    """Its lines, in their order; one statement."""
    wanted = sa.select(Line).where(Line.issue_id == issue_id).order_by(Line.position, Line.id)
    return list(session.scalars(wanted))


def line(session: Session, issue_id: UUID, id_: UUID) -> Line | None:
    """A line of an issue, or None."""
    return session.scalar(sa.select(Line).where(Line.issue_id == issue_id, Line.id == id_))


# --- The issue ---------------------------------------------------------------------------------------------------


def words_of(issue: Issue) -> dict[str, Any]:
    """What the form of an issue shows."""
    return {"subject": dict(issue.subject), "intro": dict(issue.intro), "langs": list(issue.langs)}


def write(
    session: Session, id_: UUID, subject: Mapping[str, str], intro: Mapping[str, str], langs: Sequence[str], seen: str
) -> Issue:
    """Write the subject, the introduction, the languages of a draft. French is always one of them.

    :param seen: ``mark(words_of(issue))`` as the form was opened. :raises Frozen: :raises Clash:
    """
    issue = locked(session, id_)
    wanted: dict[str, Any] = {
        "subject": {lang: text for lang, text in subject.items() if text},
        "intro": {lang: text for lang, text in intro.items() if text},
        "langs": [lang for lang in LANGUAGES if lang == "fr" or lang in langs],
    }
    now = words_of(issue)
    if now == wanted:
        return issue
    if mark(now) != seen:
        raise Clash(now)
    issue.subject, issue.intro, issue.langs = wanted["subject"], wanted["intro"], wanted["langs"]
    return _changed(session, issue)


def choose(session: Session, id_: UUID, segments: Segments, seen: str) -> Issue:
    """Who receives it. :param seen: ``mark(issue.segments)`` as the form was opened. :raises Frozen: :raises Clash:"""
    issue = locked(session, id_)
    if issue.segments == segments.stored():
        return issue
    if mark(issue.segments) != seen:
        raise Clash(issue.segments)
    issue.segments = segments.stored()
    return _changed(session, issue)


def delete(session: Session, id_: UUID) -> None:
    """Throw a draft away, with its lines. :raises Frozen: it is no draft, or relays have it."""
    issue = locked(session, id_)
    if issue.relay_launched_at:
        raise Frozen
    session.execute(sa.delete(Line).where(Line.issue_id == issue.id))
    session.delete(issue)
    session.flush()


def _changed(session: Session, issue: Issue) -> Issue:
    issue.rev += 1
    session.flush()
    return issue


# --- Lines -------------------------------------------------------------------------------------------------------


def line_words(one: Line) -> dict[str, Any]:
    """What the form of a line shows."""
    return {"section": one.section, "url": one.url, "note": one.note, "texts": one.texts}


def write_line(session: Session, issue_id: UUID, id_: UUID, wish: Wish, seen: str) -> Line:
    """Write a line. Words that did not change keep their state; a language without a title is taken out.

    :param seen: ``mark(line_words(line))`` as the form was opened. :raises Frozen: :raises Clash:
    :raises LookupError: there is no such line any more.
    """
    issue = locked(session, issue_id)
    one = line(session, issue_id, id_)
    if one is None:
        raise LookupError(id_)
    texts = _texts(one.texts, wish.words)
    section = wish.section if wish.section in SECTIONS else one.section
    wanted = {"section": section, "url": wish.url, "note": wish.note, "texts": texts}
    now = line_words(one)
    if wanted == now:
        return one
    if mark(now) != seen:
        raise Clash(now)
    if HAND not in {text.get("state") for text in texts.values()}:
        # Its place or its address was chosen: from now on it does not follow the log.
        first = next(iter(texts))
        texts[first] = {**texts[first], "state": HAND}
    if section != one.section:
        one.section, one.position = section, _last(session, issue_id) + 1
    one.url, one.note, one.texts = wish.url, wish.note, texts
    _changed(session, issue)
    return one


def _texts(former: Mapping[str, Any], words: Mapping[str, Words]) -> dict[str, dict[str, str]]:
    texts = {lang: dict(text) for lang, text in former.items()}
    for lang, said in words.items():
        then = former.get(lang, {})
        if not said.title:
            texts.pop(lang, None)
        elif (then.get("title"), then.get("text", "")) != (said.title, said.text):
            texts[lang] = {"title": said.title, "text": said.text, "state": HAND}
    return texts


def add_line(session: Session, issue_id: UUID, wish: Wish) -> Line:
    """Add a line by hand, at the end of its section. :raises Frozen: :raises TooMany:"""
    issue = locked(session, issue_id)
    number = session.scalar(sa.select(sa.func.count()).select_from(Line).where(Line.issue_id == issue_id)) or 0
    if number >= MAX_LINES:
        raise TooMany
    made = Line(
        id=new_id(), issue_id=issue_id, section=wish.section, position=_last(session, issue_id) + 1, kept=True,
        source=HAND, object_kind="", object_id=None, url=wish.url, note=wish.note, texts=_texts({}, wish.words),
    )  # fmt: skip
    session.add(made)
    _changed(session, issue)
    return made


def keep(session: Session, issue_id: UUID, id_: UUID, kept: bool) -> bool:
    """Take a line out, or put it back. :return: whether that changed something. :raises Frozen:"""
    issue = locked(session, issue_id)
    where = (Line.issue_id == issue_id, Line.id == id_, Line.kept.is_not(kept))
    done = affected(session, sa.update(Line).where(*where).values(kept=kept)) > 0
    if done:
        _changed(session, issue)
    return done


def move(session: Session, issue_id: UUID, id_: UUID, up: bool) -> bool:
    """Change places with the kept line of the same section that is before it, or after.

    :return: whether it moved: the first does not go up. :raises Frozen:
    """
    issue = locked(session, issue_id)
    all_ = lines(session, issue_id)
    one = next((line for line in all_ if line.id == id_), None)
    if one is None:
        return False
    beside = [line for line in all_ if line.section == one.section and line.kept]
    at = next((at for at, line in enumerate(beside) if line.id == id_), None)
    other = at + (-1 if up else 1) if at is not None else -1
    if at is None or not 0 <= other < len(beside):
        return False
    for position, line in enumerate(all_, 1):  # two lines may have one place, since two people may add at once
        line.position = position
    one.position, beside[other].position = beside[other].position, one.position
    _changed(session, issue)
    return True


def _last(session: Session, issue_id: UUID) -> int:
    return session.scalar(sa.select(sa.func.max(Line.position)).where(Line.issue_id == issue_id)) or 0


def told_watch(all_: Sequence[Line]) -> list[UUID]:
    """The entries of the watch that an issue tells."""
    return [line.object_id for line in all_ if line.kept and line.source == "watch" and line.object_id]
