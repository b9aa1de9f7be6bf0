"""Giving a file back: who may have it, which bytes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import Json
from reseau.core.files import CHUNK
from resources.base.content import FileRef
from resources.base.models import AttachedFile, FileUse, Resource, ResourceVersion, State, StoredFile, Visibility
from resources.files import attached
from resources.files.mentions import mentions

MAX_USES = 50  # resources that are looked at for one file
MAX_OWNERS = 200  # posts and documents


@dataclass(frozen=True, slots=True)
class Use:
    """A resource that has the file. ``name``: what its readers see it called, None when they do not see it."""

    resource: Resource
    name: str | None

    @property
    def everyone(self) -> bool:
        """Whether everybody may read it."""
        return self.shown and self.resource.visibility == Visibility.PUBLIC.value

    @property
    def shown(self) -> bool:
        """Whether the version that readers see names it."""
        return self.resource.state == State.PUBLISHED.value and self.name is not None


@dataclass(frozen=True, slots=True)
class Way:
    """By what somebody may have a file. ``name``: what it is called there. ``everyone``: everybody may. ``use``: the
    resource that has it, or None."""

    name: str | None
    everyone: bool
    use: Use | None = None


def address(ref: FileRef) -> str:
    """Where a file is downloaded, in the site."""
    return f"/fichiers/{ref.sha}/{quote(ref.name)}"


def picture_address(ref: FileRef) -> str:
    """Where an image of a page is shown, made anew (at most 1200 px)."""
    return f"/fichiers/{ref.sha}/image.webp"


def preview_address(ref: FileRef) -> str:
    """Where the small picture of a file is shown."""
    return f"/fichiers/{ref.sha}/apercu.webp"


def uses(session: Session, sha: str, name: str | None) -> tuple[StoredFile | None, list[Use]]:
    """(the row of a file, the resources that have it, the most public first); one statement for a file that everyone
    may have.

    Contents are large: the database looks for the digest in their text, and only those that say it are read, until one
    is for everyone.

    :param name: as the address names it; a resource that calls it otherwise counts as not showing it. None: any.
    """
    row, found = None, []
    for stored, resource, says, content in session.execute(_wanted(sha)).all():
        row = stored
        if says and content is None:
            key = ResourceVersion.resource_id == resource.id, ResourceVersion.number == resource.version
            content = session.execute(sa.select(ResourceVersion.content).where(*key)).scalar()
        names = [said for one, said in mentions(content) if one == sha] if says else []
        found.append(Use(resource, next((one for one in names if name in (None, one)), None)))
        if found[-1].everyone:
            break
    return row, found


def _wanted(sha: str) -> sa.Select[StoredFile, Resource, bool, Any]:
    """(file, resource, whether what its readers see says the digest, that content: of the first row alone)."""
    version = ResourceVersion
    says = sa.func.coalesce(sa.cast(version.content, sa.Text).contains(sha), sa.false())
    published = (Resource.state == State.PUBLISHED.value) & says
    rank = sa.case((published & (Resource.visibility == Visibility.PUBLIC.value), 0), (published, 1), else_=2)
    first = sa.func.row_number().over(order_by=(rank, Resource.id)) == 1
    content = sa.case((first & says, version.content), else_=sa.null())
    now = (version.resource_id == Resource.id) & (version.number == Resource.version)
    kept: sa.ColumnElement[Any] = sa.type_coerce(content, Json)
    wanted = sa.select(StoredFile, Resource, says, kept)
    wanted = wanted.join(FileUse, FileUse.sha == StoredFile.sha).join(Resource, Resource.id == FileUse.resource_id)
    wanted = wanted.outerjoin(version, now).where(StoredFile.sha == sha)
    return wanted.order_by(rank, Resource.id).limit(MAX_USES)


def first_allowed(found: list[Use], network: Callable[[], bool], edit: Callable[[Resource], bool]) -> Use | None:
    """The use by which somebody may have the file, the most public first.

    :param network, edit: whether whoever asks may; asked only when it matters.
    """
    for use in found:
        if use.everyone:
            return use
    shown = [use for use in found if use.shown]
    if shown and network():
        return shown[0]
    return next((use for use in found if edit(use.resource)), None)


#: Who reads owners of a kind: ``public``, ``private`` or None, of the most public of them, or of each.
Asked = Callable[[list[UUID]], str | Mapping[UUID, str] | None]


def by_owners(
    session: Session, sha: str, name: str | None, owners: Mapping[str, Asked], person_id: UUID | None
) -> tuple[StoredFile | None, Way | None]:
    """(the row of a file, by which post or document whoever asks may have it). What waits for an owner that is not
    there yet, only who brought it may have. One statement, and what ``owners`` need; one more when they refuse somebody
    what they brought.

    :param name: as the address names it. None: any.
    """
    row = AttachedFile
    wanted = sa.select(StoredFile, row).join(row, row.sha == StoredFile.sha).where(StoredFile.sha == sha)
    wanted = wanted if name is None else wanted.where(row.name == name)
    found = [(stored, one) for stored, one in session.execute(wanted.order_by(row.added_at.desc()).limit(MAX_OWNERS))]
    file, rows = (found[0][0] if found else None), [one for _, one in found]
    way = None
    for kind in sorted({one.owner_kind for one in rows}):
        of_kind = [one for one in rows if one.owner_kind == kind]
        says = owners[kind](list({one.owner_id for one in of_kind})) if kind in owners else None
        said = set(says.values()) if isinstance(says, Mapping) else {says}
        if "public" in said:
            return file, Way(of_kind[0].name, True)
        if way is None and ("private" in said or _waits(session, kind, of_kind, person_id)):
            way = Way(of_kind[0].name, False)
    return file, way


def _waits(session: Session, kind: str, rows: list[AttachedFile], person_id: UUID | None) -> bool:
    """Whether somebody brought the file for an owner that is not there yet."""
    own = {row.owner_id for row in rows if person_id is not None and row.added_by == person_id}
    return bool(own - attached.existing(session, kind, own))


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes ``start`` to ``end`` (not included) of a file of ``size``."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        """How many."""
        return self.end - self.start

    @property
    def header(self) -> str:
        """``Content-Range``."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class FileIter:
    """Bytes of an open file, a chunk at a time, for servers without ``wsgi.file_wrapper``."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the file; servers call it."""
        self._file.close()
