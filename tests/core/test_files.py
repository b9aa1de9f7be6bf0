"""Files by content: whole or not there, each once."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reseau.core.files import FileStore, TooLarge
from tests.people import at_once

ABC = hashlib.sha256(b"abc").hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def everything(store: FileStore) -> list[str]:
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


def test_a_file_is_known_by_what_it_holds(store: FileStore) -> None:
    assert store.put([b"a", b"bc"]).sha == store.put([b"abc"]).sha == ABC
    assert everything(store) == [ABC]
    assert store.path(ABC).relative_to(store.folder).parts[:2] == (ABC[:2], ABC[2:4])
    assert list(store.everything()) == [(ABC, 3)]
    assert store.digest(ABC) == ABC
    with store.open(ABC) as file:
        assert file.read() == b"abc"


def test_what_is_too_large_or_fails_leaves_nothing(store: FileStore) -> None:
    with pytest.raises(TooLarge) as caught:
        store.put([b"a" * 10, b"b"], most=10)
    assert caught.value.most == 10

    def broken() -> Iterator[bytes]:
        yield b"a"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.stage(broken())
    assert everything(store) == []


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """A real refusal of the machine: this process may write no file over 100 kB."""
    program = """
import resource, signal, sys
from pathlib import Path
from reseau.core.files import FileStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    FileStore(Path(sys.argv[1])).put([b"x" * 60_000] * 5)
except OSError as error:
    print(error.errno)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "27"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_killed_in_the_middle(tmp_path: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from reseau.core.files import FileStore
def slow():
    while True:
        yield b"x" * 1_000_000
        print("x", flush=True)
        time.sleep(0.05)
FileStore(Path(sys.argv[1])).put(slow())
"""
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    store = FileStore(tmp_path)
    assert not list(store.everything())
    assert len(store.partial(time.time() + 90_000)) == 1
    assert store.sweep() == 0, "it could be an upload that goes on"
    assert store.sweep(time.time() + 90_000) == 1
    assert not everything(store)


def test_many_at_once_bring_and_delete_the_same_content(store: FileStore) -> None:
    def bring() -> str:
        return {store.put([b"abc"]).sha for _ in range(30)}.pop()

    def delete() -> str:
        for _ in range(30):
            store.delete(ABC)
        return ABC

    assert set(at_once(bring, bring, delete, bring)) == {ABC}
    assert set(everything(store)) <= {ABC}
    store.put([b"abc"])
    assert store.digest(ABC) == ABC


def test_what_is_beside_a_file_goes_with_it(store: FileStore) -> None:
    store.put([b"abc"])
    store.beside(ABC, ".webp").write_bytes(b"x")
    assert list(store.everything()) == [(ABC, 3)]
    store.delete(ABC)
    store.delete(ABC)
    assert everything(store) == []
    assert [path for path in store.folder.iterdir() if path.name != "tmp"] == []


def test_bringing_a_file_again_makes_it_young(store: FileStore) -> None:
    store.put([b"abc"])
    os.utime(store.path(ABC), (1, 1))
    assert store.age(ABC) > 10**9
    store.put([b"abc"])
    assert store.age(ABC) < 60


@pytest.mark.parametrize("sha", ["../../x", "A" * 64, "a" * 63, ""])
def test_what_somebody_typed_is_no_path(store: FileStore, sha: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.path(sha)
