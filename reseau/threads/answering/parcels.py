"""Files that came with an answer: looked at before the base is asked anything, then given to the post."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.files import FileStore, Staged, TooLarge
from reseau.core.wording import Wording, _
from reseau.settings import Settings
from reseau.threads.answering.reading import Attachment
from reseau.threads.base.models import POST_KIND
from reseau.threads.base.shapes import MAX_FILES
from resources.files import attached
from resources.files.errors import UploadError, sentence
from resources.files.names import clean_name
from resources.files.services import Limits, inspect

TOO_MANY = _("%(most)s fichiers au plus par message.")
#: Why a file cannot be taken now, but may be later: the mail is to come again.
_LATER = ("scanner-away", "disk-full")


class Later(Exception):
    """The message cannot be taken now; whoever brought it is to bring it again."""


@dataclass(slots=True)
class Parcels:
    """``good``: files found good, with their names. ``refused``: (name, why)."""

    good: list[tuple[Staged, str]] = field(default_factory=list)
    refused: list[tuple[str, UploadError | None]] = field(default_factory=list)

    def said(self, lang: str) -> list[tuple[str, str]]:
        """(name, sentence) of those that were refused."""
        say = Wording.of(lang)
        return [
            (name, sentence(error, say) if error else say.gettext(TOO_MANY, most=MAX_FILES))
            for name, error in self.refused[:20]
        ]


@contextmanager
def staged(store: FileStore, settings: Settings, files: Sequence[Attachment]) -> Iterator[Parcels]:
    """The files on the disk, looked at; those that nobody kept are gone at the end. :raises Later: no room, no scanner.

    :raises OSError: the disk is full.
    """
    found, limits = Parcels(), Limits.of(settings)
    try:
        for one in files:
            _stage(store, limits, one, found)
        yield found
    finally:
        for path, _name in found.good:
            store.discard(path)


def _stage(store: FileStore, limits: Limits, one: Attachment, found: Parcels) -> None:
    name = clean_name(one.filename)
    if len(found.good) >= MAX_FILES:
        found.refused.append((name, None))
        return
    try:
        path = store.stage([one.data], limits.most)
    except TooLarge:
        found.refused.append((name, UploadError("too-large", name, most=limits.most // 1_000_000)))
        return
    try:
        found.good.append((path, inspect(path.path, name, limits)))
    except UploadError as error:
        store.discard(path)
        if error.code in _LATER:
            raise Later(error.code) from error
        found.refused.append((name, error))
    except BaseException:
        store.discard(path)
        raise


def give(
    session: Session, store: FileStore, settings: Settings, parcels: Parcels, post_id: UUID, person_id: UUID,
    structure_id: UUID | None, now: datetime,
) -> None:  # fmt: skip
    """Attach the good ones to a post; one that finds no room is refused."""
    for path, name in parcels.good:
        try:
            attached.attach(
                session, store, (POST_KIND, post_id), path, name, person_id, structure_id, now, Limits.of(settings),
                inspected=True,
            )  # fmt: skip
        except UploadError as error:
            if error.code in _LATER:
                raise Later(error.code) from error
            parcels.refused.append((name, error))
