"""Files by content: each is stored once, under its SHA-256, and never changed.

A file is written beside its place and moved there when it is whole and on disk: whoever is killed leaves a partial file
in ``tmp``, never a wrong one. The folder may be shared by several machines.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK = 256 * 1024  # bytes
PARTIAL_KEPT = 24 * 3600  # seconds
SHA = re.compile(r"[0-9a-f]{64}")


class TooLarge(Exception):
    """More bytes than allowed came; nothing was kept. ``most``: bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} bytes")
        self.most = most


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is there. ``size`` in bytes."""

    sha: str
    size: int


class FileStore:
    """A folder of files by SHA-256 (``ab/cd/abcd…``). :param folder: made when first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, chunks: Iterable[bytes], most: int | None = None) -> Stored:
        """Keep what comes, a chunk at a time: memory does not grow with the file.

        :param most: bytes. :raises TooLarge: more came. :raises OSError: the disk is full…; nothing is kept.
        """
        temporary = self.folder / "tmp"
        temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = temporary / f"{int(time.time())}-{secrets.token_hex(8)}"
        found, size = hashlib.sha256(), 0
        try:
            with partial.open("xb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if most is not None and size > most:
                        raise TooLarge(most)
                    found.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            target = self.path(found.hexdigest())
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return Stored(found.hexdigest(), size)

    def put_path(self, path: Path) -> Stored:
        """Keep a file of the machine."""
        with path.open("rb") as file:
            return self.put(iter(lambda: file.read(CHUNK), b""))

    def path(self, sha: str) -> Path:
        """Where a file is, or would be.

        :raises ValueError: it is no SHA-256 in lower-case hex: a path must not be made of what somebody typed.
        """
        if not SHA.fullmatch(sha):
            raise ValueError(f"not a SHA-256: {sha[:70]!r}")
        return self.folder / sha[:2] / sha[2:4] / sha

    def has(self, sha: str) -> bool:
        """Whether it is there."""
        return self.path(sha).is_file()

    def open(self, sha: str) -> IO[bytes]:
        """The file, to read. :raises FileNotFoundError: it is not there."""
        return self.path(sha).open("rb")

    def beside(self, sha: str, suffix: str) -> Path:
        """Where something made from a file is kept (``.webp``): a cache, deleted with it."""
        return self.path(sha).with_name(sha + suffix)

    def delete(self, sha: str) -> None:
        """Forget a file and what was made from it; it may be gone already."""
        path = self.path(sha)
        for one in path.parent.glob(f"{sha}*") if path.parent.is_dir() else ():
            one.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty
            path.parent.rmdir()
            path.parent.parent.rmdir()

    def everything(self) -> Iterator[tuple[str, int]]:
        """(SHA-256, bytes) of each file that is there."""
        for path in sorted(self.folder.glob("??/??/*")):
            if SHA.fullmatch(path.name):
                yield path.name, path.stat().st_size

    def sweep(self, now: float | None = None) -> int:
        """Delete partial files of more than a day, which killed uploads left. :return: how many."""
        before = (now or time.time()) - PARTIAL_KEPT
        old = [path for path in (self.folder / "tmp").glob("*") if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)
