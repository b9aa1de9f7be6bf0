"""What waits in memory and is written by a thread."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reseau.core.background import Writer


class Sums(Writer[str, int]):
    """Numbers that are added up. ``on_write``: done while one is written."""

    name = "sums"
    every = 0.01

    def __init__(self, *, background: bool = False, on_write: Callable[[], None] = lambda: None) -> None:
        self.written: dict[str, int] = {}
        self.on_write = on_write
        super().__init__(self._session, background)

    @contextmanager
    def _session(self) -> Iterator[Any]:
        class Session:
            def commit(self) -> None:
                """Nothing to do."""

        yield Session()

    def _both(self, before: int, more: int) -> int:
        return before + more

    def _rest(self, now: int, written: int) -> int | None:
        return now - written or None

    def _write(self, session: Any, key: str, value: int) -> None:
        self.on_write()
        self.written[key] = self.written.get(key, 0) + value


def test_what_comes_while_it_is_written_waits_on() -> None:
    sums = Sums()
    sums.on_write = lambda: None if sums.written else sums.put("a", 5)
    sums.put("a", 1)
    assert (sums.flush(), sums.written) == (1, {"a": 1})
    assert (sums.flush(), sums.written) == (1, {"a": 6})
    assert sums.flush() == 0


def test_two_that_write_at_once_write_nothing_twice() -> None:
    inside, go = threading.Event(), threading.Event()

    def slowly() -> None:
        inside.set()
        assert go.wait(5)

    sums = Sums(on_write=slowly)
    sums.put("a", 1)
    threads = [threading.Thread(target=sums.flush) for _ in range(2)]
    for one in threads:
        one.start()
    assert inside.wait(5)
    go.set()
    for one in threads:
        one.join(5)
    assert sums.written == {"a": 1}


def test_it_stops_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(atexit, "register", asked.append)
    monkeypatch.setattr(atexit, "unregister", asked.remove)
    sums = Sums(background=True)
    sums.put("a", 1)
    assert asked == [sums.stop]
    sums.stop()
    assert (asked, sums.written) == ([], {"a": 1})
    assert sums._thread is not None
    sums._thread.join(5)
    assert not sums._thread.is_alive()
    sums.put("a", 1)
    assert asked == [], "nothing begins again at the end of a process"
    assert sums.flush() == 1
