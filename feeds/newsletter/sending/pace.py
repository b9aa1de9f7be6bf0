"""How fast: letters a minute in all and to each domain, and who is left in peace for a while.

Kept in memory, by the one worker. A bucket is never fuller than the twelfth part of a minute, at the start too: whoever
restarts the worker again and again sends no more than that each time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SHARE = 12
"""A bucket holds what leaves in one twelfth of a minute."""
FIRST_S, LONGEST_S = 60.0, 3600.0
SERVER_FIRST_S, SERVER_LONGEST_S = 5.0, 300.0
LOST_IN_A_ROW = 5


class _Bucket:
    """Tokens that come back with time."""

    __slots__ = ("_at", "_per_s", "_size", "_tokens")

    def __init__(self, per_minute: int, now: float) -> None:
        self._per_s, self._size, self._at = per_minute / 60, max(1.0, per_minute / SHARE), now
        self._tokens = self._size

    def tokens(self, now: float) -> float:
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._per_s)
        self._at = now
        return self._tokens

    def take(self, now: float) -> bool:
        if self.tokens(now) < 1:
            return False
        self._tokens -= 1
        return True


class _Rest:
    """Rests that grow as long as nothing goes well."""

    __slots__ = ("_first", "_longest", "_next", "until")

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest, self._next, self.until = first, longest, first, 0.0

    def more(self, now: float) -> None:
        if self.until <= now:  # several connections hear of one refusal: one rest
            self.until = now + self._next
            self._next = min(self._next * 2, self._longest)

    def over(self) -> None:
        self._next, self.until = self._first, 0.0


class Pace:
    """The pace of one worker; its threads share it.

    :param clock: seconds that never go back. :param domain_rest_s: first rest of a domain that says "slower".
    :param server_rest_s: first rest when the server does not answer.
    """

    def __init__(
        self,
        rate: int,
        domain_rate: int,
        clock: Callable[[], float] = time.monotonic,
        domain_rest_s: float = FIRST_S,
        server_rest_s: float = SERVER_FIRST_S,
    ) -> None:
        self._clock, self._domain_rate, self._domain_rest_s = clock, domain_rate, domain_rest_s
        self._all = _Bucket(rate, clock())
        self._domains: dict[str, _Bucket] = {}
        self._rests: dict[str, _Rest] = {}
        self._server = _Rest(server_rest_s, SERVER_LONGEST_S)
        self._lost = 0
        self._lock = threading.Lock()

    def room(self) -> int:
        """How many may leave now, in all; 0 while the server rests."""
        with self._lock:
            now = self._clock()
            return 0 if self._server.until > now else int(self._all.tokens(now))

    def shut(self) -> set[str]:
        """Domains to which nothing may go now."""
        with self._lock:
            now = self._clock()
            for domain in [name for name, one in self._rests.items() if one.until < now - LONGEST_S]:
                del self._rests[domain]
            full = {name for name, one in self._domains.items() if one.tokens(now) < 1}
            return full | {name for name, one in self._rests.items() if one.until > now}

    def take(self, domain: str) -> bool:
        """Whether one more may go to a domain; it is counted."""
        with self._lock:
            now = self._clock()
            rest = self._rests.get(domain)
            if (rest and rest.until > now) or self._all.tokens(now) < 1:
                return False
            if domain not in self._domains:
                self._forget(now)
                self._domains[domain] = _Bucket(self._domain_rate, now)
            return self._domains[domain].take(now) and self._all.take(now)

    def slower(self, domain: str) -> None:
        """A domain said "not so fast" (421, 4.7.x)."""
        with self._lock:
            self._rests.setdefault(domain, _Rest(self._domain_rest_s, LONGEST_S)).more(self._clock())

    def answered(self, domain: str) -> None:
        """A letter to a domain was accepted."""
        with self._lock:
            self._lost = 0
            self._server.over()
            if (rest := self._rests.get(domain)) and rest.until <= self._clock():
                del self._rests[domain]

    def lost(self) -> None:
        """The connection fell before the dot; several in a row, and the server is left in peace."""
        with self._lock:
            self._lost += 1
            if self._lost >= LOST_IN_A_ROW:
                self._server.more(self._clock())

    def unreachable(self) -> None:
        """The server does not answer."""
        with self._lock:
            self._server.more(self._clock())

    def resting(self) -> bool:
        """Whether the server is left in peace."""
        with self._lock:
            return self._server.until > self._clock()

    def _forget(self, now: float) -> None:
        """Buckets that are full again say nothing: 50,000 domains need not stay in memory."""
        if len(self._domains) >= 1000:
            full = max(1.0, self._domain_rate / SHARE)
            self._domains = {name: one for name, one in self._domains.items() if one.tokens(now) < full}
