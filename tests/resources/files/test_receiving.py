"""Forms with files, as they come: whole, cut, strange."""

from __future__ import annotations

import errno
import io
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.core.files import FileStore, Staged
from resources.files import receiving
from resources.files.names import MAX_NAME, clean_name, disposition, with_extension
from resources.files.receiving import Received, first_field, receive
from tests.resources.files.conftest import BOUNDARY, TYPE, form


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def received(store: FileStore, body: bytes, most: int = 10_000_000, kind: str = TYPE) -> Received:
    return receive(io.BytesIO(body), kind, len(body), store, most)


def left(store: FileStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()] if store.folder.exists() else []


def test_fields_and_files_in_their_order(store: FileStore) -> None:
    found = received(
        store, form(("titre", "Été"), ("fichier", ("a.txt", b"abc\r\n--")), ("x", ""), ("vide", ("", b"")))
    )
    assert found.fields == [("titre", "Été"), ("x", "")]
    ((field, staged, name),) = found.files
    assert (field, name, staged.size, staged.path.read_bytes()) == ("fichier", "a.txt", 7, b"abc\r\n--")
    assert not store.has(staged.sha), "nothing is in the storage before it is added"
    found.discard()
    assert not left(store)


@pytest.mark.parametrize(("body", "code"), [
    (form(("fichier", ("a.txt", b"abc")), end=False), "truncated"),
    (form(("t", "x"), ("fichier", ("a.txt", b"abc")))[:-60], "truncated"),
    (b"", "truncated"),
    (b"n'importe quoi" * 100, "truncated"),
    (f"--{BOUNDARY}\r\nsans deux-points\r\n\r\nx\r\n--{BOUNDARY}--".encode(), "unreadable-form"),
    (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"a\"\r\nX: {'y' * 5000}\r\n\r\nx".encode(), "unreadable-form"),
    (form(*[("a", "b")] * 2_001), "too-many-parts"),
    (form(*[("a", ("a.txt", b"b"))] * 21), "too-many-parts"),
    (form(("a", "b" * 300_000)), "text-too-long"),
    (form(*[("a", "b" * 100_000)] * 3), "text-too-long"),
    (form(("fichier", ("a.txt", b""))), "empty"),
])  # fmt: skip
def test_what_cannot_be_read_says_so_and_leaves_nothing(store: FileStore, body: bytes, code: str) -> None:
    found = received(store, body)
    assert found.error is not None
    assert found.error.code == code
    assert not found.files
    assert not left(store)


@pytest.mark.parametrize("kind", ["multipart/form-data", "text/plain", "multipart/form-data; boundary=", "?"])
def test_a_form_without_boundary(store: FileStore, kind: str) -> None:
    assert received(store, form(("a", "b")), kind=kind).error.code == "unreadable-form"  # type: ignore[union-attr]


def test_a_file_too_large_keeps_the_fields_around_it(store: FileStore) -> None:
    found = received(
        store, form(("titre", "A"), ("f", ("../lourd.bin", b"x" * 2_000_000)), ("suite", "B")), most=1_000_000
    )
    assert found.error is not None
    assert (found.error.code, found.error.name, found.error.values["most"]) == ("too-large", "lourd.bin", 1)
    assert found.fields == [("titre", "A"), ("suite", "B")]
    assert not left(store)


def test_a_full_disk(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    found = received(store, form(("titre", "A"), ("f", ("a.txt", b"x"))))
    assert found.error is not None
    assert found.error.code == "disk-full"
    assert not left(store)


def test_another_error_of_the_disk_is_not_hidden(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError):
        received(store, form(("f", ("a.txt", b"x"))))
    assert not left(store)


def test_the_token_is_read_without_the_file() -> None:
    body = form(("fichier", ("a.txt", b"x" * 1_000_000)), token="t" * 32)
    stream = io.BytesIO(body)
    assert first_field(stream, TYPE, len(body)) == ("csrf_token", "t" * 32)
    assert stream.tell() <= receiving.FIRST
    for other in (form(("fichier", ("a.txt", b"x" * 100)), ("csrf_token", "t")), b"", b"x" * 200_000):
        assert first_field(io.BytesIO(other), TYPE, len(other)) is None


class _Endless(io.RawIOBase):
    """A form that is made while it is read."""

    def __init__(self, size: int) -> None:
        self.pieces = self._made(size)
        self.rest = b""

    @staticmethod
    def _made(size: int) -> Iterable[bytes]:
        whole = form(("f", ("a.bin", b"@@")))
        head, tail = whole.split(b"@@")
        yield head
        block = b"\r\n--presque" * 6_554
        for _ in range(size // len(block)):
            yield block
        yield tail

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size and (more := next(self.pieces, b"")):  # type: ignore[call-overload]
            self.rest += more
        found, self.rest = self.rest[:size], self.rest[size:]
        return found


def test_memory_does_not_grow_with_the_file(store: FileStore) -> None:
    tracemalloc.start()
    found = receive(_Endless(40_000_000), TYPE, 10**9, store, 10**9)  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.files[0][1].size > 39_000_000
    assert peak < 5_000_000


@given(st.text(max_size=300))
def test_names_are_safe_whatever_they_were(raw: str) -> None:
    name = clean_name(raw)
    assert 0 < len(name) <= MAX_NAME
    assert clean_name(name) == name
    assert name.isprintable()
    assert not set(name) & set('/\\<>:"|?*%\u202e\u200f\u2066')
    assert not name.startswith(".")
    header = disposition(name)
    assert header.isascii()
    assert "\n" not in header
    assert len(with_extension(name, (".jpg",))) <= MAX_NAME


@pytest.mark.parametrize(("raw", "name"), [
    ("C:\\Users\\moi\\Affiche été.pdf", "Affiche été.pdf"), ("../../etc/passwd", "passwd"), ("a\x00b\n.txt", "a b.txt"),
    ("photo\u202egpj.exe", "photogpj.exe"), ("", "fichier"), ("...", "fichier"), (".htaccess", "htaccess"),
    ("CON.txt", "fichier CON.txt"), ("دليل.pdf", "دليل.pdf"), ("x" * 400 + ".docx", "x" * 145 + ".docx"),
    ("a\r\nSet-Cookie: x.txt", "a Set-Cookie- x.txt"),
])  # fmt: skip
def test_names(raw: str, name: str) -> None:
    assert clean_name(raw) == name


def test_an_arabic_name_has_an_ascii_one_beside_it() -> None:
    assert disposition("دليل.pdf").startswith("attachment; filename=\"fichier.pdf\"; filename*=UTF-8''%D8%AF")
    assert 'filename="Affiche ete.pdf"' in disposition("Affiche été.pdf")


def test_staged_is_kept_once(store: FileStore) -> None:
    staged: Any = store.stage([b"abc"])
    assert isinstance(staged, Staged)
    assert store.keep(staged).sha == staged.sha
    with pytest.raises(FileNotFoundError):
        store.keep(staged)
    store.discard(staged)
    assert store.has(staged.sha)
