"""Two sheets side by side before they are joined: which value would stay, who and what would move."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.directory import params
from reseau.directory.facts import Facts
from reseau.directory.fields import BY_NAME
from reseau.directory.history import group_of
from reseau.directory.merging import said_of
from reseau.directory.models import (
    Override,
    Service,
    SourceRecord,
    Status,
    Structure,
    Suggestion,
    SuggestionState,
)
from reseau.directory.projection import OverrideView, RecordView, is_empty, project
from reseau.directory.reproject import UNTOLD, same
from reseau.directory.search import DirectorySearch
from reseau.directory.services import listed
from reseau.members.models import Decision, JoinRequest
from reseau.members.places import team
from reseau.search.protocol import Engine

PROPOSED = 8
_table: Any = Structure.__table__
_ID = re.compile(UUID_PATTERN)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Fields that mean something together. ``stays``: ``same``, ``kept``, ``lost`` or ``mixed`` (of both)."""

    group: tuple[str, ...]
    kept: dict[str, Any]
    lost: dict[str, Any]
    after: dict[str, Any]
    stays: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two places. ``obstacle``: code of ``lifecycle.NotMergeable``, or "". The rest is what would move."""

    kept: Row
    lost: Row
    obstacle: str
    differences: list[Difference]
    people: list[str]
    suggestions: int
    requests: int
    offers: int


def id_in(text: str) -> UUID | None:
    """The id in an address, or alone."""
    found = _ID.search(text.lower())
    return parse_id(found[0]) if found else None


def named_by(session: Session, text: str) -> Row | None:
    """The place that an address, or an id, names: where it is now; None when the text names none."""
    id_ = id_in(text)
    if id_ is None:
        return None
    now = sa.select(sa.func.coalesce(_table.c.merged_into, _table.c.id)).where(_table.c.id == id_).scalar_subquery()
    return next(dicts(session.execute(sa.select(_table).where(_table.c.id == now))), None)


def search(session: Session, facts: Facts, engine: Engine, text: str, now: datetime) -> list[Row]:
    """Open places that answer a few words, the best first."""
    found = DirectorySearch(facts, engine, now).find(params.read([("q", text)]), PROPOSED)
    return listed(session, [facts.places[row].id for row in found.rows], ("id", "slug", "nom", "adresse", "commune"))


def compare(session: Session, kept: Row, lost: Row, sources: Sequence[str]) -> Comparison:
    """Both side by side, with what the sheet would say afterwards; seven statements."""
    records, overrides = _said(session, (kept["id"], lost["id"]))
    taken = said_of(overrides[kept["id"]])
    moved = {name: view for name, view in overrides[lost["id"]].items() if name not in taken}
    together = [*records[kept["id"]], *records[lost["id"]]]
    after = project(together, {**moved, **overrides[kept["id"]]}, sources).values
    return Comparison(
        kept, lost, _obstacle(kept, lost), _differences(kept, lost, after),
        [person.name for person, _ in team(session, lost["id"])],
        _count(session, Suggestion, lost["id"], Suggestion.state == SuggestionState.OPEN.value),
        _count(session, JoinRequest, lost["id"], JoinRequest.state == Decision.OPEN.value),
        _count(session, Service, lost["id"]),
    )  # fmt: skip


def _obstacle(kept: Row, lost: Row) -> str:
    """As ``lifecycle.merge`` would say it; addresses of merged places have led here already."""
    if kept["id"] == lost["id"]:
        return "same"
    return "" if kept["status"] == Status.ACTIVE.value else "closed"


def _said(
    session: Session, ids: Sequence[UUID]
) -> tuple[dict[UUID, list[RecordView]], dict[UUID, dict[str, OverrideView]]]:
    records: dict[UUID, list[RecordView]] = defaultdict(list)
    columns = (SourceRecord.structure_id, SourceRecord.id, SourceRecord.source, SourceRecord.date_maj)
    for row in session.execute(sa.select(*columns, SourceRecord.mapped).where(SourceRecord.structure_id.in_(ids))):
        records[row[0]].append(RecordView(*row[1:]))
    overrides: dict[UUID, dict[str, OverrideView]] = defaultdict(dict)
    for one in session.scalars(sa.select(Override).where(Override.structure_id.in_(ids))):
        overrides[one.structure_id][one.field] = OverrideView(one.value["v"], one.set_at.date().isoformat())
    return records, overrides


def _differences(kept: Row, lost: Row, after: Row) -> list[Difference]:
    found = []
    for group in dict.fromkeys(group_of(name) for name in BY_NAME if name not in UNTOLD):
        mine, theirs, result = ({name: row[name] for name in group} for row in (kept, lost, after))
        if not all(is_empty(value) for value in (*mine.values(), *theirs.values(), *result.values())):
            found.append(Difference(group, mine, theirs, result, _stays(group, kept, lost, after)))
    return found


def _stays(group: tuple[str, ...], kept: Row, lost: Row, after: Row) -> str:
    def alike(one: Row, other: Row) -> bool:
        return all(same(one[name], other[name]) for name in group)

    if alike(kept, lost) and alike(kept, after):
        return "same"
    return "kept" if alike(kept, after) else "lost" if alike(lost, after) else "mixed"


def _count(session: Session, model: Any, structure_id: UUID, *where: sa.ColumnElement[bool]) -> int:
    counted = sa.select(sa.func.count()).select_from(model).where(model.structure_id == structure_id, *where)
    return int(session.execute(counted).scalar_one())
