"""How often things are read and taken. A GET changes nothing, so counts wait in memory and are written by a thread.

A process that is killed loses the counts of a few seconds: they are statistics, and no reader waits for them.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from resources.base.models import Tally

log = logging.getLogger(__name__)

Key = tuple[str, str, UUID, int, str, str]
EVERY = 5.0  # seconds


class Tallies:
    """Counts of this process. :param sessions: makes writing sessions."""

    def __init__(self, sessions: Callable[[], AbstractContextManager[Session]]) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._waiting: Counter[Key] = Counter()
        self._stopped = threading.Event()

    def add(
        self, what: str, object_id: UUID, *, day: str, version: int = 0, lang: str = "", structure: UUID | None = None
    ) -> None:
        """One more. :param what: ``view``, ``zip``, ``pdf`` or ``file``. :param day: ISO, of the site."""
        with self._lock:
            self._waiting[(day, what, object_id, version, lang[:80], str(structure or ""))] += 1

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
        except sa.exc.SQLAlchemyError:
            log.warning("counts could not be written now", exc_info=True)
            with self._lock:
                self._waiting.update(taken)
            return 0
        return len(taken)

    def run(self) -> None:
        """Write every few seconds until :meth:`stop`."""
        while not self._stopped.wait(EVERY):
            self.flush()

    def stop(self) -> None:
        """Stop, and write what waits."""
        self._stopped.set()
        self.flush()


def _add(session: Session, key: Key, count: int) -> None:
    names = ("day", "what", "object_id", "version", "lang", "structure")
    statement = insert(session, Tally).values(**dict(zip(names, key, strict=True)), count=count)
    statement = statement.on_conflict_do_update(index_elements=list(names), set_={"count": Tally.count + count})
    session.execute(statement)


def total(session: Session, what: str, object_id: UUID) -> int:
    """How often, since ever."""
    wanted = sa.select(sa.func.coalesce(sa.func.sum(Tally.count), 0))
    return int(session.execute(wanted.where(Tally.what == what, Tally.object_id == object_id)).scalar_one())
