"""The real server in its own process: 200 MB with flat memory, who may send them, kill -9 in the middle, resuming."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from reseau.core.clock import utcnow
from reseau.core.db import create_engine, session_factory
from reseau.members.sessions import open_session
from resources.base import services
from resources.base.models import FileUse
from resources.files.admission import Admission, Busy, TooLarge, largest_body, takes_files
from tests.people import person
from tests.resources.conftest import a_tutorial
from tests.resources.files import room
from tests.resources.files.conftest import BOUNDARY, TYPE, form

TOKEN = "0123456789abcdef0123456789abcdef"
SIZE = 199_999_488
BLOCK = b"Un mot et puis un autre.\n\r-" * 4 + b"limite--" * 2  # 124 bytes, near misses of the boundary
BIG = BLOCK * 2_114  # 262,136 bytes


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _template: Callable[[str], str]) -> Iterator[SimpleNamespace]:
    folder = tmp_path_factory.mktemp("serveur")
    shutil.copy(_template("sqlite"), folder / "reseau.sqlite3")
    url, port = f"sqlite:///{folder / 'reseau.sqlite3'}", free_port()
    engine = create_engine(url)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        who = person(session, "membre")
        secret = open_session(session, who.id, utcnow())
        made = services.create(session, a_tutorial(), by=who.id, structure_id=None, now=utcnow())
        id_ = str(made.id)
    root = Path(__file__).parents[3]
    command = [sys.executable, "-W", "ignore", room.__file__, str(folder / "var"), url, str(port)]
    process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    found = SimpleNamespace(port=port, process=process, folder=folder / "var" / "files", sessions=sessions, resource=id_,
                            cookie=f"jeton={TOKEN}; session={secret}", command=command, root=root)  # fmt: skip
    wait(found)
    yield found
    found.process.terminate()
    found.process.wait(20)
    engine.dispose()


def wait(site: SimpleNamespace) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", site.port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def send(site: SimpleNamespace, size: int, path: str = "/essai/fichiers", **headers: str) -> tuple[int, Any, str]:
    """(status, answer, SHA-256) of an upload of that size, made while it is sent."""
    whole = form(("ressource", site.resource), ("f", ("long.txt", b"@@@@")), token=TOKEN)
    head, tail = whole.split(b"@@@@")
    digest = hashlib.sha256()

    def body() -> Iterator[bytes]:
        yield head
        left = size
        while left > 0:
            piece = BIG[: min(left, len(BIG))]
            digest.update(piece)
            left -= len(piece)
            yield piece
        yield tail

    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    length = str(len(head) + size + len(tail))
    usual = {"Content-Type": TYPE, "Content-Length": length, "Cookie": site.cookie}
    try:
        connection.request("POST", path, body(), {**usual, **headers})
        answer = connection.getresponse()
        content = answer.read()
    except (BrokenPipeError, ConnectionResetError):
        return 0, None, ""  # the server closed: it has answered without reading
    finally:
        connection.close()
    return answer.status, json.loads(content) if answer.status in (200, 422) else content, digest.hexdigest()


def test_two_hundred_megabytes_with_flat_memory(site: SimpleNamespace) -> None:
    send(site, 1000)  # all modules are loaded
    server = psutil.Process(site.process.pid)
    before, peak, done = server.memory_info().rss, 0, False

    def watch() -> None:
        nonlocal peak
        while not done:
            peak = max(peak, server.memory_info().rss)
            time.sleep(0.02)

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.monotonic()
    status, answer, sha = send(site, SIZE)
    took = time.monotonic() - began
    done = True
    watching.join()
    assert status == 200
    assert answer["refs"] == [[sha, "long.txt"]]
    stored = site.folder / sha[:2] / sha[2:4] / sha
    assert stored.stat().st_size == SIZE
    assert peak - before < 50_000_000, f"{(peak - before) / 1e6:.0f} MB"
    assert took < 60, f"{took:.0f} s"
    assert not list((site.folder / "tmp").iterdir())
    fetch_in_two(site, sha, stored)


def fetch_in_two(site: SimpleNamespace, sha: str, stored: Path) -> None:
    """Break a download off, and fetch the rest."""
    before = psutil.Process(site.process.pid).memory_info().rss
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    path = f"/fichiers/{sha}/long.txt"
    connection.request("GET", path, headers={"Cookie": site.cookie})
    answer = connection.getresponse()
    etag, first = answer.headers["ETag"], answer.read(50_000_000)
    connection.close()
    headers = {"Cookie": site.cookie, "Range": f"bytes={len(first)}-", "If-Range": etag}
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    assert answer.status == 206
    found = hashlib.sha256(first)
    while more := answer.read(1_000_000):
        found.update(more)
    connection.close()
    assert found.hexdigest() == sha == hashlib.sha256(stored.read_bytes()).hexdigest()
    assert psutil.Process(site.process.pid).memory_info().rss - before < 50_000_000


def test_a_file_over_the_limit_gets_a_sentence_of_ours(site: SimpleNamespace) -> None:
    status, answer, _ = send(site, 201_000_000)
    assert (status, answer["code"]) == (422, "too-large")
    assert "200 Mo au plus" in answer["said"]


@pytest.mark.parametrize(("path", "headers", "size"), [
    ("/essai/fichiers", {"Cookie": f"jeton={TOKEN}"}, 2_000_000), ("/essai/fichiers", {"Cookie": "session=x"}, 2_000_000),
    ("/connexion", {}, 2_000_000), ("/essai/fichiers", {}, 260_000_000),
])  # fmt: skip
def test_the_server_reads_no_other_large_body(
    site: SimpleNamespace, path: str, headers: dict[str, str], size: int
) -> None:
    before = psutil.Process(site.process.pid).io_counters().write_bytes
    status, said, _ = send(site, size, path, **headers)
    assert status in (413, 0)
    assert not said or b"trop lourd" in said
    assert psutil.Process(site.process.pid).io_counters().write_bytes - before < 2_000_000


def test_a_cookie_that_is_no_session_gets_no_further_than_the_disk(site: SimpleNamespace) -> None:
    status, _, _ = send(site, 3_000_000, Cookie=f"jeton={TOKEN}; session={'x' * 43}")
    assert status == 403
    assert not list((site.folder / "tmp").iterdir())


def test_killed_in_the_middle_nothing_is_there_and_the_next_one_works(site: SimpleNamespace) -> None:
    connection = socket.create_connection(("127.0.0.1", site.port))
    head = (f"POST /essai/fichiers HTTP/1.1\r\nHost: x\r\nContent-Type: {TYPE}\r\nContent-Length: 100000000\r\n"
            f"Cookie: {site.cookie}\r\n\r\n--{BOUNDARY}\r\n")  # fmt: skip
    connection.sendall(head.encode() + BIG * 40)
    time.sleep(0.2)
    site.process.send_signal(signal.SIGKILL)
    site.process.wait(10)
    connection.close()
    with site.sessions() as session:
        before = len(session.query(FileUse).all())
    files = {path for path in site.folder.rglob("*") if path.is_file()}
    site.process = subprocess.Popen(site.command, cwd=site.root, env={**os.environ, "PYTHONPATH": str(site.root)})
    wait(site)
    status, answer, sha = send(site, 3_000_001)
    assert (status, answer["refs"]) == (200, [[sha, "long.txt"]])
    with site.sessions() as session:
        assert len(session.query(FileUse).all()) == before + 1
    assert {path for path in site.folder.rglob("*") if path.is_file()} - files == {
        site.folder / sha[:2] / sha[2:4] / sha
    }


def test_bodies_that_wait_together_stay_within_bounds() -> None:
    made = Admission(100, 250)
    parsers = [type("Parser", (), {"content_length": 100})() for _ in range(3)]
    assert [made.enter(one) for one in parsers] == [True, True, False]
    made.leave(parsers[0])
    assert made.enter(parsers[2])
    del parsers[:]
    assert made.enter(type("Parser", (), {"content_length": 250})())
    assert largest_body(200) > 201_000_000


@pytest.mark.parametrize(("kind", "status", "words"), [
    (TooLarge, "413", ("trop lourd", "too large", "أكبر")), (Busy, "503", ("réessayez", "try again", "أعيدوا")),
])  # fmt: skip
def test_a_body_that_is_not_taken_is_said_in_three_languages(
    kind: type[TooLarge], status: str, words: tuple[str, ...]
) -> None:
    said, headers, page = kind("").to_response()
    assert said.startswith(status)
    assert dict(headers)["Content-Type"] == "text/html; charset=utf-8"
    assert all(word in page.decode() for word in words)
    assert ("Retry-After" in dict(headers)) == (status == "503")


def test_which_addresses_take_files() -> None:
    cookie = f"langue=fr; session={'a' * 43}"
    for path in ("/ressources/nouvelle", "/kits/mon-kit/fichiers", "/kits/x/modifier", "/kits/x/modifier/etape-1"):
        assert takes_files("POST", path, cookie)
        assert not takes_files("GET", path, cookie)
        assert not takes_files("POST", path, "session=; jeton=x")
    for path in ("/ressources", "/kits/x/fichiersx", "/connexion", "/kits/x/modifier/a/../../b.html"):
        assert not takes_files("POST", path, cookie)
