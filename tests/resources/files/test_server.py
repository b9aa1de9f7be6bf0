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
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from reseau.core.clock import utcnow
from reseau.core.db import create_engine, session_factory
from reseau.core.files import FileStore
from reseau.members.sessions import open_session
from resources.base import services
from resources.base.content import Block, FileRef
from resources.base.models import FileUse, Resource
from resources.base.shapes import BlockKind
from resources.files.admission import Admission, Busy, Pace, TooLarge, largest_body, network_of, takes_files
from tests.people import person
from tests.resources.conftest import a_kit, a_tutorial
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
        services.publish(session, a_heavy_kit(session, FileStore(folder / "var" / "files")), by=None, now=utcnow())
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


def a_heavy_kit(session: Any, store: FileStore) -> Resource:
    """More than the server keeps for a reader (16 MB), and than the system does."""
    ref = FileRef(store.put([BIG] * 160).sha, "lourd.txt")
    heavy = Block("lourd", "avant", BlockKind.FICHIER, title="Lourd", file=ref)
    content = replace(a_kit(), title="Lourd", blocks=(*a_kit().blocks, heavy))
    return services.create(session, content, by=None, structure_id=None, now=utcnow())


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


def ask(site: SimpleNamespace, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("requests", [1, 3])
def test_readers_that_do_not_read_hold_no_thread(site: SimpleNamespace, requests: int) -> None:
    path = "/kits/lourd.zip?contenu=fr"
    whole = ask(site, path)  # its PDFs are drawn
    assert (whole[0], whole[1][:2]) == (200, b"PK")
    assert len(whole[1]) > 40_000_000
    asleep = []
    for _ in range(6):  # three times the threads
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(10)
        one.connect(("127.0.0.1", site.port))
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * requests)
        asleep.append(one)
    assert all(one.recv(12) == b"HTTP/1.1 200" for one in asleep)
    assert ask(site, "/")[0] == 200
    part = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    part.request("GET", path, headers={"Range": "bytes=30000000-"})
    answer = part.getresponse()
    assert (answer.status, answer.read() == whole[1][30_000_000:]) == (206, True)
    part.close()
    for one in asleep:
        one.close()


def test_idle_senders_keep_nobody_out(site: SimpleNamespace) -> None:
    head = (f"POST /essai/fichiers HTTP/1.1\r\nHost: x\r\nContent-Type: {TYPE}\r\nContent-Length: 200000000\r\n"
            f"Cookie: session={'x' * 43}\r\n\r\nx")  # fmt: skip
    idle = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(8)]
    for one in idle:
        one.sendall(head.encode())
    time.sleep(0.2)
    assert send(site, 3_000_000)[0] == 200
    for one in idle:
        one.close()


class Body:
    """A body on its way."""

    def __init__(self, length: int, received: int = 0, network: str = "") -> None:
        self.content_length, self.body_bytes_received, self.network = length, received, network


def test_bodies_that_wait_together_stay_within_bounds() -> None:
    made = Admission(100, 250)
    bodies = [Body(100, 90), Body(100, 70), Body(100)]
    assert [made.enter(one) for one in bodies] == [True, True, False]
    made.leave(bodies[0])
    assert made.enter(bodies[2])
    bodies[2].body_bytes_received = 100
    assert made.goes_on(bodies[2])
    bodies[1].body_bytes_received = 200
    assert not made.goes_on(bodies[2])
    assert made.goes_on(bodies[0]), "it counts no more"
    del bodies[:]
    assert made.enter(Body(250))
    assert largest_body(200) > 201_000_000


def test_what_is_only_announced_keeps_nobody_out() -> None:
    made = Admission(100)
    idle = [Body(100) for _ in range(30)]
    assert all(made.enter(one) for one in idle)


def test_two_of_one_network_at_once() -> None:
    made = Admission(100)
    same = [Body(1, network="192.0.2.0/24") for _ in range(3)]
    assert [made.enter(one) for one in same] == [True, True, False]
    assert made.enter(Body(1, network="198.51.100.0/24"))
    assert network_of("192.0.2.7", "203.0.113.9", None) == "192.0.2.0/24"
    assert network_of("10.0.0.1", "198.51.100.1, 203.0.113.9", "10.0.0.1") == "203.0.113.0/24"
    assert network_of("127.0.0.1", "", None) == "", "a proxy that the site does not know"


def test_who_hardly_sends_is_cut() -> None:
    silent = Pace(0)
    assert [silent.too_slow(now) for now in (29, 31)] == [False, True]
    trickle, steady = Pace(0), Pace(0)
    cut = []
    for now in range(0, 200, 20):
        trickle.came(1000, now)
        steady.came(300_000, now)
        cut.append((trickle.too_slow(now), steady.too_slow(now)))
    assert [one for one, _ in cut].index(True) == 6, "the first minute is free"
    assert not any(one for _, one in cut)


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
