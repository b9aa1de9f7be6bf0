"""What the name of a column means, and what shows that a table speaks of people. Pure."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from importers.sheets.fields import FIELDS
from reseau.core.vocabularies import fold

#: What the cell of the id of our template holds in its lines of help and example.
HELP, EXAMPLE = "Aide :", "exemple-a-effacer"
_NIR: Final = re.compile(r"[12]\d\d(0[1-9]|1[0-2]|[2-9]\d)(\d\d|2[AB])\d{6}(\d\d)?", re.I)


@cache
def _data() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    said = tomllib.loads(files("importers.sheets").joinpath("synonyms.toml").read_text("utf-8"))
    words = {name: frozenset(found) for name, found in said.pop("words").items()}
    names: dict[str, str] = {}
    for field, synonyms in said.items():
        for one in (fold(field), fold(FIELDS[field]), *map(fold, synonyms)):
            names.setdefault(one, field)
    return names, words


def by_name(name: str) -> str:
    """The field that the name of a column means, or ""."""
    folded = fold(name)
    bare = re.sub(r"^(le|la|les|votre|vos) | (du|de la|de l) (lieu|structure|etablissement)$", "", folded)
    return _data()[0].get(folded) or _data()[0].get(bare, "")


def is_of_people(name: str) -> bool:
    """Whether a name of column speaks of those who work in the places."""
    found = set(fold(name).split())
    words = _data()[1]
    return bool(found & words["people"]) and not found & words["harmless"] and not by_name(name)


def is_of_people_helped(name: str) -> bool:
    """Whether a name of column speaks of those who are helped."""
    folded, words = fold(name), _data()[1]
    found = set(folded.split())
    return folded in words["refused"] or bool(found & words["helped"] and not found & words["harmless"])


def is_nir(value: str) -> bool:
    """Whether a cell is a number of French social security, with or without its key."""
    bare = re.sub(r"[\s.-]", "", value)
    return len(bare) in (13, 15) and bool(_NIR.fullmatch(bare))
