"""What the address of a list page asks, read without ever raising: what cannot be understood is set aside, and said.

The list of places and that of resources read their parameters so; each knows its own filters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

S = TypeVar("S", bound=str)

_DIGITS = re.compile(r"\d{1,6}")
_SHOWN = 60  # characters of a value that is said to be ignored


class Asked:
    """The parameters of a request. ``ignored``: (name, value) of those that mean nothing, in the order they were met.

    :param pairs: decoded (name, value) pairs, repeated names allowed.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.values: dict[str, list[str]] = {}
        self.ignored: list[tuple[str, str]] = []
        for name, value in pairs:
            if value := value.replace("\x00", "").strip():
                self.values.setdefault(name, []).append(value)

    def ignore(self, name: str, value: str) -> None:
        """Set a value aside."""
        self.ignored.append((name, value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"))

    def one(self, name: str) -> str:
        """The first value of a name, or "": the others are ignored."""
        first, *others = self.values.get(name, [""])
        for other in others:
            self.ignore(name, other)
        return first

    def words(self, most: int) -> str:
        """The words of ``q``, cut at ``most`` characters."""
        query = " ".join(self.one("q").split())
        if len(query) > most:
            self.ignore("q", query)
            query = query[:most].rstrip()
        return query

    def meaning(self, query: str) -> str:
        """The query, or "" for punctuation, emoji, bytes that were no text: nothing to look for."""
        if not query or any(map(str.isalnum, query)):
            return query
        self.ignore("q", query)
        return ""

    def sort(self, known: Sequence[S]) -> S | None:
        """The order asked for, if it is one of ``known``."""
        value = self.one("tri")
        for sort in known:
            if value == sort:
                return sort
        if value:
            self.ignore("tri", value)
        return None

    def page(self, last: int) -> int:
        """The number of the page, from 1 to ``last``."""
        value = self.one("page")
        if not value:
            return 1
        if _DIGITS.fullmatch(value) and value.isascii() and 1 <= int(value) <= last:
            return int(value)
        self.ignore("page", value)
        return 1
