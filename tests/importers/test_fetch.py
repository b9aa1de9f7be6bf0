"""Files from an address, from a real server on this machine: what is private, large, slow or cut is refused."""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from importers import fetch, sentences
from importers.fetch import MAX_BYTES, USER_AGENT, Asker, file_at, guarding
from importers.fetch.asking import _next
from importers.pipeline import Refused, Where
from tests.directory.site import ROUBAIX_CSV
from tests.importers.server import Reply, StandIn, bomb, cut, html, packed, redirect, silent, status, trickle, typed

CSV = ROUBAIX_CSV.read_bytes()
PACKED = gzip.compress(CSV, mtime=0)


@contextmanager
def got(
    location: str, *, allow_private: bool = True, max_bytes: int = MAX_BYTES, asker: Asker | None = None
) -> Iterator[Path]:
    """The file at an address, in a folder that goes after."""
    with tempfile.TemporaryDirectory() as folder, asker or Asker(allow_private) as one:
        fetched = one.download(Where(location), Path(folder), max_bytes)
        assert fetched.path
        yield fetched.path


def refusal(location: str, **options: Any) -> Refused:
    allow = options.pop("allow_private", True)
    with (
        Asker(allow, sleep=lambda _s: None, **options.pop("asking", {})) as asker,
        pytest.raises(Refused) as refused,
        got(location, asker=asker, **options),
    ):
        pass
    assert sentences.refusal(refused.value)
    return refused.value


def test_an_allowed_address_is_downloaded(server: StandIn) -> None:
    server.serve("/f.csv", CSV)
    with got(f"{server.url}/f.csv") as path:
        assert path.read_bytes() == CSV
    assert server.seen[0].headers["User-Agent"] == USER_AGENT


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433"]
)
def test_a_private_address_is_refused_by_default_before_a_byte_is_sent(server: StandIn, host: str) -> None:
    refused = refusal(f"http://{host}:{server.server_port}/f.csv", allow_private=False)
    assert refused.code in ("adresse-interdite", "telechargement")
    if host in ("127.0.0.1", "localhost"):
        assert refused.code == "adresse-interdite"
        assert "127.0.0.1" in sentences.refusal(refused) or "::1" in sentences.refusal(refused)
    assert server.seen == []


