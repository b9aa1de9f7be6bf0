"""What a register says enters the directory here, a batch at a time: match, create, update, merge, log.

Nothing that an import does can lose a person's edit: overrides are only read. What a record matches is decided by the
*parts* of its id (any shared part); of a record without a known part, by whoever is asked (:class:`Matching`); what of
it is our own export coming back, by ``own``. Core statements with executemany: measured 3.5 to 7 times faster than ORM
objects (``docs/architecture.md``); no ``RETURNING``, which is three to four times slower on PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any, Protocol, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.ids import new_id
from reseau.directory import absences, own
from reseau.directory.merging import absorb, one_at_a_time
from reseau.directory.models import KIND, SourcePart, SourceRecord, Status, Structure
from reseau.directory.projection import RecordView, project
from reseau.directory.reproject import Projector, imported, register_day, structure_values

_RECORD = cast("sa.Table", SourceRecord.__table__)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record as an importer hands it over: already clean, in the fields of ``fields.FIELDS``.

    ``repairs``: what was mended, ``{"rule", "field", "before", "after"}`` each. ``raw_digest``: of the row as it came
    and of the rules that read it; "" when nobody looks at it.
    """

    source_id: str
    parts: tuple[str, ...]
    raw: dict[str, Any]
    mapped: dict[str, Any]
    repairs: tuple[dict[str, Any], ...] = ()
    raw_digest: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The structure that a new record goes to. ``joined``: as ``SourceRecord.joined``; None: one of its own."""

    structure_id: UUID
    joined: dict[str, Any] | None = None


class Matching(Protocol):
    """Who looks for the place of a record whose id is unknown. All in the caller's transaction."""

    def homes(self, strangers: Sequence[tuple[UUID, Incoming]]) -> list[Home]:
        """Where each goes, in their order: the structure of its own id (the first of the pair), or another one: an
        active one, or that of a stranger before it in the list."""

    def doubt(self, one: UUID, other: UUID) -> None:
        """A register says that two structures are one, and only a person may join them."""

    def apart(self, one: UUID, other: UUID) -> bool:
        """Whether a person has said that two structures are two: no register joins them any more."""

    def settle(self) -> int:
        """Once the structures are written: remember what a person has to look at. :return: how many pairs."""


@dataclass(slots=True)
class _Known:
    id: UUID
    structure_id: UUID
    source_id: str
    digest: str
    raw_digest: str
    not_seen: bool
    open: bool
    parts: set[str]


