"""Which places are worth comparing: those of the same commune that share something rare. Pure; no database.

Comparing each with each is 2,000 × 2,000 in one large commune. Here a place is looked up by what it says: its SIRET,
phone, address of mail, the words of its street, the words of its name (alone when they are rare in the commune, with
the square of some 300 m when they are not). A key that more than ``CROWD`` places share says nothing and is left out:
one place is compared with some dozens, however many there are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from importers.matching.reading import Place
from importers.matching.scoring import NEVER, Score, name_likeness, score
from importers.matching.vocabulary import vocabulary

CROWD = 60
KEPT_PLACES = 10_000
"""Places that a pool keeps in memory between two batches, besides those of the communes of the batch (some 9 kB each,
measured on grown files: 90 MB)."""
_SQUARE = (0.0027, 0.0041)  # some 300 m in metropolitan France
_PREFIX = 5  # letters of a word that count: a typing error is mostly further on

Key = tuple[str | int, ...]


@dataclass(slots=True)
class Town:
    """Places of one commune and their keys. ``revs``: which revision of each is here."""

    places: dict[Hashable, Place] = field(default_factory=dict)
    revs: dict[Hashable, int] = field(default_factory=dict)
    blocks: dict[Key, set[Hashable]] = field(default_factory=dict)

    def add(self, place: Place, rev: int = 0) -> None:
        """Put a place in, instead of what was there under its key."""
        self.remove(place.key)
        self.places[place.key], self.revs[place.key] = place, rev
        for key in keys(place):
            self.blocks.setdefault(key, set()).add(place.key)

    def remove(self, key: Hashable) -> None:
        """Take a place out, if it is there."""
        place = self.places.pop(key, None)
        self.revs.pop(key, None)
        for block in frozenset(keys(place)) if place else ():
            members = self.blocks[block]
            members.discard(key)
            if not members:
                del self.blocks[block]

    def like(self, place: Place) -> list[tuple[Score, Place]]:
        """Places that may be the same, from the threshold ``low``, ids of issuers left aside; best first, of two alike
        the one that was made first."""
        found: set[Hashable] = set()
        for key in asked(place):
            members = self.blocks.get(key)
            if members is not None and len(members) <= CROWD:
                found |= members
        found.discard(place.key)
        low = vocabulary().low
        scored: list[tuple[Score, Place]] = []
        for other in (self.places[key] for key in found):
            likeness = name_likeness(place, other)
            if likeness >= NEVER and (one := score(place, other, likeness)).value >= low:
                scored.append((one, other))
        return sorted(scored, key=lambda one: (-one[0].value, str(one[1].key)))


@dataclass(slots=True)
class Pool:
    """Towns, the last used last; more than ``KEPT_PLACES`` places are not kept."""

    towns: OrderedDict[str, Town] = field(default_factory=OrderedDict)

    def town(self, code: str) -> Town:
        """That of an INSEE code (a city: see ``vocabulary.city_of``), made when it is not there."""
        found = self.towns.setdefault(code, Town())
        self.towns.move_to_end(code)
        return found

    def shrink(self, kept: Iterable[str] = ()) -> None:
        """Forget the towns that were not used for long, but those of ``kept``."""
        total = sum(len(town.places) for town in self.towns.values())
        needed = set(kept)
        for code in [code for code in self.towns if code not in needed]:
            if total <= KEPT_PLACES:
                return
            total -= len(self.towns.pop(code).places)


def keys(place: Place) -> Iterator[Key]:
    """Under which a place is found."""
    yield from _common(place)
    if place.point:
        square = _square(place.point)
        for word in place.words:
            yield ("near", word[:_PREFIX], *square)


def asked(place: Place) -> Iterator[Key]:
    """Where the like of a place is looked for: as :func:`keys`, in the squares around too."""
    yield from _common(place)
    if place.point:
        north, east = _square(place.point)
        for word in place.words:
            for row in (north - 1, north, north + 1):
                for column in (east - 1, east, east + 1):
                    yield ("near", word[:_PREFIX], row, column)


def _common(place: Place) -> Iterator[Key]:
    if place.siret:
        yield ("siret", place.siret)
    for phone in place.phones:
        yield ("phone", phone)
    for mail in place.mails:
        yield ("mail", mail)
    if place.street:
        number = place.street.numbers[0] if place.street.numbers else 0
        for word in place.street.words:
            yield ("street", word[:_PREFIX])
            yield ("door", word[:_PREFIX], number)
    for word in place.words:
        yield ("name", word[:_PREFIX])


def _square(point: tuple[float, float]) -> tuple[int, int]:
    return int(point[0] // _SQUARE[0]), int(point[1] // _SQUARE[1])
