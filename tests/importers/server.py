"""A server on this machine that gives the real shapes, and breaks as told. For every test that fetches.

    with StandIn() as server:                                  # or the fixture ``server`` of conftest.py
        server.serve("/lieux.csv", CSV, etag='"1"')            # ETag, Last-Modified, Range, If-Range as nginx does
        server.breaks("/lieux.csv", cut(5000), status(503))    # the next two answers; then it is well again
        server.breaks("/lieux.csv", half_rows, always=True)    # until ``server.heals("/lieux.csv")``
        asker.get(server.url + "/lieux.csv", …)
        assert server.paths() == […]                           # ``server.seen``: headers and moments too

A path is looked up with its query first, then without. ``server.answers(path, function)``: from a ``Seen`` to a ``Reply``
(paged interfaces: ``paged``). Faults are functions from a ``Reply`` to a ``Reply``: ``cut``, ``status``, ``slow``,
``trickle``, ``redirect``, ``typed``, ``html``, ``bomb``, ``packed``, ``chunked``, ``deaf``, ``silent``; of the content of
a CSV: ``half_rows``, ``reordered``, ``renamed(column, name)``. ``StandIn(tls=context)`` speaks https.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from csv import reader, writer
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

MODIFIED = "Sun, 22 Nov 2026 04:00:00 GMT"


@dataclass(frozen=True)
class Seen:
    """A request: path with query, headers (as they came), moment (``time.monotonic``)."""

    path: str
    headers: Mapping[str, str]
    at: float

    def query(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return parse_qs(urlsplit(self.path).query).get(name, [default])[0]


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut``: bytes of the body sent before the connection is dropped. ``wait``: seconds before the first
    byte; ``drip``: seconds before each byte of the body. ``ranges``: whether parts may be asked for."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    wait: float = 0.0
    drip: float = 0.0
    chunked: bool = False
    ranges: bool = True
    silent: bool = False

    def header(self, **named: str) -> Reply:
        """With these headers (``Content_Type="text/csv"``)."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in named.items()}})


Fault = Callable[[Reply], Reply]


def cut(after: int) -> Fault:
    """The connection is dropped after that many bytes of the body."""
    return lambda reply: replace(reply, cut=after)


def status(code: int, retry_after: str = "") -> Fault:
    """An error, with a page that is no data. ``retry_after``: seconds or a date."""
    headers = {"Content-Type": "text/html", **({"Retry-After": retry_after} if retry_after else {})}
    return lambda _reply: Reply(code, b"<!doctype html><title>Oups</title>", headers)


def slow(seconds: float) -> Fault:
    """Nothing comes for that long."""
    return lambda reply: replace(reply, wait=seconds)


def trickle(seconds: float) -> Fault:
    """One byte after another, that far apart."""
    return lambda reply: replace(reply, drip=seconds)


def redirect(to: str, code: int = 302) -> Fault:
    """Elsewhere (a path of this server, or an address)."""
    return lambda _reply: Reply(code, b"", {"Location": to})


def typed(content_type: str) -> Fault:
    """The same bytes under another media type."""
    return lambda reply: reply.header(Content_Type=content_type)


def html(reply: Reply) -> Reply:
    """A page where data should be, with status 200: "site under maintenance"."""
    return replace(reply, body=b"<!doctype html><html lang=fr><title>Maintenance</title>").header(
        Content_Type="text/html; charset=utf-8"
    )


def bomb(size: int = 50_000_000) -> Fault:
    """A gzip body that unpacks to ``size`` zeros."""
    return lambda reply: packed(replace(reply, body=b"0" * size))


def packed(reply: Reply) -> Reply:
    """Compressed although nobody asked."""
    body = gzip.compress(reply.body, mtime=0)
    return replace(reply, body=body, ranges=False).header(Content_Encoding="gzip")


def chunked(reply: Reply) -> Reply:
    """Without a length, in chunks; with ``cut``, the last ones never come."""
    return replace(reply, chunked=True)


def deaf(reply: Reply) -> Reply:
    """It takes no notice of Range."""
    return replace(reply, ranges=False)


def silent(reply: Reply) -> Reply:
    """It takes the question and never answers."""
    return replace(reply, silent=True)


def half_rows(reply: Reply) -> Reply:
    """The header and every second row of a CSV."""
    rows = _rows(reply)
    return replace(reply, body=_csv([rows[0], *rows[1::2]]))


def reordered(reply: Reply) -> Reply:
    """The rows of a CSV, last first."""
    rows = _rows(reply)
    return replace(reply, body=_csv([rows[0], *reversed(rows[1:])]))


def renamed(column: str, name: str) -> Fault:
    """A CSV whose column has another name: the schema changed."""

    def change(reply: Reply) -> Reply:
        rows = _rows(reply)
        return replace(reply, body=_csv([[name if cell == column else cell for cell in rows[0]], *rows[1:]]))

    return change


