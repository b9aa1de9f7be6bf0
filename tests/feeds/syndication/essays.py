"""A kind of object that only tests have: its words and who reads it are in a dictionary, its changes in the real log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication import publishers
from feeds.syndication.publishers import Item, Place, Publisher
from reseau.core.changes import Entry, Op, record
from reseau.core.ids import new_id

KIND = "essai"
PLACE = Place("Réseau d’essai", "https://essai.example", "fr")
BORN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Essays:
    """Objects of the tests. ``read``: id → title, of those that everybody reads. ``silent``: nothing is said of them."""

    def __init__(self) -> None:
        self.read: dict[UUID, str] = {}
        self.silent: set[UUID] = set()
        self.broken: set[UUID] = set()

    def entries(self, _session: Session, ids: Collection[UUID], place: Place) -> dict[UUID, Item | None]:
        """What the publisher says."""
        if self.broken & set(ids):
            raise RuntimeError("a bad one")
        found: dict[UUID, Item | None] = {id_: self.item(id_, place) for id_ in ids if id_ in self.read}
        return found | dict.fromkeys(self.silent & set(ids))

    def hidden(self, _place: Place, id_: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
        """Of which the reader is not to know."""
        return id_.in_(self.silent)

    def item(self, id_: UUID, place: Place) -> Item:
        """One of them."""
        return Item(id_, KIND, self.read[id_], f"{place.url}/essais/{id_}", "<p>Texte</p>", "Lieu", BORN)

    def write(self, session: Session, title: str, id_: UUID | None = None) -> UUID:
        """A new one, or another title for one that is there."""
        op = Op.PUBLISH if id_ is None else Op.UPDATE
        id_ = id_ or new_id()
        self.read[id_] = title
        self.log(session, id_, op)
        return id_

    def take(self, session: Session, id_: UUID, op: Op = Op.WITHDRAW) -> None:
        """Nobody reads it any more."""
        self.read.pop(id_, None)
        self.log(session, id_, op)

    def log(self, session: Session, id_: UUID, op: Op, kind: str = KIND) -> None:
        """A row of the log, committed."""
        record(session, Entry(kind, id_, 1, op))
        session.commit()


@contextmanager
def essays() -> Iterator[Essays]:
    """Registered for as long as a test lasts."""
    made = Essays()
    publishers.register(Publisher(KIND, made.entries, hidden=made.hidden))
    try:
        yield made
    finally:
        publishers._PUBLISHERS.pop(KIND, None)
