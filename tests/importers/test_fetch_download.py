"""A file asked for until it is whole: only if it is newer, and going on where the last attempt ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importers import sentences
from importers.fetch import Asker, downloading
from importers.pipeline import Refused
from importers.pipeline.contract import Fetched, Where
from tests.directory.site import ROUBAIX_CSV
from tests.importers.server import (
    MODIFIED,
    Fault,
    Reply,
    Seen,
    StandIn,
    chunked,
    cut,
    deaf,
    packed,
    slow,
    status,
    typed,
)  # fmt: skip

CSV = ROUBAIX_CSV.read_bytes()
ROOT = Path(__file__).parents[2]


@pytest.fixture
def asker() -> Iterator[Asker]:
    with Asker(True, sleep=lambda _s: None) as made:
        yield made


def got(fetched: Fetched) -> bytes:
    assert fetched.path is not None
    return fetched.path.read_bytes()


def ranges(server: StandIn) -> list[tuple[str | None, str | None]]:
    return [(one.headers.get("Range"), one.headers.get("If-Range")) for one in server.seen]


def test_only_what_is_newer(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", CSV, etag='"1"', modified=MODIFIED)
    url = server.url + "/f"
    first = asker.download(Where(url), tmp_path)
    assert (got(first), first.etag, first.last_modified) == (CSV, '"1"', MODIFIED)
    assert asker.download(Where(url, {}, '"1"', MODIFIED), tmp_path) == Fetched(None, '"1"', MODIFIED)
    assert asker.download(Where(url, {}, None, MODIFIED), tmp_path) == Fetched(None, None, MODIFIED)
    server.serve("/f", CSV + b"\n", etag='"2"')
    newer = asker.download(Where(url, {}, '"1"', MODIFIED), tmp_path)
    assert (got(newer), newer.etag, newer.last_modified) == (CSV + b"\n", '"2"', None)


@pytest.mark.parametrize("etag", ['"a\x01b"', '"' + "x" * 600 + '"'])
def test_a_name_of_a_version_that_cannot_be_said_back_is_forgotten(
    server: StandIn, asker: Asker, tmp_path: Path, etag: str
) -> None:
    """Kept, it would make every later request invalid: the source would be lost for ever."""
    server.serve("/f", CSV, etag=etag)
    server.breaks("/f", cut(5000))
    fetched = asker.download(Where(server.url + "/f"), tmp_path)
    assert (got(fetched), fetched.etag) == (CSV, None)
    assert asker.get(server.url + "/f", max_bytes=100_000).etag is None


def test_a_source_that_takes_no_notice_of_conditions(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.answers("/f", lambda _seen: Reply(200, CSV))
    assert got(asker.download(Where(server.url + "/f", {}, '"1"', MODIFIED), tmp_path)) == CSV


def test_not_modified_without_a_question_is_no_answer(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.answers("/f", lambda _seen: Reply(304))
    with pytest.raises(Refused):
        asker.download(Where(server.url + "/f"), tmp_path)


@pytest.mark.parametrize("named", [{"etag": '"1"'}, {"modified": MODIFIED}])
def test_a_cut_is_gone_on_with(server: StandIn, asker: Asker, tmp_path: Path, named: dict[str, Any]) -> None:
    server.serve("/f", CSV, **named)
    server.breaks("/f", cut(5000), status(503), cut(4000))
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV
    name = next(iter(named.values()))
    assert ranges(server) == [(None, None), ("bytes=5000-", name), ("bytes=5000-", name), ("bytes=9000-", name)]
    assert [path.name for path in tmp_path.iterdir()] == [downloading.Part(tmp_path, server.url + "/f").whole.name]


def test_as_often_as_it_goes_forward(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    """Eleven cuts, each with something new: a bad line, not a dead server."""
    server.serve("/f", CSV[:12_000], etag='"1"')
    server.breaks("/f", *[cut(1000)] * 11)
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV[:12_000]


@pytest.mark.parametrize(("faults", "named"), [
    ((cut(5000),), {}), ((cut(5000),), {"etag": 'W/"1"'}), ((cut(5000), deaf), {"etag": '"1"'}),
    ((chunked, ), {}),
])  # fmt: skip
def test_what_cannot_be_gone_on_with_starts_again(
    server: StandIn, asker: Asker, tmp_path: Path, faults: tuple[Fault, ...], named: dict[str, Any]
) -> None:
    """No name of a version, a weak one, a server that takes no notice: 200, from the first byte."""
    server.serve("/f", CSV, **named)
    server.breaks("/f", *faults)
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV


def test_a_cut_in_chunks_is_seen(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", CSV, etag='"1"')
    server.breaks("/f", lambda reply: chunked(cut(8192)(reply)))
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV
    assert ranges(server)[1] == ("bytes=8192-", '"1"')


def test_what_is_compressed_on_the_way_is_not_mixed_with_what_is_not(
    server: StandIn, asker: Asker, tmp_path: Path
) -> None:
    server.serve("/f", CSV, etag='"1"')
    server.breaks("/f", lambda reply: cut(2000)(packed(reply)))
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV
    assert ranges(server) == [(None, None), (None, None)]


def test_a_file_that_changed_meanwhile_starts_again(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", b"old" * 1000, etag='"1"')

    def change(reply: Reply) -> Reply:
        server.serve("/f", CSV, etag='"2"')
        return cut(600)(reply)

    server.breaks("/f", change)
    fetched = asker.download(Where(server.url + "/f"), tmp_path)
    assert (got(fetched), fetched.etag) == (CSV, '"2"')


@pytest.mark.parametrize("range_", ["bytes 4000-5999/6000", "bytes 6000-9999/10000", "bytes */6000", "octets", ""])
def test_a_part_that_does_not_follow_on_is_thrown_away(
    server: StandIn, asker: Asker, tmp_path: Path, range_: str
) -> None:
    server.serve("/f", CSV, etag='"1"')
    server.breaks("/f", cut(5000), lambda _r: Reply(206, b"x" * 1000, {"Content-Range": range_}))
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV
    assert ranges(server)[2] == (None, None)


@pytest.mark.parametrize("odd", [
    Reply(206, b"x" * 100, {"Content-Range": "bytes 5000-5099/5100", "ETag": '"2"'}),
    Reply(416, b"", {"Content-Range": "bytes */4000"}),
])  # fmt: skip
def test_a_part_of_another_version_is_thrown_away(server: StandIn, asker: Asker, tmp_path: Path, odd: Reply) -> None:
    server.serve("/f", CSV, etag='"1"')
    server.breaks("/f", cut(5000), lambda _reply: odd)
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV


def test_a_part_shorter_than_it_says_is_not_the_end(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    """A server may send less than what was asked for, with a length that is right."""

    def stingy(seen: Seen) -> Reply:
        begin = int(seen.headers.get("Range", "bytes=0-")[6:-1])
        named = {"ETag": '"1"', "Content-Range": f"bytes {begin}-{begin + 99}/1000"}
        return Reply(206, CSV[begin : begin + 100], named) if begin else cut(100)(Reply(200, CSV[:1000], named))

    server.answers("/f", stingy)
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV[:1000]


def test_the_cap_counts_what_was_there_before(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", CSV[:10_000], etag='"1"')
    server.breaks("/f", cut(5000))
    with pytest.raises(Refused, match="trop-gros"):
        asker.download(Where(server.url + "/f"), tmp_path, 9_999)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_one(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", b"")
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == b""


def test_html_only_if_it_is_what_is_wanted(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", b"<html>", content_type="text/html")
    with pytest.raises(Refused, match="html"):
        asker.download(Where(server.url + "/f"), tmp_path)
    assert got(asker.download(Where(server.url + "/f"), tmp_path, accept=("text/html", "text/*"))) == b"<html>"
    server.breaks("/f", typed("image/png"))
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == b"<html>", "what is no page may be data"


KILLED = """
import os, signal, sys
from pathlib import Path
from importers.fetch import Asker, downloading
from importers.pipeline.contract import Where
real = downloading.Download._write
def write(self, out, response, there):
    class Out:
        def write(_, piece):
            out.write(piece[:3000])
            out.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    real(self, Out(), response, there)
