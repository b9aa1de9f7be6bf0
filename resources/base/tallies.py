"""How often things are read and taken. A GET changes nothing, so counts wait in memory and are written by a thread.

A process that is killed loses the counts of a few seconds: they are statistics, and no reader waits for them.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from resources.base.models import Tally

log = logging.getLogger(__name__)

Key = tuple[str, str, UUID, int, str, str]
EVERY = 5.0  # seconds
MOST = 10_000
"""Keys that may wait: a database that cannot be written, or a machine that asks for everything, fills no memory."""
_NAMES = ("day", "what", "object_id", "version", "lang", "structure")


class Tallies:
    """Counts of this process.

    :param sessions: makes writing sessions. :param background: a thread writes, from the first count on; without it,
        whoever made this calls :meth:`flush`.
    """

    def __init__(self, sessions: Callable[[], AbstractContextManager[Session]], background: bool = True) -> None:
        self.background = background
        self._sessions = sessions
        self._begin()
        _ALIVE.add(self)

    def _begin(self) -> None:
        """As in a process that has counted nothing: what waited when it was forked is its parent's to write."""
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._waiting: Counter[Key] = Counter()
        self._thread: threading.Thread | None = None
        self._full = False

    def add(
        self, what: str, object_id: UUID, *, day: str, version: int = 0, lang: str = "", structure: UUID | None = None
    ) -> None:
        """One more. :param what: ``view``, ``zip``, ``pdf`` or ``file``. :param day: ISO, of the site. :param lang: one
        of those that the object has, else "" (:func:`counted_lang`)."""
        key = (day, what, object_id, version, lang[:80], str(structure or ""))
        with self._lock:
            self._keep(key, 1)
            if self.background and self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="tallies", daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def _keep(self, key: Key, count: int) -> None:
        if key in self._waiting or len(self._waiting) < MOST:
            self._waiting[key] += count
        elif not self._full:
            self._full = True
            log.warning("%s counts wait to be written: new ones are dropped", MOST)

    def flush(self) -> int:
        """Write what waits, in one transaction. :return: how many rows. What cannot be written now waits on."""
        with self._lock:
            taken, self._waiting = self._waiting, Counter()
        if not taken:
            return 0
        try:
            with self._sessions() as session:
                for key, count in sorted(taken.items(), key=str):
                    _add(session, key, count)
                session.commit()
        except Exception:  # whatever it is, the thread goes on: it is tried again in a moment
            log.warning("counts could not be written now", exc_info=True)
            with self._lock:
                for key, count in taken.items():
                    self._keep(key, count)
            return 0
        self._full = False
        return len(taken)

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            self.flush()

    def stop(self) -> None:
        """Stop, and write what waits."""
        self._stopped.set()
        self.flush()


_ALIVE: weakref.WeakSet[Tallies] = weakref.WeakSet()


def _after_fork() -> None:
    for tallies in list(_ALIVE):
        tallies._begin()


os.register_at_fork(after_in_child=_after_fork)


def _add(session: Session, key: Key, count: int) -> None:
    statement = insert(session, Tally).values(**dict(zip(_NAMES, key, strict=True)), count=count)
    statement = statement.on_conflict_do_update(index_elements=list(_NAMES), set_={"count": Tally.count + count})
    session.execute(statement)


def counted_lang(lang: str, languages: Collection[str]) -> str:
    """What a count is kept under: a language that the object has, or "". Addresses may ask for any number of others."""
    return lang if lang in languages else ""


def only_place(places: Collection[UUID]) -> UUID | None:
    """The place that a count is kept by: that of whoever asks, if they have exactly one. Never who they are."""
    return next(iter(places)) if len(places) == 1 else None


def totals(session: Session, object_id: UUID) -> tuple[int, int]:
    """(views, downloads of ZIPs, PDFs and files) of a resource since ever; one statement."""
    found = session.execute(_sums(object_id)).one()
    return int(found[0] or 0), int(found[1] or 0)


def by_version(session: Session, object_id: UUID) -> Mapping[int, list[tuple[str, int, int]]]:
    """Version → (language, views, downloads), by language; one statement."""
    wanted = _sums(object_id).add_columns(Tally.version, Tally.lang).group_by(Tally.version, Tally.lang)
    found: dict[int, list[tuple[str, int, int]]] = {}
    for views, downloads, version, lang in session.execute(wanted.order_by(Tally.version, Tally.lang)):
        found.setdefault(version, []).append((lang, int(views), int(downloads)))
    return found


def _sums(object_id: UUID) -> sa.Select[int, int]:
    def summed(is_view: bool) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case(((Tally.what == "view") == is_view, Tally.count), else_=0))

    return sa.select(summed(True), summed(False)).where(Tally.object_id == object_id)
