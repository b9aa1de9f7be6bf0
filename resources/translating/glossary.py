"""The words of the network and their agreed translations: all read, translators propose, coordinators agree."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import text
from reseau.core.cells import harmless
from reseau.core.paging import Page, nearest, offset
from resources.base import langs
from resources.base.content import clean_text, one_line
from resources.base.models import GlossaryTerm

MAX_SOURCE, MAX_TARGET, MAX_NOTE = 120, 300, 500
MAX_TERMS = 5_000
A_PAGE = 50
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W_]+")
_ARABIC = re.compile("[\u0600-\u06ff]")


class Agreed(Exception):
    """The word has a translation already. ``term``: which."""

    def __init__(self, term: GlossaryTerm) -> None:
        super().__init__(term.target)
        self.term = term


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the glossary that a text holds. ``used``: its translation is in the translated text."""

    source: str
    target: str
    note: str
    reviewed: bool
    used: bool


def folded(source: str) -> str:
    """What a word is looked up by: « les Mots de passe » and « mot de passe » are one; never ""."""
    return (" ".join(text.stems(source)) or text.fold(source) or source.casefold())[:MAX_SOURCE]


def propose(
    session: Session, source: str, lang: str, target: str, note: str = "", *, by: UUID | None, now: datetime,
    reviewed: bool = False, replace: bool = False,
) -> GlossaryTerm:  # fmt: skip
    """Write a word down, to be agreed upon.

    :param replace: whatever is there (coordinators); else only one's own proposal that nobody reviewed is replaced.
    :raises Agreed: it has another translation.
    """
    wanted = sa.select(GlossaryTerm).where(GlossaryTerm.folded == folded(source), GlossaryTerm.lang == lang)
    term = session.scalars(wanted).one_or_none()
    if term is not None and not replace:
        if term.target == one_line(target) and not note:
            return term
        if term.reviewed or term.by != by:
            raise Agreed(term)
    if term is None:
        term = GlossaryTerm(folded=folded(source), lang=lang)
        session.add(term)
    term.source, term.target, term.note = one_line(source), one_line(target), clean_text(note)
    term.by, term.at, term.reviewed = by, now, reviewed
    session.flush()
    return term


def of_language(session: Session, lang: str) -> list[GlossaryTerm]:
    """All words of a language, longest first: ``compte bancaire`` before ``compte``; one statement."""
    wanted = sa.select(GlossaryTerm).where(GlossaryTerm.lang == lang).limit(MAX_TERMS)
    return sorted(session.scalars(wanted), key=lambda term: (-len(term.folded), term.folded))


def hits(terms: Sequence[GlossaryTerm], source: str, target: str) -> list[Hit]:
    """The words of the glossary that ``source`` holds, in alphabetical order."""
    stemmed, plain = (f" {' '.join(words)} " for words in (text.stems(source), text.fold(source).split()))
    said = f" {text.fold(target)} "
    found = []
    for term in terms:
        if f" {term.folded} " in stemmed or f" {term.folded} " in plain:
            used = text.fold(term.target) in said if text.fold(term.target) else term.target in target
            note = note_in(term.note, term.lang)
            found.append(Hit(term.source, term.target, note, term.reviewed, used))
    return sorted(found, key=lambda hit: text.fold(hit.source))


def note_in(note: str, lang: str) -> str:
    """What a note says to who translates into a language: without the sentences about another one (« En arabe,
    toujours… »), or that quote another script."""
    mine = langs.name(lang, "fr").casefold()
    others = {langs.name(tag, "fr").casefold() for tag in langs.OFFERED if tag not in ("fr", langs.FALC)} - {mine}
    kept = []
    for sentence in _SENTENCE.split(note):
        words = set(_WORD.findall(sentence.casefold()))
        if mine in words or not (words & others or (_ARABIC.search(sentence) and langs.direction(lang) == "ltr")):
            kept.append(sentence)
    return " ".join(kept)


def search(session: Session, q: str, lang: str, number: int) -> Page[GlossaryTerm]:
    """A page of words, by alphabet; two statements. :param q: in French or in the language. :param lang: "": all."""
    where = [GlossaryTerm.lang == lang] if lang else []
    if q.strip():
        like = _like(one_line(q)[:MAX_SOURCE])
        where.append(sa.or_(GlossaryTerm.folded.like(_like(folded(q)), escape="\\"),
                            GlossaryTerm.source.ilike(like, escape="\\"),
                            GlossaryTerm.target.ilike(like, escape="\\")))  # fmt: skip
    total = session.scalar(sa.select(sa.func.count()).select_from(GlossaryTerm).where(*where)) or 0
    number = nearest(number, total, A_PAGE)
    wanted = sa.select(GlossaryTerm).where(*where).order_by(GlossaryTerm.folded, GlossaryTerm.lang)
    rows = session.scalars(wanted.limit(A_PAGE).offset(offset(number, A_PAGE)))
    return Page(list(rows), total, number, A_PAGE)


def _like(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def languages(session: Session) -> list[str]:
    """The languages that have words, by tag."""
    return list(session.scalars(sa.select(GlossaryTerm.lang).distinct().order_by(GlossaryTerm.lang)))


def as_csv(terms: Iterable[GlossaryTerm], names: Sequence[str]) -> str:
    """The words as CSV (RFC 4180) with semicolons, as spreadsheets in French read it. What a spreadsheet would compute
    is text, also in one that takes commas for separators.

    :param names: of the five columns.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    for term in terms:
        cells = (term.source, term.lang, term.target, term.note, "1" if term.reviewed else "0")
        writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def load_glossary(session: Session, path: Path, now: datetime) -> int:
    """Write the words of a TOML file (``[[terme]]``: ``fr``, a key a language, ``note``), to be agreed upon by people.

    What a person wrote or reviewed is left alone. :return: how many were new or changed. :raises ValueError: a language
    that does not exist, or a word that is too long.
    """
    known = {(term.folded, term.lang): term for term in session.scalars(sa.select(GlossaryTerm))}
    changed = 0
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("terme", []):
        source, note = one_line(entry["fr"]), clean_text(entry.get("note", ""))
        for lang, target in entry.items():
            if lang in ("fr", "note"):
                continue
            if langs.tag(lang) != lang or len(source) > MAX_SOURCE or len(target) > MAX_TARGET or len(note) > MAX_NOTE:
                raise ValueError(f"{path}: {source!r} in {lang!r}")
            term = known.get((folded(source), lang))
            if term is not None and (term.by or term.reviewed or (term.target, term.note) == (one_line(target), note)):
                continue
            found = propose(session, source, lang, target, note, by=None, now=now, replace=True)
            known[(found.folded, lang)] = found
            changed += 1
    return changed
