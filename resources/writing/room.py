"""The room of a place, or of a person alone, for files that come to it without being sent: a resource that changes
place, a copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.directory.models import Structure
from reseau.members.models import Person
from resources.base.models import FileUse
from resources.base.services import present_place
from resources.files import services as files
from resources.files.errors import UploadError, megabytes


@contextmanager
def kept(
    session: Session, name: str, structure_id: UUID | None, people: Iterable[UUID | None], quota: int | None
) -> Iterator[None]:
    """What is done within brings files to a place, or to these people when there is none. What a place shares already
    is not counted twice; who has too much already may bring what adds nothing.

    :param name: of the resource, for the sentence. :param quota: bytes; None: of a program, which is not counted.
    :raises UploadError: it is too much; nothing of it is done.
    """
    if quota is None:
        yield
        return
    place = present_place(session, structure_id)
    owners: list[UUID | None] = [None]
    if not place:
        owners = [*sorted({one for one in people if one is not None})]
    # Before the resource itself is locked: in the order of who sends a file.
    if place:
        session.execute(sa.select(Structure.id).where(Structure.id == place).with_for_update(key_share=True))
    elif owners:
        wanted = sa.select(Person.id).where(Person.id.in_(owners)).order_by(Person.id)
        session.execute(wanted.with_for_update(key_share=True))
    before = {who: files.left(session, who, place, quota) for who in owners}
    with session.begin_nested():
        yield
        session.flush()
        for who, had in before.items():
            has = files.left(session, who, place, quota)
            if has < 0 and has < had:
                code = "quota-structure" if place else "quota-person"
                raise UploadError(code, name, left=megabytes(max(had, 0)), size=megabytes(had - has))


def who_added(session: Session, resource_id: UUID) -> list[UUID | None]:
    """Who sent the files of a resource: they count for them when it is of no place."""
    return list(session.scalars(sa.select(FileUse.added_by).where(FileUse.resource_id == resource_id).distinct()))
