"""The search engine of one machine: a Whoosh index in the data folder, one writer, any number of readers."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
from whoosh.codec.whoosh3 import W3Segment
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from reseau.core import text
from reseau.search import whoosh_store as store
from reseau.search.analysis import analyse, distinct
from reseau.search.protocol import Document, Match, Missing, Ranking, Status, nothing
from reseau.search.spelling import understand
from reseau.search.whoosh_segments import SEPARATOR, Budget, Part, Segment, Snapshot, term

log = logging.getLogger(__name__)

MAX_SEGMENTS = 12
MERGED = 8
"""Segments merged when there are too many: the smallest."""


class WhooshEngine:
    """An index in ``root``. Several processes may have it open: each sees the commits of the others at once.

    :param root: folder, made when needed; may be deleted at any moment. :param patience: seconds to wait for
        another writer. :param postings: most postings kept in memory, 8 bytes each (17,500 places of 60
        words: 0.8 million).
    """

    def __init__(self, root: Path, *, patience: float = 10.0, postings: int = 8_000_000) -> None:
        self._root = root
        self._patience = patience
        self._budget = Budget(postings)
        self._snapshot: Snapshot | None = None
        self._broken: store.Location | None = None
        self._opening = threading.Lock()

    # --- searching

    def rank(self, query: str, kind: str, *, match: Match = "all", also: Sequence[str] = ()) -> Ranking:
        """See :class:`reseau.search.protocol.Engine`."""
        if (snapshot := self._current()) is None:
            return nothing()
        plan = understand(
            query,
            lambda stem: snapshot.frequency(kind, stem) > 0,
            lambda: snapshot.vocabulary(kind),
            lambda stem: any(snapshot.frequency(other, stem) > 0 for other in also),
        )
        return snapshot.rank(kind, plan, match)

    def rank_each(
        self, query: str, kinds: Sequence[str], *, match: Match = "all", also: Sequence[str] = ()
    ) -> list[Ranking]:
        """See :class:`reseau.search.protocol.Engine`."""
        return [self.rank(query, kind, match=match, also=also) for kind in kinds]

    def suggest(self, prefix: str, kind: str, limit: int = 8) -> list[str]:
        """See :class:`reseau.search.protocol.Engine`."""
        snapshot = self._current()
        found = text.words(prefix[-text.MAX_QUERY :])
        if snapshot is None or not found or not prefix.endswith(found[-1].surface):
            return []
        vocabulary = snapshot.vocabulary(kind)
        return [vocabulary.surface(word) for word in vocabulary.complete(found[-1].folded, limit)]

    def warm(self, share: float = 0.01) -> None:
        """Read the vocabularies, and the postings of terms that more than ``share`` of the documents have."""
        if (snapshot := self._current()) is None:
            return
        for part in snapshot.parts:
            for key, frequency in part.segment.frequencies.items():
                if SEPARATOR not in key:
                    snapshot.vocabulary(key)
                if frequency > share * len(part.segment):
                    part.segment.column(key)

    def cursor(self) -> int:
        """See :class:`reseau.search.protocol.Engine`. While a newer index is being opened: that of the present one."""
        if self._opening.locked() and (current := self._snapshot):
            return current.state.cursor
        snapshot = self._intact()
        return 0 if snapshot is None else snapshot.state.cursor

    def status(self) -> Status:
        """See :class:`reseau.search.protocol.Engine`."""
        if (snapshot := self._intact()) is None:
            return Status(engine="whoosh", present=False)
        size = sum(length for length, _ in snapshot.state.files.values())
        return Status("whoosh", True, snapshot.documents(), snapshot.state.cursor, size)

    # --- the newest snapshot

    def _current(self) -> Snapshot | None:
        """The newest commit that can be read; an older one that is still in memory; or None."""
        location, mine = store.locate(self._root), self._snapshot
        if location is None or location == self._broken or (mine is not None and mine.location == location):
            return mine
        # One thread opens; the others go on with what they have, if they have something.
        if not self._opening.acquire(blocking=mine is None):
            return mine
        try:
            if self._snapshot is None or self._snapshot.location != location:
                self._open()
        finally:
            self._opening.release()
        return self._snapshot

    def _intact(self) -> Snapshot | None:
        """The newest commit, if it is whole on disk too; None only if it stays bad.

        Asked again before saying so: commits of others come between two looks, and a wrong answer costs a rebuild.
        """
        for attempt in range(5):
            time.sleep(0.02 * attempt)
            with self._opening:
                location = store.locate(self._root)
                if location is None or location == self._broken:
                    return None
                if self._snapshot is None or self._snapshot.location != location:
                    self._open()
                snapshot = self._snapshot
            if snapshot and snapshot.location == store.locate(self._root) and store.whole(snapshot.location):
                return snapshot
        return None

    def _open(self) -> None:
        """Open the newest commit, again if a writer takes its files away meanwhile."""
        for attempt in range(10):
            if (location := store.locate(self._root)) is None or location == self._broken:
                return
            try:
                self._snapshot = self._read(location)
                return
            except FileNotFoundError:
                if attempt == 9:
                    self._broken = location
                    log.warning("search index %s lacks files: counts as absent", location.folder)
                time.sleep(0.01 * (attempt + 1))
            except Exception:  # damaged pickles and structures raise anything
                self._broken = location
                log.warning("search index %s is damaged: counts as absent", location.folder, exc_info=True)
                return

    def _read(self, location: store.Location) -> Snapshot:
        state = store.read_state(location)
        known = {part.segment.name: part.segment for part in self._snapshot.parts} if self._snapshot else {}
        parts: list[Part] = []
        base = 0
        for description in store.read_segments(location):
            name = description.segment_id()
            segment = known.get(name) or Segment(location, state, description, self._budget)
            live = np.ones(len(segment), dtype=bool)
            live[list(description.deleted_docs())] = False
            parts.append(Part(segment, live, base))
            base += len(segment)
        return Snapshot(location, state, parts)

    # --- writing

    def update(self, documents: Iterable[Document], deleted: Iterable[UUID], cursor: int) -> None:
        """See :class:`reseau.search.protocol.Engine`."""
        fresh = {document.id: document for document in documents}
        gone = {*deleted, *fresh}
        with store.writing(self._root, self._patience):
            if (snapshot := self._intact()) is None:
                raise Missing(str(self._root))
            if snapshot.state.cursor > cursor:
                return
            writer = store.Writer(snapshot.location.folder, cursor, snapshot.state)
            try:
                for position in snapshot.find(list(gone)):
                    writer.delete_document(position)
                for document in fresh.values():
                    _add(writer, document)
                writer.commit(mergetype=_merge)
            except BaseException:
                writer.give_up()
                raise

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        """See :class:`reseau.search.protocol.Engine`."""
        with store.writing(self._root, self._patience):
            folder = store.create(self._root)
            try:
                writer = store.Writer(folder, cursor, None)
                try:
                    for document in distinct(documents):
                        _add(writer, document)
                    writer.commit(merge=False)
                except BaseException:
                    writer.give_up()
                    raise
                store.make_current(self._root, folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            for old in self._root.glob("index-*"):
                if old != folder:
                    shutil.rmtree(old, ignore_errors=True)


def _add(writer: SegmentWriter, document: Document) -> None:
    analysed = analyse(document)
    kind = document.kind
    entries = [term(kind, folded, surface) for folded, surface in sorted(analysed.words)]
    stems = [(term(kind), 1.0), *((term(kind, stem), weight) for stem, weight in analysed.weights().items())]
    writer.add_document(
        stems=stems,
        words=[(entry, 1.0) for entry in entries],
        ident=document.id.bytes + len(analysed.occurrences).to_bytes(store.LENGTH_BYTES, "big"),
        surface="\x1e".join(entries),
    )


def _merge(writer: SegmentWriter, segments: list[W3Segment]) -> list[W3Segment]:
    """Whoosh's merge policy: returns the segments that stay; the others go into the one being written.

    The smallest few, once there are too many: a document is rewritten a logarithmic number of times, and the
    big segment, whose columns are in memory, stays. Whoosh's own policy merged it at the fourth commit.
    """
    alive = [segment for segment in segments if segment.deleted_count() < segment.doc_count_all()]
    by_size = sorted(alive, key=lambda segment: int(segment.doc_count_all()))
    merged = by_size[:MERGED] if len(alive) >= MAX_SEGMENTS else []
    merged += [s for s in by_size if s not in merged and s.deleted_count() * 5 > s.doc_count_all() * 2]
    for segment in merged:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in alive if segment not in merged]
