"""A spreadsheet is read in a process of its own, with little memory and little time (``child``)."""

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
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

log = logging.getLogger(__name__)

TIMEOUT: Final = 20.0  # seconds
MAX_MEMORY: Final = 1_200_000_000  # bytes of addresses of a child
MAX_ANSWER: Final = 2_000_000  # bytes of a description
AT_ONCE: Final = 2
_ROOT: Final = Path(__file__).parents[2]
_places = threading.BoundedSemaphore(AT_ONCE)


def describe(
    path: Path, timeout: float = TIMEOUT, *, header: tuple[str, int] | None = None, memory: int = MAX_MEMORY
) -> dict[str, Any]:
    """The tables of a file: ``{"sheets": […]}``, or ``{"refused": code of words.REFUSALS, "column": name}``.

    :param header: one sheet only, of which a person says where its titles are: its name, the number of the line.
    """
    if not _places.acquire(timeout=5):
        return {"refused": "occupe"}
    try:
        with tempfile.TemporaryDirectory(prefix="reseau-tableur-") as name:
            out = Path(name) / "out"
            more = [str(header[1]), header[0]] if header else []
            if not _run(["describe", str(path.resolve()), str(out), *more], Path(name), timeout, memory):
                return {"refused": "trop-lourd-a-lire"}
            if out.stat().st_size > MAX_ANSWER:
                return {"refused": "trop-de-colonnes"}
            found: dict[str, Any] = json.loads(out.read_bytes())
            return found
    finally:
        _places.release()


class Rows:
    """What ``child.rows`` finds in a file, read again as often as one likes; the first may be ``{"refused": code}``."""

    def __init__(self, path: Path, mappings: Mapping[str, Any], timeout: float = TIMEOUT * 2) -> None:
        # Unnamed once the folder is gone: it goes with this object.
        with tempfile.TemporaryDirectory(prefix="reseau-tableur-") as name:
            folder = Path(name)
            out, known = folder / "out", folder / "mappings"
            known.write_text(json.dumps(mappings), encoding="utf-8")
            if not _run(["rows", str(path.resolve()), str(out), str(known)], folder, timeout):
                out.write_text(json.dumps({"refused": "trop-lourd-a-lire"}), encoding="utf-8")
            self._file = out.open(encoding="utf-8")
        weakref.finalize(self, self._file.close)

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        while line := self._file.readline():
            yield json.loads(line)


def _run(arguments: list[str], folder: Path, timeout: float, memory: int = MAX_MEMORY) -> bool:
    """Whether it ended well in time. Nothing that it started outlives it."""
    child = subprocess.Popen(  # noqa: S603 (our own program; the names of files are ours)
        [sys.executable, "-W", "ignore", "-m", "importers.tableur.child", str(memory), *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=_ROOT,
        env={"LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(_ROOT),
             "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )  # fmt: skip
    try:
        code = child.wait(timeout)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # not reaped yet: nobody else can have its number
        child.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        code = -1
    if code != 0:
        log.warning("a spreadsheet could not be read (%s)", code)
    return code == 0
