"""What can be counted of the site. Each package registers its own counts, at import (as ``core.personal``), so that the
page that shows them needs to know no package that comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Count:
    """One count.

    :param name: code, at most 40 characters: a column of the CSV. :param title: French msgid. :param words: what it
        counts and what it does not, in one or two sentences, French msgid. :param number: (session, day) → how many, on
        that day (of the site's time zone); at most one statement. :param order: place on the page.
    """

    name: str
    title: str
    words: str
    number: Callable[[Session, date], int]
    order: int = 100


_COUNTS: dict[str, Count] = {}


def register(count: Count) -> None:
    """Called at import. Twice is once."""
    _COUNTS[count.name] = count


def counts() -> list[Count]:
    """All of them, in the order of the page."""
    return sorted(_COUNTS.values(), key=lambda one: (one.order, one.name))
