"""What is done to a section in another language, whoever asks: draft, review, publish, send back, machine text.

A text that a person wrote reaches readers after another person has read it: nobody reviews their own, coordinators
included. Machine text may be entered at once, readers are told what it is; a person who finds it right makes it
published and is named as its reviewer; one who corrects it is its translator, and another reviews. Who entered machine
text by hand may have written it themselves: another reviews that as well; nobody entered what the engine gave.

Whoever saves, sends or enters words that are there already does not become their author: else two clicks of theirs
would let that author review their own words.

Nobody overwrites what they have not seen: each action says which state of the section it was decided upon (``seen``,
see :func:`token`) and which source was read (``of``). Services flush and never commit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from resources.base import services as resources
from resources.base import translations
from resources.base.content import HEADER, TRANSLATED, Content, ContentError, clean_text, one_line
from resources.base.models import Resource, TranslationUnit
from resources.base.shapes import MAX_ALT, MAX_NOTE, MAX_SUMMARY, MAX_TEXT, MAX_TITLE
from resources.base.translations import UnitState
from resources.translating import memory, opening

MAX_SAID = 500
LIMITS = {"title": MAX_TITLE, "text": MAX_TEXT, "alt": MAX_ALT, "note": MAX_NOTE}
_LONG = {"title": "long-title", "text": "long-text", "alt": "long-alt", "note": "long-text"}


class Refused(Exception):
    """An action that cannot be done. ``code``: of ``translating.wording.REFUSALS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Overtaken(Exception):
    """The section is not what it was when whoever asks read it. ``source``: its French has changed as well."""

    def __init__(self, *, source: bool) -> None:
        super().__init__("the section has changed")
        self.source = source


@dataclass(frozen=True, slots=True)
class Work:
    """Who translates what: a published resource (``content`` is its version number ``version``), a language, a person,
    a moment."""

    session: Session
    resource: Resource
    content: Content
    version: int
    lang: str
    person: UUID
    now: datetime

    def source(self, section: str) -> tuple[dict[str, str], frozenset[str], str]:
        """(words, digests that are up to date, digest of today) of a section.

        :raises Refused: there is none.
        """
        found = self.content.units().get(section)
        if found is None:
            raise Refused("no-section")
        return found


def token(row: TranslationUnit | None) -> str:
    """What a form gives back to say which state of the section it shows."""
    if row is None:
        return "new"
    seen = [row.words, row.state, row.source_digest, row.pending, row.pending_state, str(row.pending_by or ""),
            row.pending_word]  # fmt: skip
    return hashlib.sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def limit(section: str, name: str) -> int:
    """Most characters of a field."""
    return MAX_SUMMARY if section == HEADER and name == "text" else LIMITS[name]


def cleaned(work: Work, section: str, words: Mapping[str, str]) -> dict[str, str]:
    """Words as they are kept: only fields that the source has, without those that are empty.

    :raises ContentError: too long. :raises Refused: nothing is written.
    """
    source, _, _ = work.source(section)
    found = {}
    for name in (name for name in TRANSLATED if name in source):
        value = one_line(words.get(name, "")) if name in ("title", "alt") else clean_text(words.get(name, ""))
        if len(value) > (most := limit(section, name)):
            code = "long-summary" if section == HEADER and name == "text" else _LONG[name]
            raise ContentError(code, name, most=most)
        if value.strip():
            found[name] = value
    if not found:
        raise Refused("empty")
    return found


def pending_words(row: TranslationUnit | None) -> dict[str, str]:
    """What waits beside the published text."""
    return {name: str(value) for name, value in ((row and row.pending) or {}).items() if name in TRANSLATED}


def said(row: TranslationUnit | None) -> tuple[str, UUID | None] | None:
    """(what a reviewer said when sending the text back, their id), or None."""
    return (row.pending_word, row.pending_word_by) if row is not None and row.pending and row.pending_word else None


# --- Who writes -----------------------------------------------------------------------------------------------------


def save(
    work: Work, section: str, words: Mapping[str, str], *, seen: str, of: str, send: bool = False
) -> TranslationUnit:
    """Keep a draft beside what readers see; with ``send``, ask others to review it.

    :param of: digest of the source that was read. :raises Overtaken: another state, or another source, than was seen.
    :raises Refused: nothing is written, a field is missing in what is sent, too many languages. :raises ContentError: …
    """
    source, _, today = work.source(section)
    kept = cleaned(work, section, words)
    if send and set(kept) != set(source):
        raise Refused("incomplete")
    row = locked(work, section, seen, of) or _new(work, section)
    if pending_words(row) == kept and row.pending_digest == today:
        if send:
            _send(row)
    else:
        row.pending_by, row.pending_at = _writer(row, kept, work.person), work.now
        row.pending, row.pending_digest, row.pending_source = kept, today, source
        row.pending_state = UnitState.DRAFT.value
        if send:
            _send(row)
    work.session.flush()
    return row


