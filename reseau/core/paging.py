"""Pages of a list: which one is shown, out of how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. ``rows``: what it shows. ``total``: rows of the whole list. ``number``: from 1. ``size``: rows of a
    full page."""

    rows: list[T]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return pages_of(self.total, self.size)


def pages_of(total: int, size: int) -> int:
    """How many pages of ``size`` rows hold ``total`` rows: 1 at least."""
    return max(1, -(-total // size))


def nearest(number: int, total: int, size: int) -> int:
    """The page to show when ``number`` is asked for. Beyond the last one it is the last: the list was longer a moment
    ago, and its first page would look like another list."""
    return min(max(number, 1), pages_of(total, size))


def offset(number: int, size: int) -> int:
    """How many rows come before a page."""
    return (number - 1) * size
