"""How a query is understood: synonyms, beginnings of words and typing errors, the same for all engines.

Errors are looked up among *words as written* with the OSA distance (insertion, deletion, substitution,
transposition): measured, that finds every word with one error, where looking among stems finds 73 %, and 23 %
of transpositions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from reseau.core import text

MIN_PREFIX = 3
MAX_COMPLETIONS = 20
SYNONYM = 0.7
"""What a synonym is worth, against the word that was typed."""
COMPLETED = 0.9


class Vocabulary:
    """The words of one kind of documents.

    :param entries: (folded, surface, number of documents).
    """

    def __init__(self, entries: Iterable[tuple[str, str, int]]) -> None:
        best: dict[str, tuple[int, int, str]] = {}
        counts: dict[str, int] = {}
        for folded, surface, count in entries:
            counts[folded] = counts.get(folded, 0) + count
            # Most often written; else the one with more accents (a title in capitals has none); else the
            # first.
            candidate = (-count, sum(map(str.isascii, surface)), surface)
            if folded not in best or candidate < best[folded]:
                best[folded] = candidate
        self._counts = counts
        self._surfaces = {folded: surface for folded, (_, _, surface) in best.items()}
        self._sorted = sorted(counts)
        self._by_length: dict[int, list[str]] = {}
        for folded in self._sorted:
            if not any(map(str.isdigit, folded)):
                self._by_length.setdefault(len(folded), []).append(folded)

    def __contains__(self, folded: str) -> bool:
        return folded in self._counts

    def __len__(self) -> int:
        return len(self._counts)

    def items(self) -> Iterable[tuple[str, int]]:
        """(folded word, number of documents)."""
        return self._counts.items()

    def surface(self, folded: str) -> str:
        """The word as most often written."""
        return self._surfaces.get(folded, folded)

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Folded words that begin with ``prefix`` and are longer, the most frequent first, then in order."""
        found: list[str] = []
        for at in range(bisect_left(self._sorted, prefix), len(self._sorted)):
            if not self._sorted[at].startswith(prefix):
                break
            found.append(self._sorted[at])
        longer = (word for word in found if word != prefix)
        return sorted(longer, key=lambda word: (-self._counts[word], word))[:limit]

    def nearest(self, word: str, distance: int) -> str | None:
        """The known word at most ``distance`` errors away: nearest, most frequent, first in order."""
        best: tuple[int, int, str] | None = None
        for length in range(len(word) - distance, len(word) + distance + 1):
            candidates = self._by_length.get(length, ())
            for near, found, _ in process.extract(
                word, candidates, scorer=OSA.distance, score_cutoff=distance, limit=None, processor=None
            ):
                candidate = (int(found), -self._counts[near], near)
                best = candidate if best is None or candidate < best else best
        return best[2] if best else None


def allowed_errors(word: str) -> int:
    """Errors that a folded word may have: none in short words, which are near to everything, nor in codes."""
    if any(map(str.isdigit, word)) or len(word) < 4:
        return 0
    return 1 if len(word) < 8 else 2


@dataclass(frozen=True, slots=True)
class Alternative:
    """Stems that must all be present, and what finding them is worth (0 < factor ≤ 1)."""

    stems: tuple[str, ...]
    factor: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for.

    :ivar groups: one for each term of the query; a document answers it by one alternative; none: nothing can.
    """

    groups: tuple[tuple[Alternative, ...], ...]
    corrections: tuple[tuple[str, str], ...]

    @property
    def marks(self) -> frozenset[tuple[str, ...]]:
        """What was looked for: each alternative, with all its stems."""
        return frozenset(alternative.stems for group in self.groups for alternative in group)


def understand(
    query: str,
    known: Callable[[str], bool],
    vocabulary: Callable[[], Vocabulary],
    elsewhere: Callable[[str], bool] | None = None,
) -> Plan:
    """What ``query`` looks for in an index.

    :param known: is this stem in the index? :param vocabulary: the words of the index, called only when
        needed. :param elsewhere: is this stem in what is searched beside it? Then the word is right.
    """
    groups: list[tuple[Alternative, ...]] = []
    corrections: list[tuple[str, str]] = []
    for term in text.parse_query(query):
        found = [
            Alternative(stems, SYNONYM if rank else 1.0)
            for rank, stems in enumerate(term.alternatives)
            if all(map(known, stems))
        ]
        single = len(term.alternatives[0]) == 1
        folded = text.fold(term.word) if single else ""
        right = elsewhere is not None and not found and all(map(elsewhere, term.alternatives[0]))
        if single and not right and not text.is_stop_word(folded):
            repaired, understood = _repair(folded, found, vocabulary)
            if understood:
                found = repaired
                corrections.append((term.word, understood))
        groups.append(tuple(found))
    return Plan(tuple(groups), tuple(corrections))


def _repair(
    folded: str, found: list[Alternative], vocabulary: Callable[[], Vocabulary]
) -> tuple[list[Alternative], str]:
    """The alternatives for a word after correction, and the word understood ("": nothing to correct)."""
    if found:
        return _doubt(folded, found, vocabulary)
    words = vocabulary()
    if len(folded) >= MIN_PREFIX and folded.isalpha() and (completed := words.complete(folded, MAX_COMPLETIONS)):
        stems = dict.fromkeys(text.stem_of(word) for word in completed)
        return [Alternative((stem,), COMPLETED) for stem in stems], words.surface(completed[0])
    if (errors := allowed_errors(folded)) and (near := words.nearest(folded, errors)):
        return [Alternative((text.stem_of(near),), 1.0)], words.surface(near)
    return [], ""


def _doubt(
    folded: str, found: list[Alternative], vocabulary: Callable[[], Vocabulary]
) -> tuple[list[Alternative], str]:
    """A long word that nobody wrote, whose stem is known by chance: "conseiler" has the stem of "conseil".

    The word one error away is then looked for as well, and is worth more: but what was typed may be right.
    """
    if len(folded) < 8 or not folded.isalpha() or folded in (words := vocabulary()):
        return [], ""
    near = words.nearest(folded, 1)
    stems = {stem for alternative in found for stem in alternative.stems}
    if near is None or (stem := text.stem_of(near)) in stems:
        return [], ""
    unlikely = [Alternative(alternative.stems, SYNONYM * alternative.factor) for alternative in found]
    return [Alternative((stem,), 1.0), *unlikely], words.surface(near)
