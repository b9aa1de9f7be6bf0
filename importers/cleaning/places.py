"""Street, postcode and commune: each cell, then the three together.

Nothing is looked for outside of what the row says and the list of communes: no geocoder (blind retries of the national
tool moved some 512 places to another département).
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from importers.cleaning import codes
from importers.cleaning.rules import NOTHING, Mended
from importers.cleaning.texts import line, said
from importers.locating import lookup
from reseau.core.communes import communes
from reseau.core.mending import ROUNDS, Step, mend, sub

__all__ = [
    "NAMES_OF_NO_PLACE", "Commune", "Parted", "address", "cedex", "commune", "only_postcode", "part", "region"
]  # fmt: skip

ADDRESS_RULES: Final = (
    sub("prefixe-vide", r"^(?:(?:null|none|undefined)[\s,]+)+(?=\S)"),
    sub("numero-zero", r"^(?:0+[\s,]+)+(?=\S)"),
    sub("exposant-perdu", r"(?<=[^\W\d_]{2})[²³](?=[^\W\d_])"),
    sub("ponctuation-au-bord", r"^[\s,;]+|[\s,;]+$"),
)
COMMUNE_RULES: Final = (sub("cedex", r"(?:^|[\s,-]+)cedex(?:\s+\d{1,2})?$"),)
_LEADING_POSTCODE = re.compile(r"(\d{5})\b[\s,-]*")

_ANY_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
#: What stands before a postcode, the postcode, what stands after.
_GLUED = re.compile(r"(?P<street>.*?)[\s,;(-]*(?<!\d)(?P<postcode>\d{5})(?!\d)[\s,-]+(?P<town>\D.*)")

#: Where nobody dials a 0 before a number (``contacts.LOCAL``), by the first digits of codes of communes and postcodes.
_REGIONS: Final = {"975": "PM", "986": "WF", "987": "PF", "988": "NC"}


def region(*some: str | None) -> str | None:
    """The ISO code of the overseas collectivity of a code INSEE or postcode, where numbers are dialled otherwise."""
    return next((_REGIONS[code[:3]] for code in some if code and code[:3] in _REGIONS), None)


def address(value: Any) -> Mended:
    """Return the street part: ``null Grande Rue`` → ``Grande Rue``, ``00 Rue`` → ``Rue``."""
    read = line(value)
    if read.value is None:
        return NOTHING
    found, steps = mend(read.value, ADDRESS_RULES, rounds=ROUNDS)
    # "00000" alone, "null": nothing is left of them but what they are.
    return Mended(found, None, read.steps + steps) if said(found) else NOTHING


class Commune(NamedTuple):
    """A cell of a commune: its name, and the postcode that it carried."""

    name: Mended
    carried: str | None


def commune(value: Any) -> Commune:
    """Return the name as written, without leading postcode or CEDEX, and the postcode that it carried."""
    read = line(value)
    if read.value is None:
        return Commune(NOTHING, None)
    found = _LEADING_POSTCODE.match(read.value)
    bare = read.value[found.end() :] if found else read.value
    steps: tuple[Step, ...] = (("code-postal-dans-la-commune", read.value, bare),) if found else ()
    name, more = mend(bare, COMMUNE_RULES, rounds=ROUNDS)
    carried = codes.postcode(found[1]).value if found else None
    name_or_none = name.strip() if any(map(str.isalnum, name)) else None
    return Commune(Mended(name_or_none, None, read.steps + steps + more), carried)


class Parted(NamedTuple):
    """A street that held its postcode and town too."""

    street: str | None
    postcode: str
    town: str


def part(street: str, name: str | None, postcode: str | None) -> Parted | None:
    """``Place de la paix 51530 MOUSSY`` → ``Place de la paix``, ``51530``, ``Moussy``; None when that is not certain.

    Certain: one number of five digits only, followed by the name of a commune that has this postcode, and nothing that
    the other cells say is against it.
    """
    if len(_ANY_POSTCODE.findall(street)) != 1:
        return None
    found = _GLUED.fullmatch(street)
    if not found or postcode not in (None, found["postcode"]):
        return None
    # "51520, Saint-Martin-sur-le-Pré, Marne, Grand Est": what follows the commune is where it lies.
    for town in (found["town"], found["town"].split(",")[0]):
        town = mend(town.strip(), COMMUNE_RULES)[0]
        there = [one for one in communes().by_name(town) if found["postcode"] in one.postcodes]
        if len(there) == 1 and (name is None or lookup(name, found["postcode"]) == there[0]):
            return Parted(found["street"].strip(" ,;(-") or None, found["postcode"], there[0].name)
    return None


def only_postcode(code: str | None) -> str | None:
    """The postcode of a commune that has one only."""
    there = communes().by_code(code) if code else None
    return there.postcodes[0] if there and len(there.postcodes) == 1 else None


def cedex(code: str | None, postcode: str | None) -> str | None:
    """The postcode of a commune that has one only, instead of one that is for mail (``12204`` → ``12200``)."""
    only = only_postcode(code) if postcode else None
    if postcode is None or only is None or communes().by_postcode(postcode):
        return None
    return only if only[:2] == postcode[:2] else None


#: What some sources give as the name of a place, and is its equipment: kept, and reported (``nom-sans-lieu``).
NAMES_OF_NO_PLACE: Final = frozenset(
    ("wifi", "wi-fi", "ordinateur", "ordinateurs", "imprimante", "scanner", "internet", "tablette", "test", "inconnu")
)
