"""A file from an address, in steps that can be gone on with: after a cut, and after the death of who asked."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import requests

from importers.fetch import bodies
from importers.fetch.waiting import Again
from importers.fetch.wording import is_web
from importers.pipeline.contract import Fetched, Refused, Where

if TYPE_CHECKING:
    from importers.fetch.asking import Asker

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")


class Part:
    """What is there of a file: its first bytes, and beside them how the server named the version they are of."""

    def __init__(self, folder: Path, url: str) -> None:
        key = hashlib.sha256(url.encode()).hexdigest()[:16]  # not the address itself: it may hold a token
        self.whole, self.path, self._note = folder / key, folder / f"{key}.part", folder / f"{key}.json"

    def size(self) -> int:
        """Bytes that are there."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def version(self) -> dict[str, str]:
        """``validator``, ``etag``, ``last_modified`` of what was begun; empty: unknown, it cannot be gone on with."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        sound = isinstance(note, dict) and all(isinstance(value, str) for value in note.values())
        return note if sound and note.get("boot") == _boot() else {}

    def restart(self, version: Mapping[str, str]) -> None:
        """Begin at the first byte, of that version. The note goes first and comes last: bytes of one version must not
        be found beside the name of another."""
        self.forget()
        if version:
            beside = self._note.with_suffix(".new")
            beside.write_text(json.dumps({**version, "boot": _boot()}), encoding="utf-8")
            os.replace(beside, self._note)

    def forget(self) -> None:
        """Throw away what is there."""
        self._note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def end(self) -> Path:
        """All is there."""
        self.path.touch()  # an empty file is one
        os.replace(self.path, self.whole)
        self._note.unlink(missing_ok=True)
        return self.whole


def _boot() -> str:
    """Which start of the machine this is (Linux; "" elsewhere). What was written before a power cut may be zeros."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Download:
    """One file, asked for until it is whole."""

    def __init__(
        self,
        asker: Asker,
        where: Where,
        folder: Path,
        max_bytes: int,
        accept: Sequence[str],
        headers: Mapping[str, str],
    ) -> None:
        self.asker, self.where, self.max_bytes, self.accept, self.headers = asker, where, max_bytes, accept, headers
        self.part = Part(folder, where.location)

    def run(self) -> Fetched:
        """:raises Refused:"""
        if not is_web(self.where.location):
            raise Refused("absent", path=self.where.location)
        try:
            return self.asker.persisting(self._once, self.part.size)
        except Refused as refused:
            if refused.code == "trop-gros":  # what is there would only fill the disk, and never become a file
                self.part.forget()
            raise

    def _once(self) -> Fetched:
        version = self.part.version()
        begun = self.part.size() if version.get("validator") else 0
        asked = {**self._wanted(version, begun), **self.headers}
        with self.asker.opened(self.where.location, asked) as response:
            if response.status_code == 304 and (self.where.etag or self.where.last_modified) and not begun:
                return Fetched(None, self.where.etag, self.where.last_modified)
            end = self._place(response, begun, version)
            with _disk(), self.part.path.open("ab") as out:
                self._write(out, response, self.part.size())
            if end is not None and self.part.size() != end:
                raise Again(bodies.CUT)
            made = {**version, **_version(response)}
        with _disk():
            return Fetched(self.part.end(), made.get("etag"), made.get("last_modified"))

    def _wanted(self, version: Mapping[str, str], begun: int) -> dict[str, str]:
        if begun:
            return {"Range": f"bytes={begun}-", "If-Range": version["validator"]}
        known = {"If-None-Match": self.where.etag, "If-Modified-Since": self.where.last_modified}
        return {name: value for name, value in known.items() if value}

    def _place(self, response: requests.Response, begun: int, version: Mapping[str, str]) -> int | None:
        """Make the part ready for what comes: it goes on, or it starts again. :return: the size of the whole, if it is
        said. :raises Again: what comes does not follow on."""
        if response.status_code == 200:
            bodies.check_type(response, self.accept or bodies.NOT_HTML)
            with _disk():
                self.part.restart(_version(response))
            return None
        if response.status_code == 206 and begun:
            found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
            same = response.headers.get("ETag", version.get("etag", "")) == version.get("etag", "")
            if found and int(found[1]) == begun and same and not bodies.coding(response):
                return None if found[3] == "*" else int(found[3])
        if response.status_code in (206, 416):
            self.part.forget()
            raise Again("le serveur ne sait pas reprendre où il s’est arrêté")
        status = response.status_code
        raise Refused("telechargement", error=f"le serveur répond {status}", status=status)

    def _write(self, out: IO[bytes], response: requests.Response, there: int) -> None:
        for piece in bodies.pieces(response, self.max_bytes - there, self.asker.check):
            with _disk():
                out.write(piece)


@contextmanager
def _disk() -> Iterator[None]:
    """An error of the disk is not one of the network, and does not pass."""
    try:
        yield
    except (requests.RequestException, Refused, Again):
        raise
    except OSError as error:
        raise Refused("disque", error=error.strerror or type(error).__name__) from error


def _version(response: requests.Response) -> dict[str, str]:
    """How the server names this version. ``validator`` only if it can prove that bytes go together (RFC 9110, 13.1.5:
    a strong ETag, else the date of a change), and if the bytes are those that a Range counts."""
    etag, modified = bodies.sound(response.headers.get("ETag")), bodies.sound(response.headers.get("Last-Modified"))
    validator = etag if etag and not etag.startswith("W/") else modified
    named = {"etag": etag, "last_modified": modified, "validator": "" if bodies.coding(response) else validator}
    return {name: value for name, value in named.items() if value}
