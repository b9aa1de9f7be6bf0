"""The files that leave: their names, their types, and a shelf where each lies as it was last made."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.opendata import inclusion, writing
from feeds.opendata.inclusion import Publisher, Told
from feeds.opendata.national import NUMBERS, number
from feeds.opendata.reading import places

ABANDONED_S: Final = 3600.0
"""Seconds without a word written, after which who wrote a file is dead."""
_TRIES: Final = 5
NATIONAL, INCLUSION = "standard-mediation-num 1.0.2", "data·inclusion v1"


@dataclass(frozen=True, slots=True)
class Kind:
    """A file. ``schema``: the standard that it follows. ``format``: for people."""

    name: str
    schema: str
    format: str
    media_type: str


KINDS: Final = (
    Kind("lieux.csv", NATIONAL, "CSV", "text/csv"),
    Kind("lieux.json", NATIONAL, "JSON", "application/json"),
    Kind("lieux.geojson", NATIONAL, "GeoJSON", "application/geo+json"),
    Kind("lieux-tableur.csv", NATIONAL, "CSV", "text/csv"),
    Kind("structures.json", INCLUSION, "JSON", "application/json"),
    Kind("services.json", INCLUSION, "JSON", "application/json"),
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}
_WRITERS: Final = {
    "lieux.csv": writing.as_csv, "lieux.json": writing.as_json, "lieux.geojson": writing.as_geojson,
    "lieux-tableur.csv": writing.as_spreadsheet,
}  # fmt: skip


def pieces(session: Session, wanted: sa.ColumnElement[bool], name: str, by: Publisher, told: Told) -> Iterator[str]:
    """The content of a file, piece by piece."""
    if name in _WRITERS:
        return _WRITERS[name](_counted(writing.rows(places(session, wanted), by.name, told.left_out), told))
    if name == "structures.json":
        return objects(inclusion.structures(places(session, wanted), by, told))
    return objects(inclusion.services(places(session, wanted, offers=True), by, told))


def _counted(rows: Iterable[dict[str, str]], told: Told) -> Iterator[dict[str, str]]:
    for row in rows:
        told.written += 1
        yield row


def objects(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A JSON array, an object a line."""
    return writing.array((_json(one) for one in found), "[", "]")


def _json(one: dict[str, Any]) -> str:
    return "{" + ",".join(f'"{name}":{_value(name, value)}' for name, value in one.items()) + "}"


def _value(name: str, value: Any) -> str:
    return number(value) if name in NUMBERS else json.dumps(value, ensure_ascii=False)


def write(path: Path, content: Iterable[str], opened: Callable[[Path], Any] = lambda path: path.open("wb")) -> int:
    """Write a file whole or not at all: a reader never sees half of one. :return: bytes, before any compression."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    size = 0
    try:
        with opened(Path(name)) as out:
            for piece in content:
                data = piece.encode()
                size += len(data)
                out.write(data)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return size


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the shelf, compressed. ``size``: bytes once it is not. ``version``: of all that it depends on;
    ``changed``: the newest change of a place that it holds."""

    path: Path
    size: int
    written: int
    left_out: Counter[str]
    version: str
    changed: datetime | None


class Shelf:
    """Files as they were last made. It is a cache: it can be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._locks = {kind.name: threading.Lock() for kind in KINDS}

    def known(self, name: str) -> Made | None:
        """The file as it was last made; None: it is not there."""
        try:
            facts = json.loads((self.folder / f"{name}.facts.json").read_bytes())
            path = self.folder / facts["file"]
            changed = datetime.fromisoformat(facts["changed"]) if facts["changed"] else None
            made = Made(path, int(facts["size"]), int(facts["written"]), Counter(facts["left_out"]),
                        str(facts["version"]), changed)  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return made if path.is_file() else None

    def open(self, name: str, packed: bool) -> tuple[Made, IO[bytes]] | None:
        """The file, open, as it is compressed (``packed``) or not; None: it is not there. A newer one that takes its
        place at this moment is opened instead."""
        for _ in range(_TRIES):
            if (made := self.known(name)) is None:
                return None
            try:
                return made, made.path.open("rb") if packed else _unpacked(made.path)
            except FileNotFoundError:  # swept since its facts were read: those of the newer one are there
                continue
        return None

    def make(self, name: str, version: str, changed: datetime | None, content: Callable[[Told], Iterable[str]]) -> Made:
        """The file of this version; made now, unless it is there. Who comes meanwhile waits for it instead of making it
        too.

        :param content: what it counts in ``Told`` is kept with it.
        """
        with self._locks[name]:
            if (made := self.known(name)) is not None and made.version == version:
                return made
            told = Told()
            path = self.folder / f"{name}.{version}.gz"
            size = write(path, content(told), lambda one: gzip.GzipFile(one, "wb", 5, mtime=0))
            facts = {"version": version, "file": path.name, "size": size, "written": told.written,
                     "left_out": dict(told.left_out), "changed": changed and changed.isoformat()}  # fmt: skip
            write(self.folder / f"{name}.facts.json", [json.dumps(facts)])
            self._sweep(name, path)
            return Made(path, size, told.written, told.left_out, version, changed)

    def _sweep(self, name: str, kept: Path) -> None:
        """Delete the older ones; who reads one at this moment still has it open."""
        for path in self.folder.glob(f"{name}.*.gz"):
            if path != kept:
                path.unlink(missing_ok=True)

    def sweep_leftovers(self) -> int:
        """Delete what a process that was killed had begun to write. :return: how many files."""
        old = [path for path in self.folder.glob(".*") if path.is_file() and _age(path) > ABANDONED_S]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def _unpacked(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb")  # type: ignore[return-value]


def _age(path: Path) -> float:
    """Seconds since somebody last wrote to it."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0
