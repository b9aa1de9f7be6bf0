"""What people are writing in a form, kept on the server as they type: an expired session or a closed browser loses
nothing. One draft for each person and form; the last one written wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from reseau.members.models import Draft

Fields = list[tuple[str, str]]

MAX_SIZE = 64 * 1024  # bytes of names and values
MAX_PATH = 300
PER_PERSON = 50
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Kept:
    """One draft. ``fields``: (name, value) in the order of the form; a name may come several times."""

    path: str
    fields: Fields
    saved_at: datetime


def size(fields: Sequence[tuple[str, str]]) -> int:
    """Bytes of names and values, without what any notation adds."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in fields)


def save(session: Session, person_id: UUID, path: str, fields: Sequence[tuple[str, str]], now: datetime) -> bool:
    """Keep what a person wrote in the form of ``path``, instead of what was kept of it.

    The oldest drafts over ``PER_PERSON`` are dropped. NUL, which PostgreSQL does not hold, is left out.

    :param path: of this site, at most 300 characters. :return: False when it is too large: the former draft stays.
    """
    clean = [(name.replace("\x00", ""), value.replace("\x00", "")) for name, value in fields]
    if len(path) > MAX_PATH or "\x00" in path or size(clean) > MAX_SIZE:
        return False
    values = {"fields": {"fields": [list(pair) for pair in clean]}, "saved_at": now}
    # Not "look, then insert": two requests of one browser would both find nothing, and the second would fail.
    statement = insert(session, Draft).values(person_id=person_id, path=path, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id", "path"], set_=values))
    _drop_oldest(session, person_id)
    return True


def read(session: Session, person_id: UUID, path: str) -> Kept | None:
    """The draft of a person for the form of ``path``, or None."""
    wanted = sa.select(*_COLUMNS).where(Draft.person_id == person_id, Draft.path == path)
    row = session.execute(wanted).first()
    return _kept(row) if row else None


def drop(session: Session, person_id: UUID, path: str) -> None:
    """Forget the draft: the form was sent, or thrown away."""
    session.execute(sa.delete(Draft).where(Draft.person_id == person_id, Draft.path == path))


def mine(session: Session, person_id: UUID) -> list[Kept]:
    """All drafts of a person, the newest first."""
    wanted = sa.select(*_COLUMNS).where(Draft.person_id == person_id).order_by(Draft.saved_at.desc(), Draft.path)
    return [_kept(row) for row in session.execute(wanted)]


# Columns, not objects: a row that "save" has just replaced must not be read from the session's memory.
_COLUMNS = (Draft.path, Draft.fields, Draft.saved_at)


def _kept(row: Any) -> Kept:
    return Kept(row.path, [(name, value) for name, value in row.fields["fields"]], row.saved_at)


def _drop_oldest(session: Session, person_id: UUID) -> None:
    newest = sa.select(Draft.path).where(Draft.person_id == person_id).order_by(Draft.saved_at.desc(), Draft.path)
    if over := list(session.scalars(newest.offset(PER_PERSON))):
        session.execute(sa.delete(Draft).where(Draft.person_id == person_id, Draft.path.in_(over)))