class Applier:
    """Applies batches of one source to the directory, inside the caller's transaction.

    :param session: a writing session; flushed, never committed here.
    :param source: name of the register. :param sources: order of sources of the settings. :param now: aware.
    :param run: the import run, for the history.
    """

    def __init__(
        self,
        session: Session,
        source: str,
        sources: Sequence[str],
        now: datetime,
        run: UUID | None = None,
        matching: Matching | None = None,
    ) -> None:
        self.session, self.source, self.sources, self.now = session, source, sources, now
        self.run, self._joined = run, dict[UUID, list[str]]()
        self.projector, self.because = Projector(session, sources, now), imported(source, run)
        self.matching = matching

    def apply(self, batch: Sequence[Incoming]) -> Counter[str]:
        """Apply records whose parts do not overlap inside the batch (the importer refuses those that do).

        :return: how many were created, updated, unchanged, merged, linked (a new record of a known structure),
            queued (pairs of structures that a person has to look at).
        """
        one_at_a_time(self.session)
        counts: Counter[str] = Counter()
        taken: set[UUID] = set()
        ours = own.structures(self.session, (part for item in batch for part in item.parts))
        named = {item.source_id: [ours[part] for part in item.parts if part in ours] for item in batch}
        known = self._known(part for item in batch for part in item.parts)
        shown = own.shown(self.session, ours.values())
        strangers: list[tuple[Incoming, str]] = []
        changed: list[tuple[Incoming, str, _Known]] = []
        respelled: list[tuple[Incoming, _Known]] = []
        for item in batch:
            if own.is_echo(item, ours, shown, {part: one.structure_id for part, one in known.items()}):
                counts["unchanged"] += 1  # our own data is no news
                continue
            # Our part says which sheet it is, and no more: a register may move it from one of its places to another.
            item = replace(item, parts=tuple(part for part in item.parts if part not in ours))
            digest = changes.digest(item.mapped)
            kept, merged = self._kept(item, known, taken)
            if kept is None:
                strangers.append((item, digest))
                continue
            if merged is None:
                counts["unchanged"] += 1
                continue
            counts["merged"] += merged
            self._doubt(kept.structure_id, named[item.source_id])
            same = kept.digest == digest and kept.source_id == item.source_id and not merged
            counts["unchanged" if same else "updated"] += 1
            if not same or kept.not_seen:
                changed.append((item, digest, kept))
            elif item.raw_digest != kept.raw_digest:
                respelled.append((item, kept))
        self._respell(respelled)
        self._update(changed)  # first: it frees the parts that new records take
        counts += self._create(strangers, named)
        counts["queued"] += self.matching.settle() if self.matching else 0
        return +counts

    def _kept(self, item: Incoming, known: Mapping[str, _Known], taken: set[UUID]) -> tuple[_Known | None, int | None]:
        """The record that an item is, once those that it joins are one; how many went into it.

        None for how many: the register mixes two places that a person has said to be two. What such a row says is true
        of neither of them alone: both records stay as they are.
        """
        # A record that an earlier row of the file took is not to be taken twice: the register has split it.
        matches = [m for m in _distinct(known.get(part) for part in item.parts) if m.id not in taken]
        if not matches:
            return None, 0
        kept = matches[0]
        taken.update(one.id for one in matches)
        if any(self._apart(one, other) for one, other in combinations(matches, 2)):
            return kept, None
        for lost in matches[1:]:
            self._merge(kept, lost)
        return kept, len(matches) - 1

    def _apart(self, one: _Known, other: _Known) -> bool:
        if self.matching is None or one.structure_id == other.structure_id:
            return False
        return self.matching.apart(one.structure_id, other.structure_id)

    def _doubt(self, structure_id: UUID, named: Sequence[UUID]) -> None:
        """The register groups a place that it has had with a sheet of ours that is another one: for a person."""
        for other in set(named) - {structure_id}:
            if self.matching:
                self.matching.doubt(structure_id, other)

    def parts_known_in(self, territory: frozenset[str], parts: Iterable[str]) -> frozenset[str]:
        """Those of ``parts`` that belong to a record of the source which, until now, is in the territory."""
        statement = (
            sa.select(SourcePart.part, SourceRecord.code_insee)
            .join(SourceRecord, SourceRecord.id == SourcePart.record_id)
            .where(SourcePart.source == self.source)
        )
        found = (self.session.execute(statement.where(SourcePart.part.in_(some))) for some in _chunks(parts))
        return frozenset(part for rows in found for part, code in rows if code in territory)

    def _respell(self, items: list[tuple[Incoming, _Known]]) -> None:
        """Rows that say the same in other words, or by other rules: kept as they came, so that the next run knows them
        at sight. It is no change of the record."""
        rows = [
            {"record": known.id, "raw": item.raw, "raw_digest": item.raw_digest, "repairs": list(item.repairs)}
            for item, known in items
        ]
        if rows:
            statement = sa.update(_RECORD).where(_RECORD.c.id == sa.bindparam("record"))
            self.session.connection().execute(statement, rows)

    def _known(self, parts: Iterable[str]) -> dict[str, _Known]:
        found: dict[UUID, _Known] = {}
        columns = (
            SourceRecord.structure_id, SourceRecord.source_id, SourceRecord.digest, SourceRecord.raw_digest,
            SourceRecord.not_seen_since, Structure.status,
        )  # fmt: skip
        statement = (
            sa.select(SourcePart.record_id, *columns)
            .join(SourceRecord, SourceRecord.id == SourcePart.record_id)
            .join(Structure, Structure.id == SourceRecord.structure_id)
            .where(SourcePart.source == self.source)
        )
        for some in _chunks(parts):
            for row in self.session.execute(statement.where(SourcePart.part.in_(some))):
                is_open = row[6] == Status.ACTIVE.value
                found[row[0]] = _Known(*row[:5], row[5] is not None, is_open, set())
        owned = sa.select(SourcePart.record_id, SourcePart.part).where(SourcePart.record_id.in_(found))
        by_part: dict[str, _Known] = {}
        for record_id, part in self.session.execute(owned) if found else ():
            found[record_id].parts.add(part)
            by_part[part] = found[record_id]
        return by_part

    def _create(self, items: list[tuple[Incoming, str]], named: Mapping[str, Sequence[UUID]]) -> Counter[str]:
        """New records, each on the structure that it is of: new, or known. :return: created, linked."""
        views: dict[UUID, list[RecordView]] = {}  # of new structures, in order
        linked: list[UUID] = []
        records, parts = [], []
        for (item, digest), (own_id, home) in zip(items, self._homes(items, named), strict=True):
            record = self._record_values(item, digest)
            record |= {"id": new_id(), "structure_id": home.structure_id, "first_seen_at": self.now}
            record["joined"] = home.joined
            view = RecordView(record["id"], self.source, record["date_maj"], item.mapped)
            if home.structure_id == own_id:
                views[own_id] = [view]
            elif home.structure_id in views:
                views[home.structure_id].append(view)
            else:
                linked.append(home.structure_id)
            records.append(record)
            parts += [{"source": self.source, "part": part, "record_id": record["id"]} for part in item.parts]
        self._insert(Structure, [self._new_structure(id_, some) for id_, some in views.items()])
        self._insert(SourceRecord, records)
        self._insert(SourcePart, parts)
        if linked:
            self.projector.reproject(linked, self.because)
            self._back(linked)
        return Counter(created=len(views), linked=len(records) - len(views))

    def _homes(self, items: list[tuple[Incoming, str]], named: Mapping[str, Sequence[UUID]]) -> list[tuple[UUID, Home]]:
        """For each new record: the id of the structure that it would be, and where it goes.

        :param named: id of a record → sheets of ours that it names."""
        made = [new_id() for _ in items]
        found: dict[UUID, Home] = {}
        for id_, (item, _) in zip(made, items, strict=True):
            if ours := named[item.source_id]:
                found[id_] = Home(ours[0], {"how": "own", "at": self.now.isoformat()})
                self._doubt(ours[0], ours)
        strangers = [(id_, item) for id_, (item, _) in zip(made, items, strict=True) if id_ not in found]
        if self.matching and strangers:
            homes = self.matching.homes(strangers)
            found |= {id_: home for (id_, _), home in zip(strangers, homes, strict=True)}
        return [(id_, found.get(id_, Home(id_))) for id_ in made]

    def _new_structure(self, id_: UUID, views: Sequence[RecordView]) -> dict[str, Any]:
        projection = project(views, {}, self.sources)
        values = structure_values(projection, None, register_day(projection))
        self._log(id_, 1, changes.Op.PUBLISH, values["digest"])
        return {"id": id_, "created_at": self.now, "updated_at": self.now, **_NEW, **values}

    def _update(self, items: list[tuple[Incoming, str, _Known]]) -> None:
        if not items:
            return
        records = [{"record": known.id, **self._record_values(item, digest)} for item, digest, known in items]
        statement = sa.update(_RECORD).where(_RECORD.c.id == sa.bindparam("record"))
        self.session.connection().execute(statement, records)
        for gone in _chunks(part for item, _, known in items for part in known.parts.difference(item.parts)):
            delete = sa.delete(SourcePart).where(SourcePart.source == self.source, SourcePart.part.in_(gone))
            self.session.connection().execute(delete)
        new = ((part, known.id) for item, _, known in items for part in item.parts if part not in known.parts)
        self._insert(SourcePart, [{"source": self.source, "part": part, "record_id": id_} for part, id_ in new])
        ids = [known.structure_id for _, _, known in items]
        self.projector.reproject(ids, self.because, joined=self._joined)
        self._joined = {}
        self._back([known.structure_id for _, _, known in items if known.not_seen])

    def _merge(self, kept: _Known, lost: _Known) -> None:
        """The register says that two of its places are one: the one that is open stays (the older of two), the other's
        address leads to it. Of what people wrote on both, the newest stays: nobody is there to choose."""
        execute = self.session.connection().execute
        execute(sa.delete(SourcePart).where(SourcePart.record_id == lost.id))
        if lost.structure_id == kept.structure_id:
            execute(sa.delete(SourceRecord).where(SourceRecord.id == lost.id))
            return
        execute(sa.delete(SourceRecord).where(SourceRecord.id == lost.id))
        others = sa.select(sa.func.count()).where(SourceRecord.structure_id == lost.structure_id)
        if self.session.execute(others).scalar_one():
            # Another register still stands for that structure: it is not gone.
            self.projector.reproject([lost.structure_id], self.because)
            return
        moved = absorb(self.session, kept.structure_id, lost.structure_id, self.because, self.now, newest=True)
        self._joined.setdefault(kept.structure_id, []).extend(moved)

    def _back(self, structure_ids: list[UUID]) -> None:
        if structure_ids:
            absences.back(self.session, structure_ids, self.source, self.sources, self.now, self.run)

    def _record_values(self, item: Incoming, digest: str) -> dict[str, Any]:
        return {
            "source": self.source, "source_id": item.source_id, "raw": item.raw, "mapped": item.mapped,
            "digest": digest, "date_maj": item.mapped.get("date_maj"), "code_insee": item.mapped.get("code_insee"),
            "changed_at": self.now, "not_seen_since": None, "absent_runs": 0, "raw_digest": item.raw_digest,
            "repairs": list(item.repairs),
        }  # fmt: skip

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.connection().execute(sa.insert(table.__table__), rows)

    def _log(self, id_: UUID, rev: int, op: changes.Op, digest: str) -> None:
        changes.record(self.session, changes.Entry(KIND, id_, rev, op, digest=digest))


_NEW = {"rev": 1, "status": Status.ACTIVE.value, "origin": "", "merged_into": None}


def present_count(session: Session, source: str, territory: frozenset[str] | None) -> int:
    """How many records of the source in the territory the last complete file still had (or were added since)."""
    rows = session.execute(_present(source)).all()
    return sum(1 for row in rows if territory is None or row.code_insee in territory)


def _present(source: str) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (SourceRecord.id, SourceRecord.code_insee)
    return sa.select(*columns).where(SourceRecord.source == source, SourceRecord.not_seen_since.is_(None))


def _chunks(parts: Iterable[str], size: int = 10_000) -> Iterator[list[str]]:
    """Distinct parts, in lists that a statement can hold (PostgreSQL: 65,535 parameters)."""
    every = sorted(set(parts))
    for start in range(0, len(every), size):
        yield every[start : start + size]


def _distinct(matches: Iterable[_Known | None]) -> list[_Known]:
    """The records matched: those of open places first, then the oldest (UUIDv7 ids are in order of creation)."""
    distinct = {known.id: known for known in matches if known}.values()
    return sorted(distinct, key=lambda known: (not known.open, known.id))
