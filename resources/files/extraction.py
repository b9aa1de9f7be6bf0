"""Words and pictures of files, found out in a process of its own: a file that was made to harm can take at most that
process, which has little memory, little time, no environment, and dies with its work.

Refused: reading in the worker itself (a parser in C that is taken over, or eats all memory, would be the worker);
containers or seccomp (not on every machine; they may be put around the worker).
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
import time
from dataclasses import dataclass
from pathlib import Path

from reseau.core.files import FileStore

log = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("reading_child.py")
TIMEOUT = 60.0  # seconds, also of what takes no processor
MAX_ANSWER = 4_000_000  # bytes
SMALL, WIDE = ".webp", ".1200.webp"
#: What a picture is kept as, beside the file.
_PICTURES = (("small", SMALL), ("wide", WIDE))


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out of a file. ``state``: as ``StoredFile.text_state``."""

    state: str
    text: str = ""
    preview: bool = False
    width: int | None = None
    height: int | None = None


def extract(store: FileStore, sha: str, media_type: str, timeout: float = TIMEOUT) -> Found:
    """Read a stored file; pictures are put beside it. Never raises for what the file holds.

    :raises OSError: the disk is full, no process can be started…: to be tried again later.
    """
    store.temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store.temporary, prefix="lecture-") as folder:
        found = _run(store.path(sha), media_type, Path(folder), timeout)
        for name, suffix in _PICTURES:
            made = Path(folder) / f"{name}.webp"
            if found.preview and made.is_file():
                made.replace(store.beside(sha, suffix))
    return found


def _run(path: Path, media_type: str, folder: Path, timeout: float) -> Found:
    command = [sys.executable, "-I", "-W", "ignore", str(CHILD), str(path.resolve()), media_type, str(folder.resolve())]
    answer = folder / "answer.json"
    with answer.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603 (our own program; the name of the file is a digest)
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, cwd=folder,
            env={"LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )  # fmt: skip
        code = _wait(child, timeout)
    if code != 0 or not 0 < answer.stat().st_size <= MAX_ANSWER:
        log.warning("file %s… of type %s could not be read (%s)", path.name[:8], media_type, code)
        return Found("unreadable")
    try:
        raw = json.loads(answer.read_bytes())
        state = raw["state"] if raw["state"] in ("ok", "none", "unreadable") else "unreadable"
        size = tuple(int(raw[name]) if raw[name] else None for name in ("width", "height"))
        return Found(state, str(raw["text"]), bool(raw["preview"]), *size)
    except (ValueError, KeyError, TypeError):
        return Found("unreadable")


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
