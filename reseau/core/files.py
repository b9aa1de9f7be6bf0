"""Files by content: each is stored once, under its SHA-256, and never changed.

A file is written beside its place and moved there when it is whole and on disk: whoever is killed leaves a partial file
in ``tmp``, never a wrong one. What comes from a stranger is staged there first, and moved only once it is found good.
The folder may be shared by several machines.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Staged(Stored):
    """A file that is whole, in ``tmp``, of who staged it: kept or discarded by them, else swept in a day."""

    path: Path


class FileStore:
    """A folder of files by SHA-256 (``ab/cd/abcd…``). :param folder: made when first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, chunks: Iterable[bytes], most: int | None = None) -> Stored:
        """Keep what comes, a chunk at a time: memory does not grow with the file.

        :param most: bytes. :raises TooLarge: more came. :raises OSError: the disk is full…; nothing is kept.
        """
        return self.keep(self.stage(chunks, most))

    def stage(self, chunks: Iterable[bytes], most: int | None = None) -> Staged:
        """Write what comes into ``tmp``, a chunk at a time; errors as of :meth:`put`, and nothing is left then."""
        self.temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self.temporary / f"{int(time.time())}-{secrets.token_hex(8)}"
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
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return Staged(found.hexdigest(), size, partial)

    def keep(self, staged: Staged) -> Stored:
        """Move a staged file to its place; one that is there already becomes new again (its age counts for sweeping).

        :raises FileNotFoundError: it was kept or discarded before.
        """
        target = self.path(staged.sha)
        for attempt in range(10):  # :meth:`delete` may take the folder away in between
            try:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.utime(staged.path)
                staged.path.replace(target)
                break
            except (FileNotFoundError, FileExistsError):  # the latter: it was there, and is gone when ``mkdir`` looks
                if attempt == 9 or not staged.path.exists():
                    raise
        with contextlib.suppress(FileNotFoundError):  # it was there, and somebody has deleted it since
            _sync_folder(target.parent)
        return Stored(staged.sha, staged.size)

    @staticmethod
    def discard(staged: Staged) -> None:
        """Forget a staged file; it may be gone or kept already."""
        staged.path.unlink(missing_ok=True)

    @property
    def temporary(self) -> Path:
        """Where files wait until they are whole and found good: on the same disk."""
        return self.folder / "tmp"

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

    def open(self, sha: str) -> BufferedReader:
        """The file, to read. :raises FileNotFoundError: it is not there."""
        return self.path(sha).open("rb")

    def beside(self, sha: str, suffix: str) -> Path:
        """Where something made from a file is kept (``.webp``): a cache, deleted with it."""
        return self.path(sha).with_name(sha + suffix)

    def delete(self, sha: str) -> None:
        """Forget a file and what was made from it; it may be gone already."""
        path = self.path(sha)
        with contextlib.suppress(FileNotFoundError):  # somebody else takes the folder away
            for one in path.parent.glob(f"{sha}*"):
                one.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty
            path.parent.rmdir()
            path.parent.parent.rmdir()

    def everything(self) -> Iterator[tuple[str, int]]:
        """(SHA-256, bytes) of each file that is there."""
        for path in sorted(self.folder.glob("??/??/*")):
            if SHA.fullmatch(path.name):
                with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                    yield path.name, path.stat().st_size

    def sweep(self, now: float | None = None) -> int:
        """Delete partial files (and folders) of more than a day, which killed processes left. :return: how many."""
        old = self.partial(now)
        for path in old:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(old)

    def partial(self, now: float | None = None) -> list[Path]:
        """Partial files of more than a day."""
        before = (now or time.time()) - PARTIAL_KEPT
        found = []
        for path in sorted(self.temporary.glob("*")):
            with contextlib.suppress(FileNotFoundError):  # an upload that ends meanwhile
                if path.stat().st_mtime < before:
                    found.append(path)
        return found

    def age(self, sha: str, now: float | None = None) -> float:
        """Seconds since a file was last put there. :raises FileNotFoundError: it is not there."""
        return (now or time.time()) - self.path(sha).stat().st_mtime

    def digest(self, sha: str) -> str:
        """The SHA-256 of what is on the disk under that name. :raises FileNotFoundError: nothing is."""
        with self.open(sha) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Have the disk know the name too, before a database row relies on it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