def _rows(reply: Reply) -> list[list[str]]:
    return list(reader(io.StringIO(reply.body.decode("utf-8"), newline="")))


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer(out).writerows(rows)
    return out.getvalue().encode("utf-8")


def paged(items: Sequence[Any], size: int, *, key: str = "items", twice: Sequence[int] = ()) -> Callable[[Seen], Reply]:
    """A JSON interface: ``?page=N`` (from 1) → ``{key: […], "page", "pages", "total"}``.

    :param twice: pages that show the one before them again, as when rows are added meanwhile.
    """
    pages = max(1, -(-len(items) // size))

    def answer(seen: Seen) -> Reply:
        page = int(seen.query("page", "1"))
        shown = page - 1 if page in twice else page
        part = list(items[(shown - 1) * size : shown * size])
        body = json.dumps({key: part, "page": page, "pages": pages, "total": len(items)}).encode()
        return Reply(200, body, {"Content-Type": "application/json"})

    return answer


class StandIn(ThreadingHTTPServer):
    """See the top of the module."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = tls
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.seen: list[Seen] = []
        self.released = threading.Event()
        self._answers: dict[str, Callable[[Seen], Reply]] = {}
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._always: dict[str, tuple[Fault, ...]] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.server_port}"

    def serve(
        self, path: str, body: bytes, *, etag: str = "", modified: str = "", content_type: str = "text/csv", code: int = 200
    ) -> None:  # fmt: skip
        """This body from now on at that path. ``etag`` with its quotes; ``modified`` as a HTTP date (``MODIFIED``)."""
        named = {"ETag": etag, "Last-Modified": modified, "Content-Type": content_type}
        reply = Reply(code, body, {name: value for name, value in named.items() if value})
        self._answers[path] = lambda _seen: reply

    def answers(self, path: str, function: Callable[[Seen], Reply]) -> None:
        """What the function says, from now on at that path."""
        self._answers[path] = function

    def breaks(self, path: str, *faults: Fault, always: bool = False) -> None:
        """The next answers at that path break, one fault each, in this order; ``always``: all the faults at once, until
        it ``heals``."""
        if always:
            self._always[path] = faults
        else:
            self._faults[path] += faults

    def heals(self, path: str) -> None:
        """No more faults at that path."""
        self._always.pop(path, None)
        self._faults.pop(path, None)

    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [one.path for one in self.seen]

    def reply(self, seen: Seen) -> Reply:
        """The answer to a request, faults and all."""
        plain = seen.path.partition("?")[0]
        path = seen.path if seen.path in self._answers or seen.path in self._faults else plain
        with self._lock:
            self.seen.append(seen)
            once = self._faults[path].pop(0) if self._faults.get(path) else None
        found = self._answers.get(path)
        reply = found(seen) if found else Reply(404, b"not-found", {"Content-Type": "image/png"})
        for fault in (*self._always.get(path, ()), *((once,) if once else ())):
            reply = fault(reply)
        return _conditional(reply, seen.headers)

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no news."""


def _conditional(reply: Reply, asked: Mapping[str, str]) -> Reply:
    """304 and 206, as servers of files do."""
    if reply.status != 200:
        return reply
    etag, modified = reply.headers.get("ETag"), reply.headers.get("Last-Modified")
    if "If-None-Match" in asked:
        if etag and etag in asked["If-None-Match"]:
            return Reply(304, b"", {"ETag": etag})
    elif modified and asked.get("If-Modified-Since") == modified:
        return Reply(304, b"", {"Last-Modified": modified})
    wanted = re.fullmatch(r"bytes=(\d+)-", asked.get("Range", ""))
    if not wanted or not reply.ranges or asked.get("If-Range", etag) not in (etag, modified):
        return reply
    begin, size = int(wanted[1]), len(reply.body)
    if begin >= size:
        return Reply(416, b"", {"Content-Range": f"bytes */{size}"})
    part = replace(reply, status=206, body=reply.body[begin:])
    return part.header(Content_Range=f"bytes {begin}-{size - 1}/{size}")


class _Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"
    timeout = 10  # a connection that is kept open and not used

    def do_GET(self) -> None:
        reply = self.server.reply(Seen(self.path, dict(self.headers), time.monotonic()))
        if reply.silent:
            self.server.released.wait(10)
            self.close_connection = True
            return
        if reply.wait:
            self.server.released.wait(reply.wait)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self._send(reply)
        if reply.cut is not None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, reply: Reply) -> None:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        step = 1 if reply.drip else 8192
        for begin in range(0, len(body), step):
            piece = body[begin : begin + step]
            if reply.drip and self.server.released.wait(reply.drip):
                return
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if reply.chunked else piece)
            self.wfile.flush()
        if reply.chunked and reply.cut is None:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        """Quiet."""
