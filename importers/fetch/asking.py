"""One polite session with the servers of a source: guarded, bounded, patient, slow on purpose. (DESIGN §6.5)"""

from __future__ import annotations

import http.cookiejar
import random as randomness
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from importers.fetch import bodies, waiting, wording
from importers.fetch.downloading import Download
from importers.fetch.guarding import Adapter, PrivateAddress, causes
from importers.fetch.waiting import Again
from importers.pipeline.contract import Fetched, Refused, Where
from reseau.core.clock import utcnow

#: Seconds to connect, and between two bytes.
TIMEOUT = (10.0, 60.0)
#: Seconds for all of one question, attempts and waiting included.
TOTAL_S = 15 * 60.0
#: Seconds for all the questions of one asker: of one run, however many files or pages it has.
RUN_S = 2 * 3600.0
#: Code of the refusal when the process ends.
STOPPED = "arret"
#: Longest rest without looking whether the process ends, in seconds.
STEP_S = 1.0
MAX_BYTES = 500 * 1024 * 1024
MAX_REDIRECTS = 5
USER_AGENT = "Reseau/0.1 (annuaire local; import de donnees ouvertes)"
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (429, 500, 502, 503, 504)
#: Answers that say something of the thing asked for, and not of the server.
ANSWERS = (200, 203, 204, 206, 304, 404, 410, 416)
#: What a redirect to another host must not take along.
SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization", "x-api-key")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says. ``status``: 200, 203, 204, 304, 404 or 410. ``content_type``: the media type, in small
    letters, without parameters ("" when not said). ``url``: where the answer was found after redirects."""

    status: int
    content: bytes
    content_type: str
    url: str
    headers: Mapping[str, str]

    @property
    def etag(self) -> str | None:
        """For ``If-None-Match`` of a later request."""
        return bodies.sound(self.headers.get("ETag")) or None

    @property
    def last_modified(self) -> str | None:
        """For ``If-Modified-Since`` of a later request."""
        return bodies.sound(self.headers.get("Last-Modified")) or None


class Asker:
    """Asks servers for things, politely. One at a time: not for several threads. To be closed (``with``).

    :param allow_private: whether private networks may be asked (setting ``allow_private_addresses``).
    :param pace: least seconds between two requests to one host, redirects and new attempts included.
    :param clock: the date, for Retry-After. :param monotonic: and ``sleep``: seconds, for the pace and the deadline.
    :param random: in [0, 1). :param timeout: seconds to connect, and between two bytes. :param total_s: seconds for one
        question, attempts and waiting included. :param run_s: seconds for all questions together, from now on.
    :param max_bytes: cap on a download that is not told another. :param stopping: whether the process ends.
    """

    def __init__(
        self,
        allow_private: bool,
        pace: float = 0.0,
        *,
        clock: Callable[[], datetime] = utcnow,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = randomness.random,
        timeout: tuple[float, float] = TIMEOUT,
        total_s: float = TOTAL_S,
        run_s: float = RUN_S,
        stopping: Callable[[], bool] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.pace, self.timeout, self.total_s, self.max_bytes = pace, timeout, total_s, max_bytes
        self.clock, self.sleep, self.monotonic, self.random = clock, sleep, monotonic, random
        self._asked: dict[str, float] = {}
        self._late = threading.Event()
        self._deadline, self._end, self._run_s = 0.0, monotonic() + run_s, run_s
        self._stopping = stopping
        self._adapter = Adapter(guarded=not allow_private)
        self._session = _Session()
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)
        # A proxy would resolve names for us, unchecked; on an intranet it may be the only way out.
        self._session.trust_env = allow_private
        self._session.auth = _nothing  # nor a password of ~/.netrc
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A closed asker opens new ones when it is asked again."""
        self._session.close()

    def get(
        self, url: str, *, max_bytes: int, headers: Mapping[str, str] | None = None, accept: Sequence[str] = ()
    ) -> Answer:
        """Ask for ``url`` (http or https); the whole answer in memory.

        :param max_bytes: cap on the unpacked body. :param headers: more headers; ``Authorization`` stays with the host
            it was meant for. :param accept: media types that will do (``"application/json"``, ``"text/*"``); others are
            refused, but for those that say nothing (``text/plain``, ``application/octet-stream``); empty: all will do.
        :raises Refused: ``telechargement``, ``adresse-interdite``, ``trop-gros``, ``trop-tard`` (with ``until``),
            ``html``, ``type-inattendu``, ``redirections``, ``redirection-interdite``, ``arret``.
        """
        asked = {"Accept": ", ".join(accept)} if accept else {}

        def once() -> Answer:
            with self.opened(url, {**asked, **(headers or {})}) as response:
                bodies.check_type(response, accept)
                content = b"".join(bodies.pieces(response, max_bytes, self.check))
                said = CaseInsensitiveDict(response.headers)
                return Answer(response.status_code, content, bodies.media_type(response), response.url, said)

        return self.persisting(once)

    def download(
        self,
        where: Where,
        folder: Path,
        max_bytes: int | None = None,
        *,
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The file at ``where.location``, in ``folder``; asked for only if it is newer than ``where.etag`` and
        ``where.last_modified`` say. What a cut or a dead process left there half done is gone on with (Range), if the
        server can prove that it is still the same file.

        :param max_bytes: cap on the unpacked file; None: that of the asker. :param accept: as for ``get``; empty: all
            will do but HTML. :raises Refused: as ``get``, ``disque``.
        """
        return Download(self, where, folder, max_bytes or self.max_bytes, accept, headers or {}).run()

    def persisting(self, once: Callable[[], T], gained: Callable[[], int] = lambda: 0) -> T:
        """Do ``once`` until it does not say ``Again``: ``TRIES`` times, not counting those after which ``gained`` (how
        much is there) had grown; never after the deadline."""
        self._deadline = min(self.monotonic() + self.total_s, self._end)
        self._late.clear()
        failed, most = 0, 0
        with self._watched():
            while True:
                try:
                    return once()
                except Again as error:
                    self.check()
                    grown, most = gained() > most, max(most, gained())
                    failed = 1 if grown else failed + 1
                    self._wait(error, failed)

    def _wait(self, error: Again, failed: int) -> None:
        if error.after is not None and error.after > waiting.LONGEST_S:
            raise Refused("trop-tard", **waiting.until(self.clock(), error.after)) from error
        if failed >= waiting.TRIES:
            raise Refused("telechargement", error=error.text) from error
        pause = waiting.pause(failed - 1, error.after, self.random)
        if self.monotonic() + pause > self._deadline:
            raise Refused("telechargement", error=error.text) from error
        self._rest(pause)

    def _rest(self, seconds: float) -> None:
        """Wait, in steps if the process may end meanwhile."""
        while self._stopping is not None and seconds > STEP_S:
            self.check()
            self.sleep(STEP_S)
            seconds -= STEP_S
        self.sleep(seconds)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Cut the connections at the deadline, whatever they are waiting for."""

        def cut() -> None:
            self._late.set()
            self._adapter.cut()

        timer = threading.Timer(max(0.0, min(self.total_s, self._end - self.monotonic())), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def check(self) -> None:
        """:raises Refused: when the deadline is over, or the process ends."""
        if self._stopping is not None and self._stopping():
            raise Refused(STOPPED)
        if self.monotonic() > self._end:
            raise Refused("telechargement", error=f"plus de {self._run_s / 3600:.0f} heures en tout")
        if self._late.is_set() or self.monotonic() > self._deadline:
            raise Refused("telechargement", error=f"plus de {self.total_s / 60:.0f} minutes")

    @contextmanager
    def opened(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """One attempt: the answer after redirects, its body still to be read (within the ``with``, whose errors are
        made ``Refused`` or ``Again`` too).

        :raises Again: what may pass. :raises Refused: what will not.
        """
        response = None
        try:
            response = self._followed(url, headers)
            if response.status_code in PASSING:
                after = waiting.retry_after(response.headers.get("Retry-After"), self.clock())
                raise Again(f"le serveur répond {response.status_code}", after)
            if response.status_code not in ANSWERS:
                raise Refused(
                    "telechargement", error=f"le serveur répond {response.status_code}", status=response.status_code
                )
            yield response
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _translated(error) from None  # its words hold the whole address, tokens and all
        finally:
            if response is not None:
                response.close()

    def _followed(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """The first answer that is no redirect. Followed by hand: each step is paced, and looked at."""
        seen = {url}
        while True:
            response = self._one(url, headers)
            target = response.headers.get("Location")
            if response.status_code not in REDIRECTS or not target:
                return response
            response.close()
            after = _next(url, target)
            if after in seen or len(seen) > MAX_REDIRECTS:
                raise Refused("redirections")
            seen.add(after)
            if urlsplit(after)[:2] != urlsplit(url)[:2]:
                headers = {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}
            url = after

    def _one(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        try:
            self._take_turn(urlsplit(url).hostname or "")
        except ValueError:  # brackets that do not match
            raise Refused("telechargement", error="l’adresse n’est pas valable") from None
        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
        return self._session.get(url, headers=sent, timeout=self.timeout, stream=True, allow_redirects=False)

    def _take_turn(self, host: str) -> None:
        last = self._asked.get(host)
        if last is not None and (left := last + self.pace - self.monotonic()) > 0:
            self._rest(left)
        self.check()
        self._asked[host] = self.monotonic()


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None is followed by ``requests``, which would first read the whole body of a redirect into memory, without a
        cap, even when told not to follow."""


def _nothing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _next(before: str, target: str) -> str:
    """Where a redirect leads: never to a file, never from an encrypted address to one that is not."""
    try:
        after = urljoin(before, target)
        schemes = (urlsplit(before).scheme.lower(), urlsplit(after).scheme.lower())
    except ValueError:
        raise Refused("redirection-interdite", address="…") from None
    if schemes[1] not in ("http", "https") or schemes == ("https", "http"):
        raise Refused("redirection-interdite", address=wording.shown(after)[:200])
    return after


def _translated(error: Exception) -> Exception:
    private = next((cause for cause in causes(error) if isinstance(cause, PrivateAddress)), None)
    if private is not None:
        return Refused("adresse-interdite", host=str(private))
    # A bad address (ValueError, as requests has it) or a bad certificate is the same a second later.
    if isinstance(error, (ValueError, requests.exceptions.SSLError)):
        return Refused("telechargement", error=wording.said(error))
    return Again(wording.said(error))
