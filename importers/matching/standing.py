"""How what two sheets say of one thing stands: the same, alike, only one says it, different. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importers.matching.scoring import metres
from importers.matching.vocabulary import vocabulary
from reseau.core.text import fold
from reseau.core.wording import _
from reseau.desk.comparing import Difference
from reseau.directory.projection import is_empty

STEPS = 30
"""Metres: two points that are nearer are of one door."""
#: What stands beside the title of a line; nothing when both say the same.
TOLD = {
    "alike": _("presque pareil"),
    "left": _("seulement A"),
    "right": _("seulement B"),
    "other": _("différent"),
}


def standing(row: Difference) -> str:
    """``same``; ``alike``: case, accents, an abbreviation, some steps apart, or one says a little more; ``left``,
    ``right``: only that one says something; ``other``."""
    if row.stays == "same":
        return "same"
    mine, theirs = (
        {name: value for name, value in some.items() if not is_empty(value)} for some in (row.kept, row.lost)
    )
    if not mine or not theirs:
        return "left" if mine else "right"
    if row.name == "latitude":
        return "alike" if _near(mine, theirs) else "other"
    both = mine.keys() & theirs.keys()
    return "alike" if both and all(_plain(mine[name]) == _plain(theirs[name]) for name in both) else "other"


def _near(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    points = [(float(some["latitude"]), float(some["longitude"])) for some in (mine, theirs) if len(some) == 2]
    return len(points) == 2 and (metres(*points) or 0) < STEPS


def _plain(value: Any) -> Any:
    """A value without what makes no difference: case, accents, signs, abbreviations, the order of a list."""
    if isinstance(value, list):
        return sorted(str(_plain(one)) for one in value)
    if not isinstance(value, str):
        return value
    short = vocabulary().street_short
    return " ".join(short.get(word, word) for word in fold(value).split()) or value
