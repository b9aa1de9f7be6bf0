"""What of a place is compared: its name in weighted words, its street and numbers, its contacts. Pure."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from importers.matching.vocabulary import city_of, vocabulary
from reseau.core.text import fold

MAX_NAME, MAX_ADDRESS = 200, 200
MAX_WORDS = 24
_NUMBER = re.compile(
    r"^\W*(?P<first>\d{1,4})(?!\d)\s*(?P<bis>bis|ter|quater|[a-e]\b)?"
    r"(?:\s*(?:à|a|-|–|/|et|,|&)\s*(?P<last>\d{1,4})(?!\d)\s*(?:bis|ter|quater|[a-e]\b)?)?\s*,?\s*(?P<rest>[^\d\W].*)$",
    re.IGNORECASE | re.DOTALL,
)
#: A number inside is one of the street only before its type: « Rue du 11 novembre » has none.
_INSIDE = re.compile(
    r"(?<!\d)\d{1,4}(?:\s*(?:à|-|/)\s*\d{1,4})?\s*(?:bis|ter|[a-e])?\s*,?\s+(?:"
    + "|".join(sorted({*vocabulary().street_types, *vocabulary().street_short}, key=len, reverse=True))
    + r")\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\b(?:cs|bp|tsa|cedex)\b.*|\b\d{5}\b.*", re.IGNORECASE | re.DOTALL)
#: « Place du 8 mai », « Place du 8 mai 1945 »: the year is said or not.
_YEAR = re.compile(r"1[89]\d\d|45")
_LETTERED = frozenset(["salle", "batiment", "bat", "hall", "bloc", "porte", "pavillon", "aile", "site", "bureau"])
_ARTICLES = frozenset(["de", "du", "des", "la", "le", "les", "l", "d", "a", "au", "aux", "et"])


@dataclass(frozen=True, slots=True)
class Street:
    """``words``: of its name, without type and articles, sorted; ``kind``: rue, avenue… or ""; ``numbers``: first and
    last; None: none is given."""

    words: tuple[str, ...]
    kind: str
    numbers: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Place:
    """One place, ready to be compared.

    :ivar key: how the caller calls it. :ivar issuers: who gave its ids (prefix of each part). :ivar town: INSEE code
        of the city. :ivar words: of the name → what each weighs. :ivar kinds: town hall, library… that the name says.
    """

    key: Hashable
    issuers: frozenset[str]
    town: str
    name: str
    words: Mapping[str, float]
    kinds: frozenset[str]
    street: Street | None
    point: tuple[float, float] | None
    phones: frozenset[str]
    mails: frozenset[str]
    siret: str
    typologies: frozenset[str]


def read_place(key: Hashable, fields: Mapping[str, Any], issuers: Iterable[str] = ()) -> Place:
    """A place from the fields of a record or of a structure (``directory.fields``); what is missing is unknown."""
    town = str(fields.get("commune") or "")
    words, kinds = _name(str(fields.get("nom") or "")[:MAX_NAME], _town_words(town[:MAX_NAME]))
    latitude, longitude = fields.get("latitude"), fields.get("longitude")
    return Place(
        key, frozenset(issuers), city_of(str(fields.get("code_insee") or "")), "".join(words), words, kinds,
        _street(str(fields.get("adresse") or "")[:MAX_ADDRESS]),
        None if latitude is None or longitude is None else (float(latitude), float(longitude)),
        frozenset([fields["telephone"]] if fields.get("telephone") else []),
        frozenset(mail.casefold() for mail in fields.get("courriels") or ()),
        str(fields.get("pivot") or ""), frozenset(fields.get("typologie") or ()),
    )  # fmt: skip


def issuer(part: str, source: str) -> str:
    """Who gave a part of an id: what stands before its first ``_`` (``France-Services_1819``); without one, the
    source that hands it over."""
    before, joint, _ = part.partition("_")
    return (_slug(before) if joint else "") or f"source:{source}"


@lru_cache(1_024)
def _slug(text: str) -> str:
    return fold(text).replace(" ", "-")


@lru_cache(4_096)
def _town_words(town: str) -> frozenset[str]:
    return frozenset(_expanded(fold(town).split()))


def _name(text: str, town: frozenset[str]) -> tuple[dict[str, float], frozenset[str]]:
    """The words of a name, in order, with what each weighs, and the kinds of places among them."""
    known = vocabulary()
    words = _lettered(_expanded(fold(text).split())[:MAX_WORDS])
    found: dict[str, float] = {}
    kinds: set[str] = set()
    at = 0
    while at < len(words):
        for length in range(min(known.longest, len(words) - at), 0, -1):
            if (phrase := known.phrases.get(tuple(words[at : at + length]))) is not None:
                what, name = phrase
                found[f"<{name}>"] = known.name["label" if what == "label" else "plain"]
                if what == "kind":
                    kinds.add(name)
                at += length
                break
        else:
            word = words[at]
            at += 1
            if word not in known.empty:
                found.setdefault(word, _weight(word, town))
    return found, frozenset(kinds)


def _lettered(words: list[str]) -> list[str]:
    """« salle a » is not « à », « bâtiment d » not « d’ »: such a letter is a word."""
    return [f"{word}." if len(word) == 1 and n and words[n - 1] in _LETTERED else word for n, word in enumerate(words)]


def _weight(word: str, town: frozenset[str]) -> float:
    known = vocabulary()
    if word in town:
        return known.name["town"]
    return known.name["generic" if word in known.generic else "plain"]


def _expanded(words: Iterable[str]) -> list[str]:
    short = vocabulary().street_short
    return [part for word in words for part in (short.get(word, word) if word in _IN_NAMES else word).split()]


_IN_NAMES = frozenset(["st", "ste", "gal", "dr", "jb", "jj"])


@lru_cache(8_192)
def _street(text: str) -> Street | None:
    """The street of an address; None when it names none. What stands before the number or the type of the street is
    a building (« Maison des associations, 12 rue X »), what follows a postcode or « CS » is not the street."""
    text = _TAIL.sub(" ", text)
    found = _NUMBER.match(text)
    if found is None and (inside := _INSIDE.search(text)):
        found = _NUMBER.match(text[inside.start() :])
    numbers = _numbers(found)
    words = _street_words(found["rest"] if found else text)
    known = vocabulary().street_types
    at = next((n for n, word in enumerate(words) if word in known), None)
    kind = ""
    if at is not None and (at == 0 or not found):
        kind, words = words[at], words[at + 1 :] or words[:at]
    elif at is not None:  # « 17 grand place », « 3 petite rue »
        kind = words[at]
        words = words[:at] + words[at + 1 :]
    named = sorted({word for word in words if word not in _ARTICLES})
    named = [word for word in named if not _YEAR.fullmatch(word)] or named
    if not named:
        return None
    return Street(tuple(named), kind, numbers)


def _numbers(found: re.Match[str] | None) -> tuple[int, int] | None:
    if found is None or not int(found["first"]):
        return None
    first = int(found["first"])
    last = int(found["last"] or first)
    return (first, last) if first <= last <= first + 60 else (first, first)


def _street_words(text: str) -> list[str]:
    short = vocabulary().street_short
    return [part for word in fold(text).split() for part in short.get(word, word).split()]
