"""Taking things away: an archive of ours against bare ``zipfile`` (stored) of the same files. Short: a quarter of a GB.

Ours also resumes: the time to reach the last megabyte, which ``zipfile`` only reaches by writing all that comes before.
"""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from resources.taking.archive import CHUNK, Archive, Entry, crc_of

SIZES = (120, 60, 30, 20, 10, 5, 5, 2, 2, 1, 1)  # MB
TIMES = 3


class Sink:
    """Takes bytes and keeps none, as a socket does."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""


def measure(folder: Path) -> dict[str, float]:
    """MB/s and peak memory of both, and the time to the last megabyte. Files are in the cache of the system."""
    paths = []
    for number, size in enumerate(SIZES):
        paths.append(folder / f"{number}.bin")
        with paths[-1].open("wb") as file:
            for _ in range(size):
                file.write(secrets.token_bytes(1024 * 1024))
    total = sum(SIZES)
    notes = {path: crc_of(path, path.with_suffix(".crc32")) for path in paths}
    made = Archive([Entry(path.name, path, path.stat().st_size, notes[path]) for path in paths], datetime.now(UTC))
    start = time.perf_counter()
    sum(map(len, made.part(made.size - 1024 * 1024, made.size)))
    last = time.perf_counter() - start
    return {
        "premiere": total / fastest(lambda: ours(paths, noted=False)),
        "nu": total / fastest(lambda: bare(paths)), "archive": total / fastest(lambda: ours(paths)),
        "nu_mb": peak(lambda: bare(paths)), "archive_mb": peak(lambda: ours(paths)), "reprise_ms": last * 1000,
    }  # fmt: skip


def ours(paths: list[Path], *, noted: bool = True) -> int:
    """All of it. ``noted``: as all requests but the first: the CRC of a stored file is written down beside it."""
    entries = [Entry(p.name, p, p.stat().st_size, crc_of(p, p.with_suffix(".crc32") if noted else None)) for p in paths]
    return sum(map(len, Archive(entries, datetime.now(UTC))))


def bare(paths: list[Path]) -> int:
    """The floor."""
    sink = Sink()
    out: IO[bytes] = sink  # type: ignore[assignment]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            with path.open("rb") as file, archive.open(path.name, "w", force_zip64=True) as entry:
                while chunk := file.read(CHUNK):
                    entry.write(chunk)
    return sink.size


def fastest(work: Callable[[], int]) -> float:
    """Seconds, the best of a few."""
    found = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def peak(work: Callable[[], int]) -> float:
    """MB that Python held at once."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    return found


def main() -> None:
    """Print it alone: ``python -m bench.archives``."""
    with tempfile.TemporaryDirectory() as name:
        json.dump(measure(Path(name)), sys.stdout)
        print()


if __name__ == "__main__":
    main()
