"""Files from an address, from a real server on this machine: what is private, large, slow or cut is refused."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from importers import fetch, sentences
from importers.fetch import USER_AGENT, local_file
from importers.pipeline import Refused
from tests.directory.site import ROUBAIX_CSV

Answer = Callable[[BaseHTTPRequestHandler], None]
CSV = ROUBAIX_CSV.read_bytes()


class Server(ThreadingHTTPServer):
    """Answers as the test says; ``seen``: (path, headers) of what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        self.server.answers[self.path](self)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def send(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.released.set()
    made.shutdown()
    thread.join()
    made.server_close()


def refusal(location: str, **options: Any) -> Refused:
    with pytest.raises(Refused) as refused, local_file(location, **{"allow_private": True, **options}):
        pass
    assert sentences.refusal(refused.value)
    return refused.value


def test_an_allowed_address_is_downloaded_and_thrown_away_after(server: Server) -> None:
    server.answers["/f.csv"] = send(CSV)
    with local_file(f"{server.url}/f.csv", allow_private=True) as path:
        assert path.read_bytes() == CSV
    assert not path.exists()
    assert server.seen[0][1]["User-Agent"] == USER_AGENT


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433"]
)
def test_a_private_address_is_refused_by_default_before_a_byte_is_sent(server: Server, host: str) -> None:
    refused = refusal(f"http://{host}:{server.server_port}/f.csv", allow_private=False)
    assert refused.code in ("adresse-interdite", "telechargement")
    if host in ("127.0.0.1", "localhost"):
        assert refused.code == "adresse-interdite"
        assert "127.0.0.1" in sentences.refusal(refused) or "::1" in sentences.refusal(refused)
    assert server.seen == []


def test_a_proxy_of_the_environment_does_not_open_a_way_around(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert refusal("http://127.0.0.1:1/f.csv", allow_private=False).code == "adresse-interdite"
    assert server.seen == []


def test_a_redirect_to_a_private_address_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address is taken for a public one; the one it leads to is the same machine under its own name."""
    server.answers["/f.csv"] = send(b"", 302, Location=f"http://localhost:{server.server_port}/secret")
    server.answers["/secret"] = send(CSV)
    real, asked = fetch._check_ip, []

    def check(address: str) -> None:
        asked.append(address)
        if len(asked) > 2:  # the name and the socket of the first request
            real(address)

    monkeypatch.setattr(fetch, "_check_ip", check)
    assert refusal(f"{server.url}/f.csv", allow_private=False).code == "adresse-interdite"
    assert [path for path, _ in server.seen] == ["/f.csv"]


def test_a_name_that_changes_its_mind_is_caught_on_the_socket(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name says a public address when it is checked, and this machine when it is used."""
    server.answers["/f.csv"] = send(CSV)
    monkeypatch.setattr(fetch, "_check", lambda connection: None)
    assert refusal(f"{server.url}/f.csv", allow_private=False).code == "adresse-interdite"
    assert server.seen == []


def test_endless_redirects_end(server: Server) -> None:
    server.answers["/f.csv"] = send(b"", 302, Location="/f.csv")
    assert refusal(f"{server.url}/f.csv").code == "telechargement"
    assert len(server.seen) <= 7


def test_a_redirect_to_a_file_of_this_machine_is_not_followed(server: Server) -> None:
    server.answers["/f.csv"] = send(b"", 302, Location="file:///etc/passwd")
    assert refusal(f"{server.url}/f.csv").code == "telechargement"


def test_too_large_is_refused_whether_announced_or_not(server: Server) -> None:
    server.answers["/f.csv"] = send(b"x" * 300_000)
    server.answers["/endless"] = send(b"x" * 300_000, Content_Length="9" * 12)
    for path in ("/f.csv", "/endless"):
        assert refusal(server.url + path, max_bytes=100_000).code == "trop-gros"
    with local_file(f"{server.url}/f.csv", allow_private=True, max_bytes=300_000) as path:
        assert path.stat().st_size == 300_000


def test_a_bomb_is_measured_once_unpacked(server: Server) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 100_000
    server.answers["/f.csv"] = send(bomb, Content_Encoding="gzip")
    assert refusal(f"{server.url}/f.csv", max_bytes=1_000_000).code == "trop-gros"


def test_gzip_as_a_way_to_send_and_gzip_as_a_file(server: Server) -> None:
    packed = gzip.compress(CSV)
    server.answers["/sent"] = send(packed, Content_Encoding="gzip")
    server.answers["/f.csv.gz"] = send(packed, Content_Type="application/gzip")
    server.answers["/broken"] = send(CSV, Content_Encoding="gzip")
    with local_file(f"{server.url}/sent", allow_private=True) as path:
        assert path.read_bytes() == CSV
    with local_file(f"{server.url}/f.csv.gz", allow_private=True) as path:
        assert path.read_bytes() == packed, "a file: the reader knows what to do with it"
    assert refusal(f"{server.url}/broken").code == "telechargement"


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503])
def test_an_error_page_is_not_a_file(server: Server, status: int) -> None:
    server.answers["/f.csv"] = send(CSV, status)
    refused = refusal(f"{server.url}/f.csv")
    assert refused.code == "telechargement"
    assert str(status) in sentences.refusal(refused)


def test_a_body_that_stops_short_is_refused(server: Server) -> None:
    server.answers["/f.csv"] = send(CSV[:5000], Content_Length=str(len(CSV)))
    assert refusal(f"{server.url}/f.csv").code == "telechargement"
    assert server.seen[0][1]["Accept-Encoding"] == "identity", "a cut gzip body could not be told from a whole one"


def test_a_server_that_says_nothing_is_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT", (0.2, 0.2))
    server.answers["/f.csv"] = lambda handler: server.released.wait(10) and None
    assert refusal(f"{server.url}/f.csv").code == "telechargement"


def test_nobody_at_that_address() -> None:
    assert refusal("http://127.0.0.1:1/f.csv").code == "telechargement"
    assert refusal("http:///f.csv").code == "telechargement"


@pytest.mark.parametrize(
    "location", ["nulle/part.csv", "", ".", "/", "ftp://exemple.fr/f.csv", "file:///etc/passwd", "a\x00b", "x" * 5000]
)
def test_what_is_no_file_is_absent(location: str) -> None:
    assert refusal(location).code == "absent"


def test_a_path_is_used_where_it_is() -> None:
    with local_file(str(ROUBAIX_CSV), allow_private=False) as path:
        assert path == Path(ROUBAIX_CSV)
    assert ROUBAIX_CSV.exists()


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "169.254.169.254", "224.0.0.1", "240.0.0.1", "::1", "fe80::1", "fc00::1", "fec0::1",
    "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1",
])  # fmt: skip
def test_addresses_that_lead_inside_are_private(address: str) -> None:
    with pytest.raises(fetch.PrivateAddress):
        fetch._check_ip(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_public_addresses_are_not(address: str) -> None:
    fetch._check_ip(address)
