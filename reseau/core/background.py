"""What pages have to write although a GET changes nothing: it waits in memory, and a thread writes it.

A process that is killed loses what waited for some seconds: nothing goes here that anybody counts on.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

Key = TypeVar("Key")
Value = TypeVar("Value")


class Writer(ABC, Generic[Key, Value]):
    """What waits in this process, by key.

    :param sessions: makes writing sessions. :param background: a thread writes, from the first value on; without it,
        whoever made this calls :meth:`flush`.
    :cvar name: what waits, for logs. :cvar every: seconds between two writes. :cvar most: keys that may wait: a
        database that cannot be written, or a machine that asks for everything, fills no memory.
    """

    name: ClassVar[str]
    every: ClassVar[float] = 5.0
    most: ClassVar[int] = 10_000

    def __init__(self, sessions: Callable[[], AbstractContextManager[Session]], background: bool = True) -> None:
        self.background = background
        self._sessions = sessions
        self._begin()
        _ALIVE.add(self)

    def _begin(self) -> None:
        """As in a process where nothing has waited: what did when it was forked is its parent's to write."""
        self._lock, self._flushing = threading.Lock(), threading.Lock()
        self._stopped = threading.Event()
        self._waiting: dict[Key, Value] = {}
        self._thread: threading.Thread | None = None
        self._full = False

    # --- what a subclass says

    @abstractmethod
    def _both(self, before: Value, more: Value) -> Value:
        """Two values of one key as one."""

    @abstractmethod
    def _rest(self, now: Value, written: Value) -> Value | None:
        """What of a value still waits when a former one was written; None: nothing."""

    @abstractmethod
    def _write(self, session: Session, key: Key, value: Value) -> None:
        """Write one."""

    # --- what waits

    def put(self, key: Key, value: Value) -> None:
        """One more value; the thread is there from the first one on."""
        with self._lock:
            if key in self._waiting:
                self._waiting[key] = self._both(self._waiting[key], value)
            elif len(self._waiting) < self.most:
                self._waiting[key] = value
            elif not self._full:
                self._full = True
                log.warning("%s %s wait to be written: new ones are dropped", self.most, self.name)
            if self.background and self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def flush(self) -> int:
        """Write what waits, in one transaction. :return: how many rows. What cannot be written now waits on."""
        with self._flushing:  # the thread and whoever stops it write nothing twice
            with self._lock:
                taken = dict(self._waiting)
            if not taken:
                return 0
            try:
                with self._sessions() as session:
                    for key, value in sorted(taken.items(), key=str):  # two processes lock rows in one order
                        self._write(session, key, value)
                    session.commit()
            except Exception:  # whatever it is, the thread goes on: it is tried again in a moment
                log.warning("%s could not be written now", self.name, exc_info=True)
                return 0
            with self._lock:  # only now: until the commit, pages read them here
                for key, value in taken.items():
                    rest = self._rest(self._waiting.pop(key), value)
                    if rest is not None:
                        self._waiting[key] = rest
                self._full = False
            return len(taken)

    def _run(self) -> None:
        while not self._stopped.wait(self.every):
            self.flush()

    def stop(self) -> None:
        """Stop, and write what waits. Once is enough: at the end of the process it is not asked again."""
        self._stopped.set()
        atexit.unregister(self.stop)
        self.flush()


_ALIVE: weakref.WeakSet[Writer[Any, Any]] = weakref.WeakSet()


def _after_fork() -> None:
    for writer in list(_ALIVE):
        writer._begin()


os.register_at_fork(after_in_child=_after_fork)
