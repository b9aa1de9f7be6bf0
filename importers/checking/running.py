"""A file is checked in a process of its own, with little memory and little time, two at once on a machine.

Refused: in the thread of the request (a table made to harm would hold it, or all memory); a queue (nothing is kept, so
there is nowhere to put the answer).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from importers.checking.findings import Report, read_report

log = logging.getLogger(__name__)

TIMEOUT: Final = 25.0  # seconds, also of what takes no processor
MAX_ANSWER: Final = 2_000_000  # bytes
AT_ONCE: Final = 2
_ROOT: Final = Path(__file__).parents[2]
_places = threading.BoundedSemaphore(AT_ONCE)


def check(path: Path, waiting: Path, timeout: float = TIMEOUT) -> Report:
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
    command = [sys.executable, "-W", "ignore", "-m", "importers.checking.child", str(path.resolve()), str(folder)]
    answer = folder / "rapport.json"
    with answer.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603 (our own program; the name of the file is ours)
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, cwd=_ROOT,
            env={"LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder), "OMP_NUM_THREADS": "1",
                 "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )  # fmt: skip
        code = _wait(child, timeout)
    if code != 0 or not 0 < answer.stat().st_size <= MAX_ANSWER:
        log.warning("a file could not be checked (%s)", code)
        return Report(refused="trop-long")
    try:
        return read_report(json.loads(answer.read_bytes()))
    except ValueError:
        return Report(refused="trop-long")


def _wait(child: subprocess.Popen[bytes], timeout: float) -> int | None:
    """Wait for it to end, then end whatever it may have started. :return: its code, or None: it took too long.

    It is not reaped before its group is ended: until then no other process can have its number.
    """
    end = time.monotonic() + timeout
    over = None
    try:
        while over is None and time.monotonic() < end:
            time.sleep(0.02)
            over = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    return code if over else None
