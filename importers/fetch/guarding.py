"""No private network: addresses are checked after resolution and on each redirect, on the very socket that is used.

A name that resolves to another machine the second time it is asked (DNS rebinding) gains nothing. (DESIGN §6.5)
"""

from __future__ import annotations

import ipaddress
import socket
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Kept for protocols and for documentation (RFC 6890, 7526, 9637): nobody's, whatever a version of Python says of them.
NOBODY_S = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
#: Names that mean this machine or this network (RFC 6761, 6762, 8375, ICANN 2024).
OWN_NAMES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet")


class PrivateAddress(OSError):
    """The host is on a private network."""


def _check(connection: HTTPConnection) -> None:
    for *_, address in socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM):
        check_ip(str(address[0]))


def check_ip(address: str) -> None:
    """:raises PrivateAddress: unless ``address`` is one of the public internet."""
    found = ipaddress.ip_address(address.split("%")[0])
    reached = _inside_ipv6(found) or found
    odd = reached.is_multicast or reached.is_reserved or any(reached in network for network in NOBODY_S)
    if odd or not reached.is_global or (isinstance(reached, ipaddress.IPv6Address) and reached.is_site_local):
        raise PrivateAddress(address)


def private_host(host: str) -> bool:
    """Whether a host is seen to be on a private network without asking for its name: forms say so at once."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        check_ip(name)
    except PrivateAddress:
        return True
    except ValueError:
        return name.rpartition(".")[2] in OWN_NAMES or name.endswith(".home.arpa")
    return False


def _inside_ipv6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, compatible, 6to4, or by NAT64 (64:ff9b::/96)."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64 or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _checked(made: socket.socket) -> socket.socket:
    try:
        check_ip(made.getpeername()[0])
    except BaseException:
        made.close()
        raise
    return made


class Adapter(HTTPAdapter):
    """Makes the connections of one ``Asker``.

    :param guarded: to public addresses only.
    """

    def __init__(self, guarded: bool) -> None:
        self.guarded = guarded
        self.opened: weakref.WeakSet[HTTPConnection] = weakref.WeakSet()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Called by ``requests`` when it is made."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self.guarded, self.opened)

    def cut(self) -> None:
        """End every connection from another thread: a time-out of ``requests`` starts again with each byte received,
        so that a server that sends one a minute would hold us for weeks."""
        for connection in list(self.opened):
            if connection.sock is not None:
                with suppress(OSError):  # closed just now; or a TLS handshake, which ends by its own time-out
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _pools(guarded: bool, opened: weakref.WeakSet[HTTPConnection]) -> dict[str, type[HTTPConnectionPool]]:
    class HTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            opened.add(self)
            if not guarded:
                return super()._new_conn()
            _check(self)
            return _checked(super()._new_conn())

    class HTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            opened.add(self)
            if not guarded:
                return super()._new_conn()
            _check(self)
            return _checked(super()._new_conn())

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = HTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = HTTPS

    return {"http": HTTPPool, "https": HTTPSPool}


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """``error`` and what is behind it: causes, and what libraries wrap. Not its contexts: whoever asks again while
    handling an older failure would be told of that one."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        current = pending.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        reason = getattr(current, "reason", None)
        pending += [current.__cause__, reason if isinstance(reason, BaseException) else None]
        pending += [arg for arg in current.args if isinstance(arg, BaseException)]
