"""What the page of the open data says, and the files as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.opendata import files
from feeds.opendata.files import KINDS, Kind, Made, Shelf
from feeds.opendata.inclusion import Publisher
from feeds.opendata.reading import count, of_site, registers
from importers.models import ImportSource
from reseau.core.changes import Change
from reseau.directory.models import KIND

#: Sizes are said as soon as the files are there; of a small site they are made for the page.
SMALL: Final = 500
LOV2: Final = ("Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/")
#: Ways of reading whose registers publish under a known licence: (page, licence).
_LICENCES: Final[dict[str, tuple[str, tuple[str, str] | None]]] = {
    "cartographie": ("https://cartographie.societenumerique.gouv.fr/", LOV2),
    "inclusion": ("https://www.data.gouv.fr/datasets/6233723c2c1e4a54af2f6b2d/", None),  # its page says it, not we
}
_NAMES: Final = {"cartographie": "Cartographie nationale des lieux de médiation numérique", "reseau": "Réseau"}


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


class Offer:
    """The open data of a site. :param version: of all that the files depend on."""

    def __init__(self, session: Session, shelf: Shelf, territory: Sequence[str], by: Publisher, seen: object) -> None:
        self.session, self.shelf, self.by = session, shelf, by
        self.wanted = of_site(territory)
        parts = (seen, *territory, by.name, by.url)
        self.version = hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:16]

    def places(self) -> int:
        """How many places there are to say."""
        return count(self.session, self.wanted)

    def file(self, name: str) -> Made:
        """A file as the directory is now. :raises KeyError: there is none of that name."""
        kind = files.BY_NAME[name]
        return self.shelf.get(
            kind.name, self.version, lambda told: files.pieces(self.session, self.wanted, name, self.by, told)
        )

    def all(self, places: int) -> list[Offered]:
        """All files."""
        look = self.file if places <= SMALL else lambda name: self.shelf.known(name, self.version)
        return [Offered(kind, look(kind.name)) for kind in KINDS]

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