def _writer(row: TranslationUnit, kept: Mapping[str, str], person: UUID) -> UUID:
    """Who wrote what is saved: who wrote the same words before, as a draft or as machine text, else whoever saves."""
    if pending_words(row) == kept:
        return row.pending_by or person
    is_machine = row.state == UnitState.MACHINE.value
    return (row.author_id if is_machine and row.words == kept else None) or person


def _send(row: TranslationUnit) -> None:
    row.pending_state, row.pending_word, row.pending_word_by = UnitState.IN_REVIEW.value, "", None


def withdraw(work: Work, section: str, *, seen: str) -> TranslationUnit:
    """Throw one's own pending text away. :raises Refused: it is another's, or there is none. :raises Overtaken: …"""
    row = _pending(work, section, seen)
    if row.pending_by != work.person:
        raise Refused("not-yours")
    _clear(row)
    if not row.words:
        work.session.delete(row)
    work.session.flush()
    return row


def send_all(work: Work) -> tuple[int, int]:
    """Send all my drafts of this language to review. :return: (sent, left: a field is missing or the source moved)."""
    resources.lock(work.session, work.resource)
    sent = left = 0
    for row in _rows(work):
        if row.pending_by != work.person or row.pending_state != UnitState.DRAFT.value:
            continue
        unit = work.content.units().get(row.section)
        if unit and set(pending_words(row)) == set(unit[0]) and row.pending_digest in unit[1]:
            _send(row)
            sent += 1
        else:
            left += 1
    work.session.flush()
    return sent, left


# --- Who reviews ----------------------------------------------------------------------------------------------------


def publish(
    work: Work, section: str, *, seen: str, words: Mapping[str, str] | None = None
) -> tuple[TranslationUnit, UUID | None]:
    """Show readers the text that waits for review. :return: the unit, and its translator.

    :param words: what the form of the reviewer holds; it must be the text that waits.
    :raises Refused: one's own, not sent to review, changed in the form, or of an older source. :raises Overtaken: …
    """
    row = _pending(work, section, seen)
    if words is not None and cleaned(work, section, words) != pending_words(row):
        raise Refused("changed")
    translator = _publish(work, row)
    resources.touched(work.session, work.resource, work.now)
    return row, translator


def _publish(work: Work, row: TranslationUnit) -> UUID | None:
    source, good, today = work.source(row.section)
    if row.pending_state != UnitState.IN_REVIEW.value:
        raise Refused("not-sent")
    if row.pending_by == work.person:
        raise Refused("own-text")
    if row.pending_digest not in good:
        raise Refused("outdated")
    translator, words = row.pending_by, pending_words(row)
    row.words, row.state, row.source_digest, row.source_words = words, UnitState.PUBLISHED.value, today, source
    row.author_id, row.reviewer_id, row.updated_at = translator, work.person, work.now
    _clear(row)
    memory.learn(work.session, source, words, work.lang, machine=False, now=work.now)
    work.session.flush()
    return translator


def reviewable(work: Work) -> list[TranslationUnit]:
    """What whoever asks may publish now."""
    return reviewable_among(work.content, _rows(work), work.person)


def reviewable_among(content: Content, rows: Iterable[TranslationUnit], person: UUID) -> list[TranslationUnit]:
    """The same, of rows of one language that were read already."""
    units = content.units()
    return [row for row in rows if may_publish(row, units.get(row.section), person)]


def may_publish(
    row: TranslationUnit, unit: tuple[dict[str, str], frozenset[str], str] | None, person: UUID | None
) -> bool:
    """Whether a person may publish what waits in ``row``."""
    waits = row.pending_state == UnitState.IN_REVIEW.value and row.pending_by != person
    return bool(waits and unit is not None and row.pending_digest in unit[1])


def list_token(rows: Iterable[TranslationUnit]) -> str:
    """What the button "publish all" gives back: which texts its reader was told of."""
    return hashlib.sha256("".join(f"{row.section}:{token(row)};" for row in rows).encode()).hexdigest()[:16]


def publish_all(work: Work, *, seen: str) -> list[UUID]:
    """Publish all that waits for review and is not one's own. :return: its translators, one a section.

    :raises Overtaken: the list is not what was seen. :raises Refused: it is empty.
    """
    resources.lock(work.session, work.resource)
    rows = reviewable(work)
    if list_token(rows) != seen:
        raise Overtaken(source=False)
    if not rows:
        raise Refused("nothing")
    translators = [translator for row in rows if (translator := _publish(work, row))]
    resources.touched(work.session, work.resource, work.now)
    return translators