downloading.Download._write = write
Asker(True).download(Where(sys.argv[1]), Path(sys.argv[2]))
"""


def test_whoever_comes_after_a_dead_process_goes_on(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", CSV, etag='"1"')
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, server.url + "/f", str(tmp_path)]
    for _ in range(2):
        died = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV
    assert ranges(server) == [(None, None), ("bytes=3000-", '"1"'), ("bytes=6000-", '"1"')]


def test_a_part_from_before_the_machine_was_started_again_is_not_trusted(
    server: StandIn, asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve("/f", CSV, etag='"1"')
    part = downloading.Part(tmp_path, server.url + "/f")
    monkeypatch.setattr(downloading, "_boot", lambda: "before")
    part.restart({"etag": '"1"', "validator": '"1"'})
    part.path.write_bytes(b"\0" * 5000)
    assert part.version()
    monkeypatch.undo()
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b'{"validator": 3}', b"\xff"])
def test_a_note_that_cannot_be_read_is_no_note(server: StandIn, asker: Asker, tmp_path: Path, note: bytes) -> None:
    server.serve("/f", CSV, etag='"1"')
    part = downloading.Part(tmp_path, server.url + "/f")
    part.path.write_bytes(b"whatever")
    part.path.with_suffix(".json").write_bytes(note)
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV


def test_a_disk_that_takes_no_more_is_not_the_network(
    server: StandIn, asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve("/f", CSV)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloading.Part, "restart", full)
    with pytest.raises(Refused) as refused:
        asker.download(Where(server.url + "/f"), tmp_path)
    assert (refused.value.code, len(server.seen)) == ("disque", 1)
    assert "No space left" in sentences.refusal(refused.value)


def test_a_slow_server_is_waited_for(server: StandIn, asker: Asker, tmp_path: Path) -> None:
    server.serve("/f", CSV)
    server.breaks("/f", slow(0.2))
    assert got(asker.download(Where(server.url + "/f"), tmp_path)) == CSV
