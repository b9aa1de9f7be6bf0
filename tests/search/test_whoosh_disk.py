"""What happens to a Whoosh index on a real disk, with real neighbours."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reseau.search import protocol, whoosh_store
from reseau.search.protocol import Busy, Missing
from reseau.search.whoosh_engine import MAX_SEGMENTS, WhooshEngine
from tests.search.conftest import doc, ident

MANY = [doc(f"d{n}", f"Lieu numéro {n}", f"aide numérique quartier{n % 7}") for n in range(60)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(root: Path) -> WhooshEngine:
    engine = WhooshEngine(root, patience=0.3)
    engine.rebuild(MANY, 5)
    return engine


def count(engine: WhooshEngine, query: str = "aide") -> int:
    return len(engine.rank(query, "structure"))


def files(root: Path, pattern: str) -> list[Path]:
    return sorted(root.glob(f"index-*/{pattern}"))


def test_other_readers_see_a_commit_at_once(root: Path, engine: WhooshEngine) -> None:
    other = WhooshEngine(root)
    assert count(other) == 60
    for at in range(5):
        engine.update([doc(f"new{at}", "Aide")], [], 6 + at)
        assert count(other) == 61 + at
    engine.rebuild(MANY[:3], 20)
    assert (count(other), other.cursor()) == (3, 20)


def test_universe_is_the_same_object_until_the_index_changes(engine: WhooshEngine) -> None:
    first = engine.rank("aide", "structure")
    assert engine.rank("quartier1", "structure").universe is first.universe
    engine.update([], [ident("d0")], 6)
    assert engine.rank("aide", "structure").universe is not first.universe


def test_segments_are_merged_and_big_ones_stay(engine: WhooshEngine, root: Path) -> None:
    big = files(root, "*.trm")
    for at in range(40):
        engine.update([doc(f"d{at}", f"Lieu changé {at}", "aide")], [], 6 + at)
        assert len(files(root, "*.trm")) <= MAX_SEGMENTS
        assert count(engine) == 60
    engine.update([], [document.id for document in MANY], 100)
    assert count(engine) == 0
    assert big[0] not in files(root, "*.trm")
    assert len(list(root.glob("index-*/state-*.json"))) == len(files(root, "_MAIN_*.toc")) == 1


def test_deleted_while_reading(engine: WhooshEngine, root: Path) -> None:
    assert count(engine) == 60
    shutil.rmtree(root)
    assert count(engine) == 60, "the open index goes on, even for words never read before"
    assert count(engine, "quartier3") == 9
    assert engine.cursor() == 0
    assert not engine.status().present
    with pytest.raises(Missing):
        engine.update(MANY[:1], [], 6)
    engine.rebuild(MANY[:10], 8)
    assert (count(engine), engine.cursor()) == (10, 8)


@pytest.mark.parametrize("pattern", ["*.pst", "*.trm", "*.ident.col", "_MAIN_*.toc", "state-*.json"])
@pytest.mark.parametrize("harm", ["truncate", "empty", "garble", "delete"])
def test_damaged_files_count_as_absent(engine: WhooshEngine, root: Path, pattern: str, harm: str) -> None:
    for path in files(root, pattern):
        content = path.read_bytes()
        if harm == "delete":
            path.unlink()
        else:
            cut = content[: len(content) // 2]
            path.write_bytes({"truncate": cut, "empty": b"", "garble": cut + b"\xff" * (len(content) - len(cut))}[harm])
    fresh = WhooshEngine(root, patience=0.3)
    assert count(fresh) == 0
    assert fresh.cursor() == 0
    assert not fresh.status().present
    with pytest.raises(Missing):
        fresh.update(MANY[:1], [], 6)
    fresh.rebuild(MANY, 9)
    assert (count(fresh), fresh.cursor()) == (60, 9)


def test_truncated_under_an_open_reader(engine: WhooshEngine, root: Path) -> None:
    count(engine)
    for path in files(root, "*.pst"):
        os.truncate(path, 10)
    assert count(engine, "quartier2") == 9
    assert engine.cursor() == 0


@pytest.mark.parametrize("content", ["", "nowhere", "../..", "\xff"])
def test_damaged_pointer(engine: WhooshEngine, root: Path, content: str) -> None:
    (root / "CURRENT").write_text(content, encoding="latin-1")
    fresh = WhooshEngine(root)
    assert (count(fresh), fresh.cursor()) == (0, 0)


def test_other_schema_counts_as_absent(engine: WhooshEngine, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.cursor() == 5
    monkeypatch.setattr(whoosh_store, "SCHEMA", protocol.SCHEMA + 1)
    fresh = WhooshEngine(root)
    assert (count(fresh), fresh.cursor()) == (0, 0)


def test_second_writer_is_told(engine: WhooshEngine, root: Path) -> None:
    with whoosh_store.writing(root, 0):
        for write in (lambda: engine.update(MANY[:1], [], 6), lambda: engine.rebuild(MANY, 6)):
            with pytest.raises(Busy):
                write()
        assert count(engine) == 60
    engine.update(MANY[:1], [], 6)


def test_full_disk_leaves_the_old_index(engine: WhooshEngine, root: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
    try:
        with pytest.raises(OSError):
            engine.update(MANY[:30], [], 6)
        with pytest.raises(OSError):
            engine.rebuild(MANY, 6)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert (count(engine), engine.cursor(), count(WhooshEngine(root))) == (60, 5, 60)
    assert len(list(root.glob("index-*"))) == 1
    engine.update(MANY[:30], [], 6)
    assert (count(engine), engine.cursor()) == (60, 6)


WRITER = """
import sys
from pathlib import Path
from tests.search.conftest import doc
from reseau.search.whoosh_engine import WhooshEngine
engine, at = WhooshEngine(Path(sys.argv[1])), 100
print("ready", flush=True)
while True:
    at += 1
    if at % 5 == 0:
        engine.rebuild([doc(f"k{n}", "Aide") for n in range(60)], at)
    else:
        engine.update([doc(f"k{n}", "Aide") for n in range(40)], [], at)
