"""What an engine keeps of a document: stems with weights, and the words as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from reseau.core import text
from reseau.search.protocol import Document

MAX_FIELD = 200_000
"""Characters of one field that are indexed: a book in an attachment must not hold up the index."""

REPEATED = 200
"""Characters of a field that may well be written again in another document."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document ready for an index.

    :ivar occurrences: (stem, weight) for each meaningful word, in order.
    :ivar words: the distinct (folded, surface) of these words.
    """

    id: UUID
    kind: str
    occurrences: tuple[tuple[str, float], ...]
    words: frozenset[tuple[str, str]]

    def weights(self) -> dict[str, float]:
        """Sum of weights by stem."""
        sums: dict[str, float] = {}
        for stem, weight in self.occurrences:
            sums[stem] = sums.get(stem, 0.0) + weight
        return sums


def analyse(document: Document) -> Analysed:
    """Analyse every field of ``document``."""
    occurrences: list[tuple[str, float]] = []
    found: set[tuple[str, str]] = set()
    for content, weight in document.fields:
        read = _repeated if len(content) <= REPEATED else _meaningful
        for stem, word in read(content[:MAX_FIELD]):
            occurrences.append((stem, weight))
            found.add(word)
    return Analysed(document.id, document.kind, tuple(occurrences), frozenset(found))


def _meaningful(content: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    """(stem, (folded, surface)) of each word that is not a stop word."""
    return tuple(
        (word.stem, (word.folded, word.surface[: text.MAX_WORD].lower()))
        for word in text.words(content)
        if word.stem is not None
    )


# Labels of vocabularies, names of communes: most fields of a directory are a few hundred texts.
_repeated = lru_cache(8_192)(_meaningful)


def distinct(documents: Iterable[Document]) -> Iterator[Document]:
    """``documents``, the first of each id: an index with two documents of one id could not be updated."""
    seen: set[UUID] = set()
    for document in documents:
        if document.id not in seen:
            seen.add(document.id)
            yield document
