"""Readable addresses: ``Le Fil de l'Épeule`` → ``le-fil-de-l-epeule``."""

from __future__ import annotations

import itertools
import re
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OTHER = re.compile(r"[^a-z0-9]+")
_MOST = 60
_ROOM = 8
"""Characters that a number at the end of an address may take."""


def slugify(text: str, max_length: int = _MOST) -> str:
    """ASCII lower-case words joined by hyphens, cut at a word; ``lieu`` when nothing of the text is left."""
    return readable(text, "lieu", max_length)


def readable(text: str, instead: str, max_length: int = _MOST) -> str:
    """The same, and ``instead`` for a text of which no letter can be in an address (Arabic)."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    slug = _OTHER.sub("-", folded.encode("ascii", "ignore").decode().strip()).strip("-")
    if len(slug) > max_length:
        cut = slug[: max_length + 1]
        slug = (cut.rsplit("-", 1)[0] if "-" in cut else cut[:max_length]).strip("-")
    return slug or instead


def free(session: Session, column: Any, slug: str, *where: sa.ColumnElement[bool]) -> str:
    """An address that no row has yet: as it is, else with the first free number at its end; never longer than the
    column. Whoever asks for one of that table at the same moment waits until this one is committed. Two statements.

    :param column: that holds the addresses of a table. :param where: the rows among which it must be the only one.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one transaction write at a time
        key = zlib.crc32(f"reseau:slug:{column}".encode())
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
    most = getattr(column.type, "length", None) or len(slug) + _ROOM
    alike = column.startswith(slug[: most - _ROOM], autoescape=True)
    taken = set(session.scalars(sa.select(column).where(alike, *where)))
    ends = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    made = (slug[: most - len(end)].rstrip("-") + end for end in ends)
    return next(one for one in made if one not in taken)
