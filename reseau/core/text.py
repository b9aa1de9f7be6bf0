"""The analysis of text, shared by every search engine, by highlighting and by the comparison of names.

A text becomes words; a word has a *folded* form (case, accents, ligatures gone) and a *stem*, or none if it
carries no meaning. The order is fold, ``ee`` → ``e``, French stem: measured on pairs of forms, stemming first
loses 86 % of the queries typed without accents, and folding without ``ee`` → ``e`` parts "formé" from
"formée". Arabic is folded (signs of vocalisation, tatweel, variants of alef) and loses its article; it never
meets the French stemmer.

What a given trade means by its words (stop words, synonyms, stems to correct) is data: ``synonymes.toml``.
"""

from __future__ import annotations

import re
import sys
import threading
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import Stemmer

MAX_TERMS = 12
"""Terms of a query that are looked at; what follows is ignored."""
MAX_QUERY = 500
"""Characters of a query that are read."""
MAX_WORD = 64
"""Characters of a folded form that count: two longer words that begin alike are one word (hostile input)."""

_DATA = Path(__file__).with_name("synonymes.toml")

# \w forgets combining marks: a decomposed "é", a vocalised Arabic word or any Hindi word would fall to
# pieces.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c) in ("Mn", "Mc"))
_PIECE = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_ELISIONS = frozenset(["l", "d", "j", "qu", "c", "n", "s", "m", "t", "jusqu", "lorsqu", "puisqu", "quoiqu"])
_APOSTROPHES = frozenset("'’ʼ‘`´＇")
_JOINTS = _APOSTROPHES | frozenset(" \u00a0\u202f-\u2010\u2011")

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ـ": "", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي",
     "ک": "ك", **{chr(base + n): str(n) for base in (0x660, 0x6F0) for n in range(10)}}
)  # fmt: skip
_ARABIC_ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    :ivar surface: as written, elision removed. :ivar start: offset of its first character in the text.
    :ivar end: offset after its last one. :ivar folded: form for comparison. :ivar stem: None for a stop word.
    """

    surface: str
    start: int
    end: int
    folded: str
    stem: str | None


@dataclass(frozen=True)
class QueryTerm:
    """One thing asked for.

    :ivar word: as typed. :ivar alternatives: sequences of stems; a document answers the term if it has all
        stems of one of them. The first is the word itself, the others come from the synonyms.
    """

    word: str
    alternatives: tuple[tuple[str, ...], ...]


# --- one word -----------------------------------------------------------------------------------------------


def _fold_word(piece: str) -> str:
    if piece.isascii():
        return piece.lower()[:MAX_WORD]
    bare = "".join(c for c in unicodedata.normalize("NFKD", piece.casefold()) if not unicodedata.combining(c))
    # Compatibility forms may hide spaces or signs ("½" is "1⁄2"): a folded word has none. Vowel signs of
    # Indic scripts are marks that do not combine: they stay.
    return "".join(c for c in bare.translate(_LETTERS) if c.isalnum() or unicodedata.category(c)[0] == "M")[:MAX_WORD]


_cached_fold = lru_cache(maxsize=1 << 16)(_fold_word)


def _folded(piece: str) -> str:
    # Long words are rare and may be hostile: they do not enter the cache.
    return _cached_fold(piece) if len(piece) <= MAX_WORD else _fold_word(piece[: 4 * MAX_WORD])


_stemmer = Stemmer.Stemmer("french")
_stemmer_lock = threading.Lock()  # a Stemmer keeps state while it works: two threads would mix their words


@lru_cache(maxsize=1 << 16)
def stem_of(folded: str) -> str:
    """The stem of a folded word, stop word or not; digits and codes are their own stem."""
    if (known := _LEXICON.stems.get(folded)) is not None:
        return known
    if any("\u0600" <= c <= "\u06ff" for c in folded):
        return _arabic_stem(folded)
    if not folded.isalpha():
        return folded
    with _stemmer_lock:
        return str(_stemmer.stemWord(folded.replace("ee", "e"))) or folded


def _arabic_stem(folded: str) -> str:
    for article in _ARABIC_ARTICLES:
        if folded.startswith(article) and len(folded) - len(article) >= 3:
            return folded[len(article) :]
    return folded


def is_stop_word(folded: str) -> bool:
    """True for a folded word that carries no meaning in a search."""
    return folded in _LEXICON.stop_words


# --- texts --------------------------------------------------------------------------------------------------


def words(text: str) -> list[Word]:
    """The words of ``text``, stop words included, elisions left out. Linear time; callers cap the length."""
    found: list[Word] = []
    pieces = _pieces(text)
    at = 0
    while at < len(pieces):
        start, end, folded = pieces[at]
        at += 1
        if at < len(pieces) and pieces[at][0] == end + 1 and text[end] in _JOINTS:
            after = pieces[at]
            if folded in _ELISIONS and text[end] in _APOSTROPHES:
                continue
            if (folded, after[2]) in _LEXICON.compounds:
                end, folded = after[1], folded + after[2]
                at += 1
        surface = text[start:end]
        found.append(Word(surface, start, end, folded, _stem_or_none(surface, folded)))
    return found


def _pieces(text: str) -> list[tuple[int, int, str]]:
    spans = ((m.start(), m.end(), _folded(m.group())) for m in _PIECE.finditer(text))
    return [span for span in spans if span[2]]


def _stem_or_none(surface: str, folded: str) -> str | None:
    if folded in _LEXICON.stop_words:
        return folded if surface in _LEXICON.acronyms else None
    return stem_of(folded)


def fold(text: str) -> str:
    """The phrase for comparison: folded words, stop words included, joined by one space."""
    return " ".join(word.folded for word in words(text))


def stems(text: str) -> list[str]:
    """The stems of ``text`` in order, with repetitions, stop words left out."""
    return [word.stem for word in words(text) if word.stem is not None]


# --- queries ------------------------------------------------------------------------------------------------


def parse_query(text: str) -> list[QueryTerm]:
    """What ``text`` asks for: at most ``MAX_TERMS`` terms, without duplicates; empty if there is no word in
    it.

    Never raises, whatever was typed: no character has a meaning of its own (raw input breaks every engine's
    parser). A query made of stop words only keeps them. An acronym that is also a stop word ("mes") counts as
    an acronym in capitals, or as the last word: a possessive cannot end a phrase.
    """
    typed = text[:MAX_QUERY]
    found = _read_acronyms(words(typed), shouting=typed.isupper())
    if found and all(word.stem is None for word in found):
        terms = [QueryTerm(word.surface, ((stem_of(word.folded),),)) for word in found]
    else:
        terms = list(_terms(typed, found))
    unique = {term.alternatives[0]: term for term in reversed(terms)}
    return [term for term in terms if unique[term.alternatives[0]] is term][:MAX_TERMS]


def _read_acronyms(found: list[Word], *, shouting: bool) -> list[Word]:
    if not found:
        return found
    last = found[-1]
    if last.stem is None and last.folded in {acronym.casefold() for acronym in _LEXICON.acronyms}:
        last = Word(last.surface, last.start, last.end, last.folded, last.folded)
    body = found[:-1]
    if shouting:  # "MES PAPIERS": capitals say nothing here
        body = [Word(w.surface, w.start, w.end, w.folded, None) if w.folded in _LEXICON.stop_words else w for w in body]
    return [*body, last]


def _terms(typed: str, found: list[Word]) -> Iterator[QueryTerm]:
    keys = [_key(word) for word in found]
    at = 0
    while at < len(found):
        for length in range(min(_LEXICON.longest, len(found) - at), 0, -1):
            if (known := _LEXICON.phrases.get(tuple(keys[at : at + length]))) is not None:
                yield QueryTerm(typed[found[at].start : found[at + length - 1].end], known)
                at += length
                break
        else:
            if (stem := found[at].stem) is not None:
                yield QueryTerm(found[at].surface, ((stem,),))
            at += 1


def _key(word: Word) -> str:
    return f"-{word.folded}" if word.stem is None else word.stem  # "mes", a stop word, is not "MES"


# --- showing what matched -----------------------------------------------------------------------------------


Marks = Collection[tuple[str, ...]]
"""What to highlight: alternatives of a query. One of several stems ("personnes âgées") counts where all of them are."""


def highlight(text: str, marks: Marks) -> list[tuple[str, bool]]:
    """``text`` in segments, True for those that match. Joined, the segments are the text."""
    found = words(text)
    wanted = _wanted(found, marks)
    segments: list[tuple[str, bool]] = []
    done = 0
    for word in found:
        if word.stem in wanted:
            if word.start > done:
                segments.append((text[done : word.start], False))
            segments.append((text[word.start : word.end], True))
            done = word.end
    if done < len(text):
        segments.append((text[done:], False))
    return segments


def _wanted(found: Iterable[Word], marks: Marks) -> set[str]:
    present = {word.stem for word in found if word.stem is not None}
    return {stem for mark in marks if present.issuperset(mark) for stem in mark}


def snippet(text: str, marks: Marks, width: int = 160) -> list[tuple[str, bool]]:
    """The part of ``text``, of about ``width`` characters, that has the most of ``marks``, highlighted.

    Cut between words, with "…" where something is left out. Without any match: the beginning.
    """
    text = text[:20_000].strip()  # a reader of results does not look further, and a page has twenty of them
    if len(text) <= width:
        return highlight(text, marks)
    start, end = _window(text, marks, width)
    shown = highlight(text[start:end].strip(), marks)
    before: list[tuple[str, bool]] = [("… ", False)] if start > 0 else []
    after: list[tuple[str, bool]] = [(" …", False)] if end < len(text) else []
    return before + shown + after


def _window(text: str, marks: Marks, width: int) -> tuple[int, int]:
    every = words(text)
    matching = _wanted(every, marks)
    hits = [word for word in every if word.stem in matching]
    best, best_score, tail = 0, (0, 0), 0
    for at, first in enumerate(hits):
        tail = max(tail, at)
        while tail < len(hits) and hits[tail].end - first.start <= width * 3 // 4:
            tail += 1
        inside = hits[at : min(tail, at + 40)]
        score = (len({word.stem for word in inside}), len(inside))
        if score > best_score:
            best, best_score = first.start, score
    # A quarter of the width goes to what comes before the first match.
    wanted = max(0, min(best - width // 4, len(text) - width))
    start = next((w.start for w in every if w.start >= wanted), wanted) if wanted else 0
    end = max((w.end for w in every if start < w.end <= start + width), default=start + width)
    return (start, len(text)) if len(text) - start <= width else (start, end)


# --- the data -----------------------------------------------------------------------------------------------


class _Lexicon:
    """``synonymes.toml``, folded. ``phrases`` maps the keys of a phrase to its alternatives, itself first."""

    def __init__(self) -> None:
        self.stop_words: frozenset[str] = frozenset()
        self.acronyms: frozenset[str] = frozenset()
        self.compounds: frozenset[tuple[str, str]] = frozenset()
        self.stems: dict[str, str] = {}
        self.phrases: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        self.longest = 1

    def load(self, data: dict[str, Any]) -> None:
        """:raises ValueError: a compound is not made of two words, or a synonym of stop words only."""
        self.acronyms = frozenset(data["sigles"])
        self.compounds = frozenset(_pair(phrase) for phrase in data["composes"])
        self.stems = {
            sys.intern(fold(form)): sys.intern(stem) for stem, forms in data["racines"].items() for form in forms
        }
        stem_of.cache_clear()  # the line above stemmed these very words without knowing them
        self.stop_words = frozenset(word.folded for word in words(data["mots_vides"]))
        known: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for group in data["groupes"].values():
            for member in group:
                _relate(known, member, group)
        for member, others in data["renvois"].items():
            _relate(known, member, others)
        self.phrases = {keys: tuple(dict.fromkeys(alternatives)) for keys, alternatives in known.items()}
        self.longest = max(map(len, self.phrases), default=1)


def _pair(phrase: str) -> tuple[str, str]:
    first, second = (_fold_word(piece) for piece in phrase.split())
    return first, second


def _relate(known: dict[tuple[str, ...], list[tuple[str, ...]]], phrase: str, others: Iterable[str]) -> None:
    keys = tuple(_key(word) for word in words(phrase))
    alternatives = [tuple(dict.fromkeys(stems(member))) for member in (phrase, *others)]
    if not all(alternatives):
        raise ValueError(f"synonymes.toml: a synonym of {phrase!r} is made of stop words only")
    known.setdefault(keys, []).extend(alternatives)


_LEXICON = _Lexicon()
_LEXICON.load(tomllib.loads(_DATA.read_text(encoding="utf-8")))
