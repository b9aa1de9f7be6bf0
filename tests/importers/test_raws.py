"""Raw files kept for a replay: whole or not at all, the same bytes as came, swept when nobody names them."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from importers import sentences
from importers.pipeline import Refused
from importers.pipeline.raws import Raw, RawStore

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path / "var" / "imports")


def file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "raw"
    path.write_bytes(content)
    return path


def names(store: RawStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


KEPT = {
    "empty": b"",
    "rows": b"a;b\n1;2\n" * 50_000,
    "packed already": gzip.compress(b"x", mtime=0),
    "any byte": bytes(range(256)),
}


@pytest.mark.parametrize("content", KEPT.values(), ids=KEPT)
def test_what_is_kept_comes_back(store: RawStore, tmp_path: Path, content: bytes) -> None:
    raw = store.keep(file(tmp_path, content))
    assert raw == Raw(hashlib.sha256(content).hexdigest(), len(content))
    with store.open(raw.digest) as plain:
        assert plain.read_bytes() == content
    assert not plain.exists()
    assert names(store) == [f"{raw.digest}.gz"]


def test_twice_the_same_is_kept_once_and_packed(store: RawStore, tmp_path: Path) -> None:
    path = file(tmp_path, b"id;nom\n" * 100_000)
    raw = store.keep(path)
    before = (store.folder / names(store)[0]).read_bytes()
    assert store.keep(path) == raw
    assert len(names(store)) == 1
    after = (store.folder / names(store)[0]).read_bytes()
    assert after == before
    assert len(after) < 10_000


def test_nobody_else_reads_them(store: RawStore, tmp_path: Path) -> None:
    raw = store.keep(file(tmp_path, b"x"))
    assert store.folder.stat().st_mode & 0o077 == 0
    assert (store.folder / f"{raw.digest}.gz").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("digest", ["0" * 64, "", "../../etc/passwd", "A" * 64, "0" * 63 + "\n", "x" * 5000])
def test_what_is_not_kept_is_absent(store: RawStore, digest: str) -> None:
    assert not store.has(digest)
    with pytest.raises(Refused) as refused, store.open(digest):
        pass
    assert refused.value.code == "brut-absent"
    assert sentences.refusal(refused.value)


def test_what_was_damaged_is_not_replayed(store: RawStore, tmp_path: Path) -> None:
    raw = store.keep(file(tmp_path, b"id;nom\n1;Maison\n" * 1000))
    path = store.folder / f"{raw.digest}.gz"
    whole = path.read_bytes()
    flipped = whole[:20] + bytes([whole[20] ^ 1]) + whole[21:]
    for damaged in (whole[:-4], whole[: len(whole) // 2], b"", b"not gzip", flipped, gzip.compress(b"another file")):
        path.write_bytes(damaged)
        with pytest.raises(Refused) as refused, store.open(raw.digest):
            pass
        assert refused.value.code == "brut-abime"
    store.keep(tmp_path / "raw")
    with store.open(raw.digest) as plain:
        assert plain.stat().st_size == 16_000, "kept again: mended"


def test_what_nobody_names_is_swept(store: RawStore, tmp_path: Path) -> None:
    assert store.sweep(set()) == 0, "no folder yet"
    raws = [store.keep(file(tmp_path, content)) for content in (b"one", b"two", b"three")]
    (store.folder / "README").write_text("of somebody")
    (store.folder / ".keeping-dead").write_bytes(b"half")
    assert store.sweep({raws[0].digest}) == 0, "just kept: the run that names them may not be committed yet"
    os.utime(store.folder / f"{raws[1].digest}.gz", (0, 0))
    assert store.sweep({raws[0].digest}) == 1
    assert store.sweep({raws[0].digest}, grace_s=0) == 2
    assert names(store) == sorted([f"{raws[0].digest}.gz", "README"])


def test_keeping_again_starts_its_age_again(store: RawStore, tmp_path: Path) -> None:
    path = file(tmp_path, b"one")
    raw = store.keep(path)
    os.utime(store.folder / f"{raw.digest}.gz", (0, 0))
    store.keep(path)
    assert store.sweep(set()) == 0
    assert store.has(raw.digest)


def test_at_the_same_time(store: RawStore, tmp_path: Path) -> None:
    path = file(tmp_path, b"id;nom\n" * 50_000)
    found: list[Raw] = []
    threads = [threading.Thread(target=lambda: found.append(store.keep(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == len(names(store)) == 1


def test_what_is_no_file_is_absent(store: RawStore, tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Refused) as refused:
            store.keep(path)
        assert refused.value.code == "absent"


FULL = """
import resource, sys
from pathlib import Path
from importers import sentences
from importers.pipeline import Refused
from importers.pipeline.raws import RawStore
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    RawStore(Path(sys.argv[2])).keep(Path(sys.argv[1]))
except Refused as refused:
    print(refused.code, sentences.refusal(refused))
"""


def test_a_disk_that_is_full_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    assert resource.RLIMIT_FSIZE
    path, folder = file(tmp_path, os.urandom(200_000)), tmp_path / "imports"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", FULL, str(path), str(folder)]
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=True, text=True)
    assert ended.stdout.startswith("disque Le fichier n’a pas pu être écrit sur le disque (File too large)")
    assert list(folder.iterdir()) == []