def send_back(work: Work, section: str, word: str, *, seen: str) -> tuple[TranslationUnit, UUID | None]:
    """Give a text back to its translator, and say why. :return: the unit, and its translator.

    :raises Refused: it is one's own, or does not wait, or nothing is said. :raises ContentError: too long.
    """
    word = clean_text(word).strip()
    if not word:
        raise Refused("no-word")
    if len(word) > MAX_SAID:
        raise ContentError("long-text", "mot", most=MAX_SAID)
    row = _pending(work, section, seen)
    if row.pending_by == work.person:
        raise Refused("own-text")
    if row.pending_state != UnitState.IN_REVIEW.value:
        raise Refused("not-sent")
    row.pending_word, row.pending_word_by = word, work.person
    row.pending_state = UnitState.DRAFT.value
    work.session.flush()
    return row, row.pending_by


# --- Machine text ---------------------------------------------------------------------------------------------------


def enter_machine(
    work: Work, section: str, words: Mapping[str, str], *, seen: str, of: str, by_engine: bool = False
) -> TranslationUnit:
    """Show readers machine text, labelled so. What waits for review beside it stays.

    :param by_engine: the engine of the site gave the words: nobody is their author.
    :raises Refused: a person's text is there, which it may not replace.
    :raises ContentError, Overtaken: as for a draft.
    """
    source, _, today = work.source(section)
    kept = cleaned(work, section, words)
    row = locked(work, section, seen, of) or _new(work, section)
    if row.words and row.state == UnitState.PUBLISHED.value:
        raise Refused("human-text")
    if by_engine or row.words != kept:
        row.author_id = None if by_engine else _writer(row, kept, work.person)
    row.words, row.state, row.source_digest, row.source_words = kept, UnitState.MACHINE.value, today, source
    row.reviewer_id, row.updated_at = None, work.now
    memory.learn(work.session, source, kept, work.lang, machine=True, now=work.now)
    resources.touched(work.session, work.resource, work.now)
    return row


def mark_reviewed(work: Work, section: str, *, seen: str, words: Mapping[str, str] | None = None) -> TranslationUnit:
    """A person has read machine text and finds it right: it is published, and they are its reviewer.

    :param words: what the form holds; a text that was corrected is a draft of whoever corrected it.
    :raises Refused: it is not machine text, one entered it oneself, it was corrected, or is of an older source.
    :raises Overtaken: …
    """
    source, good, today = work.source(section)
    row = locked(work, section, seen)
    if row is None or not row.words or row.state != UnitState.MACHINE.value:
        raise Refused("not-machine")
    if row.author_id == work.person:
        raise Refused("own-text")
    shown = {name: str(value) for name, value in row.words.items() if name in source}
    if words is not None and cleaned(work, section, words) != shown:
        raise Refused("changed")
    if row.source_digest not in good:
        raise Refused("outdated")
    row.state, row.reviewer_id, row.updated_at = UnitState.PUBLISHED.value, work.person, work.now
    row.source_digest, row.source_words = today, source
    memory.learn(work.session, source, shown, work.lang, machine=False, now=work.now)
    resources.touched(work.session, work.resource, work.now)
    return row


# --- Below ----------------------------------------------------------------------------------------------------------


def _new(work: Work, section: str) -> TranslationUnit:
    if opening.is_full(work.session, work.resource.id, work.lang):
        raise Refused("too-many-languages")
    row = TranslationUnit(resource_id=work.resource.id, section=section, lang=work.lang)
    work.session.add(row)
    return row


def locked(work: Work, section: str, seen: str, of: str | None = None) -> TranslationUnit | None:
    """The row of a section, which nobody else writes until the commit.

    The resource is locked, not the row: a section that was never translated has none yet.

    :raises Overtaken: it is not the one that was ``seen``, or the source is not ``of``.
    """
    resources.lock(work.session, work.resource)
    wanted = sa.select(TranslationUnit).where(
        TranslationUnit.resource_id == work.resource.id,
        TranslationUnit.section == section,
        TranslationUnit.lang == work.lang,
    )
    row = work.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    moved = work.resource.version != work.version or (of is not None and of != work.source(section)[2])
    if moved or token(row) != seen:
        raise Overtaken(source=moved)
    return row


def _pending(work: Work, section: str, seen: str) -> TranslationUnit:
    work.source(section)
    row = locked(work, section, seen)
    if row is None or not row.pending:
        raise Refused("nothing")
    return row


def _clear(row: TranslationUnit) -> None:
    row.pending, row.pending_state, row.pending_digest, row.pending_source = None, "", "", None
    row.pending_by, row.pending_at = None, None
    row.pending_word, row.pending_word_by = "", None


def _rows(work: Work) -> list[TranslationUnit]:
    return translations.rows(work.session, [work.resource.id], work.lang)[work.resource.id]


def words_back(work: Work, person: UUID) -> list[tuple[str, str]]:
    """(section, why it was sent back) of all that a translator of this language has not sent again; in order."""
    found = {row.section: row.pending_word for row in _rows(work) if row.pending_by == person and said(row)}
    return [(section, found[section]) for section in work.content.units() if section in found]


def changed_fields(row: TranslationUnit) -> dict[str, Any]:
    """For the journal: which section of which language. Never the words."""
    return {"section": row.section, "lang": row.lang}
