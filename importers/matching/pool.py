"""Which places are worth comparing: those of the same commune that share something rare. Knows no database of the site.

Comparing each with each is 2,000 × 2,000 in one large commune. Here a place is looked up by what it says: its SIRET,
phone, address of mail, the words of its street, the words of its name (alone when they are rare in the commune, with
the square of some 300 m when they are not). A key that more than ``CROWD`` places share says nothing and is left out:
one place is compared with some dozens, however many there are.

Places and keys are in a file: in memory they cost 9 kB a place, and forgetting some to read them again was slower than
the file. SQLite makes it (a database without a name: it has no name on the disk either, and goes with the process).
"""

from __future__ import annotations

import marshal  # of tuples of ours, in that file; pickle writes three times slower
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from uuid import UUID

from importers.matching.reading import Place, Street
from importers.matching.scoring import NEVER, Score, name_likeness, score
from importers.matching.vocabulary import vocabulary

CROWD = 60
CACHE_KIB = 8 * 1024
"""Of the file, in memory; 80,000 places take 41 MB."""
_SQUARE = (0.0027, 0.0041)  # some 300 m in metropolitan France
_PREFIX = 5  # letters of a word that count: a typing error is mostly further on
#: One transaction for ever (committing what goes to no disk costs 5 to 25 times the writing), so no journal.
_OPEN = f"""
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
PRAGMA cache_size=-{CACHE_KIB};
CREATE TABLE place (number INTEGER PRIMARY KEY, id BLOB UNIQUE, rev INTEGER, packed BLOB);
CREATE TABLE block (town TEXT, key INTEGER, number INTEGER, PRIMARY KEY (town, key, number)) WITHOUT ROWID;
BEGIN;
"""


class Pool:
    """Places of some communes, with the revision of each; their keys are UUIDs. For one thread at a time.

    For whoever keeps it up to date (``matcher``): ``towns``: INSEE codes of those that are here whole (cities: see
    ``vocabulary.city_of``); ``seq``: how far the log is read; ``unsure``: what a transaction had written and not
    committed when it was read.
    """

    def __init__(self) -> None:
        self._owner: object = None
        self._open()

    def _open(self) -> None:
        # What closes it may be the collector, in any thread.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._closing = weakref.finalize(self, self._db.close)
        self._db.executescript(_OPEN)
        self.towns: set[str] = set()
        self.seq = 0
        self.unsure: set[UUID] = set()

    def clear(self) -> None:
        """Forget all."""
        self._closing()
        self._open()

    def belong(self, owner: object) -> None:
        """What is here is of one owner (a run, in a database): it is forgotten when another one comes."""
        if owner != self._owner:
            self.clear()
            self._owner = owner

    def put(self, places: Iterable[tuple[Place, int]]) -> None:
        """Put places in, each with its revision, instead of what was there under their keys."""
        for place, rev in places:
            id_ = _id(place)
            self.drop([id_])
            row = (id_.bytes, rev, _pack(place))
            number = self._db.execute("INSERT INTO place (id, rev, packed) VALUES (?, ?, ?)", row).lastrowid
            blocks = [(place.town, key, number) for key in _hashed(keys(place))]
            self._db.executemany("INSERT INTO block VALUES (?, ?, ?)", blocks)

    def drop(self, ids: Iterable[UUID]) -> None:
        """Take places out, if they are there."""
        for id_ in ids:
            row = self._db.execute("SELECT number, packed FROM place WHERE id = ?", (id_.bytes,)).fetchone()
            if row is not None:
                place = _unpack(id_, row[1])
                blocks = [(place.town, key, row[0]) for key in _hashed(keys(place))]
                self._db.executemany("DELETE FROM block WHERE town = ? AND key = ? AND number = ?", blocks)
                self._db.execute("DELETE FROM place WHERE number = ?", row[:1])

    def revs(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        """Which revision of each is here, of those that are."""
        rows = ((id_, self._db.execute("SELECT rev FROM place WHERE id = ?", (id_.bytes,)).fetchone()) for id_ in ids)
        return {id_: row[0] for id_, row in rows if row is not None}

    def like(self, place: Place) -> list[tuple[Score, Place]]:
        """Places that may be the same, from the threshold ``low``; best first, of two alike the one that was made
        first."""
        low = vocabulary().low
        scored: list[tuple[Score, Place]] = []
        for other in self._candidates(place):
            likeness = name_likeness(place, other)
            if likeness >= NEVER and (one := score(place, other, likeness)).value >= low:
                scored.append((one, other))
        return sorted(scored, key=lambda one: (-one[0].value, str(one[1].key)))

    def _candidates(self, place: Place) -> Iterator[Place]:
        numbers: set[int] = set()
        for key in _hashed(asked(place)):
            wanted = "SELECT number FROM block WHERE town = ? AND key = ? LIMIT ?"
            found = self._db.execute(wanted, (place.town, key, CROWD + 1)).fetchall()
            if len(found) <= CROWD:
                numbers.update(number for (number,) in found)
        for number in numbers:
            id_, packed = self._db.execute("SELECT id, packed FROM place WHERE number = ?", (number,)).fetchone()
            other = _unpack(UUID(bytes=id_), packed)
            if other.key != place.key:
                yield other


def keys(place: Place) -> Iterator[str]:
    """Under which a place is found."""
    yield from _common(place)
    if place.point:
        north, east = _square(place.point)
        for word in place.words:
            yield f"near {word[:_PREFIX]} {north} {east}"


def asked(place: Place) -> Iterator[str]:
    """Where the like of a place is looked for: as :func:`keys`, in the squares around too."""
    yield from _common(place)
    if place.point:
        north, east = _square(place.point)
        for word in place.words:
            for row in (north - 1, north, north + 1):
                for column in (east - 1, east, east + 1):
                    yield f"near {word[:_PREFIX]} {row} {column}"


def _common(place: Place) -> Iterator[str]:
    if place.siret:
        yield f"siret {place.siret}"
    for phone in place.phones:
        yield f"phone {phone}"
    for mail in place.mails:
        yield f"mail {mail}"
    if place.street:
        number = place.street.numbers[0] if place.street.numbers else 0
        for word in place.street.words:
            yield f"street {word[:_PREFIX]}"
            yield f"door {word[:_PREFIX]} {number}"
    for word in place.words:
        yield f"name {word[:_PREFIX]}"


def _hashed(texts: Iterable[str]) -> set[int]:
    """Keys as the file has them: 64 bits. Python's own hash lives as long as the process, and so does the file; of
    texts, for of numbers it is the number, but that of -1 is that of -2: two squares west of Greenwich would be one.
    Two keys of one hash would add a candidate, which is compared as any other."""
    return {hash(text) for text in texts}


def _square(point: tuple[float, float]) -> tuple[int, int]:
    return int(point[0] // _SQUARE[0]), int(point[1] // _SQUARE[1])


def _id(place: Place) -> UUID:
    if not isinstance(place.key, UUID):
        raise TypeError(f"a place of a pool has a UUID, not {place.key!r}")
    return place.key


def _pack(place: Place) -> bytes:
    """A place without its key."""
    street = (place.street.words, place.street.kind, place.street.numbers) if place.street else None
    return marshal.dumps(
        (place.issuers, place.town, place.name, dict(place.words), place.kinds, street, place.point, place.phones,
         place.mails, place.siret, place.typologies)
    )  # fmt: skip


def _unpack(id_: UUID, packed: bytes) -> Place:
    issuers, town, name, words, kinds, street, *others = marshal.loads(packed)  # noqa: S302 - what _pack made
    return Place(id_, issuers, town, name, words, kinds, street and Street(*street), *others)
