"""What a search engine is for the rest of the house: the protocol, and what goes in and out of it.

An engine is a cache of what the database holds: it can be thrown away while the site runs and is rebuilt from
the log. All engines analyse text with ``reseau.core.text`` and understand queries with
``reseau.search.spelling``, so that the same query matches the same documents on each; only scores differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

SCHEMA = 1
"""Version of what indexes hold. Raise it with the analysis: an index of another version counts as absent."""

Match = Literal["all", "any"]


class SearchError(Exception):
    """What an engine could not do."""


class Busy(SearchError):
    """Another writer, in this process or another, held the index for too long. Normal: try again later."""


class Missing(SearchError):
    """There is no index (of this schema) to update: rebuild."""


@dataclass(frozen=True)
class Document:
    """What is indexed of an object.

    :ivar id: unique over all kinds. :ivar kind: what it is searched as.
    :ivar fields: (text, weight): 8 for a title, 3 for labels, 1 for the body.
    """

    id: UUID
    kind: str
    fields: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Ranking:
    """The documents that match a query, in no order: the caller filters, sorts and breaks ties.

    :ivar universe: UUIDs of documents; the *same object* from one call to the next as long as the index has
        not changed (Whoosh), so that a caller can keep a table from it to its own rows.
    :ivar positions: places in ``universe`` of the documents that match. :ivar scores: float32, same length.
    :ivar marks: what to highlight: alternatives, each of one or several stems.
    :ivar corrections: (word typed, word understood).
    """

    universe: NDArray[np.object_]
    positions: NDArray[np.int64]
    scores: NDArray[np.float32]
    marks: frozenset[tuple[str, ...]] = frozenset()
    corrections: tuple[tuple[str, str], ...] = ()

    @cached_property
    def ids(self) -> list[UUID]:
        """The documents that match, in the order of ``scores``.

        A list, not an array: iterating it is three times faster. For thousands of documents prefer
        ``positions`` and a table kept per ``universe``: looking up a ``UUID`` in a dict costs 0.4 µs, its
        hash is Python code.
        """
        ids: list[UUID] = self.universe[self.positions].tolist()
        return ids

    def __len__(self) -> int:
        return len(self.positions)


def nothing(marks: Iterable[tuple[str, ...]] = (), corrections: tuple[tuple[str, str], ...] = ()) -> Ranking:
    """A ranking without documents."""
    empty: NDArray[Any] = np.empty(0, dtype=object)
    return Ranking(empty, np.empty(0, np.int64), np.empty(0, np.float32), frozenset(marks), corrections)


@dataclass(frozen=True)
class Status:
    """How an index is. ``present`` is False when there is none, or none that can be read."""

    engine: str
    present: bool
    documents: int = 0
    cursor: int = 0
    bytes: int = 0
    schema: int = field(default=SCHEMA)


class Engine(Protocol):
    """A search index."""

    def rank(self, query: str, kind: str, *, match: Match = "all", also: Sequence[str] = ()) -> Ranking:
        """The documents of ``kind`` that answer ``query``. Never raises for what the query is.

        :param match: "all": every term of the query, by one of its alternatives. "any": at least one; a
            document that answers more terms has a higher score than one that answers fewer.
        :param also: other kinds that the same page searches: a word of theirs is no typing error, and stays as it is.
        """

    def rank_each(
        self, query: str, kinds: Sequence[str], *, match: Match = "all", also: Sequence[str] = ()
    ) -> list[Ranking]:
        """:meth:`rank` for each of several kinds, in their order, with the same ``also``: an engine that is asked over
        a wire is asked once."""

    def suggest(self, prefix: str, kind: str, limit: int = 8) -> list[str]:
        """Words, as most often written, that complete the last word of ``prefix``; most frequent first."""

    def update(self, documents: Iterable[Document], deleted: Iterable[UUID], cursor: int) -> None:
        """Put in (or replace) ``documents``, take out ``deleted``, and note ``cursor``: all of it, or
        nothing.

        A document in both stays. Does nothing when the index is already past ``cursor``: another process was
        faster.

        :raises Busy: another writer. :raises Missing: nothing to update.
        """

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        """Replace the whole index, whatever its state; searches see the old one until it is done.

        :raises Busy: another writer.
        """

    def cursor(self) -> int:
        """The ``seq`` of the last change indexed; 0: the index is absent, damaged or of another schema."""

    def status(self) -> Status:
        """How the index is; never raises for a damaged one."""

    def warm(self) -> None:
        """Read ahead what queries will need. Optional: the first queries would do it, more slowly."""
