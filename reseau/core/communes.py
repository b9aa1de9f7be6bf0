"""Communes of France: code, name, postcodes. Source: INSEE and La Poste through Etalab's découpage administratif.

``data/communes.tsv`` is made by the front-end build from the pinned npm package: 37,000 facts do not belong in the
repository. Columns: code, name, département, population, postcodes (``,``), code of the parent for old communes
(*communes déléguées* and *associées*).
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from reseau.core.slugs import slugify

DATA = Path(__file__).parent / "data" / "communes.tsv"
_SAINT = re.compile(r"\b(?:st|ste)\b")


@dataclass(frozen=True, slots=True)
class Commune:
    """One present commune. ``postcodes`` may be shared with others."""

    code: str
    name: str
    postcodes: tuple[str, ...]


@functools.lru_cache(8_192)
def fold_name(name: str) -> str:
    """The form in which names of communes are compared: no accents, case, hyphens; ``ST`` is ``saint``."""
    words = slugify(name, 200).replace("-", " ")
    return _SAINT.sub(lambda m: "saint" if m[0] == "st" else "sainte", words)


class Communes:
    """Look-ups among communes. Old communes answer with the present one that they belong to."""

    def __init__(self, lines: list[str]) -> None:
        self._by_code: dict[str, Commune] = {}
        self._by_name: dict[str, list[Commune]] = defaultdict(list)
        self._by_postcode: dict[str, list[Commune]] = defaultdict(list)
        old: list[tuple[str, str, str]] = []
        for line in lines:
            code, name, _, _, postcodes, parent = line.rstrip("\n").split("\t")
            if parent:
                old.append((code, name, parent))
                continue
            commune = Commune(code, name, tuple(filter(None, postcodes.split(","))))
            self._by_code[code] = commune
            self._by_name[fold_name(name)].append(commune)
            for postcode in commune.postcodes:
                self._by_postcode[postcode].append(commune)
        for code, name, parent in old:
            if current := self._by_code.get(parent):
                self._by_code.setdefault(code, current)
                named = self._by_name[fold_name(name)]
                if current not in named:
                    named.append(current)

    @functools.cached_property
    def _names(self) -> list[str]:
        return list(self._by_name)

    def by_code(self, code: str) -> Commune | None:
        """The commune of an INSEE code (an old code gives its present commune)."""
        return self._by_code.get(code)

    def codes(self) -> Iterator[str]:
        """INSEE codes of the communes of today."""
        return (code for code, commune in self._by_code.items() if commune.code == code)

    def by_postcode(self, postcode: str) -> list[Commune]:
        """The communes that share a postcode."""
        return self._by_postcode.get(postcode, [])

    def by_name(self, name: str) -> list[Commune]:
        """The communes of that name, whatever its accents, case and hyphens."""
        return self._by_name.get(fold_name(name), [])

    def nearest(self, name: str) -> list[Commune]:
        """The communes of the one name that is nearest to a misspelt one; none when several are as near.

        One error (a letter more, less, other, or two exchanged) from five letters, two from nine.
        """
        folded = fold_name(name)
        allowed = 0 if len(folded) < 5 else 1 if len(folded) < 9 else 2
        if not allowed:
            return []
        found = process.extract(folded, self._names, scorer=OSA.distance, score_cutoff=allowed, limit=2)
        if not found or (len(found) > 1 and found[1][1] == found[0][1]):
            return []
        return self._by_name[found[0][0]]

    def resolve(self, name: str | None, postcode: str | None) -> Commune | None:
        """The one commune that a name and a postcode mean; None when none or several are possible (never a guess)."""
        named = self.by_name(name) if name else []
        if postcode:
            exact = [commune for commune in named if postcode in commune.postcodes]
            if len(exact) == 1:
                return exact[0]
            near = [commune for commune in named if commune.code.startswith(_departements(postcode))]
            if len(near) == 1:
                return near[0]
            return self.by_postcode(postcode)[0] if not name and len(self.by_postcode(postcode)) == 1 else None
        return named[0] if len(named) == 1 else None


def _departements(postcode: str) -> tuple[str, ...]:
    """Beginnings of the codes of communes that a postcode can be of: Corsica's are 20…, overseas three digits count."""
    if postcode.startswith("20"):
        return ("2A", "2B")
    return (postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2],)


@functools.cache
def communes() -> Communes:
    """All communes, read once (0.2 s, 20 MB).

    :raises FileNotFoundError: the front-end build was not run (``make assets``).
    """
    with DATA.open(encoding="utf-8") as handle:
        return Communes(handle.readlines())
