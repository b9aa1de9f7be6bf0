"""The list fields: values separated by ``|`` (1.0.2), ``;`` (0.1.0) or in a JSON array, tied to vocabularies.

The dialect is judged value by value, never by file: real files mix both. A value of 0.1.0 goes to the field
where 1.0.2 put it (``publics_accueillis`` and ``labels_nationaux`` were each split in two), and a value that
stands in the wrong one of such a pair is put in the right one. What no vocabulary knows stays as it was
written, and is reported: an unknown label is a fact about the place, not an error of the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from importers.cartographie import columns
from importers.cartographie.values import line
from reseau.core.mending import Step
from reseau.core.vocabularies import fold, for_field

_PUBLICS: Final = "publics_specifiquement_adresses"
_SUPPORT: Final = "prise_en_charge_specifique"
_PROGRAMMES: Final = "dispositif_programmes_nationaux"
_LABELS: Final = "formations_labels"
OTHER_LABELS: Final = "autres_formations_labels"

LIST_FIELDS: Final = (
    "typologie",
    "itinerance",
    "services",
    _PUBLICS,
    _SUPPORT,
    "frais_a_charge",
    _PROGRAMMES,
    _LABELS,
    OTHER_LABELS,
    "modalites_acces",
    "modalites_accompagnement",
)

# For each column, the fields whose vocabularies are asked, in order. Other columns: their own field only.
_CANDIDATES: Final[Mapping[str, tuple[str, ...]]] = {
    _PUBLICS: (_PUBLICS, _SUPPORT),
    _SUPPORT: (_SUPPORT, _PUBLICS),
    "publics_accueillis": (_PUBLICS, _SUPPORT),
    _PROGRAMMES: (_PROGRAMMES, _LABELS),
    _LABELS: (_LABELS, _PROGRAMMES),
    "labels_nationaux": (_PROGRAMMES, _LABELS),
    OTHER_LABELS: (_LABELS, _PROGRAMMES),
    "labels_autres": (_LABELS, _PROGRAMMES),
}

# National labels of 0.1.0 that 1.0.0 dropped: known, with no field of their own, hence plain text.
_DROPPED_LABELS: Final = frozenset(
    map(fold, ("APTIC", "Pass numérique", "Point relais CAF", "Relais pôle emploi", "French Tech", "Campus connecté"))
)
_HEALTH_SERVICE: Final = frozenset(
    map(fold, ("Accompagner les démarches de santé", "numerique--accompagner-les-demarches-de-sante"))
)
_SEPARATORS = re.compile(r"[|;\n]")
_MAX_ITEM: Final = 300
_MAX_ITEMS: Final = 200
_COLUMNS: Final = (*(column for home in LIST_FIELDS for column in columns.sources(home)), *columns.SPLIT)
_CACHED: Final = 1_000  # characters of a cell: what is longer is not said twice


@dataclass(slots=True)
class Lists:
    """What the list columns of one row say.

    ``fields``: for each of ``LIST_FIELDS``, codes in vocabulary order, then unknown texts as written.
    ``health``: a service of 0.1.0 said health procedures, which 1.0.2 cannot say. ``unknown``: (field, text).
    ``moved``: (field, step) of values that stood in the other field of a pair.
    """

    fields: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in LIST_FIELDS})
    health: bool = False
    unknown: list[tuple[str, str]] = field(default_factory=list)
    moved: list[tuple[str, Step]] = field(default_factory=list)

    def _add(self, name: str, value: str) -> None:
        if value not in self.fields[name]:
            self.fields[name].append(value)

    def _add_unknown(self, name: str, text: str, *, reported: bool) -> None:
        already = {fold(value) for value in self.fields[name]}
        if fold(text) in already:
            return
        self._add(name, text)
        if reported:
            self.unknown.append((name, text))

    def take(self, column: str, home: str, item: str) -> None:
        """Put one value of ``column`` (whose field is ``home``) where it belongs."""
        if home == "services" and fold(item) in _HEALTH_SERVICE:
            self.health = True
        candidates = _CANDIDATES.get(column, (home,))
        found = _find(candidates, item)
        if found:
            self._add(*found)
            if found[0] != home and column not in columns.SPLIT:
                self.moved.append((found[0], ("valeur-deplacee", f"{column} : {item}", found[1])))
        elif not any(_is_neutral(name, item) for name in candidates):
            self._take_unknown(column, home, item)

    def _take_unknown(self, column: str, home: str, item: str) -> None:
        if home == OTHER_LABELS:
            self._add_unknown(home, item, reported=False)  # A free field: nothing in it is unknown.
        elif column == "labels_nationaux":
            self._add_unknown(OTHER_LABELS, item, reported=fold(item) not in _DROPPED_LABELS)
        elif column == "publics_accueillis" and fold(item).startswith(("handicap", "deficience")):
            self._add_unknown(_SUPPORT, item, reported=True)
        else:
            self._add_unknown(home, item, reported=True)

    def sort(self) -> None:
        """Put codes in the order of their vocabulary; unknown texts keep theirs, after."""
        for name, values in self.fields.items():
            vocabulary = for_field(name)
            if vocabulary is not None:
                values.sort(key=vocabulary.position)


def read_lists(values: Mapping[str, Any]) -> Lists:
    """Return what the list columns of a row say. ``values``: cells by normal column name. Never raises."""
    cells = tuple(values.get(column) for column in _COLUMNS)
    # A register says the same of most of its places: 18 % of the time of a row is to read that again. Texts only: of
    # other cells, what is equal (1 and True) is not the same.
    if all(cell is None or (isinstance(cell, str) and len(cell) <= _CACHED) for cell in cells):
        known = _known(cells)
        return Lists(
            {name: list(found) for name, found in known.fields.items()}, known.health, list(known.unknown),
            list(known.moved),
        )  # fmt: skip
    return _read(values)


@lru_cache(8_192)
def _known(cells: tuple[str | None, ...]) -> Lists:
    return _read(dict(zip(_COLUMNS, cells, strict=True)))


def _read(values: Mapping[str, Any]) -> Lists:
    lists = Lists()
    for home in LIST_FIELDS:
        for column in columns.sources(home):
            _read_column(lists, column, home, values.get(column))
    for column in columns.SPLIT:
        _read_column(lists, column, _CANDIDATES[column][0], values.get(column))
    lists.sort()
    return lists


def _read_column(lists: Lists, column: str, home: str, cell: Any) -> None:
    for item in items(cell):
        for piece in _pieces(_CANDIDATES.get(column, (home,)), item):
            lists.take(column, home, piece)


def items(cell: Any) -> Iterator[str]:
    """Yield the values of a list cell, cleaned, in order; at most 200. Nested arrays are flattened."""
    pending, given = [cell], 0
    while pending and given < _MAX_ITEMS:
        value = pending.pop()
        if isinstance(value, list | tuple):
            pending.extend(reversed(value[:_MAX_ITEMS]))
            continue
        for piece in _SEPARATORS.split(value, _MAX_ITEMS) if isinstance(value, str) else [value]:
            cleaned = line(piece, _MAX_ITEM)
            if cleaned and given < _MAX_ITEMS:
                given += 1
                yield cleaned


def _pieces(candidates: tuple[str, ...], item: str) -> list[str]:
    # A comma separates in a few files, and belongs to the sentence in most: believed only if every
    # piece is a value of the vocabulary.
    if "," in item and _find(candidates, item) is None:
        pieces = [piece.strip() for piece in item.split(",") if piece.strip()]
        if pieces and all(_find(candidates, piece) for piece in pieces):
            return pieces
    return [item]


@lru_cache(4096)  # A file has a few dozen distinct values, each written thousands of times.
def _find(candidates: tuple[str, ...], text: str) -> tuple[str, str] | None:
    for name in candidates:
        vocabulary = for_field(name)
        term = vocabulary.find(text) if vocabulary else None
        if term is not None:
            return name, term.code
    return None


def _is_neutral(name: str, text: str) -> bool:
    vocabulary = for_field(name)
    return vocabulary is not None and vocabulary.is_neutral(text)