"""


def test_kill_9_of_a_writer(engine: WhooshEngine, root: Path) -> None:
    for delay in (0.02, 0.07, 0.13, 0.21, 0.34):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        fresh = WhooshEngine(root, patience=2)
        cursor = fresh.cursor()
        assert cursor >= 5
        assert count(fresh) >= 60
        fresh.update([doc("after", "Reprise")], [], cursor + 1)
        assert count(fresh, "reprise") == 1
    fresh.rebuild(MANY, 1000)
    assert len(list(root.glob("index-*"))) == 1, "what the dead have left is gone"


def _write(root: str, name: str, seconds: float) -> None:
    engine, until, at = WhooshEngine(Path(root), patience=20), time.monotonic() + seconds, 10
    while time.monotonic() < until:
        at += 1
        engine.update([doc(f"{name}{at % 5}", "Aide écrite"), *MANY[:5]], [], max(at, engine.cursor()))
        if at % 17 == 0:
            engine.rebuild(MANY, engine.cursor())


@pytest.fixture
def writers(root: Path) -> Iterator[list[multiprocessing.process.BaseProcess]]:
    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=_write, args=(str(root), name, 4.0)) for name in "ab"]
    for process in started:
        process.start()
    yield list(started)
    for process in started:
        process.kill()
        process.join()


def test_two_writers_and_readers(engine: WhooshEngine, root: Path, writers: list[multiprocessing.Process]) -> None:
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while any(process.is_alive() for process in writers):
                reader = WhooshEngine(root)
                for _ in range(20):
                    assert count(reader) >= 60
                    assert count(engine) >= 60
                    assert engine.cursor() >= 5
                    engine.suggest("aid", "structure")
                assert reader.status().present
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for process in writers:
        process.join(30)
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert [process.exitcode for process in writers] == [0, 0]
    assert engine.cursor() > 5


def test_little_memory_is_only_slower(root: Path, engine: WhooshEngine) -> None:
    poor = WhooshEngine(root, postings=70)
    poor.warm()
    assert count(poor) == count(poor) == 60
    assert count(poor, "numérique quartier1") == 9
