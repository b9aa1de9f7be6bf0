"""Compact columns of the published resources in memory: what filters, counts and sorts (see ``directory.facts``).

Simpler than those of the directory: a network has hundreds of resources where it has thousands of places, so all are
read again (one statement) when one has changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from reseau.core.changes import Change, LogClock
from reseau.core.text import fold
from reseau.core.vocabularies import vocabulary
from resources.base.langs import OFFERED
from resources.base.models import KIND, Opinion, Resource, ResourceUse, ResourceVersion, State, Visibility
from resources.base.shapes import NIVEAUX

Mask = NDArray[np.bool_]
#: Parameter of ``/ressources`` → (column of the resource, vocabulary); the others are computed.
FACETS: dict[str, tuple[str, str]] = {
    "theme": ("themes", "themes"),
    "demarche": ("demarches", "demarches"),
    "public": ("publics", "publics_ressources"),
    "support": ("supports", "supports"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """What the columns need of one resource. ``public``: everyone reads it. ``day``: ISO moment of its version."""

    id: UUID
    sort_key: str
    public: bool
    at: str
    terms: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Facts:
    """A snapshot. ``items``: in the order of their titles, then ids. ``languages``: in which at least one can be read,
    those most asked for first."""

    seq: int
    items: list[Item]
    row_of: dict[UUID, int] = field(init=False)
    terms: dict[tuple[str, str], Mask] = field(init=False)
    public: Mask = field(init=False)
    by_date: NDArray[np.int32] = field(init=False)
    languages: tuple[str, ...] = field(init=False)
    _universe: tuple[NDArray[np.object_], NDArray[np.int64]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        items = self.items
        self.row_of = {item.id: row for row, item in enumerate(items)}
        self.public = np.array([item.public for item in items], dtype=np.bool_)
        newest = sorted(range(len(items)), key=lambda row: items[row].at, reverse=True)
        self.by_date = np.empty(len(items), dtype=np.int32)
        self.by_date[newest] = np.arange(len(items), dtype=np.int32)
        self.terms = {}
        for row, item in enumerate(items):
            for term in item.terms:
                self.terms.setdefault(term, self.nothing())[row] = True
        spoken = {code for name, code in self.terms if name == "langue_contenu"}
        self.languages = (*(code for code in OFFERED if code in spoken), *sorted(spoken - set(OFFERED)))

    def __len__(self) -> int:
        return len(self.items)

    def nothing(self) -> Mask:
        """A fresh mask that is false everywhere."""
        return np.zeros(len(self.items), dtype=np.bool_)

    def visible(self, network: bool) -> Mask:
        """A fresh mask of what may be listed. :param network: for whoever belongs to the network."""
        return self.public.copy() | network

    def having(self, parameter: str, codes: Iterable[str]) -> Mask:
        """Resources for which at least one of the codes is true."""
        mask = self.nothing()
        for code in codes:
            if (known := self.terms.get((parameter, code))) is not None:
                mask |= known
        return mask

    def rows_of(self, universe: NDArray[np.object_]) -> NDArray[np.int64]:
        """Row of each id of an array, -1 for those that are not here; kept for as long as it is the same array."""
        kept = self._universe
        if kept is None or kept[0] is not universe:
            rows = (self.row_of.get(id_, -1) for id_ in universe)
            kept = self._universe = universe, np.fromiter(rows, dtype=np.int64, count=len(universe))
        return kept[1]


@dataclass(frozen=True, slots=True)
class Moment:
    """A snapshot as one request sees it. ``stamp``: changes with whatever a list shows (opinions and uses are not in
    the log)."""

    facts: Facts
    stamp: tuple[str, ...]


class FactsReader:
    """Gives the snapshot that is true for a session, and makes a new one when a resource has changed."""

    def __init__(self, patience: float = 0.0) -> None:
        """``patience``: seconds for which a snapshot does although the log has moved."""
        self._patience, self._made_at = patience, 0.0
        self._lock = threading.Lock()
        self._facts: Facts | None = None

    def read(self, session: Session) -> Facts:
        """The snapshot of all that the session can see."""
        return self.moment(session).facts

    def moment(self, session: Session) -> Moment:
        """The same, and what says whether a page that shows it has changed: one statement when nothing has."""
        old = self._facts
        seq, last, *said = session.execute(_news(old.seq if old else -1)).one()
        facts = self._newest(session, seq, last)
        # Another request may have made facts that are newer than what this transaction sees.
        return Moment(facts, (str(min(facts.seq, seq)), *map(str, said)))

    def _newest(self, session: Session, seq: int, last: int | None) -> Facts:
        facts = self._facts
        if facts is not None and (facts.seq >= seq or time.monotonic() - self._made_at < self._patience):
            return facts
        if not self._lock.acquire(blocking=facts is None):
            return facts  # type: ignore[return-value]  # it is not None: else we would have waited
        try:
            facts = self._facts
            if facts is not None and facts.seq < seq and last is None:
                facts = self._facts = replace(facts, seq=seq)  # news of other kinds
            elif facts is None or facts.seq < seq:
                facts = self._facts = Facts(seq, sorted(load(session), key=lambda one: (one.sort_key, one.id)))
            self._made_at = time.monotonic()
            return facts
        finally:
            self._lock.release()


def _news(after: int) -> sa.Select[Any]:
    """(newest change, newest change of a resource after one, what makes opinions and uses another: how many there are,
    until when, and what they say, for two may be written at once and be seen in another order)."""
    ours = sa.select(sa.func.max(Change.seq)).where(Change.seq > after, Change.kind == KIND)
    counted: Any = ((Opinion, [sa.func.sum(Opinion.grade)]), (ResourceUse, []))
    said = (
        sa.select(what).scalar_subquery()
        for table, more in counted
        for what in (sa.func.count(table.resource_id), sa.func.max(table.at), *more)
    )
    return sa.select(LogClock.seq, ours.scalar_subquery(), *said).where(LogClock.id == 1)


def load(session: Session) -> list[Item]:
    """The published resources, in any order; one statement."""
    names = (
        *(column for column, _ in FACETS.values()),
        "niveau",
        "licence",
        "langs",
        "kind",
        "id",
        "title",
        "visibility",
    )
    columns = [getattr(Resource, name) for name in names]
    wanted = sa.select(*columns, ResourceVersion.at).join(
        ResourceVersion,
        sa.and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.version),
    )
    return [_item(row) for row in session.execute(wanted.where(Resource.state == State.PUBLISHED.value))]


def _item(row: Any) -> Item:
    terms = {("type", row.kind)} | {("langue_contenu", lang) for lang in row.langs}
    for parameter, (column, name) in FACETS.items():
        known = vocabulary(name)
        terms |= {(parameter, code) for code in getattr(row, column) if known.get(code)}
    terms |= {("niveau", row.niveau)} if row.niveau in NIVEAUX else set()
    terms |= {("licence", row.licence)} if vocabulary("licences").get(row.licence) else set()
    public = row.visibility == Visibility.PUBLIC.value
    return Item(row.id, fold(row.title), public, row.at.isoformat(), frozenset(terms))
