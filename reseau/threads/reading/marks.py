"""How far each person has read each thread. A GET changes nothing, so marks wait in memory and are written by a thread.

A process that is killed forgets the marks of a few seconds: some posts look new once more. What waits here is known to
the pages of this process at once.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.clock import utcnow
from reseau.core.db import insert
from reseau.members.models import Person
from reseau.notices import services as notices
from reseau.threads.base.models import KIND, Thread, ThreadRead

log = logging.getLogger(__name__)

Key = tuple[UUID, UUID]
EVERY = 3.0  # seconds
MOST = 10_000
"""Marks that may wait: a database that cannot be written fills no memory."""


class Marks:
    """Marks of this process.

    :param sessions: makes writing sessions. :param background: a thread writes, from the first mark on; without it,
        whoever made this calls :meth:`flush`.
    """

    def __init__(self, sessions: Callable[[], AbstractContextManager[Session]], background: bool = True) -> None:
        self.background = background
        self._sessions = sessions
        self._begin()
        _ALIVE.add(self)

    def _begin(self) -> None:
        """As in a process that has marked nothing: what waited when it was forked is its parent's to write."""
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._waiting: dict[Key, datetime] = {}
        self._thread: threading.Thread | None = None
        self._full = False

    def add(self, person_id: UUID, thread_id: UUID, at: datetime) -> None:
        """A person has read a thread up to the post of this moment."""
        with self._lock:
            self._keep((person_id, thread_id), at)
            if self.background and self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="thread-marks", daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def waiting(self, person_id: UUID, thread_id: UUID) -> datetime | None:
        """What waits to be written for a person and a thread."""
        with self._lock:
            return self._waiting.get((person_id, thread_id))

    def of(self, person_id: UUID) -> dict[UUID, datetime]:
        """Thread → what waits to be written for a person: for lists."""
        with self._lock:
            return {thread: at for (person, thread), at in self._waiting.items() if person == person_id}

    def _keep(self, key: Key, at: datetime) -> None:
        known = self._waiting.get(key)
        if known is not None or len(self._waiting) < MOST:
            self._waiting[key] = max(known, at) if known else at
        elif not self._full:
            self._full = True
            log.warning("%s marks of readers wait to be written: new ones are dropped", MOST)

    def flush(self) -> int:
        """Write what waits, in one transaction. :return: how many rows. What cannot be written now waits on."""
        with self._lock:
            taken = dict(self._waiting)
        if not taken:
            return 0
        try:
            with self._sessions() as session:
                for key, at in sorted(taken.items(), key=str):
                    _raise_to(session, key, at)
                    notices.see(session, key[0], (KIND, key[1]), at, utcnow())
                session.commit()
        except Exception:  # whatever it is, the thread goes on: it is tried again in a moment
            log.warning("marks of readers could not be written now", exc_info=True)
            return 0
        with self._lock:  # only now: until the commit, pages read them here
            for key, at in taken.items():
                if self._waiting.get(key) == at:
                    del self._waiting[key]
            self._full = False
        return len(taken)

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            self.flush()

    def stop(self) -> None:
        """Stop, and write what waits."""
        self._stopped.set()
        self.flush()


_ALIVE: weakref.WeakSet[Marks] = weakref.WeakSet()


def _after_fork() -> None:
    for marks in list(_ALIVE):
        marks._begin()


os.register_at_fork(after_in_child=_after_fork)


def _raise_to(session: Session, key: Key, at: datetime) -> None:
    """Keep the greater of two moments; a person or a thread that is gone meanwhile is passed over."""
    person, thread = key
    there = sa.select(
        sa.literal(person, sa.Uuid()), sa.literal(thread, sa.Uuid()), sa.bindparam("at", at, Thread.last_at.type)
    )
    there = there.where(
        sa.exists().where(Person.id == person).correlate(None), sa.exists().where(Thread.id == thread).correlate(None)
    )
    made = insert(session, ThreadRead).from_select(["person_id", "thread_id", "read_to"], there)
    session.execute(
        made.on_conflict_do_update(
            index_elements=["person_id", "thread_id"], set_={"read_to": at}, where=ThreadRead.read_to < at
        )
    )
