"""What a form of a resource sent: its fields and its files, which files are kept, and why one is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from reseau.core.files import SHA
from reseau.core.wording import Wording
from reseau.web.csrf import FIELD as TOKEN
from resources.base.content import Content, FileRef
from resources.base.models import FileUse, Resource, StoredFile
from resources.files import services as files
from resources.files.errors import UploadError, sentence
from resources.files.names import clean_name, with_extension
from resources.files.types import BY_MEDIA_TYPE

if TYPE_CHECKING:
    from pyramid.request import Request

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent. ``pairs``: its fields without the token. ``refused``: why its files did not come, or ""."""

    pairs: list[tuple[str, str]]
    files: Sequence[Any] = ()
    refused: str = ""

    def has(self, name: str) -> bool:
        """Whether a box is ticked, or a button pressed."""
        return any(pair[0] == name for pair in self.pairs)


def posted(request: Request) -> Sent:
    """What a form sent, multipart or not."""
    came = request.upload
    pairs = [(name, value) for name, value in request.POST.items() if isinstance(value, str) and name != TOKEN]
    why = sentence(came.error, Wording.of(request.lang)) if came.error else ""
    return Sent(pairs, came.files, why)


def written(ref: FileRef | None) -> str:
    """A file as a hidden field carries it."""
    return f"{ref.sha}/{ref.name}" if ref else ""


def read_ref(session: Session, resource: Resource, text: str, content: Content) -> FileRef | None:
    """The file that a hidden field names, if it is one of this resource: nobody attaches a file that they could not
    download. Its name keeps the extension of what the file is, whatever the field says."""
    sha, _, name = text.partition("/")
    if not SHA.fullmatch(sha):
        return None
    if sha not in {ref.sha for ref in content.files()} and session.get(FileUse, (resource.id, sha)) is None:
        return None
    stored, name = session.get(StoredFile, sha), clean_name(name)
    kind = BY_MEDIA_TYPE.get(stored.media_type) if stored else None
    return FileRef(sha, with_extension(name, kind.extensions) if kind else name)


def is_picture(session: Session, sha: str) -> bool:
    """Whether a stored file is an image that browsers show in a page."""
    found = session.get(StoredFile, sha)
    return found is not None and found.media_type in PICTURES


def take(request: Request, resource: Resource, sent: Sent, field: str) -> tuple[FileRef | None, str]:
    """Keep the file that came in a field. :return: (the file or None, why it is refused or "")."""
    came = next(((staged, name) for one, staged, name in sent.files if one == field), None)
    if came is None:
        return None, ""
    try:
        ref = files.add(
            request.db, request.registry["files"], resource, came[0], came[1], by=request.identity.person_id,
            structure_id=resource.structure_id, now=request.registry["clock"](),
            limits=request.registry["files.limits"], inspected=True,
        )  # fmt: skip
    except UploadError as error:
        return None, sentence(error, Wording.of(request.lang))
    return ref, ""
