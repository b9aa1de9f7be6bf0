"""The engine of a house without search: it finds nothing, and takes everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from reseau.search.protocol import Document, Match, Ranking, Status, nothing


class NullEngine:
    """Keeps nothing but the cursor, so that the indexer has nothing to do."""

    def __init__(self) -> None:
        self._cursor = 0

    def rank(self, query: str, kind: str, *, match: Match = "all", also: Sequence[str] = ()) -> Ranking:
        """Nothing."""
        return nothing()

    def rank_each(
        self, query: str, kinds: Sequence[str], *, match: Match = "all", also: Sequence[str] = ()
    ) -> list[Ranking]:
        """Nothing, of each."""
        return [nothing() for _ in kinds]

    def suggest(self, prefix: str, kind: str, limit: int = 8) -> list[str]:
        """Nothing."""
        return []

    def update(self, documents: Iterable[Document], deleted: Iterable[UUID], cursor: int) -> None:
        """Note the cursor; ``documents`` is not read."""
        self._cursor = max(self._cursor, cursor)

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        """Note the cursor; ``documents`` is not read."""
        self._cursor = cursor

    def cursor(self) -> int:
        """The last one noted in this process."""
        return self._cursor

    def status(self) -> Status:
        """Always present, always empty."""
        return Status(engine="null", present=True, cursor=self._cursor)

    def warm(self) -> None:
        """Nothing to do."""
