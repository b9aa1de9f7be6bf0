"""What the web server takes from the network: large bodies only where files are sent, from who has a session cookie.

waitress writes each body to the disk before the application sees it, from anybody, to any address, up to one limit for
all. With a limit of 200 MB, ten strangers would fill the disk. So the limit depends on the request line and on the
headers, which have come by then: large for a POST to an address that takes files, with a cookie that looks like a
session (whether it is one, only the database knows: ``upload_views`` asks it before it reads the body), while the disk
that such bodies take together stays within bounds. What has come counts, not what is announced; few from one network at
once; who sends nothing any more, or hardly anything, is cut: a stranger with some idle sockets keeps nobody out.
Refused: a second server for uploads (another port and certificate to keep), and nginx alone (a site may run without).

No answer holds a thread either: one request of a connection at a time, the others of the same packet are dropped and
the connection closed (waitress would let a thread wait until the first answer is read; no browser sends so).
"""

from __future__ import annotations

import copy
import ipaddress
import logging
import re
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.utilities import RequestEntityTooLarge

from reseau.core.actors import network_prefix
from reseau.web.security import SESSION_COOKIE

#: The addresses that take files. A view with ``takes_files=True`` elsewhere stops the start-up.
TAKES_FILES = re.compile(
    r"/(ressources/nouvelle|fichiers|(modifier|blocs)(/[\w-]+)*"
    r"|echanges/(nouveau|[\w-]+/repondre|messages/[\w-]+/modifier)"
    r"|groupes/[\w-]+/(comptes-rendus/nouveau|pages/nouvelle|documents/[\w-]+/modifier)|gestion/tableurs"
    r"|relais/\w+/presentation)$"
)
#: The address that takes a file of 5 MB from anybody (``importers.checking``). A count of its own: strangers keep
#: nobody who is signed in from sending.
FROM_ANYBODY = re.compile(r"/valider$")
MOST_FROM_ANYBODY = 5_300_000  # bytes
_SESSION = re.compile(rf"(^|[;\s]){SESSION_COOKIE}=\"?[\w-]{{43}}\"?(;|$)")
AT_ONCE = 5  # largest bodies that may wait on the disk together
EACH = 2  # bodies of one network
SILENCE = 30.0  # seconds without a byte
MINUTE = 60.0  # seconds: the first is free, each other must bring a few bytes
LEAST = 600_000  # bytes of such a minute: 10 kB/s


def largest_body(files_max: int) -> int:
    """Bytes that are taken for a file of ``files_max`` MB: a little more, so that it is a page of ours that says which
    file is too large."""
    return files_max * 1_250_000 + 1_000_000


class TooLarge(RequestEntityTooLarge):  # type: ignore[misc]
    """A body is not taken. Nothing of the application has run: the page says it in all the languages of the house."""

    title = "Réseau"
    lines = (
        ("fr", "Ce que vous envoyez est trop lourd pour le site, ou votre session est finie. Rien n’a été enregistré."
               " Revenez en arrière, choisissez un fichier plus léger ou connectez-vous de nouveau."),
        ("en", "What you are sending is too large for this site, or you are signed out. Nothing was saved. Go back, and"
               " choose a smaller file or sign in again."),
        ("ar", "ما ترسلونه أكبر مما يقبله الموقع، أو انتهت جلستكم. لم يُحفظ شيء."
               " ارجعوا ثم اختاروا ملفا أصغر أو سجلوا الدخول من جديد."),
    )  # fmt: skip

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        said = "".join(f'<p lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">{line}</p>'
                       for lang, line in self.lines)  # fmt: skip
        page = ('<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device'
                f'-width, initial-scale=1"><title>{self.title}</title></head><body>{said}</body></html>')  # fmt: skip
        headers = [("Content-Type", "text/html; charset=utf-8"), ("X-Content-Type-Options", "nosniff"),
                   ("Content-Security-Policy", "default-src 'none'"), ("Cache-Control", "no-store")]  # fmt: skip
        return f"{self.code} {self.reason}", headers, page.encode()


class TooLargeHere(TooLarge):
    """The same, where anybody may send 5 MB."""

    lines = (
        ("fr", "Le fichier est trop lourd : 5 Mo au plus. Rien n’a été gardé."
               " Revenez en arrière, puis choisissez un fichier plus léger, ou coupez-le en plusieurs morceaux."),
        ("en", "The file is too large: 5 MB at most. Nothing was kept. Go back, then choose a smaller file, or cut it"
               " into several pieces."),
        ("ar", "الملف كبير جدا: 5 ميغابايت على الأكثر. لم يُحفظ شيء."
               " ارجعوا ثم اختاروا ملفا أصغر أو قسموه إلى أجزاء."),
    )  # fmt: skip


class Busy(TooLarge):
    """Too many large bodies at once."""

    code = 503
    reason = "Service Unavailable"
    lines = (
        ("fr", "Trop d’envois en même temps. Rien n’a été enregistré : réessayez dans un instant."),
        ("en", "Too many people are sending files right now. Nothing was saved: try again in a moment."),
        ("ar", "يرسل كثيرون ملفات في هذه اللحظة. لم يُحفظ شيء: أعيدوا المحاولة بعد لحظات."),
    )

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        status, headers, page = super().to_response(ident)
        return status, [*headers, ("Retry-After", "30")], page


