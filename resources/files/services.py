"""Files of resources: taken in, known, given back. Below the pages; whoever calls commits.

A content names a file by ``FileRef(sha, name)``. A row ``stored_file`` says what the file is; a row ``file_use`` that a
resource has it: made at upload, dropped by a job once nothing of the resource names it (``sweeping``). What posts and
documents have: ``attached``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from reseau.core.files import FileStore, Staged, Stored
from reseau.directory.models import Structure
from reseau.members.models import Person
from reseau.settings import Settings
from resources.base.content import FileRef
from resources.base.models import AttachedFile, FileUse, Resource, StoredFile
from resources.base.services import present_place
from resources.files.errors import UploadError, megabytes
from resources.files.names import clean_name, with_extension
from resources.files.scanning import Scanner
from resources.files.types import BY_MEDIA_TYPE, FileType, recognise

__all__ = ["About", "Limits", "UploadError", "about", "add", "inspect", "left", "take_in", "use"]
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings allow. ``most``: bytes of one file. ``quota``: bytes of a structure, or of a person alone.
    ``scanner``: who looks for viruses, or None."""

    most: int = 200 * MB
    quota: int = 2_000 * MB
    scanner: Scanner | None = None

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """From the settings."""
        return cls(settings.files_max * MB, settings.files_quota * MB, Scanner.of(settings.files_scan))


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a stored file, for pages. ``text_state``: ``waiting``, ``ok``, ``none``, ``unreadable``.
    ``preview``: ``/fichiers/{sha}/apercu.webp`` is there; ``picture``: ``/fichiers/{sha}/image.webp`` too."""

    sha: str
    size: int
    media_type: str
    text_state: str
    preview: bool
    width: int | None
    height: int | None

    @property
    def type(self) -> FileType | None:
        """The type that we accepted it as."""
        return BY_MEDIA_TYPE.get(self.media_type)

    @property
    def picture(self) -> bool:
        """Whether it is an image, and ``image.webp`` is there."""
        return self.preview and bool(self.type and self.type.picture)


def inspect(path: Path, name: str, limits: Limits) -> str:
    """Look at a file before it is taken in; no database needed, so that nobody waits for the scanner.

    :param name: cleaned. :return: its name, with the extension of what it is. :raises UploadError: it is refused.
    """
    if path.stat().st_size > limits.most:
        raise UploadError("too-large", name, most=limits.most // MB)
    _, name = recognise(path, name)
    if limits.scanner:
        limits.scanner.check(path, name)
    return name


def add(
    session: Session, store: FileStore, resource: Resource, stored: Stored, filename: str, by: UUID | None,
    structure_id: UUID | None, now: datetime, limits: Limits | None = None, inspected: bool = False,
) -> FileRef:  # fmt: skip
    """Give a resource a file.

    :param stored: staged, as ``request.upload`` gives it, or in the storage already; refused, neither is left unless
        somebody else has it. :param limits: those of the site. None: no quota and no scan (content that we bring
        ourselves). :param inspected: it was looked at (``request.upload`` did).
    :raises UploadError: it is refused.
    """
    ref, place = take_in(session, store, stored, filename, by, structure_id, now, limits, inspected)
    use(session, resource.id, ref.sha, by, place, now)
    return ref


def take_in(
    session: Session, store: FileStore, stored: Stored, filename: str, by: UUID | None, structure_id: UUID | None,
    now: datetime, limits: Limits | None = None, inspected: bool = False,
) -> tuple[FileRef, UUID | None]:  # fmt: skip
    """Take a file in, for somebody who has it from now on: the caller says whom, in the same transaction (its row is
    locked until then). As :func:`add`. :return: the file, and the place that shares it.

    :raises UploadError: it is refused.
    """
    structure_id = present_place(session, structure_id)
    path = stored.path if isinstance(stored, Staged) else store.path(stored.sha)
    try:
        name = clean_name(filename)
        kind, name = recognise(path, name)
        if limits:
            if not inspected:
                inspect(path, name, limits)
            _check_quota(session, stored, name, by, structure_id, limits.quota)
    except UploadError:
        _forget(session, store, stored)
        raise
    scan = "clean" if limits and limits.scanner else "off"
    values = {"sha": stored.sha, "size": stored.size, "media_type": kind.media_type, "created_at": now, "scan": scan,
              "text": "", "text_state": "waiting", "preview": False}  # fmt: skip
    # The row first: whoever sweeps the same content waits for us, or we for them (``sweeping``).
    session.execute(insert(session, StoredFile).values(**values).on_conflict_do_nothing())
    row = session.get_one(StoredFile, stored.sha, with_for_update=True, populate_existing=True)
    if scan == "clean":
        row.scan = scan
    if isinstance(stored, Staged):
        store.keep(stored)
    return FileRef(stored.sha, with_extension(name, kind.extensions)), structure_id


def use(
    session: Session, resource_id: UUID, sha: str, by: UUID | None, structure_id: UUID | None, now: datetime
) -> None:
    """A resource has a file that is stored (a copy of another resource has its files). One that it has already is new
    again: whoever sweeps leaves it."""
    values = {"resource_id": resource_id, "sha": sha, "structure_id": structure_id, "added_by": by, "added_at": now}
    made = insert(session, FileUse).values(**values)
    session.execute(made.on_conflict_do_update(index_elements=["resource_id", "sha"], set_={"added_at": now}))
    session.flush()


def _forget(session: Session, store: FileStore, stored: Stored) -> None:
    if isinstance(stored, Staged):
        store.discard(stored)
    elif session.get(StoredFile, stored.sha) is None:
        store.delete(stored.sha)


def _check_quota(
    session: Session, stored: Stored, name: str, by: UUID | None, structure_id: UUID | None, quota: int
) -> None:
    if structure_id:  # two at once must not both find the same room
        session.execute(sa.select(Structure.id).where(Structure.id == structure_id).with_for_update(key_share=True))
    elif by:
        session.execute(sa.select(Person.id).where(Person.id == by).with_for_update(key_share=True))
    else:
        return
    room = left(session, by, structure_id, quota, but=stored.sha)
    if stored.size > room:
        raise UploadError(
            "quota-structure" if structure_id else "quota-person",
            name, left=megabytes(max(room, 0)), size=megabytes(stored.size),
        )  # fmt: skip


def left(session: Session, by: UUID | None, structure_id: UUID | None, quota: int, but: str = "") -> int:
    """Bytes that a structure, or a person without one, may still share.

    What a structure that was merged into it had shared counts too. A file counts once, however many resources, posts
    or documents have it.

    :param but: a file that does not count: it is about to be counted.
    """
    same = None
    if structure_id:
        place = present_place(session, structure_id)
        same = sa.select(Structure.id).where(sa.or_(Structure.id == place, Structure.merged_into == place))

    def shas(table: type[FileUse | AttachedFile]) -> sa.Select[Any]:
        mine: sa.ColumnElement[bool] = table.structure_id.is_(None) & (table.added_by == by)
        mine = table.structure_id.in_(same) if same is not None else mine
        return sa.select(table.sha).where(mine, table.sha != but)

    used = sa.union(shas(FileUse), shas(AttachedFile))
    total = session.execute(sa.select(sa.func.sum(StoredFile.size)).where(StoredFile.sha.in_(used))).scalar_one()
    return quota - int(total or 0)


def about(session: Session, shas: Iterable[str]) -> dict[str, About]:
    """What is known of files, by SHA-256; one statement, none for no file."""
    wanted = set(shas)
    if not wanted:
        return {}
    row = StoredFile
    columns = (row.sha, row.size, row.media_type, row.text_state, row.preview, row.width, row.height)
    return {one.sha: About(*one) for one in session.execute(sa.select(*columns).where(row.sha.in_(wanted)))}


def texts(session: Session, shas: Iterable[str]) -> dict[str, str]:
    """The words that were read in files, for the index; those without are left out."""
    wanted = sa.select(StoredFile.sha, StoredFile.text).where(StoredFile.sha.in_(set(shas)), StoredFile.text != "")
    return {row.sha: row.text for row in session.execute(wanted)}
