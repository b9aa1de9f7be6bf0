"""Files from an address: time-outs, a size cap, no private network, an honest name. (DESIGN §6.5)

The address is checked after resolution and on each redirect, on the very socket that is used: a name that resolves to
another machine the second time it is asked (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from importers.pipeline.contract import Refused

TIMEOUT = (10, 60)
TOTAL_S = 15 * 60  # looked at after each chunk: a slow server must not hold the lock of imports for days
CHUNK = 1 << 14
NAT64 = ipaddress.ip_network("64:ff9b::/96")
MAX_BYTES = 500 * 1024 * 1024
USER_AGENT = "Reseau/0.1 (annuaire local; import de donnees ouvertes)"


class PrivateAddress(OSError):
    """The host is on a private network."""


def _check(connection: HTTPConnection) -> None:
    for *_, address in socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM):
        _check_ip(str(address[0]))


def _check_ip(address: str) -> None:
    found = ipaddress.ip_address(address.split("%")[0])
    reached = _inside_ipv6(found) or found
    odd = reached.is_multicast or reached.is_reserved
    if odd or not reached.is_global or (isinstance(reached, ipaddress.IPv6Address) and reached.is_site_local):
        raise PrivateAddress(address)


def _inside_ipv6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, compatible, 6to4, or by NAT64 (64:ff9b::/96)."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64 or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _checked(made: socket.socket) -> socket.socket:
    try:
        _check_ip(made.getpeername()[0])
    except BaseException:
        made.close()
        raise
    return made


class _GuardedHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        _check(self)
        return _checked(super()._new_conn())


class _GuardedHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        _check(self)
        return _checked(super()._new_conn())


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


@contextmanager
def local_file(location: str, *, allow_private: bool, max_bytes: int = MAX_BYTES) -> Iterator[Path]:
    """The file at ``location`` (a path, or an http(s) address downloaded to a temporary file).

    :param max_bytes: cap on what is downloaded, in bytes.
    :raises Refused: absent, too large, private address, network failure.
    """
    if urlsplit(location).scheme not in ("http", "https"):
        path = Path(location)
        if not _is_file(path):
            raise Refused("absent", path=location)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="reseau-import-") as folder:
        path = Path(folder) / "download"
        _download(location, path, allow_private, max_bytes)
        yield path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def _download(url: str, path: Path, allow_private: bool, max_bytes: int) -> None:
    with requests.Session() as session, path.open("wb") as out:
        if not allow_private:
            session.mount("http://", _GuardedAdapter())
            session.mount("https://", _GuardedAdapter())
            session.trust_env = False  # a proxy would resolve names for us, unchecked
        session.headers["User-Agent"] = USER_AGENT
        # Not gzip: nothing says that a compressed body was cut, while the length of a plain one does.
        session.headers["Accept-Encoding"] = "identity"
        session.max_redirects = 5
        try:
            with session.get(url, timeout=TIMEOUT, stream=True) as response:
                response.raise_for_status()
                size, deadline = 0, time.monotonic() + TOTAL_S
                for chunk in response.iter_content(CHUNK):
                    size += len(chunk)
                    if size > max_bytes:
                        raise Refused("trop-gros")
                    if time.monotonic() > deadline:
                        raise Refused("telechargement", error=f"plus de {TOTAL_S // 60} minutes")
                    out.write(chunk)
        except (requests.RequestException, OSError) as error:
            if (unread := getattr(error, "response", None)) is not None:
                unread.close()
            if private := _private_cause(error):
                raise Refused("adresse-interdite", host=private) from None
            raise Refused("telechargement", error=error) from error


def _private_cause(error: BaseException | None) -> str | None:
    seen: set[int] = set()
    pending = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, PrivateAddress):
            return str(current)
        reason = getattr(current, "reason", None)
        pending += [current.__cause__, current.__context__, reason if isinstance(reason, BaseException) else None]
        pending += [arg for arg in current.args if isinstance(arg, BaseException)]
    return None
