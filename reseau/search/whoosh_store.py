"""The Whoosh index on disk: where it is, what it holds, whether it is whole.

``root/CURRENT`` names the folder of the living index; a rebuild makes another folder and then replaces this
one file. In the folder, Whoosh's ``_MAIN_<n>.toc`` is the point of commit (it appears by a rename). Beside it
``state-<n>.json``, written just before, holds what Whoosh has no place for: our cursor and schema, and the
size and checksum of each file. A crash between the two leaves a state that no TOC asks for.

Files are read whole into memory, and checked. Refused: reading them in place. Whoosh copies them anyway
(``BufferFile`` is a ``BytesIO``), a file truncated under an ``mmap`` kills the process (SIGBUS), and a copy
does not care if the folder goes away. Nothing is synced to the disk: after a power cut the checksums tell,
and we rebuild.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.index import TOC, FileIndex
from whoosh.writing import SegmentWriter

from reseau.search.protocol import SCHEMA, Busy

INDEX = "MAIN"
LENGTH_BYTES = 4


class Damaged(Exception):
    """The files of an index are not what its state says."""


class Weighted(fields.FieldType):  # type: ignore[misc]
    """A field given as a list of (term, weight): our analysis, not Whoosh's. Keeps no positions."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)

    def index(self, value: list[tuple[str, float]], **_kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Whoosh's contract: (term, frequency, weight, payload)."""
        for term, weight in value:
            yield term.encode(), 1, weight, b""


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with names of its own for segments.

    Whoosh draws them from ``random``: two workers forked from one process draw the same, and overwrite each
    other.
    """

    # Lengths are ours (in ``ident``). Whoosh would look for its own, with a ``stat`` for each posting: 40 %
    # of a build.
    length_stats = False

    def new_segment(self, _storage: FileStorage, indexname: str) -> W3Segment:
        """A segment whose name nobody else has."""
        return W3Segment(self, indexname, segid=uuid4().hex)


def whoosh_schema() -> fields.Schema:
    """``stems``, ``words``: terms begin with the kind. ``ident``: id, length. ``surface``: for deletions."""
    ident = columns.FixedBytesColumn(16 + LENGTH_BYTES)
    return fields.Schema(stems=Weighted(), words=Weighted(), ident=fields.COLUMN(ident), surface=fields.STORED())


@dataclass(frozen=True, slots=True)
class Location:
    """One commit of one index."""

    folder: Path
    generation: int


@dataclass(frozen=True, slots=True)
class State:
    """What ``state-<n>.json`` says. :ivar files: name → (size, crc32)."""

    cursor: int
    files: dict[str, tuple[int, int]]


def locate(root: Path) -> Location | None:
    """The newest commit of the living index; None if there is none.

    Costs 30 µs, so that it can be asked at every search. Refused: the time of modification of the folder,
    which stays the same for two commits within one tick of the kernel's clock.
    """
    for attempt in range(5):
        try:
            folder = root / (root / "CURRENT").read_text(encoding="ascii").strip()
            generation = TOC._latest_generation(FileStorage(str(folder)), INDEX)
        except (OSError, UnicodeDecodeError):
            return None
        if generation >= 0:
            return Location(folder, generation)
        # No commit in it: the folder was replaced, or its list changed, between two lines. Or there is none.
        time.sleep(0.001 * attempt)
    return None


def read_state(location: Location) -> State:
    """:raises OSError: not there. :raises Damaged: unreadable, or of another schema."""
    content = (location.folder / f"state-{location.generation}.json").read_bytes()
    try:
        data = json.loads(content)
        if data["schema"] != SCHEMA:
            raise Damaged(f"schema {data['schema']}, not {SCHEMA}")
        files = {name: (int(size), int(crc)) for name, (size, crc) in data["files"].items()}
        return State(int(data["cursor"]), files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged("unreadable state") from error


def whole(location: Location) -> bool:
    """All files are there, of the right size. Cheap; their content is checked when they are read."""
    try:
        state = read_state(location)
        return all((location.folder / name).stat().st_size == size for name, (size, _) in state.files.items())
    except (OSError, Damaged):
        return False


def read_segments(location: Location) -> list[W3Segment]:
    """The segments of a commit. :raises Exception: of any class, if the TOC is damaged: it is a pickle."""
    storage = Disk(str(location.folder))
    segments: list[W3Segment] = TOC.read(storage, INDEX, gen=location.generation, schema=whoosh_schema()).segments
    return segments


class Memory(RamStorage):  # type: ignore[misc]
    """The files of one segment, read and checked, as a storage for Whoosh.

    :raises OSError: a file is missing. :raises Damaged: a file is not what the state says.
    """

    def __init__(self, location: Location, state: State, segment: W3Segment) -> None:
        super().__init__()
        prefix = f"{segment.segment_id()}."
        for name, (size, crc) in state.files.items():
            if name.startswith(prefix):
                content = (location.folder / name).read_bytes()
                if len(content) != size or zlib.crc32(content) != crc:
                    raise Damaged(name)
                self.files[name] = content
        if not self.files:
            raise Damaged(f"{location.folder.name}: no file of segment {prefix}")

    def open_file(self, name: str, **kwargs: Any) -> BufferFile:
        """Whoosh's contract. Shares the bytes; ``RamStorage`` hands out a view, which ``BytesIO`` copies."""
        return BufferFile(self.files[name], name=name, **kwargs)


class Disk(FileStorage):  # type: ignore[misc]
    """A folder whose files can be closed: when Whoosh fails, reading or writing, it leaves them open."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.made: list[IO[bytes]] = []

    def create_file(self, name: str, **kwargs: Any) -> StructFile:
        """Whoosh's contract."""
        made = super().create_file(name, **kwargs)
        self.made.append(made.file)
        return made

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """Whoosh's contract."""
        inner = Disk(os.path.join(self.folder, name or uuid4().hex))
        inner.made = self.made
        return inner.create()

    def open_file(self, name: str, **kwargs: Any) -> BufferFile | StructFile:
        """Whoosh's contract, from memory: a reader that fails leaves nothing open.

        Except runs of postings being sorted: all are open at once, and at 17,500 places they weigh 570 MB.
        """
        if name.endswith(".run"):
            opened = super().open_file(name, **kwargs)
            self.made.append(opened.file)
            return opened
        return BufferFile((Path(self.folder) / name).read_bytes(), name=name, **kwargs)

    def close_all(self) -> None:
        """Close what is open; what cannot be written any more is lost."""
        for handle in self.made:
            with suppress(OSError):
                handle.close()


RUN_MB = 64  # of postings sorted in memory at a time, as Whoosh counts them: a third of what they take


class Writer(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer that writes our state with each commit.

    :param known: state of the commit that this one follows.
    """

    def __init__(self, folder: Path, cursor: int, known: State | None) -> None:
        self._disk = Disk(str(folder))
        super().__init__(
            FileIndex(self._disk, whoosh_schema(), INDEX), timeout=5, codec=Codec(), compound=False, limitmb=RUN_MB
        )
        self._folder, self._cursor, self._known = folder, cursor, known

    def _commit_toc(self, segments: list[W3Segment]) -> None:
        kept = tuple(f"{segment.segment_id()}." for segment in segments)
        known = self._known.files if self._known else {}
        files: dict[str, tuple[int, int]] = {}
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith(kept):
                files[path.name] = known.get(path.name) or _checksum(path)
        state = {"schema": SCHEMA, "cursor": self._cursor, "files": files}
        (self._folder / f"state-{self.generation}.json").write_text(json.dumps(state), encoding="ascii")
        super()._commit_toc(segments)
        _sweep(self._folder, self.generation)

    def give_up(self) -> None:
        """Leave the index as it was; the disk may be full, or the folder gone."""
        with suppress(Exception):
            self.cancel()
        self._disk.close_all()
        if self.writelock is not None and self.writelock.fd is not None:
            self.writelock.release()


def _checksum(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    return len(content), zlib.crc32(content)


def _sweep(folder: Path, generation: int) -> None:
    """Remove what earlier commits, and commits that failed, have left. Readers hold copies."""
    for path in folder.glob("state-*.json"):
        if path.name != f"state-{generation}.json":
            path.unlink(missing_ok=True)
    for path in folder.glob(f"_{INDEX}_*.toc.*"):
        path.unlink(missing_ok=True)


def create(root: Path) -> Path:
    """A new, empty folder for an index, not yet the living one."""
    folder = root / f"index-{uuid4().hex}"
    folder.mkdir(parents=True)
    disk = Disk(str(folder))
    try:
        TOC.create(disk, whoosh_schema(), INDEX)
    except BaseException:
        disk.close_all()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def make_current(root: Path, folder: Path) -> None:
    """Make ``folder`` the living index, at once for everybody."""
    fresh = root / f"CURRENT.{uuid4().hex}"
    try:
        fresh.write_text(folder.name, encoding="ascii")
        os.replace(fresh, root / "CURRENT")
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def writing(root: Path, patience: float) -> Iterator[None]:
    """Hold the right to write, over threads and processes; a process that dies lets go of it.

    One lock for updates and rebuilds: an update during a rebuild would be lost with the old folder.

    :param patience: seconds. :raises Busy: another one held it all that time.
    """
    until = time.monotonic() + patience
    while True:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileStorage(str(root)).lock("WRITER")
        with suppress(FileNotFoundError):  # the folder went away between two lines
            if lock.acquire():
                # The folder may have been deleted and made again: the lock must be the one that others see.
                with suppress(FileNotFoundError):
                    if os.fstat(lock.fd).st_ino == os.stat(root / "WRITER").st_ino:
                        break
                lock.release()
        if time.monotonic() > until:
            raise Busy("another process writes the search index")
        time.sleep(0.05)
    try:
        yield
    finally:
        lock.release()
