"""Translation units: what a resource says in another language, section by section, and how far it can be trusted.

A unit is *stale* when the digest of the source that it translates is not one of those of today's source: it is derived
here, never stored, so it is also right for what comes from elsewhere. A change that its author calls minor (spelling)
adds the former digest to those that are still good (``Block.same_as``).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from resources.base.content import HEADER, Block, Content
from resources.base.models import TranslationUnit


class UnitState(enum.StrEnum):
    """Where a unit is, for those who translate. What they write beside a text that readers see is ``DRAFT`` or
    ``IN_REVIEW`` until it is published."""

    MISSING = "missing"
    MACHINE = "machine"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"


class Shown(enum.StrEnum):
    """What a reader is given of a section."""

    SOURCE = "source"  # it is asked for in its own language
    PUBLISHED = "published"
    MACHINE = "machine"
    MISSING = "missing"  # the source stands there
    EXACT = "exact"  # stale, and must match: the source stands there


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader is told of a section. ``langs``: language of each of its fields. ``stale``: the translation is that
    of an older text; ``at``: of when. ``machine``: nobody has reviewed it."""

    shown: Shown
    langs: Mapping[str, str]
    stale: bool = False
    at: datetime | None = None

    @property
    def machine(self) -> bool:
        """Whether what is shown was written by a machine and reviewed by nobody."""
        return self.shown is Shown.MACHINE

    def lang(self, name: str = "text") -> str:
        """Language of a field (``title``, ``text``, ``alt``, ``note``)."""
        return self.langs.get(name, "fr")


