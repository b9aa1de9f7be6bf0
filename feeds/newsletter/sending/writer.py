"""One thread that writes the ledger for all connections: what comes together is committed together.

A connection waits for its mark, and not for the rest. If the database does not answer, marks are refused (so nothing
leaves), and what was learnt is kept and tried again; what cannot be written before the end stays ``sending`` there, and
is ``unknown`` to the next worker.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from feeds.newsletter.sending import claims
from feeds.newsletter.sending.claims import Settled
from reseau.core.clock import Clock
from reseau.core.masking import masked

log = logging.getLogger(__name__)

T = TypeVar("T")
MOST = 200  # things committed together
COMPANY_S = 0.005
"""What was learnt waits so long for a mark to be committed with."""
TRIES, PAUSE_S = 10, 0.5
_END = object()


class Writer:
    """See the module. To be closed.

    :param also: told of what was settled, in the transaction that follows; if that fails, it is not told again.
    """

    def __init__(
        self, sessions: sessionmaker[Any], clock: Clock, also: Callable[[Session, list[Settled]], None] | None = None
    ) -> None:
        self._sessions, self._clock, self._also = sessions, clock, also
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="letter-ledger", daemon=True)
        self._thread.start()

    def call(self, act: Callable[[Session], T]) -> T:
        """Run ``act`` in a transaction of its own, after all that was given before. What it raises is raised here."""
        done: Future[T] = Future()
        self._queue.put((act, done))
        return done.result()

    def mark(self, id_: UUID) -> int | None:
        """Commit that the final dot of a delivery is about to be said. :return: its attempts; None: it is not ours."""
        done: Future[int | None] = Future()
        self._queue.put((id_, done))
        return done.result()

    def settle(self, settled: Settled) -> None:
        """Write down what became of a delivery; does not wait."""
        self._queue.put(settled)

    def close(self) -> None:
        """Write what is left, then end."""
        self._queue.put(_END)
        self._thread.join()

    # --- in the thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        kept: list[Settled] = []
        while True:
            marks, acts, ended = self._gather(kept)
            kept = self._together(kept, marks, final=ended)
            for act, done in acts:
                self._apart(act, done)
            if ended:
                if kept:
                    log.error("%d deliveries could not be written down: they will be unknown", len(kept))
                return

    def _gather(
        self, settled: list[Settled]
    ) -> tuple[list[tuple[UUID, Future[Any]]], list[tuple[Any, Future[Any]]], bool]:
        """What is there: what was settled is added to ``settled``; marks, acts, and whether this is the end."""
        marks, acts = list[tuple[UUID, Future[Any]]](), list[tuple[Any, Future[Any]]]()
        try:
            one = self._queue.get(timeout=PAUSE_S if settled else None)
            for _ in range(MOST):
                if one is _END:
                    return marks, acts, True
                if isinstance(one, Settled):
                    settled.append(one)
                elif isinstance(one[0], UUID):
                    marks.append(one)
                else:
                    acts.append(one)
                alone = settled and not marks and not acts
                one = self._queue.get(timeout=COMPANY_S if alone else 0)
            self._queue.put(one)
        except queue.Empty:
            pass
        return marks, acts, False

    def _together(self, settled: list[Settled], marks: list[tuple[UUID, Future[Any]]], final: bool) -> list[Settled]:
        """One transaction. :return: what has to be tried again."""
        if not settled and not marks:
            return []
        for attempt in range(TRIES if final else 1):
            try:
                with self._sessions.begin() as session:
                    if settled:
                        claims.settle(session, settled)
                    ours = claims.mark(session, [id_ for id_, _ in marks], self._clock()) if marks else {}
            except Exception as error:  # whatever it is, connections must hear that their mark was not written
                log.warning("the ledger could not be written: %s", masked(f"{type(error).__name__}: {error}"))
                for _, done in marks:
                    done.set_result(None)  # if it was committed all the same, it will be unknown
                marks = []
                if final and attempt < TRIES - 1:
                    time.sleep(PAUSE_S)
            else:
                for id_, done in marks:
                    done.set_result(ours.get(id_))
                self._tell(settled)
                return []
        return settled

    def _tell(self, settled: list[Settled]) -> None:
        if not settled or not self._also:
            return
        try:
            with self._sessions.begin() as session:
                self._also(session, settled)
        except Exception:
            log.exception("what was sent could not be told to others")

    def _apart(self, act: Callable[[Session], Any], done: Future[Any]) -> None:
        try:
            with self._sessions.begin() as session:
                result = act(session)
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(result)
