"""What an engine keeps of a document: stems with weights, and the words as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from reseau.core import text
from reseau.search.protocol import Document

MAX_FIELD = 200_000
"""Characters of one field that are indexed: a book in an attachment must not hold up the index."""


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
        for word in text.words(content[:MAX_FIELD]):
            if word.stem is not None:
                occurrences.append((word.stem, weight))
                found.add((word.folded, word.surface[: text.MAX_WORD]))
    words = frozenset((folded, surface.lower()) for folded, surface in found)
    return Analysed(document.id, document.kind, tuple(occurrences), words)


def distinct(documents: Iterable[Document]) -> Iterator[Document]:
    """``documents``, the first of each id: an index with two documents of one id could not be updated."""
    seen: set[UUID] = set()
    for document in documents:
        if document.id not in seen:
            seen.add(document.id)
            yield document
