"""Offers that a register gives: made, changed, taken away with it, a batch at a time.

What a person wrote stands: an offer that one has changed is no more the register's, and one that a person took off does
not come back. The history of the sheet tells what came and went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.directory.absences import ARCHIVE_AFTER, ARCHIVE_RUNS
from reseau.directory.merging import one_at_a_time
from reseau.directory.models import DeclinedOffer, FieldChange, Service, SourcePart, SourceRecord, Structure
from reseau.directory.offers import CONTENT, LISTS
from reseau.directory.reproject import Projector, change_row, imported

_SERVICE = cast("sa.Table", Service.__table__)
CHUNK = 5_000


#: Structure, offer, what it said before, what it says now.
Told = tuple[UUID, UUID, Mapping[str, Any] | None, Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class IncomingOffer:
    """One offer as an importer hands it over. ``structure_part``: the id of its structure at the source. ``said``: by
    names of ``offers.CONTENT``, and ``date_maj``."""

    source_id: str
    structure_part: str
    said: Mapping[str, Any]

    @property
    def parts(self) -> tuple[str, ...]:
        """Its own id, apart from those of structures."""
        return (f"service:{self.source_id}",)


class OfferApplier:
    """Applies offers of one source inside the caller's transaction. Parameters: see ``apply.Applier``."""

    def __init__(
        self, session: Session, source: str, sources: Sequence[str], now: datetime, run: UUID | None = None
    ) -> None:
        self.session, self.source, self.now = session, source, now
        self.projector, self.because = Projector(session, sources, now), imported(source, run)

    def apply(self, batch: Sequence[IncomingOffer]) -> Counter[str]:
        """:return: how many were created, updated, unchanged, ``outside`` (their structure is not here)."""
        one_at_a_time(self.session)
        counts: Counter[str] = Counter()
        ids = sorted({offer.source_id for offer in batch})
        places = self._places(offer.structure_part for offer in batch)
        here = sa.select(_SERVICE.c.structure_id).where(_SERVICE.c.source == self.source, _SERVICE.c.source_id.in_(ids))
        self._lock({*places.values(), *self.session.scalars(here)})
        known, declined = self._known(ids)
        made: list[dict[str, Any]] = []
        changed: list[tuple[Mapping[str, Any], dict[str, Any]]] = []
        for offer in {offer.source_id: offer for offer in batch}.values():
            structure_id, row = places.get(offer.structure_part), known.get(offer.source_id)
            values = _values(offer.said)
            if structure_id is None:
                counts["outside"] += 1
            elif row is None and offer.source_id not in declined:
                made.append(self._new(offer, structure_id, values))
                counts["created"] += 1
            elif row is not None and self._differs(row, structure_id, values):
                changed.append((row, {**values, "structure_id": structure_id}))
                counts["updated"] += 1
            else:
                counts["unchanged"] += 1
        self._write(made, changed)
        return counts

    def present(self, territory: frozenset[str] | None) -> int:
        """How many offers of the source are there that its last complete run still had."""
        wanted = sa.select(sa.func.count()).select_from(_SERVICE)
        wanted = wanted.where(_SERVICE.c.source == self.source, _SERVICE.c.not_seen_since.is_(None))
        if territory is not None:
            inside = sa.select(Structure.id).where(Structure.code_insee.in_(territory))
            wanted = wanted.where(_SERVICE.c.structure_id.in_(inside))
        return self.session.execute(wanted).scalar_one()

    def absent(self, named: Collection[str], territory: frozenset[str] | None, *, witness: bool = True) -> Counter[str]:
        """After a complete run: offers that it did not name leave the sheet after three such runs and seven days,
        unless a person has written them.

        :param named: parts of all rows. :param witness: False: this run does not count for what was absent before it.
        :return: absent, archived.
        """
        return self._missing(
            territory, lambda row: f"service:{row.source_id}" not in named and (witness or row.not_seen_since is None)
        )

    def again(self, territory: frozenset[str] | None) -> Counter[str]:
        """The register was asked again and has nothing new: what is absent already is so once more."""
        return self._missing(territory, lambda row: row.not_seen_since is not None)

    def _missing(self, territory: frozenset[str] | None, is_missing: Callable[[Any], bool]) -> Counter[str]:
        one_at_a_time(self.session)
        columns = (_SERVICE.c.id, _SERVICE.c.source_id, _SERVICE.c.structure_id, _SERVICE.c.not_seen_since)
        statement = sa.select(*columns, _SERVICE.c.absent_runs).where(_SERVICE.c.source == self.source)
        if territory is not None:
            inside = sa.select(Structure.id).where(Structure.code_insee.in_(territory))
            statement = statement.where(_SERVICE.c.structure_id.in_(inside))
        missing = [row for row in self.session.execute(statement) if is_missing(row)]
        gone, waiting = [], []
        for row in missing:
            since, runs = row.not_seen_since or self.now, row.absent_runs + 1
            waiting.append({"offer": row.id, "not_seen_since": since, "absent_runs": runs})
            if runs >= ARCHIVE_RUNS and self.now - since >= ARCHIVE_AFTER:
                gone.append(row)
        if waiting:
            update = sa.update(_SERVICE).where(_SERVICE.c.id == sa.bindparam("offer"))
            self.session.connection().execute(update, waiting)
        archived = sum(self._take_off(gone[at : at + CHUNK]) for at in range(0, len(gone), CHUNK))
        return Counter(absent=sum(row.not_seen_since is None for row in missing), archived=archived)

    def _take_off(self, some: Sequence[Any]) -> int:
        """Offers leave their sheets, whose history keeps what they said; not those that a person has written."""
        self._lock({row.structure_id for row in some})
        there = _SERVICE.c.id.in_([row.id for row in some]) & _SERVICE.c.updated_by.is_(None)
        rows = list(dicts(self.session.execute(sa.select(_SERVICE).where(there))))
        self.session.connection().execute(sa.delete(_SERVICE).where(_SERVICE.c.id.in_([row["id"] for row in rows])))
        self._tell([(row["structure_id"], row["id"], row, None) for row in rows])
        return len(rows)

    def _lock(self, structures: Collection[UUID]) -> None:
        """Who writes an offer locks its structure first: what is read after this is what is written over."""
        wanted = sa.select(Structure.id).where(Structure.id.in_(structures)).order_by(Structure.id)
        self.session.execute(wanted.with_for_update()).all()

    def _places(self, parts: Iterable[str]) -> dict[str, UUID]:
        """The structure of today for each id of a structure at the source."""
        today = sa.func.coalesce(Structure.merged_into, Structure.id)
        statement = (
            sa.select(SourcePart.part, today)
            .join(SourceRecord, SourceRecord.id == SourcePart.record_id)
            .join(Structure, Structure.id == SourceRecord.structure_id)
            .where(SourcePart.source == self.source)
        )
        wanted = sorted(set(parts))
        found: dict[str, UUID] = {}
        for start in range(0, len(wanted), CHUNK):
            rows = self.session.execute(statement.where(SourcePart.part.in_(wanted[start : start + CHUNK])))
            found.update((part, id_) for part, id_ in rows)
        return found

    def _known(self, ids: Sequence[str]) -> tuple[dict[str, Mapping[str, Any]], set[str]]:
        here = (_SERVICE.c.source == self.source) & _SERVICE.c.source_id.in_(ids)
        rows = {row["source_id"]: row for row in dicts(self.session.execute(sa.select(_SERVICE).where(here)))}
        declined = sa.select(DeclinedOffer.source_id).where(
            DeclinedOffer.source == self.source, DeclinedOffer.source_id.in_(ids)
        )
        return rows, set(self.session.scalars(declined))

    def _differs(self, row: Mapping[str, Any], structure_id: UUID, values: Mapping[str, Any]) -> bool:
        if row["updated_by"] is not None:
            return False  # a person has written it: it is theirs
        moved = row["structure_id"] != structure_id or row["not_seen_since"] is not None
        return moved or any(row[name] != value for name, value in values.items())

    def _new(self, offer: IncomingOffer, structure_id: UUID, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": new_id(), "structure_id": structure_id, "source": self.source, "source_id": offer.source_id,
            "said": dict(offer.said), "created_at": self.now, "updated_at": self.now, "updated_by": None, "rev": 1,
            "not_seen_since": None, "absent_runs": 0, "demarches": [], **values,
        }  # fmt: skip

    def _write(self, made: list[dict[str, Any]], changed: list[tuple[Mapping[str, Any], dict[str, Any]]]) -> None:
        execute = self.session.connection().execute
        if made:
            execute(sa.insert(_SERVICE), made)
        if changed:
            rows = [
                {"offer": row["id"], **values, "said": values_said(values), "rev": row["rev"] + 1,
                 "updated_at": self.now, "not_seen_since": None, "absent_runs": 0}
                for row, values in changed
            ]  # fmt: skip
            execute(sa.update(_SERVICE).where(_SERVICE.c.id == sa.bindparam("offer")), rows)
        told: list[Told] = [(row["structure_id"], row["id"], None, row) for row in made]
        for row, values in changed:
            if row["structure_id"] == values["structure_id"]:
                told.append((row["structure_id"], row["id"], row, values))
            else:  # it left one sheet and came to another
                told += [(row["structure_id"], row["id"], row, None), (values["structure_id"], row["id"], None, values)]
        self._tell(told)

    def _tell(self, told: Sequence[Told]) -> None:
        """One row of history for each offer, then the structures again: their revision, the log and the index."""
        if not told:
            return
        rows = []
        for structure_id, offer_id, before, after in told:
            rows.append(change_row(structure_id, "", _shown(before), _shown(after), self.because, self.now))
            rows[-1]["ref"] = rows[-1]["ref"] or offer_id
        self.session.connection().execute(sa.insert(FieldChange.__table__), rows)  # type: ignore[arg-type]
        ids = {structure_id for structure_id, *_ in told}
        self.projector.reproject(sorted(ids), self.because)


def _values(said: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a register fills; ``demarches`` are ours, and no register says them."""
    names = [name for name in (*CONTENT, "date_maj") if name != "demarches"]
    return {name: said.get(name) or ([] if name in LISTS else None) for name in names}


def values_said(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what the register says, beside the columns."""
    return {name: value for name, value in values.items() if name != "structure_id"}


def _shown(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: row.get(name) for name in CONTENT} if row is not None else None
