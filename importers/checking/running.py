"""A file is checked in a process of its own (``core.bounded``), two at once on a machine.

Refused: a queue (nothing is kept, so there is nowhere to put the answer).
"""

from __future__ import annotations

import json
import logging
import tempfile
import threading
from pathlib import Path
from typing import Final

from importers.checking.findings import Report, read_report
from reseau.core import bounded

log = logging.getLogger(__name__)

LIMITS: Final = bounded.Limits(memory=900_000_000, cpu=20, output=70_000_000, answer=2_000_000, timeout=25.0)
AT_ONCE: Final = 2
_places = threading.BoundedSemaphore(AT_ONCE)


def check(path: Path, waiting: Path, timeout: float = LIMITS.timeout) -> Report:
    """Find out what is wrong in a file; all that was written meanwhile is deleted.

    :param waiting: folder where the process may write. :return: refused with ``occupe`` (too many at once),
        ``trop-long`` (too much time or memory) or what ``child`` says.
    """
    if not _places.acquire(blocking=False):
        return Report(refused="occupe")
    try:
        waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=waiting, prefix="verification-") as folder:
            return _run(path, Path(folder), timeout)
    finally:
        _places.release()


def _run(path: Path, folder: Path, timeout: float) -> Report:
    answer = bounded.run("importers.checking.child", (path, folder), folder, LIMITS, timeout)
    if not isinstance(answer, bytes):
        log.warning("a file could not be checked (%s)", answer)
        return Report(refused="trop-long")
    try:
        return read_report(json.loads(answer))
    except ValueError:
        return Report(refused="trop-long")
