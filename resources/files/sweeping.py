"""What is stored and no longer wanted: uses that nothing names, files that wait for something that never came, files
without use, files without row.

No upload is lost by it: what an author may want back waits some days, and a row is locked before its file goes; an
upload of the same content waits for that lock. A file without use goes at once: row and use come together, so it had
one that is gone (a draft was deleted), and it counts for nobody's quota.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import affected, insert
from reseau.core.files import FileStore
from resources.base.models import AttachedFile, FileUse, Resource, ResourceVersion, StoredFile
from resources.files import attached
from resources.files.mentions import mentions

KEPT = timedelta(days=7)  # a file that an author has taken out of a draft may come back
YOUNG = 3600.0  # seconds: an upload that has not committed yet
BATCH = 200

#: (kind, owner, SHA-256) of a file that was attached.
Waiting = tuple[str, UUID, str]


@dataclass(slots=True)
class State:
    """How the storage is. Lists of SHA-256; ``unnamed``: (resource, SHA-256); ``ownerless``:
    (kind, owner, SHA-256)."""

    files: int = 0
    rows: int = 0
    size: int = 0
    partial: int = 0
    orphans: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    unnamed: list[tuple[UUID, str]] = field(default_factory=list)
    ownerless: list[Waiting] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Nothing that people would miss is lost, and nothing lies around."""
        lying = self.orphans or self.unused or self.unnamed or self.ownerless or self.partial
        return not (self.missing or self.wrong or lying)


def survey(session: Session, store: FileStore, now: datetime, deep: bool = False) -> State:
    """Compare disk and tables. :param deep: read every file, and compare what it holds with its name."""
    found = State(partial=len(store.partial()))
    sizes = {row.sha: row.size for row in session.execute(sa.select(StoredFile.sha, StoredFile.size))}
    found.rows, there = len(sizes), set()
    for sha, size in store.everything():
        there.add(sha)
        found.files += 1
        found.size += size
        if sha not in sizes:
            if _old(store, sha):
                found.orphans.append(sha)
        elif size != sizes[sha] or (deep and store.digest(sha) != sha):
            found.wrong.append(sha)
    found.missing = sorted(sizes.keys() - there)
    found.unused = unused(session)
    found.unnamed = list(unnamed_uses(session, now))
    found.ownerless = list(ownerless(session, now))
    return found


def _old(store: FileStore, sha: str) -> bool:
    try:
        return store.age(sha) > YOUNG
    except FileNotFoundError:
        return False


def unnamed_uses(session: Session, now: datetime) -> Iterator[tuple[UUID, str]]:
    """(resource, file) where nothing of the resource has named the file for a week: no version, no draft, no block that
    was put aside."""
    for resource_id in quiet(session, now):
        yield from ((resource_id, sha) for sha in _unnamed(session, resource_id, now))


def quiet(session: Session, now: datetime) -> list[UUID]:
    """Resources that nobody has written for a week, with files as old."""
    old = sa.select(FileUse.resource_id).where(FileUse.added_at < now - KEPT)
    return list(session.scalars(sa.select(Resource.id).where(Resource.id.in_(old), _still(now)).order_by(Resource.id)))


def _still(now: datetime) -> sa.ColumnElement[bool]:
    before = now - KEPT
    return sa.and_(Resource.updated_at < before, sa.or_(Resource.draft_at.is_(None), Resource.draft_at < before))


def _unnamed(session: Session, resource_id: UUID, now: datetime) -> list[str]:
    """Its files of more than a week that nothing of it names; all of it is read now."""
    uses = sa.select(FileUse.sha).where(FileUse.resource_id == resource_id, FileUse.added_at < now - KEPT)
    shas = list(session.scalars(uses.order_by(FileUse.sha)))
    own = sa.select(Resource.draft, Resource.removed).where(Resource.id == resource_id)
    named = {sha for row in session.execute(own) for kept in row for sha, _ in mentions(kept)}
    contents = sa.select(ResourceVersion.content).where(ResourceVersion.resource_id == resource_id)
    for content in session.scalars(contents) if set(shas) - named else ():
        named |= {sha for sha, _ in mentions(content)}
    return [sha for sha in shas if sha not in named]


def drop_unnamed(session: Session, resource_id: UUID, now: datetime) -> int:
    """Forget the files that nothing of a resource names; the caller commits at once. :return: how many.

    Whoever writes the resource waits, or we wait for them and then read what they wrote. Whoever brings the same file
    again makes its use new (``services.use``), and it stays.
    """
    mine = sa.select(Resource.id).where(Resource.id == resource_id, _still(now)).with_for_update()
    if session.scalars(mine).first() is None:
        return 0
    gone = _unnamed(session, resource_id, now)
    use = FileUse
    wanted = sa.delete(use).where(use.resource_id == resource_id, use.sha.in_(gone), use.added_at < now - KEPT)
    return affected(session, wanted) if gone else 0


def ownerless(session: Session, now: datetime) -> Iterator[Waiting]:
    """What has waited for more than a week for an owner that is not there: a form that was refused, and never sent
    again."""
    row = AttachedFile
    for kind in sorted(attached.kinds()):
        old = row.owner_kind == kind, row.added_at < now - KEPT
        ids = list(session.scalars(sa.select(row.owner_id).where(*old).distinct().order_by(row.owner_id)))
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            gone = set(some) - attached.existing(session, kind, some)
            rows = sa.select(row.owner_id, row.sha).where(*old, row.owner_id.in_(gone)) if gone else None
            yield from ((kind, id_, sha) for id_, sha in session.execute(rows)) if rows is not None else ()


def drop_ownerless(session: Session, now: datetime) -> int:
    """Forget what waits for an owner that never came; the caller commits at once. :return: how many."""
    return sum(attached.detach(session, (kind, id_), sha) for kind, id_, sha in list(ownerless(session, now)))


def nobody_has() -> sa.ColumnElement[bool]:
    """No resource has a stored file, nor anything else."""
    return StoredFile.sha.not_in(sa.select(FileUse.sha)) & StoredFile.sha.not_in(sa.select(AttachedFile.sha))


def unused(session: Session) -> list[str]:
    """Files that nobody has."""
    wanted = sa.select(StoredFile.sha).where(nobody_has())
    return list(session.scalars(wanted.order_by(StoredFile.sha)))


def forget(session: Session, store: FileStore, sha: str) -> bool:
    """Delete a file that nobody has, row and content; the caller commits at once.

    :return: False when somebody has it by now.
    """
    row = session.get(StoredFile, sha, with_for_update=True, populate_existing=True)
    free = sa.select(StoredFile.sha).where(StoredFile.sha == sha, nobody_has())
    if row is None or session.scalars(free).first() is None:
        return False
    session.delete(row)
    session.flush()
    store.delete(sha)  # before the commit: after it, somebody could have put the same content there again
    return True


def delete_orphan(session: Session, store: FileStore, sha: str) -> bool:
    """Delete a file of the disk that has no row; the caller rolls back.

    Its row is taken meanwhile, so that nobody brings the same content at this moment.
    """
    values = {
        "sha": sha,
        "size": 0,
        "media_type": "",
        "text": "",
        "text_state": "none",
        "preview": False,
        "scan": "off",
    }
    made = session.execute(
        insert(session, StoredFile).values(**values).on_conflict_do_nothing().returning(StoredFile.sha)
    ).first()
    if made is None or not _old(store, sha):
        return False
    store.delete(sha)
    return True
