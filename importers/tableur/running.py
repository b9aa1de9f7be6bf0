"""A spreadsheet is read in a process of its own, with little memory and little time (``child``)."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from reseau.core import bounded

log = logging.getLogger(__name__)

LIMITS: Final = bounded.Limits(memory=1_200_000_000, cpu=25, output=200_000_000, answer=2_000_000, timeout=20.0)
AT_ONCE: Final = 2
_places = threading.BoundedSemaphore(AT_ONCE)


def describe(
    path: Path, timeout: float = LIMITS.timeout, *, header: tuple[str, int] | None = None, memory: int = LIMITS.memory
) -> dict[str, Any]:
    """The tables of a file: ``{"sheets": […]}``, or ``{"refused": code of words.REFUSALS, "column": name}``.

    :param header: one sheet only, of which a person says where its titles are: its name, the number of the line.
    """
    if not _places.acquire(timeout=5):
        return {"refused": "occupe"}
    try:
        with tempfile.TemporaryDirectory(prefix="reseau-tableur-") as name:
            out = Path(name) / "out"
            more = [header[1], header[0]] if header else []
            limits = replace(LIMITS, memory=memory)
            if not _run(["describe", path, out, *more], Path(name), limits, timeout):
                return {"refused": "trop-lourd-a-lire"}
            if out.stat().st_size > LIMITS.answer:
                return {"refused": "trop-de-colonnes"}
            found: dict[str, Any] = json.loads(out.read_bytes())
            return found
    finally:
        _places.release()


class Rows:
    """What ``child.rows`` finds in a file, read again as often as one likes; the first may be ``{"refused": code}``."""

    def __init__(self, path: Path, mappings: Mapping[str, Any], timeout: float = LIMITS.timeout * 2) -> None:
        # Unnamed once the folder is gone: it goes with this object.
        with tempfile.TemporaryDirectory(prefix="reseau-tableur-") as name:
            folder = Path(name)
            out, known = folder / "out", folder / "mappings"
            known.write_text(json.dumps(mappings), encoding="utf-8")
            if not _run(["rows", path, out, known], folder, LIMITS, timeout):
                out.write_text(json.dumps({"refused": "trop-lourd-a-lire"}), encoding="utf-8")
            self._file = out.open(encoding="utf-8")
        weakref.finalize(self, self._file.close)

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        while line := self._file.readline():
            yield json.loads(line)


def _run(arguments: list[object], folder: Path, limits: bounded.Limits, timeout: float) -> bool:
    """Whether it ended well: what it found is in the file that it was told."""
    said = bounded.run("importers.tableur.child", arguments, folder, limits, timeout)
    if said != 0:  # it writes into a file, and says nothing
        log.warning("a spreadsheet could not be read (%s)", said if isinstance(said, int) else None)
    return said == 0
