"""How often things are read and taken. A GET changes nothing, so counts wait in memory and are written by a thread.

A process that is killed loses the counts of a few seconds: they are statistics, and no reader waits for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.background import Writer
from reseau.core.db import insert
from resources.base.models import Tally

Key = tuple[str, str, UUID, int, str, str]
_NAMES = ("day", "what", "object_id", "version", "lang", "structure")


class Tallies(Writer[Key, int]):
    """Counts of this process."""

    name = "counts"

    def add(
        self, what: str, object_id: UUID, *, day: str, version: int = 0, lang: str = "", structure: UUID | None = None
    ) -> None:
        """One more. :param what: ``view``, ``zip``, ``pdf`` or ``file``. :param day: ISO, of the site. :param lang: one
        of those that the object has, else "" (:func:`counted_lang`)."""
        self.put((day, what, object_id, version, lang[:80], str(structure or "")), 1)

    def _both(self, before: int, more: int) -> int:
        return before + more

    def _rest(self, now: int, written: int) -> int | None:
        return now - written or None

    def _write(self, session: Session, key: Key, value: int) -> None:
        _add(session, key, value)


def _add(session: Session, key: Key, count: int) -> None:
    statement = insert(session, Tally).values(**dict(zip(_NAMES, key, strict=True)), count=count)
    statement = statement.on_conflict_do_update(index_elements=list(_NAMES), set_={"count": Tally.count + count})
    session.execute(statement)


def counted_lang(lang: str, languages: Collection[str]) -> str:
    """What a count is kept under: a language that the object has, or "". Addresses may ask for any number of others."""
    return lang if lang in languages else ""


def only_place(places: Collection[UUID]) -> UUID | None:
    """The place that a count is kept by: that of whoever asks, if they have exactly one. Never who they are."""
    return next(iter(places)) if len(places) == 1 else None


def totals(session: Session, object_id: UUID) -> tuple[int, int]:
    """(views, downloads of ZIPs, PDFs and files) of a resource since ever; one statement."""
    found = session.execute(_sums(object_id)).one()
    return int(found[0] or 0), int(found[1] or 0)


def by_version(session: Session, object_id: UUID) -> Mapping[int, list[tuple[str, int, int]]]:
    """Version → (language, views, downloads), by language; one statement."""
    wanted = _sums(object_id).add_columns(Tally.version, Tally.lang).group_by(Tally.version, Tally.lang)
    found: dict[int, list[tuple[str, int, int]]] = {}
    for views, downloads, version, lang in session.execute(wanted.order_by(Tally.version, Tally.lang)):
        found.setdefault(version, []).append((lang, int(views), int(downloads)))
    return found


def _sums(object_id: UUID) -> sa.Select[int, int]:
    def summed(is_view: bool) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case(((Tally.what == "view") == is_view, Tally.count), else_=0))

    return sa.select(summed(True), summed(False)).where(Tally.object_id == object_id)