def test_a_proxy_of_the_environment_does_not_open_a_way_around(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert refusal("http://127.0.0.1:1/f.csv", allow_private=False).code == "adresse-interdite"
    assert server.seen == []


def test_a_redirect_to_a_private_address_is_refused(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address is taken for a public one; the one it leads to is the same machine under its own name."""
    server.breaks("/f.csv", redirect(f"http://localhost:{server.server_port}/secret"))
    server.serve("/secret", CSV)
    real, asked = guarding.check_ip, []

    def check(address: str) -> None:
        asked.append(address)
        if len(asked) > 2:  # the name and the socket of the first request
            real(address)

    monkeypatch.setattr(guarding, "check_ip", check)
    assert refusal(f"{server.url}/f.csv", allow_private=False).code == "adresse-interdite"
    assert server.paths() == ["/f.csv"]


def test_a_name_that_changes_its_mind_is_caught_on_the_socket(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name says a public address when it is checked, and this machine when it is used."""
    server.serve("/f.csv", CSV)
    monkeypatch.setattr(guarding, "_check", lambda connection: None)
    assert refusal(f"{server.url}/f.csv", allow_private=False).code == "adresse-interdite"
    assert server.seen == []


def test_endless_redirects_end(server: StandIn) -> None:
    server.breaks("/loop", redirect("/loop"), always=True)
    assert refusal(f"{server.url}/loop").code == "redirections"
    assert len(server.seen) == 1
    for n in range(9):
        server.breaks(f"/{n}", redirect(f"/{n + 1}"))
    assert refusal(f"{server.url}/0").code == "redirections"
    assert server.paths()[1:] == ["/0", "/1", "/2", "/3", "/4", "/5"], "five redirects, not more"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://exemple.fr/f", "http://[::1", "data:text/csv,id"])
def test_a_redirect_to_what_is_no_web_address_is_not_followed(server: StandIn, target: str) -> None:
    server.breaks("/f.csv", redirect(target), always=True)
    assert refusal(f"{server.url}/f.csv").code == "redirection-interdite"
    assert len(server.seen) == 1


def test_the_body_of_a_redirect_is_not_read(server: StandIn) -> None:
    """As long as it says: whoever reads it waits for ever."""
    server.answers("/f.csv", lambda _seen: Reply(302, b"x", {"Location": "/g.csv", "Content-Length": "9" * 12}))
    server.serve("/g.csv", CSV)
    with got(f"{server.url}/f.csv") as path:
        assert path.read_bytes() == CSV


def test_an_encrypted_address_does_not_lead_to_one_that_is_not() -> None:
    assert _next("https://exemple.org/a", "/b") == "https://exemple.org/b"
    assert _next("http://exemple.org/a", "https://exemple.org/b") == "https://exemple.org/b"
    with pytest.raises(Refused) as refused:
        _next("https://exemple.org/a", "http://exemple.org/b?token=abcdef")
    assert "http://exemple.org/b?token=…" in sentences.refusal(refused.value)


def test_too_large_is_refused_whether_announced_or_not(server: StandIn) -> None:
    server.serve("/f.csv", b"x" * 300_000)
    server.answers("/endless", lambda _seen: Reply(200, b"x" * 300_000, {"Content-Length": "9" * 12}))
    server.answers("/chunks", lambda _seen: Reply(200, b"x" * 300_000, chunked=True))
    for path in ("/f.csv", "/endless", "/chunks"):
        assert refusal(server.url + path, max_bytes=100_000).code == "trop-gros"
    assert len(server.seen) == 3, "asking again would not make it smaller"
    with got(f"{server.url}/f.csv", max_bytes=300_000) as found:
        assert found.stat().st_size == 300_000


def test_a_bomb_is_measured_once_unpacked(server: StandIn) -> None:
    server.breaks("/f.csv", bomb(50_000_000))
    server.serve("/f.csv", b"")
    assert refusal(f"{server.url}/f.csv", max_bytes=1_000_000).code == "trop-gros"


def test_a_body_of_a_thousand_empty_gzip_members_is_bounded(server: StandIn) -> None:
    nothing = gzip.compress(b"") * 1000
    server.answers("/f.csv", lambda _seen: Reply(200, nothing, {"Content-Encoding": "gzip"}))
    assert refusal(f"{server.url}/f.csv", max_bytes=1000).code == "trop-gros"


def test_gzip_as_a_way_to_send_and_gzip_as_a_file(server: StandIn) -> None:
    as_file, half = gzip.compress(CSV), gzip.compress(CSV[:9000]) + gzip.compress(CSV[9000:])
    server.serve("/sent", CSV)
    server.breaks("/sent", packed)
    server.serve("/f.csv.gz", as_file, content_type="application/gzip")
    server.answers("/members", lambda _seen: Reply(200, half, {"Content-Encoding": "gzip"}))
    for path, expected in (("/sent", CSV), ("/f.csv.gz", as_file), ("/members", CSV)):
        with got(server.url + path) as found:
            assert found.read_bytes() == expected, path


@pytest.mark.parametrize("body", [CSV, PACKED[:-9], PACKED[:500]], ids=["plain", "end", "begin"])
def test_a_compressed_body_that_cannot_be_opened_to_its_end_is_refused(server: StandIn, body: bytes) -> None:
    """With the length it announces: only gzip itself can tell that it was cut before."""
    server.answers("/f.csv", lambda _seen: Reply(200, body, {"Content-Encoding": "gzip"}))
    assert refusal(f"{server.url}/f.csv").code == "telechargement"


def test_a_compression_that_we_do_not_know_is_refused(server: StandIn) -> None:
    server.answers("/f.csv", lambda _seen: Reply(200, CSV, {"Content-Encoding": "br"}))
    refused = refusal(f"{server.url}/f.csv")
    assert (refused.code, len(server.seen)) == ("telechargement", 1)
    assert "br" in sentences.refusal(refused)


@pytest.mark.parametrize(("code", "times"), [(401, 1), (403, 1), (404, 1), (410, 1), (500, 4), (503, 4), (429, 4)])
def test_an_error_page_is_not_a_file(server: StandIn, code: int, times: int) -> None:
    server.breaks("/f.csv", status(code), always=True)
    refused = refusal(f"{server.url}/f.csv")
    assert refused.code == "telechargement"
    assert str(code) in sentences.refusal(refused)
    assert len(server.seen) == times, "what may pass is asked for four times, what will not once"


def test_a_page_where_data_should_be(server: StandIn) -> None:
    server.serve("/f.csv", CSV)
    server.breaks("/f.csv", html, typed("text/html"), typed("application/xhtml+xml; charset=utf-8"))
    for _ in range(3):
        assert refusal(f"{server.url}/f.csv").code == "html"
    assert len(server.seen) == 3


def test_a_body_that_always_stops_short_is_refused(server: StandIn) -> None:
    server.serve("/f.csv", CSV)
    server.breaks("/f.csv", cut(5000), always=True)
    assert refusal(f"{server.url}/f.csv").code == "telechargement"
    assert len(server.seen) == 4
    assert server.seen[0].headers["Accept-Encoding"] == "identity", "a cut gzip body could not be told from a whole one"


def test_a_server_that_says_nothing_is_left(server: StandIn) -> None:
    server.breaks("/f.csv", silent, always=True)
    refused = refusal(f"{server.url}/f.csv", asking={"timeout": (0.1, 0.1)})
    assert refused.code == "telechargement"
    assert "ne répond pas" in sentences.refusal(refused)


def test_a_server_that_sends_a_byte_now_and_then_does_not_hold_us(server: StandIn) -> None:
    """Each byte starts the time-out of the socket again; the deadline does not care."""
    server.serve("/f.csv", CSV)
    server.breaks("/f.csv", trickle(0.05), always=True)
    begun = time.monotonic()
    assert refusal(f"{server.url}/f.csv", asking={"total_s": 0.5}).code == "telechargement"
    assert time.monotonic() - begun < 5


def test_nor_one_that_never_comes_to_the_end_of_its_headers(server: StandIn) -> None:
    server.breaks("/f.csv", silent, always=True)
    begun = time.monotonic()
    assert refusal(f"{server.url}/f.csv", asking={"total_s": 0.3}).code == "telechargement"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("location", [
    "http://127.0.0.1:1/f.csv", "http:///f.csv", "http://[::1/f.csv", "http://exemple..fr/", "https://x:99999999/",
    "http://" + "x" * 300 + ".fr/",
])  # fmt: skip
def test_nobody_at_that_address(location: str) -> None:
    assert refusal(location).code == "telechargement"


@pytest.mark.parametrize(
    "location", ["nulle/part.csv", "", ".", "/", "ftp://exemple.fr/f.csv", "file:///etc/passwd", "a\x00b", "x" * 5000]
)
def test_what_is_no_file_is_absent(location: str) -> None:
    assert refusal(location).code == "absent"
    with pytest.raises(Refused, match="absent"):
        file_at(location)


def test_a_path_is_used_where_it_is() -> None:
    assert file_at(str(ROUBAIX_CSV)) == Path(ROUBAIX_CSV)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "169.254.169.254", "224.0.0.1", "240.0.0.1", "::1", "fe80::1", "fc00::1", "fec0::1",
    "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1",
])  # fmt: skip
def test_addresses_that_lead_inside_are_private(address: str) -> None:
    with pytest.raises(fetch.PrivateAddress):
        guarding.check_ip(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_public_addresses_are_not(address: str) -> None:
    guarding.check_ip(address)
