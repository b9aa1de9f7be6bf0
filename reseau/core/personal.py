"""What other packages hold of a person. Each registers two functions; the account gives them all, and erases them all.

So the room that keeps accounts needs to know no package that comes after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

RowsOf = Callable[[Session, UUID, "str | None"], Mapping[str, list[Any]]]
Forget = Callable[[Session, UUID, "str | None"], None]


@dataclass(frozen=True, slots=True)
class Holder:
    """A package that holds something of people.

    :param rows_of: (session, person, their address) → kind → rows: of the database, or plain mappings. :param forget:
        erases what says who they are. :param secret: table → columns that are never given, even to their owner.
    """

    rows_of: RowsOf
    forget: Forget
    secret: Mapping[str, frozenset[str]]


_HOLDERS: dict[str, Holder] = {}


def register(name: str, rows_of: RowsOf, forget: Forget, secret: Mapping[str, frozenset[str]] | None = None) -> None:
    """Called where the tables are defined: whoever can write them can give and erase them."""
    _HOLDERS[name] = Holder(rows_of, forget, secret or {})


def holders() -> Iterator[Holder]:
    """All of them, by name."""
    return (holder for _, holder in sorted(_HOLDERS.items()))
