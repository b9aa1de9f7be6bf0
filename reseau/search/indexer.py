"""The reader of the log that keeps the search index up to date.

Nothing that changes an object calls it. It can be stopped, killed or run twice at any moment: the index and
its cursor change together, and what was not noted is read again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.changes import Change, changes_after, current_seq
from reseau.search.protocol import Busy, Document, Engine, Missing

log = logging.getLogger(__name__)

Source = Callable[[Session, Sequence[UUID] | None], Iterable[Document]]
"""Loads the documents of one kind of objects: those of these ids that may be found now, or all (None)."""

_REMOVALS = ("withdraw", "erase")


class Indexer:
    """Brings ``engine`` up to date.

    :param sources: by the kind that changes have; changes of other kinds are passed over. A source may give
        documents of several kinds, but one document for an object, with the object's id.
    """

    def __init__(self, engine: Engine, sources: Mapping[str, Source]) -> None:
        self._engine = engine
        self._sources = dict(sources)

    def catch_up(self, session: Session, batch: int = 500) -> int:
        """Index what has changed. Without a usable index: build it.

        An index that is *ahead* of the log (a backup was restored) is rebuilt too.

        :param batch: changes for each commit of the index. :returns: the number of changes read.
        :raises Busy: another process indexes.
        """
        cursor, newest = self._engine.cursor(), current_seq(session)
        if cursor > newest or (cursor == 0 and not self._empty_on_purpose(newest)):
            self.rebuild(session)
            return newest
        done = 0
        while rows := changes_after(session, cursor, batch):
            try:
                self._index(session, rows)
            except Missing:  # the index was deleted since we asked for its cursor
                self.rebuild(session)
                return newest
            cursor = rows[-1].seq
            done += len(rows)
        return done

    def rebuild(self, session: Session) -> None:
        """Index everything anew. :raises Busy: another process indexes."""
        # Before the documents: a change that comes in between is then indexed twice, and not lost.
        seq = current_seq(session)
        self._engine.rebuild(self._everything(session), seq)
        log.info("search index rebuilt at change %s", seq)

    def _everything(self, session: Session) -> Iterator[Document]:
        for source in self._sources.values():
            yield from source(session, None)

    def _empty_on_purpose(self, newest: int) -> bool:
        """A new house: nothing was ever published, and the index says so. No use to build it at each look."""
        if newest:
            return False
        status = self._engine.status()
        return status.present and status.documents == 0

    def _index(self, session: Session, rows: Sequence[Change]) -> None:
        last = {(row.kind, row.object_id): row.op for row in rows}
        changed: dict[str, list[UUID]] = {}
        for (kind, ident), op in last.items():
            if op not in _REMOVALS and kind in self._sources:
                changed.setdefault(kind, []).append(ident)
        documents = [d for kind, ids in changed.items() for d in self._sources[kind](session, ids)]
        # Whatever is not given any more goes, even if the log does not say why: an import may have hidden it.
        gone = {ident for kind, ident in last if kind in self._sources} - {d.id for d in documents}
        self._engine.update(documents, gone, rows[-1].seq)


class IndexerThread(threading.Thread):
    """Calls :meth:`Indexer.catch_up` every ``interval`` seconds, until :meth:`stop`.

    :param sessions: makes a session for each turn; a read-only one is enough.
    """

    MAX_PAUSE = 300.0

    def __init__(
        self, indexer: Indexer, sessions: Callable[[], AbstractContextManager[Session]], interval: float = 2.0
    ) -> None:
        super().__init__(name="search-indexer", daemon=True)
        self._indexer, self._sessions, self._interval = indexer, sessions, interval
        self._stopped = threading.Event()
        self._wanted = threading.Event()

    def run(self) -> None:
        """Never ends by an error: waits longer, up to five minutes, and tries again."""
        failures = 0
        while not self._stopped.is_set():
            try:
                with self._sessions() as session:
                    self._indexer.catch_up(session)
                failures = 0
            except Busy:
                log.debug("another process indexes")  # which is as good
            except Exception:
                failures += 1
                log.exception("the search index could not be brought up to date")
            self._wanted.wait(min(self._interval * 2 ** min(failures, 12), self.MAX_PAUSE))
            self._wanted.clear()

    def wake(self) -> None:
        """Look now."""
        self._wanted.set()

    def stop(self, timeout: float | None = 10.0) -> None:
        """Ask to stop, and wait for it."""
        self._stopped.set()
        self._wanted.set()
        if self.is_alive():
            self.join(timeout)
