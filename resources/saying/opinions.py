"""Opinions: was it useful? One a person; a comment that harms can be hidden, its grade still counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from reseau.core.db import affected, insert
from reseau.core.paging import Page, nearest, offset
from reseau.core.wording import _
from reseau.members.models import Person
from resources.base.models import Opinion, Resource
from resources.saying.services import place_of

MAX_COMMENT = 1000
PAGE_SIZE = 20
GRADES = {1: _("Pas du tout"), 2: _("Un peu"), 3: _("Plutôt"), 4: _("Beaucoup")}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as pages show it. ``name``: of its author, "" for whoever left. ``place``: name of their place, or
    ""."""

    person_id: UUID
    grade: int
    text: str
    at: datetime
    version: int
    hidden: bool
    name: str
    place: str


def mine(session: Session, resource_id: UUID, person_id: UUID) -> Opinion | None:
    """The opinion of a person."""
    return session.get(Opinion, (resource_id, person_id))


def save(session: Session, resource: Resource, person_id: UUID, grade: int, comment: str, now: datetime) -> None:
    """Say it, or say it anew. The date moves with the grade as with the comment: lists that order by grades know by it
    that something was said. A hidden comment that is written anew can be read again, and its readers told.
    """
    table: Any = Opinion.__table__
    values = {"grade": grade, "comment": comment, "version": resource.version}
    unchanged = sa.and_(table.c.comment == comment, sa.literal(comment) != "")
    same = sa.and_(table.c.comment == comment, table.c.grade == grade)
    fresh = {"at": sa.case((same, table.c.at), else_=now),
             "hidden_at": sa.case((unchanged, table.c.hidden_at), else_=None)}  # fmt: skip
    first = {"resource_id": resource.id, "person_id": person_id, **values, "at": now, "hidden_at": None}
    statement = insert(session, table).values(first)
    session.flush()
    session.execute(
        statement.on_conflict_do_update(index_elements=["resource_id", "person_id"], set_={**values, **fresh})
    )
    if (known := session.identity_map.get(identity_key(Opinion, (resource.id, person_id)))) is not None:
        session.expire(known)


def remove(session: Session, resource_id: UUID, person_id: UUID) -> bool:
    """Take an opinion back. :return: False when there was none."""
    where = (Opinion.resource_id == resource_id, Opinion.person_id == person_id)
    return affected(session, sa.delete(Opinion).where(*where)) > 0


def set_hidden(session: Session, resource_id: UUID, person_id: UUID, hidden_at: datetime | None) -> bool:
    """Hide a comment, or (None) show it again. :return: False when it was so already, or there is none."""
    was = Opinion.hidden_at.is_(None) if hidden_at else Opinion.hidden_at.is_not(None)
    where = (Opinion.resource_id == resource_id, Opinion.person_id == person_id, Opinion.comment != "", was)
    return affected(session, sa.update(Opinion).where(*where).values(hidden_at=hidden_at)) > 0


def comments(session: Session, resource_id: UUID, *, hidden: bool, most: int, start: int = 0) -> list[Comment]:
    """Comments, the newest first; one statement. :param hidden: with those that were hidden."""
    found = (
        sa.select(Opinion, Person.name, place_of(Opinion.person_id))
        .join(Person, Person.id == Opinion.person_id)
        .where(*_readable(resource_id, hidden))
        .order_by(Opinion.at.desc(), Opinion.person_id)
        .limit(most)
        .offset(start)
    )
    return [_comment(*row) for row in session.execute(found)]


def comment(session: Session, resource_id: UUID, person_id: UUID) -> Comment | None:
    """One comment, hidden or not."""
    found = (
        sa.select(Opinion, Person.name, place_of(Opinion.person_id))
        .join(Person, Person.id == Opinion.person_id)
        .where(*_readable(resource_id, True), Opinion.person_id == person_id)
    )
    row = session.execute(found).first()
    return _comment(*row) if row else None


def page(session: Session, resource_id: UUID, number: int, *, hidden: bool) -> Page[Comment]:
    """A page of comments; two statements."""
    how_many = sa.select(sa.func.count()).select_from(Opinion).where(*_readable(resource_id, hidden))
    total = session.execute(how_many).scalar_one()
    here = nearest(number, total, PAGE_SIZE)
    rows = comments(session, resource_id, hidden=hidden, most=PAGE_SIZE, start=offset(here, PAGE_SIZE))
    return Page(rows, total, here, PAGE_SIZE)


def _readable(resource_id: UUID, hidden: bool) -> list[sa.ColumnElement[bool]]:
    where = [Opinion.resource_id == resource_id, Opinion.comment != ""]
    return where if hidden else [*where, Opinion.hidden_at.is_(None)]


def _comment(opinion: Opinion, name: str, place: str | None) -> Comment:
    hidden = opinion.hidden_at is not None
    return Comment(
        opinion.person_id, opinion.grade, opinion.comment, opinion.at, opinion.version, hidden, name, place or ""
    )
