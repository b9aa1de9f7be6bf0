"""The virus scanner, spoken to over real sockets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reseau.core.files import FileStore
from resources.files.scanning import Scanner
from resources.files.services import Limits, UploadError, inspect
from tests.resources.conftest import Base
from tests.resources.files.test_pages import send

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def receive(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := connection.recv(size - len(found))):
        found += more
    return found


def clamd(connection: socket.socket, most: int = 10_000_000) -> None:
    """What clamd answers to ``zINSTREAM``."""
    assert receive(connection, 10) == b"zINSTREAM\0"
    content = b""
    while length := struct.unpack(">I", receive(connection, 4))[0]:
        content += receive(connection, length)
        if len(content) > most:
            connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
    connection.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@contextmanager
def server(address: Any, answer: Any = clamd) -> Iterator[Any]:
    listening = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    listening.bind(address)
    listening.listen()

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                answer(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_clean_and_infected(kind: str, tmp_path: Path) -> None:
    address: Any = str(tmp_path / "clamd.ctl") if kind == "unix" else ("127.0.0.1", 0)
    with server(address) as where:
        scanner = Scanner.of(f"unix:{where}" if kind == "unix" else f"tcp:{where[0]}:{where[1]}")
        assert scanner is not None
        clean, bad = tmp_path / "a", tmp_path / "b"
        clean.write_bytes(b"bonjour" * 100_000)
        bad.write_bytes(b"x" * 300_000 + EICAR)
        scanner.check(clean, "a.txt")
        with pytest.raises(UploadError) as caught:
            scanner.check(bad, "b.txt")
        assert (caught.value.code, caught.value.values["virus"]) == ("infected", "Eicar-Test-Signature")


def silent(connection: socket.socket) -> None:
    connection.recv(10)


def slow(connection: socket.socket) -> None:
    while connection.recv(100_000):
        pass


def strange(connection: socket.socket) -> None:
    clamd(connection, most=10)


@pytest.mark.parametrize("answer", [silent, slow, strange])
def test_no_clear_answer_is_no(answer: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    with server(str(tmp_path / "s"), answer) as where, pytest.raises(UploadError, match="scanner-away"):
        Scanner(where, timeout=0.3).check(tmp_path / "a", "a.txt")


def test_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    for address in (str(tmp_path / "s"), ("127.0.0.1", 1)):
        with pytest.raises(UploadError, match="scanner-away"):
            Scanner(address, timeout=0.3).check(tmp_path / "a", "a.txt")


@pytest.mark.parametrize("setting", ["clamd", "unix:relative", "tcp:host", "tcp::3310", "tcp:host:0", "http://x"])
def test_a_wrong_setting_is_said(setting: str) -> None:
    with pytest.raises(ValueError, match="files_scan"):
        Scanner.of(setting)
    assert Scanner.of("") is None
    assert Scanner.of("tcp:[::1]:3310") == Scanner(("::1", 3310))


def test_a_file_is_scanned_before_it_is_taken(tmp_path: Path) -> None:
    staged = FileStore(tmp_path / "files").stage([b"texte " + EICAR])
    with server(str(tmp_path / "s")) as where:
        limits = Limits(scanner=Scanner(where))
        with pytest.raises(UploadError, match="infected"):
            inspect(staged.path, "a.txt", limits)


def test_the_sender_is_told(base: Base, tmp_path: Path) -> None:
    registry = base.site.wsgi.registry
    usual = registry["files.limits"]
    try:
        with server(str(tmp_path / "s")) as where:
            registry["files.limits"] = Limits(scanner=Scanner(where))
            made = base.draft()
            found = send(base, ("titre", "Gardé"), ("f", ("a.txt", b"texte " + EICAR)), status=422).json
            assert found["code"] == "infected"
            assert "virus" in found["said"]
            sent = send(base, ("ressource", str(made.id)), ("f", ("a.txt", b"texte sain"))).json
            with base.site.sessions() as session:
                from resources.base.models import StoredFile

                assert session.get_one(StoredFile, sent["refs"][0][0]).scan == "clean"
        found = send(base, ("titre", "Gardé"), ("f", ("a.txt", b"texte")), status=422).json
        assert (found["code"], found["fields"]) == ("scanner-away", ["Gardé"])
        assert "Réessayez dans un instant" in found["said"]
        assert not list(base.files.temporary.iterdir())
    finally:
        registry["files.limits"] = usual
