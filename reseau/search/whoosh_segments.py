"""What a Whoosh index says, as columns in memory, and how documents are scored with them.

Whoosh scores by walking each posting in Python: 35–100 ms for a word that most documents have. Here a posting
list is read once for each segment, which never changes, into two arrays; combining and scoring them takes
well under 1 ms.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Segment
from whoosh.reading import SegmentReader

from reseau.search.protocol import Match, Ranking, nothing
from reseau.search.spelling import Alternative, Plan, Vocabulary
from reseau.search.whoosh_store import LENGTH_BYTES, Location, Memory, State, whoosh_schema

SEPARATOR = "\x1f"
K1, B = 1.2, 0.75

Column = tuple[NDArray[np.uint32], NDArray[np.float32]]
_NO_POSTINGS: Column = (np.empty(0, np.uint32), np.empty(0, np.float32))
_IDENT = np.dtype([("id", "V16"), ("length", f">u{LENGTH_BYTES}")])


def term(kind: str, *parts: str) -> str:
    """The term of an index: its kind comes first, so that each kind has its own postings and frequencies.

    The term of a kind alone is in each of its documents.
    """
    return SEPARATOR.join((kind, *parts))


class Budget:
    """How many postings may be kept in memory, over all segments of an engine."""

    def __init__(self, postings: int) -> None:
        self._left = postings
        self._lock = threading.Lock()

    def take(self, postings: int) -> bool:
        """Reserve; False if there is not enough left."""
        with self._lock:
            if granted := postings <= self._left:
                self._left -= postings
            return granted

    def give_back(self, postings: int) -> None:
        """Free what was reserved."""
        with self._lock:
            self._left += postings


class Segment:
    """The columns of one segment. Deletions are not its business: see :class:`Snapshot`.

    :ivar ids: UUID of each document. :ivar lengths: its meaningful words, for BM25.
    """

    def __init__(self, location: Location, state: State, segment: W3Segment, budget: Budget) -> None:
        self.name: str = segment.segment_id()
        self._budget, self._taken = budget, 0
        self._lock = threading.Lock()  # matchers of one reader share the position in one file
        # A segment without deletions: the reader would filter each posting list through a Python set.
        bare = W3Segment(segment.codec(), segment.indexname, segment.doc_count_all(), segment.segid)
        self._reader = SegmentReader(Memory(location, state, segment), whoosh_schema(), bare)
        idents = b"".join(self._reader.column_reader("ident", translate=False))
        table = np.frombuffer(idents, dtype=_IDENT)
        self.ids = np.empty(len(table), dtype=object)
        self.ids[:] = [UUID(bytes=bytes(ident)) for ident in table["id"]]
        self.lengths = table["length"].astype(np.float32)
        self.frequencies: dict[str, int] = {
            text.decode(): int(info.doc_frequency())
            for (field, text), info in self._reader.iter_from("stems", "")
            if field == "stems"
        }
        self._columns: dict[str, Column] = {}
        self._positions = {ident: at for at, ident in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def __del__(self) -> None:
        if taken := getattr(self, "_taken", 0):
            self._budget.give_back(taken)

    def find(self, ids: Iterable[UUID]) -> list[int]:
        """Positions of these documents, deleted or not; a segment holds a document once at most."""
        return [self._positions[ident] for ident in ids if ident in self._positions]

    def column(self, key: str) -> Column:
        """(document numbers, weights) of a term, from memory or else from Whoosh."""
        if (known := self._columns.get(key)) is not None:
            return known
        if key not in self.frequencies:
            return _NO_POSTINGS
        with self._lock:
            column = self._read(key)
        if key not in self._columns and self._budget.take(len(column[0])):
            self._taken += len(column[0])
            self._columns[key] = column
        return column

    def _read(self, key: str) -> Column:
        # Only the public interface: 0.35 µs a posting, once. Unpicking the blocks ourselves was twice as
        # fast.
        size = self.frequencies[key]
        numbers, weights = np.empty(size, np.uint32), np.empty(size, np.float32)
        matcher = self._reader.postings("stems", key)
        for at in range(size):
            numbers[at], weights[at] = matcher.id(), matcher.weight()
            matcher.next()
        return numbers, weights

    @cached_property
    def words(self) -> dict[str, Counter[tuple[str, str]]]:
        """Documents by (folded, surface), for each kind; deleted ones included."""
        counts: dict[str, Counter[tuple[str, str]]] = {}
        with self._lock:
            for (field, text), info in self._reader.iter_from("words", ""):
                if field != "words":
                    break
                kind, folded, surface = text.decode().split(SEPARATOR)
                counts.setdefault(kind, Counter())[folded, surface] = int(info.doc_frequency())
        return counts

    def words_of(self, numbers: Iterable[int]) -> Counter[tuple[str, str, str]]:
        """(kind, folded, surface) of these documents."""
        counts: Counter[tuple[str, str, str]] = Counter()
        with self._lock:
            for number in numbers:
                for entry in self._reader.stored_fields(number).get("surface", "").split("\x1e"):
                    kind, folded, surface = entry.split(SEPARATOR) if entry else ("", "", "")
                    counts[kind, folded, surface] += 1
        return counts


@dataclass(frozen=True)
class Part:
    """A segment as one commit sees it."""

    segment: Segment
    live: NDArray[np.bool_]
    base: int

    def dense(self, key: str) -> NDArray[np.float32]:
        """Weight of a term in each document."""
        numbers, weights = self.segment.column(key)
        values = np.zeros(len(self.segment), np.float32)
        values[numbers] = weights
        return values

    def frequency(self, key: str) -> int:
        """Live documents that have a term."""
        numbers = self.segment.column(key)[0]
        return int(np.count_nonzero(self.live[numbers]))


class Snapshot:
    """One commit of the index; never changes, so that any number of threads may search in it.

    Frequencies and lengths are those of live documents, over all segments: an index that grew by updates
    ranks exactly as a fresh one.
    """

    def __init__(self, location: Location, state: State, parts: Sequence[Part]) -> None:
        self.location, self.state, self.parts = location, state, tuple(parts)
        ids = [part.segment.ids for part in parts]
        self.universe: NDArray[Any] = np.concatenate(ids) if ids else np.empty(0, dtype=object)
        self._lock = threading.Lock()
        self._norms: dict[str, tuple[int, list[NDArray[np.float32]]]] = {}
        self._vocabularies: dict[str, Vocabulary] = {}

    def documents(self) -> int:
        """Live documents."""
        return sum(int(np.count_nonzero(part.live)) for part in self.parts)

    def find(self, ids: Sequence[UUID]) -> list[int]:
        """Positions of the live documents among ``ids``."""
        return [part.base + number for part in self.parts for number in part.segment.find(ids) if part.live[number]]

    def frequency(self, kind: str, stem: str) -> int:
        """Live documents of ``kind`` with ``stem``."""
        key = term(kind, stem)
        return sum(part.frequency(key) for part in self.parts)

    def vocabulary(self, kind: str) -> Vocabulary:
        """The words of the live documents of ``kind``."""
        if (known := self._vocabularies.get(kind)) is not None:
            return known
        with self._lock:
            if kind not in self._vocabularies:
                self._vocabularies[kind] = self._count_words(kind)
            return self._vocabularies[kind]

    def _count_words(self, kind: str) -> Vocabulary:
        counts: Counter[tuple[str, str]] = Counter()
        for part in self.parts:
            counts.update(part.segment.words.get(kind, {}))
            gone_words = part.segment.words_of(np.flatnonzero(~part.live).tolist())
            for (of, folded, surface), gone in gone_words.items():
                if of == kind:
                    counts[folded, surface] -= gone
        return Vocabulary((folded, surface, count) for (folded, surface), count in counts.items() if count > 0)

    # --- scores

    def rank(self, kind: str, plan: Plan, match: Match) -> Ranking:
        """The documents that ``plan`` finds."""
        groups = plan.groups
        if match == "all" and not all(groups):
            groups = ()
        total, norms = self._norm(kind)
        idfs = {stem: _idf(self.frequency(kind, stem), total) for group in groups for a in group for stem in a.stems}
        found = [_score(part, norm, kind, groups, idfs, match) for part, norm in zip(self.parts, norms, strict=True)]
        if not groups or not found:
            return nothing(plan.marks, plan.corrections)
        positions = np.concatenate([numbers + part.base for part, (numbers, _) in zip(self.parts, found, strict=True)])
        scores = np.concatenate([scores for _, scores in found])
        return Ranking(self.universe, positions, scores, plan.marks, plan.corrections)

    def _norm(self, kind: str) -> tuple[int, list[NDArray[np.float32]]]:
        """Number of documents of a kind, and BM25's k1·(1 − b + b·length/mean) by segment."""
        if (known := self._norms.get(kind)) is None:
            own = [part.dense(term(kind)).astype(bool) & part.live for part in self.parts]
            total = sum(int(np.count_nonzero(mask)) for mask in own)
            words = sum(float(p.segment.lengths[m].sum(dtype=np.float64)) for p, m in zip(self.parts, own, strict=True))
            mean = max(words / total, 1.0) if total else 1.0
            norms = [(K1 * (1 - B + B * part.segment.lengths / mean)).astype(np.float32) for part in self.parts]
            known = self._norms[kind] = (total, norms)
        return known


