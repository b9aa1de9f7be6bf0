"""A ZIP archive that is known before it is written: stored files, each byte at a place that is worked out first.

So its length and its digest are known at once, any part of it can be sent without reading what comes before, and the
same content gives the same bytes. zipstream-ng was refused: it learns the CRC of a file while it sends it, so it cannot
resume without reading everything again (docs/decisions/014).

Source: PKWARE APPNOTE 6.3.10, §4.3 (headers), §4.5.3 (ZIP64), bit 11 of the flags (names in UTF-8).
"""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import io
import secrets
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from resources.files.names import clean_name, split

CHUNK = 256 * 1024  # bytes
_UTF8 = 1 << 11
_FULL, _MANY = 0xFFFFFFFF, 0xFFFF
_MODE = 0o100644 << 16  # a plain file, read by all
LONGEST = 80  # characters of a name: systems take 255 bytes, Windows 260 characters with all the folders


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive. ``name``: its path, with ``/``. ``source``: its bytes, or where they are."""

    name: str
    source: bytes | Path
    size: int
    crc: int

    @classmethod
    def of(cls, name: str, source: bytes | Path) -> Entry:
        """An entry of bytes or of a file, which is read once for its CRC; see :func:`crc_of`."""
        if isinstance(source, bytes):
            return cls(name, source, len(source), zlib.crc32(source))
        return cls(name, source, source.stat().st_size, crc_of(source))


def crc_of(path: Path, note: Path | None = None) -> int:
    """CRC-32 of a file. :param note: where it is written down, for a file that never changes."""
    if note is not None:
        try:
            if len(said := note.read_text(encoding="ascii")) == 8:
                return int(said, 16)
        except (OSError, ValueError):
            pass
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found = zlib.crc32(chunk, found)
    if note is not None:
        partial = note.with_name(f"{note.name}.{secrets.token_hex(4)}")
        with contextlib.suppress(OSError):  # it is only a note
            partial.write_text(f"{found:08x}", encoding="ascii")
            partial.replace(note)
    return found


class Archive:
    """The archive of ``entries``, in order of name.

    :param moment: of all its files, as clocks of the site say it. :raises ValueError: two entries have one name.
    """

    def __init__(self, entries: Iterable[Entry], moment: datetime) -> None:
        self.entries = sorted(entries, key=lambda entry: entry.name)
        if len({entry.name.casefold() for entry in self.entries}) < len(self.entries):
            raise ValueError("two files of an archive have one name")
        self._dos = _dos(moment)
        self._segments: list[tuple[int, bytes | Path, int]] = []  # (begins at, what, bytes)
        self.size = 0
        directory = []
        for entry in self.entries:
            directory.append(self._central(entry, self.size))
            self._add(self._local(entry), None)
            self._add(entry.source, entry.size)
        starts, listed = self.size, b"".join(directory)
        self._add(listed + _end(len(directory), len(listed), starts), None)

    def _add(self, what: bytes | Path, size: int | None) -> None:
        length = len(what) if isinstance(what, bytes) else int(size or 0)
        if length:
            self._segments.append((self.size, what, length))
            self.size += length

    def _local(self, entry: Entry) -> bytes:
        name, large = entry.name.encode(), entry.size >= _FULL
        extra = struct.pack("<2H2Q", 1, 16, entry.size, entry.size) if large else b""
        size = _FULL if large else entry.size
        return struct.pack("<4s5H3L2H", b"PK\3\4", 45 if large else 20, _UTF8, 0, *self._dos, entry.crc, size, size,
                           len(name), len(extra)) + name + extra  # fmt: skip

    def _central(self, entry: Entry, offset: int) -> bytes:
        name, large, far = entry.name.encode(), entry.size >= _FULL, offset >= _FULL
        values = [entry.size, entry.size] * large + [offset] * far
        extra = struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""
        size, version = (_FULL if large else entry.size), (45 if values else 20)
        head = (3 << 8 | version, version, _UTF8, 0, *self._dos, entry.crc, size, size, len(name), len(extra))
        packed = struct.pack("<4s6H3L5H2L", b"PK\1\2", *head, 0, 0, 0, _MODE, _FULL if far else offset)
        return packed + name + extra

    @cached_property
    def etag(self) -> str:
        """Digest of what decides every byte. A file is known by its CRC, its size and its name in the storage."""
        found = hashlib.sha256(repr(self._dos).encode())
        for entry in self.entries:
            known = entry.source.name if isinstance(entry.source, Path) else hashlib.sha256(entry.source).hexdigest()
            found.update(f"{entry.name}\0{entry.size}\0{entry.crc}\0{known}\n".encode())
        return found.hexdigest()[:32]

    @property
    def files(self) -> list[Path]:
        """The files of the disk that it is made of."""
        return [entry.source for entry in self.entries if isinstance(entry.source, Path)]

    @property
    def weight(self) -> int:
        """Bytes of it that are in memory."""
        return sum(len(what) for _, what, _ in self._segments if isinstance(what, bytes))

    @property
    def intact(self) -> bool:
        """Whether its files are still there, as long as they were."""
        try:
            return all(one.source.stat().st_size == one.size for one in self.entries if isinstance(one.source, Path))
        except OSError:
            return False

    def __iter__(self) -> Iterator[bytes]:
        return self.part(0, self.size)

    def part(self, start: int, stop: int) -> Iterator[bytes]:
        """Bytes from ``start`` to ``stop`` (not included). Files outside are not opened, what is before is not read.

        :raises OSError: a file has gone, or is shorter than it was.
        """
        for begins, what, length in self._segments:
            first, last = max(start - begins, 0), min(stop - begins, length)
            if first >= last:
                continue
            if isinstance(what, bytes):
                yield what[first:last]
            else:
                yield from _read(what, first, last)

    #: WebOb asks it for a part when a browser resumes.
    app_iter_range = part

    def segment(self, at: int) -> tuple[int, bytes | Path, int]:
        """(where it begins, what, bytes) of what holds byte ``at``, which is in the archive."""
        return self._segments[bisect.bisect_right(self._segments, at, key=lambda one: one[0]) - 1]


class Reader(io.RawIOBase):
    """Bytes ``start`` to ``stop`` (not included) of an archive as an open file: given to ``wsgi.file_wrapper``, it is
    read by the server as its reader takes it, and no thread waits. One file of the disk is open at a time."""

    def __init__(self, archive: Archive, start: int, stop: int) -> None:
        super().__init__()
        self._archive, self._start, self._size, self._at = archive, start, max(stop - start, 0), 0
        self._file: IO[bytes] | None = None
        self._path: Path | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, to: int, whence: int = 0) -> int:
        self._at = max(to + (0, self._at, self._size)[whence], 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """:raises OSError: a file has gone, or is shorter than it was: the server then closes the connection."""
        left = self._size - self._at if size < 0 else min(size, self._size - self._at)
        found = []
        while left > 0:
            begins, what, length = self._archive.segment(self._start + self._at)
            first = self._start + self._at - begins
            most = min(left, length - first)
            piece = what[first : first + most] if isinstance(what, bytes) else self._of_file(what, first, most)
            found.append(piece)
            self._at += len(piece)
            left -= len(piece)
        return b"".join(found)

    def _of_file(self, path: Path, first: int, most: int) -> bytes:
        if self._file is None or self._path != path:
            self._shut()
            self._file, self._path = path.open("rb"), path
        self._file.seek(first)
        if not (piece := self._file.read(most)):
            raise OSError(f"{path} is shorter than it was")
        return piece

    def _shut(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def close(self) -> None:
        self._shut()
        super().close()


def sendable(archive: Archive, environ: Mapping[str, Any]) -> Any:
    """The body of a response: what the server sends in its own way if it has one, so that slow readers hold none of its
    threads; else the archive itself, which is iterated over. Both give any part (``app_iter_range``)."""
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is None:
        return archive
    body = wrapper(Reader(archive, 0, archive.size), CHUNK)
    body.app_iter_range = lambda start, stop: wrapper(Reader(archive, start, stop), CHUNK)
    return body


def _read(path: Path, first: int, last: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        left = last - first
        while left:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                raise OSError(f"{path} is shorter than it was")
            left -= len(chunk)
            yield chunk


def _end(count: int, length: int, starts: int) -> bytes:
    """End of the central directory, preceded by that of ZIP64 when a number does not fit."""
    large = b""
    if count >= _MANY or length >= _FULL or starts >= _FULL:
        large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 3 << 8 | 45, 45, 0, 0, count, count, length, starts)
        large += struct.pack("<4sLQL", b"PK\6\7", 0, starts + length, 1)
    return large + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, min(count, _MANY), min(count, _MANY), min(length, _FULL),
                               min(starts, _FULL), 0)  # fmt: skip


def _dos(moment: datetime) -> tuple[int, int]:
    """(time, date) in the format of DOS: from 1980 on, by two seconds."""
    year = min(max(moment.year, 1980), 2107)
    day = (year - 1980) << 9 | moment.month << 5 | moment.day
    return moment.hour << 11 | moment.minute << 5 | moment.second // 2, day


class Names:
    """Names that any system can write, each given once (letters of either case are the same on some)."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def __call__(self, folder: str, wish: str) -> str:
        """A path in ``folder`` for a file that its author called ``wish``."""
        stem, suffix = split(clean_name(wish, LONGEST))
        tries = (f"{folder}{stem}{n}{suffix}" for n in ("", *(f"-{number}" for number in range(2, 10_000))))
        found = next(path for path in tries if path.casefold() not in self._given)
        self._given.add(found.casefold())
        return found