@dataclass(frozen=True, slots=True)
class Reading:
    """A resource as one reads it in a language: the content with the words of that language, and a mark a section."""

    lang: str
    content: Content
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def mark(self, key: str = HEADER) -> Mark:
        """The mark of a section; one without words is its source's."""
        return self.marks.get(key) or Mark(Shown.SOURCE, {})

    @property
    def machine(self) -> bool:
        """Whether a part of it is machine text."""
        return any(mark.machine for mark in self.marks.values())

    @property
    def stale(self) -> list[str]:
        """Sections that are shown although their source has changed, or whose source is shown for that reason."""
        return [key for key, mark in self.marks.items() if mark.stale]

    @property
    def missing(self) -> list[str]:
        """Sections that are not translated."""
        return [key for key, mark in self.marks.items() if mark.shown is Shown.MISSING]


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit as a translator sees it. ``stale``: what readers see is of an older source. ``source_then``: the source
    words that it translates, if known, for the difference. ``pending``: words written since."""

    section: str
    state: UnitState
    source: Mapping[str, str]
    digest: str
    words: Mapping[str, str]
    stale: bool = False
    pending: Mapping[str, str] | None = None
    source_then: Mapping[str, str] | None = None
    author_id: UUID | None = None
    updated_at: datetime | None = None


def rows(session: Session, resource_ids: Iterable[UUID], lang: str | None = None) -> dict[UUID, list[TranslationUnit]]:
    """The rows of resources, of one language or all; one statement."""
    wanted = list(resource_ids)
    statement = sa.select(TranslationUnit).where(TranslationUnit.resource_id.in_(wanted))
    if lang is not None:
        statement = statement.where(TranslationUnit.lang == lang)
    found: dict[UUID, list[TranslationUnit]] = {id_: [] for id_ in wanted}
    for row in session.scalars(statement.order_by(TranslationUnit.lang, TranslationUnit.section)):
        found[row.resource_id].append(row)
    return found


def read_in(content: Content, found: Sequence[TranslationUnit], lang: str) -> Reading:
    """The content in ``lang``; whatever is missing stays in the source language and says so.

    :param found: its rows (of any languages).
    """
    units = content.units()
    if lang == content.lang:
        marks = {key: Mark(Shown.SOURCE, dict.fromkeys(words, lang)) for key, (words, _, _) in units.items()}
        return Reading(lang, content, marks)
    by_section = {row.section: row for row in found if row.lang == lang}
    shown: dict[str, dict[str, str]] = {}
    marks = {}
    for key, (words, good, _) in units.items():
        row = by_section.get(key)
        exact = (block := content.block(key)) is not None and block.exact
        shown[key], marks[key] = _shown(words, good, row, lang, content.lang, exact)
    header = shown[HEADER]
    blocks = tuple(_worded(block, shown[block.key]) if block.key in shown else block for block in content.blocks)
    translated = replace(content, title=header["title"], summary=header.get("text", ""), blocks=blocks)
    return Reading(lang, translated, marks)


def _worded(block: Block, words: Mapping[str, str]) -> Block:
    get = words.get
    return replace(block, title=get("title", ""), text=get("text", ""), alt=get("alt", ""), note=get("note", ""))


def _shown(
    words: dict[str, str], good: frozenset[str], row: TranslationUnit | None, lang: str, source: str, exact: bool
) -> tuple[dict[str, str], Mark]:
    untouched = dict.fromkeys(words, source)
    if row is None or not row.words:
        return words, Mark(Shown.MISSING, untouched)
    stale = row.source_digest not in good
    if stale and exact:
        return words, Mark(Shown.EXACT, untouched, True, row.updated_at)
    given = {name: row.words.get(name) or words[name] for name in words}
    langs = {name: lang if row.words.get(name) else source for name in words}
    state = Shown.MACHINE if row.state == UnitState.MACHINE else Shown.PUBLISHED
    return given, Mark(state, langs, stale, row.updated_at)


def unit_views(content: Content, found: Sequence[TranslationUnit], lang: str) -> list[UnitView]:
    """All units of a content in a language, in order, for those who translate."""
    by_section = {row.section: row for row in found if row.lang == lang}
    units = content.units().items()
    return [_view(key, words, good, today, by_section.get(key)) for key, (words, good, today) in units]


def _view(key: str, words: dict[str, str], good: frozenset[str], today: str, row: TranslationUnit | None) -> UnitView:
    if row is None:
        return UnitView(key, UnitState.MISSING, words, today, {})
    state = UnitState(row.pending_state or row.state or "missing")
    stale = bool(row.words) and row.source_digest not in good
    then = row.pending_source if row.pending else row.source_words
    author, at = (row.pending_by, row.pending_at) if row.pending else (row.author_id, row.updated_at)
    return UnitView(key, state, words, today, row.words or {}, stale, row.pending, then, author, at)


def languages(content: Content, found: Sequence[TranslationUnit]) -> list[str]:
    """Languages in which the title can be read, the source first, the others by tag."""
    with_title = {row.lang for row in found if row.section == HEADER and row.words and row.words.get("title")}
    return [content.lang, *sorted(with_title - {content.lang})]


def readable(content: Content, found: Sequence[TranslationUnit]) -> dict[str, tuple[int, int]]:
    """Language → (units that readers see in it, all units), of each language that has one; the source is whole."""
    units = content.units()
    exact = {block.key for block in content.blocks if block.exact}
    shown = {content.lang: len(units)}
    for row in found:
        if row.lang == content.lang or not row.words or row.section not in units:
            continue
        if row.section not in exact or row.source_digest in units[row.section][1]:
            shown[row.lang] = shown.get(row.lang, 0) + 1
    return {lang: (count, len(units)) for lang, count in shown.items()}


def coverage(content: Content, found: Sequence[TranslationUnit], lang: str) -> tuple[int, int, int]:
    """(units that can be read and are up to date, stale units, all units) of a language."""
    views = unit_views(content, found, lang)
    fresh = sum(1 for view in views if view.words and not view.stale)
    return fresh, sum(1 for view in views if view.stale), len(views)


def put(
    session: Session, content: Content, resource_id: UUID, section: str, lang: str, words: Mapping[str, Any], *,
    state: UnitState, by: UUID | None, reviewer: UUID | None = None, of: str = "", now: datetime,
) -> TranslationUnit:  # fmt: skip
    """Show readers ``words`` for a section (``MACHINE`` or ``PUBLISHED``); what was pending is done with.

    :param of: digest of the source that they translate ("": that of ``content``).
    """
    source = content.units()[section] if section in content.units() else ({}, frozenset[str](), "")
    row = session.get(TranslationUnit, (resource_id, section, lang))
    if row is None:
        row = TranslationUnit(resource_id=resource_id, section=section, lang=lang)
        session.add(row)
    row.words, row.state, row.author_id, row.reviewer_id, row.updated_at = dict(words), state.value, by, reviewer, now
    row.source_digest, row.source_words = (of, None) if of and of != source[2] else (source[2], source[0])
    row.pending, row.pending_state, row.pending_digest, row.pending_source = None, "", "", None
    row.pending_by, row.pending_at = None, None
    row.pending_word, row.pending_word_by = "", None
    return row
