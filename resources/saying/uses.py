"""Uses: a structure says that it used a resource, when, and with how many people. Never who they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.db import affected, insert, site_day
from reseau.core.paging import Page, nearest, offset
from reseau.directory.models import Structure
from resources.base.models import Resource, ResourceUse
from resources.base.services import present_place
from resources.saying.services import present

FIRST_DAY = date(2015, 1, 1)
MAX_PEOPLE = 2000
MAX_NOTE = 500
PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Said:
    """What a place says. ``people``: None when it does not say."""

    structure_id: UUID
    on_day: date
    people: int | None = None
    note: str = ""

    @property
    def digest(self) -> str:
        """Of all of it, so that nobody overwrites another's words unseen."""
        return hashlib.sha256(repr((self.on_day, self.people, self.note)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class UseView:
    """A use as the network reads it. ``place``: the structure that it is today."""

    id: UUID
    place: Mapping[str, Any]
    on_day: date
    people: int | None
    note: str


@dataclass(frozen=True, slots=True)
class MyPlace:
    """A place of whoever asks. ``last``: the day on which it last used the resource, or None."""

    id: UUID
    name: str
    last: date | None


class BadDay(ValueError):
    """A use on a day that has not come, or before ``FIRST_DAY``."""


def check_day(session: Session, day: date, now: datetime) -> None:
    """:raises BadDay: nobody can have used it then."""
    if not FIRST_DAY <= day <= site_day(session, now):
        raise BadDay(day)


def add(session: Session, id_: UUID, resource: Resource, said: Said, *, by: UUID, now: datetime) -> bool:
    """Write down a use. :param id_: of the form that says it: a second click says nothing new. :return: whether it
    is new. :raises BadDay: see :func:`check_day`."""
    check_day(session, said.on_day, now)
    values = {**_values(session, said), "id": id_, "resource_id": resource.id, "by": by, "at": now}
    statement = insert(session, ResourceUse).values(values).on_conflict_do_nothing(index_elements=["id"])
    return session.scalar(statement.returning(ResourceUse.id)) is not None


def change(session: Session, use: ResourceUse, said: Said, now: datetime) -> None:
    """Say it otherwise; the date moves, by which lists know. :raises BadDay: see :func:`check_day`."""
    check_day(session, said.on_day, now)
    for name, value in _values(session, said).items():
        setattr(use, name, value)
    if session.is_modified(use):
        use.at = now
    session.flush()


def remove(session: Session, use: ResourceUse) -> bool:
    """Take it back. :return: False when somebody had already."""
    return affected(session, sa.delete(ResourceUse).where(ResourceUse.id == use.id)) > 0


def _values(session: Session, said: Said) -> dict[str, Any]:
    place = present_place(session, said.structure_id) or said.structure_id
    return {"structure_id": place, "on_day": said.on_day.isoformat(), "people": said.people,
            "note": said.note}  # fmt: skip


def find(session: Session, resource_id: UUID, id_: UUID) -> tuple[ResourceUse, UUID] | None:
    """(a use of that resource, the structure that said it as it is today)."""
    found = sa.select(ResourceUse, present()).join(Structure, Structure.id == ResourceUse.structure_id)
    row = session.execute(found.where(ResourceUse.id == id_, ResourceUse.resource_id == resource_id)).first()
    return (row[0], row[1]) if row else None


def listed(session: Session, resource_id: UUID, most: int, start: int = 0) -> list[UseView]:
    """Uses, the last first; one statement."""
    was, now = aliased(Structure), aliased(Structure)
    found = (
        sa.select(ResourceUse, now.id, now.slug, now.nom)
        .join(was, was.id == ResourceUse.structure_id)
        .join(now, now.id == sa.func.coalesce(was.merged_into, was.id))
        .where(ResourceUse.resource_id == resource_id)
        .order_by(ResourceUse.on_day.desc(), ResourceUse.id.desc())
        .limit(most)
        .offset(start)
    )
    return [
        UseView(use.id, {"id": id_, "slug": slug, "nom": name}, date.fromisoformat(use.on_day), use.people, use.note)
        for use, id_, slug, name in session.execute(found)
    ]


def page(session: Session, resource_id: UUID, number: int) -> Page[UseView]:
    """A page of uses; two statements."""
    how_many = sa.select(sa.func.count()).select_from(ResourceUse).where(ResourceUse.resource_id == resource_id)
    total = session.execute(how_many).scalar_one()
    here = nearest(number, total, PAGE_SIZE)
    return Page(listed(session, resource_id, PAGE_SIZE, offset(here, PAGE_SIZE)), total, here, PAGE_SIZE)


def my_places(session: Session, resource_id: UUID, ids: Iterable[UUID]) -> list[MyPlace]:
    """Places by id, those that used the resource last first, then by name; one statement. What a place said before it
    was merged into another is said by that other.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return []
    was, place = aliased(Structure), Structure
    last = (
        sa.select(sa.func.max(ResourceUse.on_day))
        .join(was, was.id == ResourceUse.structure_id)
        .where(ResourceUse.resource_id == resource_id, sa.func.coalesce(was.merged_into, was.id) == place.id)
        .correlate(place)
        .scalar_subquery()
    )
    found = sa.select(place.id, place.nom, last).where(place.id.in_(wanted))
    rows = [MyPlace(id_, name, date.fromisoformat(day) if day else None) for id_, name, day in session.execute(found)]
    by_name = sorted(rows, key=lambda place: (place.name.casefold(), str(place.id)))
    return sorted(by_name, key=lambda place: place.last or date.min, reverse=True)
