"""What an issue may tell: one provider for each section, which reads what everybody may read since the last issue.

A provider answers a few statements, whatever the number of changes, and gives each object once, in its latest state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Change
from reseau.core.wording import Wording
from reseau.settings import LANGUAGES

MOST = 12
"""Objects of one kind that a section names; the others are counted on one line."""
MAX_TEXT = 300
"""Characters of a summary of others that the letter takes."""
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Window:
    """What is new: rows of the log after ``log_from`` up to ``log_to``. ``since``: a little before the first of them,
    for what the log does not say. ``timezone``: of the site. ``territory``: INSEE codes, none for everywhere."""

    log_from: int
    log_to: int
    since: datetime
    now: datetime
    timezone: str = "Europe/Paris"
    territory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One line to propose (see ``models.Line``). ``fresh``: it is new since the last issue, and not only still true.

    ``texts``: language → ``{"title", "text", "state"}``, for the languages in which it can be read.
    """

    section: str
    kind: str
    id: UUID
    texts: Texts
    url: str = ""
    note: str = ""
    source: str = "log"
    fresh: bool = True

    @property
    def key(self) -> tuple[str, UUID]:
        """What it is about."""
        return self.kind, self.id


Provider = Callable[[Session, Window], list[Found]]
_PROVIDERS: dict[str, list[Provider]] = {}


def register(section: str, provider: Provider) -> None:
    """Called where a provider is defined. Twice is once."""
    known = _PROVIDERS.setdefault(section, [])
    if provider not in known:
        known.append(provider)


def found(session: Session, window: Window, sections: Mapping[str, Any]) -> list[Found]:
    """All that can be told, in the order of ``sections``; what two providers say is said once."""
    told: dict[tuple[str, UUID], Found] = {}
    for section in sections:
        for provider in _PROVIDERS.get(section, ()):
            for one in provider(session, window):
                told.setdefault(one.key, one)
    return list(told.values())


def changed(session: Session, window: Window, kind: str) -> dict[UUID, set[str]]:
    """Objects of a kind that the log names in a window → what happened to them (``Op`` values); one statement."""
    wanted = (
        sa.select(Change.object_id, Change.op)
        .where(Change.kind == kind, Change.seq > window.log_from, Change.seq <= window.log_to)
        .distinct()
    )
    ops: dict[UUID, set[str]] = {}
    for id_, op in session.execute(wanted):
        ops.setdefault(id_, set()).add(op)
    return ops


def said(say: Callable[[Wording], tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Texts that we write ourselves, in each of our languages. :param say: words of a language → (title, text)."""
    texts = {}
    for lang in LANGUAGES:
        title, text = say(Wording(lang))
        texts[lang] = {"title": title, "text": text, "state": "source"}
    return texts


def short(text: str) -> str:
    """A text of others, cut between two words."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1].rsplit(" ", 1)[0] + "…"


@dataclass(slots=True)
class Limited:
    """The first ``MOST`` of some lines, and how many others there are."""

    lines: list[Found] = field(default_factory=list)
    others: int = 0

    @classmethod
    def of(cls, lines: list[Found], most: int = MOST) -> Limited:
        """Cut a list."""
        return cls(lines[:most], max(0, len(lines) - most))
