"""Taking things away: an archive of ours, and the same as the whole application serves it once its PDFs are drawn,
against bare ``zipfile`` (stored) of the same files. Short: a quarter of a GB. Memory is that of the process.

Ours also resumes: the time to reach the last megabyte, which ``zipfile`` only reaches by writing all that comes before.
"""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil
from webob import Request

from reseau import ROOMS
from reseau.core import migrations
from reseau.core.db import create_engine, session_factory
from reseau.core.files import FileStore
from reseau.settings import Settings
from reseau.web.app import make_app
from resources.base import services
from resources.base.content import Block, Content, FileRef
from resources.base.shapes import BlockKind, Kind
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
        "nu_mb": peak(lambda: bare(paths)), "archive_mb": peak(lambda: ours(paths)), **served(folder / "site", paths),
        "premiere": total / fastest(lambda: ours(paths, noted=False)),
        "nu": total / fastest(lambda: bare(paths)), "archive": total / fastest(lambda: ours(paths)),
        "reprise_ms": last * 1000,
    }  # fmt: skip


def ours(paths: list[Path], *, noted: bool = True) -> int:
    """All of it. ``noted``: as all requests but the first: the CRC of a stored file is written down beside it."""
    entries = [Entry(p.name, p, p.stat().st_size, crc_of(p, p.with_suffix(".crc32") if noted else None)) for p in paths]
    return sum(map(len, Archive(entries, datetime.now(UTC))))


def served(folder: Path, paths: list[Path]) -> dict[str, float]:
    """The same files as a kit, by WSGI: MB/s and memory once the PDFs are drawn, seconds of the first time, ms of the
    end of a download that resumes."""
    folder.mkdir()
    settings = Settings(secret="s" * 40, data_dir=folder, search="null", search_interval=0, secure_cookies=False)
    engine = create_engine(settings.database_url)
    migrations.upgrade(engine)
    store = FileStore(settings.files_dir)
    refs = [FileRef(store.put_path(path).sha, path.name) for path in paths]
    blocks = [Block(f"f{n}", "avant", BlockKind.FICHIER, title=ref.name, file=ref) for n, ref in enumerate(refs)]
    kit = Content(Kind.KIT, "Banc", summary="Un kit.", themes=("numerique_en_sante",), blocks=tuple(blocks))
    with session_factory(engine).begin() as session:
        now = datetime.now(UTC)
        services.publish(session, services.create(session, kit, by=None, structure_id=None, now=now), by=None, now=now)
    engine.dispose()
    app = make_app(settings, ROOMS)

    def get(**headers: str) -> int:
        answer = Request.blank("/kits/banc.zip", headers=headers).get_response(app)
        if answer.status_int not in (200, 206):
            raise RuntimeError(answer.status)
        return sum(map(len, answer.app_iter))

    start = time.perf_counter()
    size = get()
    first = time.perf_counter() - start
    found = {"servi_premiere_s": first, "servi_mb": peak(get), "servi": size / 1024 / 1024 / fastest(get),
             "servi_reprise_ms": fastest(lambda: get(Range=f"bytes={size - 1000}-")) * 1000}  # fmt: skip
    app.registry["tallies"].flush()
    app.registry["engine"].dispose()
    return found


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
    """MB that the process grew by at most."""
    process, done = psutil.Process(), threading.Event()
    before = most = process.memory_info().rss

    def watch() -> None:
        nonlocal most
        while not done.wait(0.002):
            most = max(most, process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    work()
    done.set()
    watching.join()
    return (most - before) / 1024 / 1024


def main() -> None:
    """Print it alone: ``python -m bench.archives``."""
    with tempfile.TemporaryDirectory() as name:
        json.dump(measure(Path(name)), sys.stdout)
        print()


if __name__ == "__main__":
    main()
