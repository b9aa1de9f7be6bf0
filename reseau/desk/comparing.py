"""Two sheets side by side before they are joined: which value stays is chosen, who and what would move."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
from reseau.directory.fields import GROUPS
from reseau.directory.models import Service, Status, Structure, Suggestion, SuggestionState
from reseau.directory.projection import is_empty
from reseau.directory.reproject import UNTOLD, same
from reseau.directory.search import DirectorySearch
from reseau.directory.services import listed
from reseau.members.models import Decision, JoinRequest
from reseau.members.places import team
from reseau.search.protocol import Engine

PROPOSED = 8
KEPT, LOST = "kept", "lost"
_table: Any = Structure.__table__
_ID = re.compile(UUID_PATTERN)
#: Groups of fields that can be told apart, by the first of each.
HEADS = {group[0]: group for group in GROUPS if UNTOLD.isdisjoint(group)}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Fields that mean something together. ``stays``: ``same``, or whose values stay if nobody chooses otherwise:
    ``kept`` where it has one, else ``lost``."""

    group: tuple[str, ...]
    kept: dict[str, Any]
    lost: dict[str, Any]
    stays: str

    @property
    def name(self) -> str:
        """By which the choice is called."""
        return self.group[0]


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


def read_choices(posted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a form says of each group (``choix-<first field>``), as ``lifecycle.merge`` takes it."""
    found = {key.removeprefix("choix-"): value for key, value in posted if key.startswith("choix-")}
    return {name: value for name, value in found.items() if name in HEADS and value in (KEPT, LOST)}


def compare(session: Session, kept: Row, lost: Row) -> Comparison:
    """Both side by side; four statements."""
    return Comparison(
        kept, lost, _obstacle(kept, lost), _differences(kept, lost),
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


def _differences(kept: Row, lost: Row) -> list[Difference]:
    found = []
    for group in HEADS.values():
        mine, theirs = ({name: row[name] for name in group} for row in (kept, lost))
        if not all(is_empty(value) for value in (*mine.values(), *theirs.values())):
            found.append(Difference(group, mine, theirs, _stays(mine, theirs)))
    return found


def _stays(mine: Row, theirs: Row) -> str:
    if all(same(value, theirs[name]) for name, value in mine.items()):
        return "same"
    return LOST if all(is_empty(value) for value in mine.values()) else KEPT


def _count(session: Session, model: Any, structure_id: UUID, *where: sa.ColumnElement[bool]) -> int:
    counted = sa.select(sa.func.count()).select_from(model).where(model.structure_id == structure_id, *where)
    return int(session.execute(counted).scalar_one())
