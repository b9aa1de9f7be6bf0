"""Pictures that the worker has not made yet, made while somebody waits: an image that was just sent is there at once.

By the same process and limits as the worker's (``extraction``), one at a time: a server has few threads, so one more
waits a moment and all others are told that there is none yet. The tables are not written: the worker does it in turn.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from reseau.core.files import FileStore
from resources.files.extraction import extract

log = logging.getLogger(__name__)

MOST = 10_000_000  # bytes of an image
TIMEOUT = 10.0  # seconds
WAIT = 3.0  # seconds for a turn
FAILED = 1_000  # images that are remembered

#: Shown instead of one that is not there yet.
PLACEHOLDER = (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3" width="400" height="300">'
               b'<path fill="#d9dbe3" d="M0 0h4v3H0z"/></svg>')  # fmt: skip


class Pictures:
    """Makes them for one server."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._room, self._making = threading.BoundedSemaphore(2), threading.Lock()
        self._failed: set[str] = set()

    def made(self, sha: str, media_type: str, size: int, suffix: str) -> Path | None:
        """A picture of a stored image, made now if it is not there; None: not now, or not here.

        :param size: bytes of the image.
        """
        path = self._store.beside(sha, suffix)
        if path.is_file():
            return path
        if size > MOST or sha in self._failed or not self._room.acquire(blocking=False):
            return None
        try:
            if self._making.acquire(timeout=WAIT):
                try:
                    self._make(sha, media_type, path)
                finally:
                    self._making.release()
        finally:
            self._room.release()
        return path if path.is_file() else None

    def _make(self, sha: str, media_type: str, path: Path) -> None:
        if path.is_file():  # by who had the turn before
            return
        try:
            if extract(self._store, sha, media_type, TIMEOUT).preview:
                return
        except OSError:
            log.warning("no picture of file %s… could be made now", sha[:8], exc_info=True)
        if len(self._failed) >= FAILED:
            self._failed.clear()
        self._failed.add(sha)
