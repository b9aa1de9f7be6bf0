"""Giving a file back: who may have it, which bytes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.files import CHUNK
from resources.base.content import FileRef, from_json
from resources.base.models import FileUse, Resource, ResourceVersion, State, StoredFile, Visibility

MAX_USES = 50  # resources that are looked at for one file


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
    """(the row of a file, the resources that have it); one statement.

    :param name: as the address names it; a resource that calls it otherwise counts as not showing it. None: any.
    """
    wanted = (
        sa.select(StoredFile, Resource, ResourceVersion.content)
        .options(sa.orm.defer(StoredFile.text))
        .join(FileUse, FileUse.sha == StoredFile.sha)
        .join(Resource, Resource.id == FileUse.resource_id)
        .outerjoin(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.version),
        )
        .where(StoredFile.sha == sha)
        .order_by(Resource.id)
        .limit(MAX_USES)
    )
    row, found = None, []
    for stored, resource, content in session.execute(wanted):
        row = stored
        refs = [ref for ref in from_json(content).files() if ref.sha == sha] if content else []
        named = next((ref.name for ref in refs if name in (None, ref.name)), None)
        found.append(Use(resource, named))
    return row, found


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


def author_ids(session: Session, resource_id: UUID) -> frozenset[UUID]:
    """Who may write a resource by name."""
    from resources.base import services

    return frozenset(services.author_ids(session, resource_id))
