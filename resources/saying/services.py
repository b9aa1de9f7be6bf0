"""Figures of what people say: for the pages of resources, and for the lists that order by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.directory.models import Structure
from reseau.members.models import Membership
from resources.base.models import Opinion, Resource, ResourceUse, State, Visibility

#: How useful: from not at all to very.
GRADES = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was said of one resource. ``structures``: how many used it. ``people``: with whom they did, as far as they
    said. ``grades``: how many opinions of grade 1, 2, 3 and 4."""

    structures: int = 0
    people: int = 0
    grades: tuple[int, ...] = (0, 0, 0, 0)

    @property
    def opinions(self) -> int:
        """How many."""
        return sum(self.grades)


def counts(session: Session, ids: Iterable[UUID]) -> dict[UUID, Counts]:
    """Figures of some resources, each of which is in the answer; one statement.

    A structure that was merged into another is that other.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(sa.union_all(_opinion_figures(wanted), _use_figures(wanted)))
    found: dict[UUID, dict[str, Any]] = {id_: {} for id_ in wanted}
    for id_, what, a, b, c, d in rows:
        found[id_] |= {"grades": (a, b, c, d)} if what else {"structures": a, "people": int(b or 0)}
    return {id_: Counts(**values) for id_, values in found.items()}


def _opinion_figures(ids: list[UUID]) -> Any:
    """Rows (resource, 1, number of each grade)."""
    numbers = [sa.func.sum(sa.case((Opinion.grade == grade, 1), else_=0)) for grade in GRADES]
    found = sa.select(Opinion.resource_id, sa.literal(1), *numbers)
    return found.where(Opinion.resource_id.in_(ids)).group_by(Opinion.resource_id)


def _use_figures(ids: list[UUID]) -> Any:
    """Rows (resource, 0, structures, people, 0, 0)."""
    structures = sa.func.count(sa.distinct(present()))
    people = sa.func.coalesce(sa.func.sum(ResourceUse.people), 0)
    return (
        sa.select(ResourceUse.resource_id, sa.literal(0), structures, people, sa.literal(0), sa.literal(0))
        .join(Structure, Structure.id == ResourceUse.structure_id)
        .where(ResourceUse.resource_id.in_(ids))
        .group_by(ResourceUse.resource_id)
    )


def present() -> sa.ColumnElement[UUID]:
    """The structure that a joined ``Structure`` is today."""
    return sa.func.coalesce(Structure.merged_into, Structure.id)


def place_of(person_id: Any) -> sa.ScalarSelect[Any]:
    """Name of the (first) place of a person: what visitors read instead of a name. :param person_id: a column."""
    was, now = aliased(Structure), aliased(Structure)
    return (
        sa.select(now.nom)
        .select_from(Membership)
        .join(was, was.id == Membership.structure_id)
        .join(now, now.id == sa.func.coalesce(was.merged_into, was.id))
        .where(Membership.person_id == person_id)
        .order_by(now.nom)
        .limit(1)
        .scalar_subquery()
    )


def readable(resource: Resource, network: bool) -> bool:
    """Whether a reader may read it: ``network``: of the people of the network."""
    return resource.state == State.PUBLISHED.value and (network or resource.visibility == Visibility.PUBLIC.value)
