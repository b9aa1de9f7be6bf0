"""What a register says enters the directory here, a batch at a time: match, create, update, merge, log.

Nothing that an import does can lose a person's edit: overrides are only read. What a record matches is decided by the
*parts* of its id (any shared part). Core statements with executemany: measured 3.5 to 7 times faster than ORM objects
(``docs/architecture.md``); no ``RETURNING``, which is three to four times slower on PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.ids import new_id
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


@dataclass(slots=True)
class _Known:
    id: UUID
    structure_id: UUID
    source_id: str
    digest: str
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
        self, session: Session, source: str, sources: Sequence[str], now: datetime, run: UUID | None = None
    ) -> None:
        self.session, self.source, self.sources, self.now = session, source, sources, now
        self._joined: dict[UUID, list[str]] = {}
        self.projector, self.because = Projector(session, sources, now), imported(source, run)

    def apply(self, batch: Sequence[Incoming]) -> Counter[str]:
        """Apply records whose parts do not overlap inside the batch (the importer refuses those that do).

        :return: how many were created, updated, unchanged, merged.
        """
        one_at_a_time(self.session)
        counts: Counter[str] = Counter()
        taken: set[UUID] = set()
        known = self._known(part for item in batch for part in item.parts)
        created: list[tuple[Incoming, str]] = []
        changed: list[tuple[Incoming, str, _Known]] = []
        for item in batch:
            digest = changes.digest(item.mapped)
            # A record that an earlier row of the file took is not to be taken twice: the register has split it.
            matches = [m for m in _distinct(known.get(part) for part in item.parts) if m.id not in taken]
            if not matches:
                created.append((item, digest))
                counts["created"] += 1
                continue
            kept = matches[0]
            for lost in matches[1:]:
                self._merge(kept, lost)
                taken.add(lost.id)
                counts["merged"] += 1
            taken.add(kept.id)
            same = kept.digest == digest and kept.source_id == item.source_id and len(matches) == 1
            counts["unchanged" if same else "updated"] += 1
            if not same or kept.not_seen:
                changed.append((item, digest, kept))
        self._update(changed)  # first: it frees the parts that new records take
        self._create(created)
        return counts

    def parts_known_in(self, territory: frozenset[str], parts: Iterable[str]) -> frozenset[str]:
        """Those of ``parts`` that belong to a record of the source which, until now, is in the territory."""
        statement = (
            sa.select(SourcePart.part, SourceRecord.code_insee)
            .join(SourceRecord, SourceRecord.id == SourcePart.record_id)
            .where(SourcePart.source == self.source)
        )
        found = (self.session.execute(statement.where(SourcePart.part.in_(some))) for some in _chunks(parts))
        return frozenset(part for rows in found for part, code in rows if code in territory)

    def mark_absent(self, named: Set[str], territory: frozenset[str] | None) -> int:
        """After a complete file: records of the source in the territory that it did not name are "not seen since".

        :param named: parts of all ids of the file, those of rows that were refused or lie outside too: a row that
            cannot be used is no proof that the place is gone.
        :return: how many were newly marked. Nothing is removed: the sheet says so, people decide.
        """
        parts = sa.select(SourcePart.record_id, SourcePart.part).where(SourcePart.source == self.source)
        still = {record_id for record_id, part in self.session.execute(parts) if part in named}
        rows = self.session.execute(_present(self.source)).all()
        absent = [r.id for r in rows if r.id not in still and (territory is None or r.code_insee in territory)]
        if absent:
            self.session.connection().execute(
                sa.update(SourceRecord)
                .where(SourceRecord.id == sa.bindparam("record"))
                .values(not_seen_since=self.now),
                [{"record": id_} for id_ in absent],
            )
        return len(absent)

    def _known(self, parts: Iterable[str]) -> dict[str, _Known]:
        found: dict[UUID, _Known] = {}
        columns = (
            SourceRecord.structure_id, SourceRecord.source_id, SourceRecord.digest, SourceRecord.not_seen_since,
            Structure.status,
        )  # fmt: skip
        statement = (
            sa.select(SourcePart.record_id, *columns)
            .join(SourceRecord, SourceRecord.id == SourcePart.record_id)
            .join(Structure, Structure.id == SourceRecord.structure_id)
            .where(SourcePart.source == self.source)
        )
        for some in _chunks(parts):
            for row in self.session.execute(statement.where(SourcePart.part.in_(some))):
                is_open = row[5] == Status.ACTIVE.value
                found[row[0]] = _Known(row[0], row[1], row[2], row[3], row[4] is not None, is_open, set())
        owned = sa.select(SourcePart.record_id, SourcePart.part).where(SourcePart.record_id.in_(found))
        by_part: dict[str, _Known] = {}
        for record_id, part in self.session.execute(owned) if found else ():
            found[record_id].parts.add(part)
            by_part[part] = found[record_id]
        return by_part

    def _create(self, items: list[tuple[Incoming, str]]) -> None:
        structures, records, parts = [], [], []
        for item, digest in items:
            structure_id, record = new_id(), self._record_values(item, digest)
            record |= {"id": new_id(), "structure_id": structure_id, "first_seen_at": self.now}
            view = RecordView(record["id"], self.source, record["date_maj"], item.mapped)
            projection = project([view], {}, self.sources)
            values = structure_values(projection, None, register_day(projection))
            structures.append({"id": structure_id, "created_at": self.now, "updated_at": self.now, **_NEW, **values})
            records.append(record)
            parts += [{"source": self.source, "part": part, "record_id": record["id"]} for part in item.parts]
            self._log(structure_id, 1, changes.Op.PUBLISH, values["digest"])
        for table, rows in ((Structure, structures), (SourceRecord, records), (SourcePart, parts)):
            self._insert(table, rows)

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
