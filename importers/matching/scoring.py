"""Whether two places are one: a score of 0 to 100, and what each criterion says. Pure; no database.

What is unknown says nothing. The weighted mean is then *bounded* by what no sum may overrule: a name, a location that
agree, ids of one issuer. Weights and thresholds: ``words.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from importers.matching.reading import Place, Street
from importers.matching.vocabulary import vocabulary

#: Typologies that live in one house under two names: a France services in a town hall, a PIMMS.
_COMPATIBLE = frozenset(["RFS", "PIMMS", "ASSO", "MUNI", "CCAS", "CONS", "ESPACE_NUMERIQUE"])
_METRES = ((60, 1.0), (150, 0.85), (300, 0.6), (600, 0.3), (1500, 0.1))
NEAR, FAR = 150, 300
#: Names less alike than this are of two places, but for one house with two contacts; than this, always: whoever only
#: wants scores from ``low`` on need not count further.
_ALIKE, NEVER = 0.55, 0.35
_WHOLE = 0.92
_TOLD = 4
#: Beyond, one address with two points is more than a geocoder that misses by some streets (metres).
ASTRAY = 1_000


@dataclass(frozen=True, slots=True)
class Score:
    """``value``: 0 to 100. ``reasons``: criterion → what it says, for people and for the record: ``nom`` and
    ``adresse`` from 0 to 100, ``distance`` in metres, ``telephone``, ``courriel``, ``siret``, ``typologie``,
    ``same`` or ``other``; ``emetteur``: issuers that gave an id to both; ``genres``: see ``_kinds``; ``mots``: words
    that only one of two like names has and that may make another place (bus, crèche). What is unknown is not there.
    """

    value: float
    reasons: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Facts:
    name: float
    address: float | None
    metres: float | None
    phone: bool | None
    mail: bool | None
    siret: bool | None
    siren: bool
    typology: bool | None
    kinds: str
    alone: tuple[str, ...]
    issuers: tuple[str, ...]

    @property
    def contacts(self) -> int:
        """How many of phone, mail and SIRET are the same."""
        return sum(1 for same in (self.phone, self.mail, self.siret) if same)


def score(one: Place, other: Place, likeness: float | None = None) -> Score:
    """How surely two places are one; symmetric. ``likeness``: of their names, for who knows it already."""
    facts = _facts(one, other, name_likeness(one, other) if likeness is None else likeness)
    value = min(_mean(facts), _bound(facts))
    return Score(round(max(value, 0.0), 1), _reasons(facts))


def _facts(one: Place, other: Place, likeness: float) -> _Facts:
    return _Facts(
        likeness, street_likeness(one.street, other.street), metres(one.point, other.point),
        _shared(one.phones, other.phones), _shared(one.mails, other.mails),
        one.siret == other.siret if one.siret and other.siret else None,
        bool(one.siret and other.siret) and one.siret[:9] == other.siret[:9],
        _typology(one.typologies, other.typologies), _kinds(one.kinds, other.kinds),
        said_alone(one.words, other.words) if likeness >= _ALIKE else (),
        tuple(sorted(one.issuers & other.issuers)),
    )  # fmt: skip


def _mean(facts: _Facts) -> float:
    w = vocabulary().weights
    said: list[tuple[float, float]] = [(w.name, facts.name)]
    if facts.address is not None:
        said.append((w.address, facts.address))
    if facts.metres is not None:
        exact = facts.address is not None and facts.address >= 0.85
        said.append((w.distance_of_same_address if exact else w.distance, closeness(facts.metres)))
    for same, weight, weight_other in (
        (facts.phone, w.phone_same, w.phone_other), (facts.mail, w.mail_same, w.mail_other),
        (facts.siret, w.siret_same, w.siret_other), (facts.typology, w.typology_same, w.typology_other),
    ):  # fmt: skip
        if same is not None:
            said.append((weight, 1.0) if same else (weight_other, 0.0))
    return 100 * sum(weight * value for weight, value in said) / sum(weight for weight, _ in said)


def _bound(facts: _Facts) -> float:
    """What the score may be at most."""
    known = vocabulary()
    asked, apart = known.high - 1, known.low - 1
    located = _located(facts)
    if facts.name < _ALIKE:
        return asked if facts.name >= NEVER and facts.contacts >= 2 and located == "here" else apart
    if located == "elsewhere":
        return asked if facts.name >= 0.8 and facts.contacts and (facts.metres or 0) <= FAR else apart
    if facts.issuers:  # who gives two ids says that they are two: only what is alike in all is asked about
        return asked if located == "here" and facts.name >= 0.8 else apart
    if located == "unknown":
        sure = facts.name >= 0.85 and facts.contacts >= 2 and not facts.alone
        return 100 if sure else (asked if facts.name >= 0.8 else apart)
    far = facts.metres is not None and facts.metres > ASTRAY
    if facts.alone or ((facts.kinds == "some" or far) and not facts.contacts):
        return asked
    return 100 if facts.name >= 0.7 or (facts.contacts and facts.name >= 0.6) else asked


def _located(facts: _Facts) -> str:
    """``here``: at one address, or a few steps apart; ``elsewhere``; ``unknown``: nothing, or too little, is said."""
    near = facts.metres is not None and facts.metres <= NEAR
    if facts.address is None:
        if facts.metres is None:
            return "unknown"
        return "here" if facts.metres <= 60 else ("unknown" if facts.metres <= FAR else "elsewhere")
    if facts.address >= 0.9:
        return "here"
    if facts.address >= 0.6:  # the street, without one of the numbers
        return "here" if near or facts.contacts else "unknown"
    return "elsewhere"


def _reasons(facts: _Facts) -> dict[str, Any]:
    found: dict[str, Any] = {"nom": round(100 * facts.name)}
    if facts.address is not None:
        found["adresse"] = round(100 * facts.address)
    if facts.metres is not None:
        found["distance"] = round(facts.metres)
    pairs = (
        ("telephone", facts.phone),
        ("courriel", facts.mail),
        ("siret", facts.siret),
        ("typologie", facts.typology),
    )
    found |= {name: "same" if same else "other" for name, same in pairs if same is not None}
    if facts.issuers:
        found["emetteur"] = list(facts.issuers)
    if facts.kinds:
        found["genres"] = facts.kinds
    if facts.alone:
        found["mots"] = [word.strip("<>").replace("-", " ") for word in facts.alone[:_TOLD]]
    return found


def name_likeness(one: Place, other: Place) -> float:
    """0 to 1: the weight of the words that both names have, over that of the shorter and that of all."""
    if not one.words or not other.words:
        return 0.0
    if other.name < one.name:  # the same whoever is asked first
        one, other = other, one
    shared = _shared_weight(one.words, other.words)
    first, second = sum(one.words.values()), sum(other.words.values())
    likeness = 0.5 * shared / min(first, second) + 0.5 * shared / (first + second - shared)
    if _kinds(one.kinds, other.kinds) == "none":
        return min(likeness, 1.0) * 0.5  # a library is no town hall, however much their names share
    whole = fuzz.ratio(one.name, other.name) / 100 if likeness < _WHOLE else 0.0
    if whole > _WHOLE and not said_alone(one.words, other.words):
        likeness = whole  # one word in two pieces
    return min(likeness, 1.0)


def said_alone(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[str, ...]:
    """Words that only one of two names has and that may make it another place: those that no place could just as well
    leave out (« crèche », « salle 2 »), and those that always name a part (``marks``). Sorted.

    The list of parts is open (a laundry, a garage, a court): whatever is left over is enough to ask a person.
    """
    known = vocabulary()
    left = [word for word in one if word not in other]
    right = [word for word in other if word not in one]
    _pair_off(left, right)
    found = {word for word in (*left, *right) if word in known.marks}
    rest = [[word for word in some if (one.get(word) or other[word]) >= known.name["plain"]] for some in (left, right)]
    digits = any(letter.isdigit() for some in rest for word in some for letter in word)
    pieces = all(rest) and not digits and fuzz.ratio(*("".join(some) for some in rest)) > 100 * _WHOLE
    return tuple(sorted(found if pieces else found.union(*rest)))


def _pair_off(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    """Take out of two lists the words that are one, with a typing error. :return: those pairs."""
    rules = vocabulary().name
    found = []
    for word in list(left):
        for twin in right:
            long = min(len(word), len(twin)) >= rules["alike_letters"] and word[0] != "<" != twin[0]
            if long and not (word.isdigit() or twin.isdigit()) and fuzz.ratio(word, twin) >= rules["alike"]:
                found.append((word, twin))
                left.remove(word)
                right.remove(twin)
                break
    return found


def _shared_weight(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    shared = sum(min(weight, other[word]) for word, weight in one.items() if word in other)
    left = [word for word in one if word not in other and word[0] != "<"]
    right = [word for word in other if word not in one and word[0] != "<"]
    if left and right:
        shared += sum(min(one[word], other[twin]) for word, twin in _pair_off(left, right))
    return shared


def street_likeness(one: Street | None, other: Street | None) -> float | None:
    """0 to 1, None: unknown. Same street and number: near 1; same street: 0.9 if neither has a number, 0.75 if one
    has; other numbers: 0.2; other streets: 0."""
    if one is None or other is None:
        return None
    names = _names(one.words, other.words)
    if names < 0.8:
        return 0.0
    if one.kind and other.kind and one.kind != other.kind:
        names *= 0.92
    if one.numbers and other.numbers:
        apart = max(one.numbers[0], other.numbers[0]) > min(one.numbers[1], other.numbers[1])
        return 0.2 if apart else names
    if one.numbers or other.numbers:
        return 0.75 * names
    return 0.9 if names == 1.0 else 0.85 * names


def _names(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if one == other:
        return 1.0
    alike = fuzz.ratio(" ".join(one), " ".join(other)) / 100
    if alike >= 0.88:
        return alike
    short, long = sorted((set(one), set(other)), key=len)
    return 0.95 if short <= long and any(len(word) >= 4 for word in short) else alike * 0.8


def metres(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    """Between two points (latitude, longitude, in degrees); on a plane, right to 1 % inside a commune."""
    if one is None or other is None:
        return None
    north = (one[0] - other[0]) * 111_320
    east = (one[1] - other[1]) * 111_320 * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(north, east)


def closeness(distance: float) -> float:
    """1 at the same point, 0 far away."""
    return next((value for limit, value in _METRES if distance <= limit), 0.0)


def _shared(one: frozenset[str], other: frozenset[str]) -> bool | None:
    return bool(one & other) if one and other else None


def _typology(one: frozenset[str], other: frozenset[str]) -> bool | None:
    if not one or not other or (one <= _COMPATIBLE and other <= _COMPATIBLE and not one & other):
        return None
    return bool(one & other)


def _kinds(one: frozenset[str], other: frozenset[str]) -> str:
    """Of the kinds of places that two names say: "" (no question), ``some`` are shared and some not, ``none``."""
    if one == other or not one or not other:
        return ""
    return "some" if one & other else "none"
