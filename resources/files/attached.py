"""Files of what is not a resource: posts, documents of a group. Below the pages; whoever calls commits.

An owner is named by its kind and id. The room that has the kind says which of its owners are there (:func:`register`),
and to the pages who reads them: ``registry["files.owners"][kind] = function(request, ids)`` → ``"public"`` (everybody),
``"private"`` (whoever asks, not everybody) or None, of the most public of them; or the same of each, by id.

A form may bring files before its owner is there: they wait under the id that the owner will have. An id that comes from
a form must be looked at **before** anything is attached to it: it may be the id of what somebody else has written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.db import affected, insert
from reseau.core.files import FileStore, Stored
from resources.base.content import FileRef
from resources.base.models import AttachedFile, StoredFile
from resources.files.services import About, Limits, UploadError, take_in

__all__ = ["Attached", "UploadError", "attach", "detach", "existing", "kinds", "of", "register"]

#: The ids of a kind that are there, among some.
Exists = Callable[[Session, Collection[UUID]], set[UUID]]
_EXISTS: dict[str, Exists] = {}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of an owner. ``about``: what is known of it."""

    ref: FileRef
    about: About
    added_by: UUID | None
    added_at: datetime


def register(kind: str, exists: Exists) -> None:
    """A kind of owner. What waits for an owner that never came is dropped after a week; of a kind that is not
    registered, nothing ever is."""
    _EXISTS[kind] = exists


def kinds() -> frozenset[str]:
    """The kinds that are registered."""
    return frozenset(_EXISTS)


def existing(session: Session, kind: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of some owners that are there; all of a kind that is not registered. One statement, none for no id."""
    if not ids or kind not in _EXISTS:
        return set(ids)
    return _EXISTS[kind](session, ids)


def attach(
    session: Session, store: FileStore, owner: Ref, stored: Stored, filename: str, by: UUID | None,
    structure_id: UUID | None, now: datetime, limits: Limits | None, inspected: bool = False,
) -> FileRef:  # fmt: skip
    """Give an owner a file, as ``services.add`` gives one to a resource. One that it has already keeps its name.

    :raises UploadError: it is refused.
    """
    ref, place = take_in(session, store, stored, filename, by, structure_id, now, limits, inspected)
    key = {"owner_kind": owner[0], "owner_id": owner[1], "sha": ref.sha}
    values = {"name": ref.name, "structure_id": place, "added_by": by, "added_at": now}
    session.execute(insert(session, AttachedFile).values(**key, **values).on_conflict_do_nothing())
    session.flush()
    row = AttachedFile
    named = sa.select(row.name).where(row.owner_kind == owner[0], row.owner_id == owner[1], row.sha == ref.sha)
    return FileRef(ref.sha, session.scalars(named).one())


def of(session: Session, kind: str, ids: Iterable[UUID]) -> dict[UUID, list[Attached]]:
    """The files of some owners, in the order in which they came; one statement, none for no id."""
    wanted, found = list(dict.fromkeys(ids)), dict[UUID, list[Attached]]()
    if not wanted:
        return found
    row, file = AttachedFile, StoredFile
    known = (file.sha, file.size, file.media_type, file.text_state, file.preview, file.width, file.height)
    columns = sa.select(row.owner_id, row.name, row.added_by, row.added_at, *known)
    rows = columns.join(file, file.sha == row.sha).where(row.owner_kind == kind, row.owner_id.in_(wanted))
    for owner_id, name, by, at, *rest in session.execute(rows.order_by(row.added_at, row.sha)):
        found.setdefault(owner_id, []).append(Attached(FileRef(rest[0], name), About(*rest), by, at))
    return found


def detach(session: Session, owner: Ref, sha: str) -> bool:
    """An owner has a file no more; what nobody else has is deleted by a job. :return: whether it had it."""
    row = AttachedFile
    gone = sa.delete(row).where(row.owner_kind == owner[0], row.owner_id == owner[1], row.sha == sha)
    return affected(session, gone) > 0


def give(session: Session, former: Ref, owner: Ref) -> None:
    """All files of an owner are another's from now on; those that it has already stay as they are."""
    row = AttachedFile
    there = sa.select(row.sha).where(row.owner_kind == owner[0], row.owner_id == owner[1])
    theirs = (row.owner_kind == former[0]) & (row.owner_id == former[1])
    session.execute(sa.delete(row).where(theirs, row.sha.in_(list(session.scalars(there)))))
    session.execute(sa.update(row).where(theirs).values(owner_kind=owner[0], owner_id=owner[1]))


def drop(session: Session, owner: Ref) -> None:
    """Forget all files of an owner; a job deletes those that nobody else has."""
    session.execute(sa.delete(AttachedFile).where(
        AttachedFile.owner_kind == owner[0], AttachedFile.owner_id == owner[1]))  # fmt: skip