def _idf(frequency: int, total: int) -> float:
    return math.log1p((total - frequency + 0.5) / (frequency + 0.5)) if frequency else 0.0


def _score(
    part: Part,
    norm: NDArray[np.float32],
    kind: str,
    groups: Sequence[Sequence[Alternative]],
    idfs: dict[str, float],
    match: Match,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(document numbers, scores) in one segment."""
    impacts: dict[str, NDArray[np.float32]] = {}
    for stem, idf in idfs.items():
        weights = part.dense(term(kind, stem))
        impacts[stem] = np.float32(idf * (K1 + 1)) * weights / (weights + norm)
    score = np.zeros(len(part.segment), np.float32)
    answered = np.zeros(len(part.segment), np.uint8)
    for group in groups:
        best = np.zeros(len(part.segment), np.float32)
        for alternative in group:
            np.maximum(best, _alternative(alternative, impacts), out=best)
        score += best
        answered += best > 0
    wanted = len(groups) if match == "all" else 1
    numbers = np.flatnonzero((answered >= wanted) & part.live)
    chosen = score[numbers]
    if match == "any":  # first how many terms, then how well
        chosen = answered[numbers].astype(np.float32) + chosen / (chosen + np.float32(8.0))
    return numbers, chosen


def _alternative(alternative: Alternative, impacts: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    factor = np.float32(alternative.factor / len(alternative.stems))
    first, *others = (impacts[stem] for stem in alternative.stems)
    if not others:
        return factor * first
    present = np.logical_and.reduce([first > 0, *(other > 0 for other in others)])
    return np.where(present, factor * np.sum([first, *others], axis=0, dtype=np.float32), np.float32(0))
