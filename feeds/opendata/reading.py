"""The open places of the site, a thousand at a time: memory stays flat, the order is always the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.directory.models import Service, SourcePart, SourceRecord, Status, Structure
from reseau.directory.territory import in_territory

A_TIME = 1_000
_table = Structure.__table__


@dataclass(frozen=True, slots=True)
class Place:
    """``row``: all columns of a structure. ``parts``: ids of the registers, sorted. ``offers``: by name."""

    row: Mapping[str, Any]
    parts: tuple[str, ...]
    offers: tuple[Service, ...]


def of_site(territory: Sequence[str]) -> sa.ColumnElement[bool]:
    """Active places that the site looks after. :param territory: its INSEE codes; none: everywhere."""
    return sa.and_(Structure.status == Status.ACTIVE.value, in_territory(territory))


def of_communes(codes: Iterable[str]) -> sa.ColumnElement[bool]:
    """Active places of some communes, and no other."""
    return sa.and_(Structure.status == Status.ACTIVE.value, Structure.code_insee.in_(sorted(codes)))


def count(session: Session, wanted: sa.ColumnElement[bool]) -> int:
    """How many places there are to say."""
    return int(session.execute(sa.select(sa.func.count()).where(wanted)).scalar_one())


def registers(session: Session, wanted: sa.ColumnElement[bool]) -> list[str]:
    """Names of the sources that said something of these places."""
    found = sa.select(SourceRecord.source).join(Structure, Structure.id == SourceRecord.structure_id)
    return sorted(session.scalars(found.where(wanted).distinct()))


def places(session: Session, wanted: sa.ColumnElement[bool], offers: bool = False) -> Iterator[Place]:
    """The places, by id. :param wanted: see ``of_site``. :param offers: their offers too."""
    last: UUID | None = None
    while True:
        some = sa.select(_table).where(wanted).order_by(_table.c.id).limit(A_TIME)
        rows = list(dicts(session.execute(some.where(_table.c.id > last) if last else some)))
        if not rows:
            return
        ids = [row["id"] for row in rows]
        parts, services = _parts(session, ids), _offers(session, ids) if offers else {}
        for row in rows:
            yield Place(row, tuple(parts.get(row["id"], ())), tuple(services.get(row["id"], ())))
        for offer in (one for several in services.values() for one in several):
            session.expunge(offer)
        last = ids[-1]


def _parts(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    chosen = (
        sa.select(SourceRecord.structure_id, SourcePart.part)
        .join(SourcePart, SourcePart.record_id == SourceRecord.id)
        .where(SourceRecord.structure_id.in_(ids))
    )
    for id_, part in session.execute(chosen):
        found.setdefault(id_, []).append(part)
    return {id_: sorted(parts) for id_, parts in found.items()}


def _offers(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Service]]:
    found: dict[UUID, list[Service]] = {}
    chosen = sa.select(Service).where(Service.structure_id.in_(ids)).order_by(Service.nom, Service.id)
    for offer in session.scalars(chosen):
        found.setdefault(offer.structure_id, []).append(offer)
    return found