class Admission:
    """Which bodies may be large. :param most: bytes of one. :param together: bytes of all that are there at once.

    A body has ``content_length``, ``body_bytes_received`` and ``network`` ("": unknown, each counts for itself).
    """

    def __init__(self, most: int, together: int | None = None) -> None:
        self.most, self.together = most, together or AT_ONCE * most
        self._lock = threading.Lock()
        self._inside: weakref.WeakSet[Any] = weakref.WeakSet()

    def enter(self, parser: Any) -> bool:
        """Whether there is room for the body of this request, which counts from now on."""
        with self._lock:
            mine = sum(bool(parser.network) and one.network == parser.network for one in self._inside)
            if mine >= EACH or self._taken() + parser.content_length > self.together:
                return False
            self._inside.add(parser)
            return True

    def goes_on(self, parser: Any) -> bool:
        """Whether there is still room: others came at the same time."""
        with self._lock:
            return parser not in self._inside or self._taken() <= self.together

    def _taken(self) -> int:
        return sum(one.body_bytes_received for one in self._inside)

    def leave(self, parser: Any) -> None:
        """Its body is gone."""
        with self._lock:
            self._inside.discard(parser)


def takes_files(method: str, path: str, cookie: str) -> bool:
    """Whether a large body may come with this request."""
    return method == "POST" and bool(TAKES_FILES.search(path)) and bool(_SESSION.search(cookie))


class Pace:
    """How fast a body comes. Times in seconds of any clock."""

    def __init__(self, now: float) -> None:
        self._last = self._since = now
        self._first, self._bytes = True, 0

    def came(self, count: int, now: float) -> None:
        """Some bytes more."""
        self._last = now
        self._bytes += count

    def too_slow(self, now: float) -> bool:
        """Whether nothing comes any more, or next to nothing."""
        if now - self._last > SILENCE:
            return True
        if now - self._since < MINUTE:
            return False
        few = not self._first and self._bytes < LEAST
        self._first, self._since, self._bytes = False, now, 0
        return few


def network_of(address: str, forwarded: str, trusted: str | None) -> str:
    """The network of who sends, "" for this machine: a proxy of which the site knows nothing would be everybody.

    :param forwarded: ``X-Forwarded-For``, believed from the proxy that the site has.
    """
    if trusted and trusted in ("*", address):
        address = forwarded.rpartition(",")[2].strip()
    found = network_prefix(address)
    return "" if found and ipaddress.ip_network(found).is_loopback else found


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Raises the limit of ``max_request_body_size`` for one request. A body of unknown length stays small."""

    busy = False
    network = ""
    pace: Pace | None = None
    adj: Any
    error: Any
    headers: dict[str, str]
    body_bytes_received: int

    def __init__(
        self, adj: Any, admission: Admission | None = None, address: str = "", strangers: Admission | None = None
    ) -> None:
        super().__init__(adj)
        self.admission, self._address = admission or Admission(0), address
        self._strangers = strangers

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        usual = self.adj.max_request_body_size
        if self._strangers and self.command == "POST" and FROM_ANYBODY.search(self.path):
            self.admission = self._strangers
        large = not self.chunked and usual <= self.content_length < self.admission.most
        if large and (
            self.admission is self._strangers or takes_files(self.command, self.path, self.headers.get("COOKIE", ""))
        ):
            forwarded = self.headers.get("X_FORWARDED_FOR", "")
            self.network = network_of(self._address, forwarded, self.adj.trusted_proxy)
            self.busy = not self.admission.enter(self)
            self.pace = Pace(time.monotonic())
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = usual if self.busy else self.admission.most

    def received(self, data: bytes) -> int:
        taken: int = super().received(data)
        if self.pace:
            self.pace.came(taken, time.monotonic())
            if not self.admission.goes_on(self):
                self.busy, self.completed, self.error = True, True, RequestEntityTooLarge("")
                self.free()
        if isinstance(self.error, RequestEntityTooLarge):
            usual = TooLargeHere if self._strangers and self.admission is self._strangers else TooLarge
            self.error = (Busy if self.busy else usual)("")
        return taken

    def free(self) -> None:
        """Give back the disk of the body."""
        self.admission.leave(self)
        super().close()

    close = free


class Channel(HTTPChannel):  # type: ignore[misc]
    """Gives the disk back at once when somebody leaves in the middle of a body, or hardly sends any more."""

    admission: Admission
    strangers: Admission

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:
        super().__init__(server, sock, addr, adj, map=map)
        address = str(addr[0]) if isinstance(addr, tuple) else ""
        self.parser_class = partial(Parser, admission=self.admission, address=address, strangers=self.strangers)

    def readable(self) -> bool:
        pace = getattr(self.request, "pace", None)
        if pace and pace.too_slow(time.monotonic()):
            self.will_close = True
        return bool(super().readable())

    def service(self) -> None:
        with self.requests_lock:  # the whole packet has been looked at by then
            if later := self.requests[1:]:
                del self.requests[1:]
                self.requests[0].headers["CONNECTION"] = "close"
        for one in later:
            one.close()
        super().service()

    def handle_close(self) -> None:
        super().handle_close()
        if self.request is not None:
            self.request.close()


def channel_class(admission: Admission) -> type[HTTPChannel]:
    """The connections of a server with these limits."""
    return type("Channel", (Channel,), {"admission": admission, "strangers": Admission(MOST_FROM_ANYBODY)})


def make_server(app: Callable[..., Any], admission: Admission, waiting: Path, **options: Any) -> Any:
    """A waitress server with these limits.

    :param waiting: folder where bodies wait, on the disk of the data: the usual one is often in memory, or small.
    """
    waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
    tempfile.tempdir = str(waiting)
    sockets: dict[int, Any] = {}
    server = create_server(app, map=sockets, **options)
    for one in sockets.values():
        if hasattr(one, "channel_class"):
            one.channel_class = channel_class(admission)
    return server


def serve(app: Callable[..., Any], files_max: int, waiting: Path, **options: Any) -> None:
    """As ``waitress.serve``, with these limits."""
    logging.basicConfig()
    server = make_server(app, Admission(largest_body(files_max)), waiting, **options)
    server.print_listen("Serving on http://{}:{}")
    server.run()
