"""What the page of the open data says, and the files as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import IO, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.opendata import files
from feeds.opendata.files import KINDS, Kind, Made, Shelf
from feeds.opendata.inclusion import Publisher, Told
from feeds.opendata.reading import count, of_site, registers
from importers.models import ImportRun, ImportSource
from importers.pipeline import rules
from reseau.core.changes import Change
from reseau.directory.models import KIND, SourcePart

SMALL: Final = 500
"""Places of a site whose files are made for who asks first; those of a larger one are there once the job has run."""
#: What a file is made by: when it changes, files are made again.
_CODE: Final = ("feeds.opendata", "reseau.core.vocabularies", "reseau.directory.present", "reseau.directory.own")
LOV2: Final = ("Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/")
#: Ways of reading whose registers publish under a known licence: (page, licence).
_LICENCES: Final[dict[str, tuple[str, tuple[str, str] | None]]] = {
    "cartographie": ("https://cartographie.societenumerique.gouv.fr/", LOV2),
    "inclusion": ("https://www.data.gouv.fr/datasets/6233723c2c1e4a54af2f6b2d/", None),  # its page says it, not we
}
_NAMES: Final = {"cartographie": "Cartographie nationale des lieux de médiation numérique", "reseau": "Réseau"}


class Stopped(Exception):
    """The process is about to end: the file is not made."""


@dataclass(frozen=True, slots=True)
class Register:
    """Where values come from. ``licence``: (name, address); None: that of who publishes it, not known here."""

    title: str
    url: str
    licence: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A file and, once it was made, its size in bytes and how many rows it holds and leaves out."""

    kind: Kind
    made: Made | None

    @property
    def left_out(self) -> int:
        """Places that its schema cannot say."""
        return sum(self.made.left_out.values()) if self.made else 0


def newest(session: Session) -> tuple[int, datetime | None]:
    """(``seq``, moment) of the newest change of a place; the log is walked from its end."""
    wanted = sa.select(Change.seq, Change.at).where(Change.kind == KIND).order_by(Change.seq.desc()).limit(1)
    found = session.execute(wanted).first()
    return (found[0], found[1]) if found else (0, None)


def state(session: Session) -> tuple[object, ...]:
    """What changes whenever a file would: the log tells what is shown; the ids that registers give to a place change
    without it (a record that joins a place and says nothing new), by runs."""
    ended = session.scalar(sa.select(sa.func.max(ImportRun.ended_at)))
    parts = session.scalar(sa.select(sa.func.count()).select_from(SourcePart))
    return newest(session)[0], ended, parts


class Offer:
    """The open data of a site."""

    def __init__(self, session: Session, shelf: Shelf, territory: Sequence[str], by: Publisher) -> None:
        self.session, self.shelf, self.by, self.territory = session, shelf, by, territory
        self.wanted = of_site(territory)

    @cached_property
    def version(self) -> str:
        """Of all that the files depend on, now."""
        parts = (rules.version(*_CODE), *state(self.session), *self.territory, self.by.name, self.by.url)
        return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:16]

    def places(self) -> int:
        """How many places there are to say."""
        return count(self.session, self.wanted)

    def is_old(self, name: str) -> bool:
        """Whether a file is not there, or not as the directory is now."""
        made = self.shelf.known(name)
        return made is None or made.version != self.version

    def make(self, name: str, stopping: Callable[[], bool] = lambda: False) -> Made:
        """A file as the directory is now. :raises Stopped: ``stopping`` says so; the one before stays."""
        # The version is of before the first place is read: what changes meanwhile makes another.
        version, changed = self.version, newest(self.session)[1]

        def content(told: Told) -> Iterator[str]:
            for piece in files.pieces(self.session, self.wanted, name, self.by, told):
                if stopping():
                    raise Stopped
                yield piece

        return self.shelf.make(name, version, changed, content)

    def _there(self, name: str, places: int) -> Made | None:
        """The file as it was last made, for who asks now; of a small site it is made when it never was."""
        made = self.shelf.known(name)
        return self.make(name) if made is None and places <= SMALL else made

    def open(self, name: str, packed: bool) -> tuple[Made, IO[bytes]] | None:
        """A file to be sent, as it was last made. None: not yet."""
        found = self.shelf.open(name, packed)
        if found is None and self._there(name, self.places()) is not None:
            found = self.shelf.open(name, packed)
        return found

    def all(self, places: int) -> list[Offered]:
        """All files. :param places: see ``places``."""
        return [Offered(kind, self._there(kind.name, places)) for kind in KINDS]

    def registers(self) -> list[Register]:
        """Where the values come from."""
        names = registers(self.session, self.wanted)
        chosen = sa.select(ImportSource.name, ImportSource.title, ImportSource.adapter).where(
            ImportSource.name.in_(names)
        )
        known = {name: (title, adapter) for name, title, adapter in self.session.execute(chosen)}
        return [self._register(name, *known.get(name, ("", name))) for name in names]

    @staticmethod
    def _register(name: str, title: str, adapter: str) -> Register:
        url, licence = _LICENCES.get(adapter, ("", None))
        return Register(title or _NAMES.get(name, name), url, licence)
