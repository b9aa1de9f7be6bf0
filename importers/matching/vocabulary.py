"""What ``words.toml`` says, ready for use: thresholds, weights, the words of names and of streets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

#: Communes of which a place may give the arrondissement instead (INSEE): first and last one → the city.
CITIES = ((75101, 75120, "75056"), (69381, 69389, "69123"), (13201, 13216, "13055"))

Phrases = dict[tuple[str, ...], tuple[str, str]]


class Weights(NamedTuple):
    """How much a criterion says, once it says something."""

    name: float
    address: float
    distance: float
    distance_of_same_address: float
    phone_same: float
    phone_other: float
    mail_same: float
    mail_other: float
    siret_same: float
    siret_other: float
    typology_same: float
    typology_other: float


class Vocabulary(NamedTuple):
    """``phrases``: folded words → (``kind``, ``part`` or ``label``, the one word that stands for them); ``longest`` in
    words."""

    high: float
    low: float
    weights: Weights
    name: Mapping[str, float]
    empty: frozenset[str]
    generic: frozenset[str]
    marks: frozenset[str]
    phrases: Phrases
    longest: int
    street_types: frozenset[str]
    street_short: Mapping[str, str]


@cache
def vocabulary() -> Vocabulary:
    """The one of this site. :raises KeyError, TypeError: ``words.toml`` lacks something."""
    data = tomllib.loads(resources.files("importers.matching").joinpath("words.toml").read_text(encoding="utf-8"))
    phrases: Phrases = {}
    for table, what in (("kinds", "kind"), ("parts", "part"), ("labels", "label")):
        for name, forms in data[table].items():
            phrases |= {tuple(form.split()): (what, name) for form in forms}
    streets: dict[str, Any] = data["streets"]
    return Vocabulary(
        data["thresholds"]["high"], data["thresholds"]["low"], Weights(**data["weights"]), data["name"],
        frozenset(data["words"]["empty"]), frozenset(data["words"]["generic"]),
        frozenset(data["words"]["marks"]), phrases, max(map(len, phrases)),
        frozenset(streets["types"]), streets["short"],
    )  # fmt: skip


def city_of(code: str) -> str:
    """The commune of an INSEE code: an arrondissement is in its city."""
    if code.isdigit():
        for first, last, city in CITIES:
            if first <= int(code) <= last:
                return city
    return code
