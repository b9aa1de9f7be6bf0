"""Words and pictures of files, found out in a process of its own (``core.bounded``)."""

from __future__ import annotations

import json
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reseau.core import bounded
from reseau.core.files import FileStore

log = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("reading_child.py")
LIMITS = bounded.Limits(memory=1_500_000_000, cpu=30, output=20_000_000, answer=4_000_000, timeout=60.0)
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


def extract(store: FileStore, sha: str, media_type: str, timeout: float = LIMITS.timeout) -> Found:
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
    answer = bounded.run(CHILD, (path, media_type, folder), folder, LIMITS, timeout)
    if not isinstance(answer, bytes):
        log.warning("file %s… of type %s could not be read (%s)", path.name[:8], media_type, answer)
        return Found("unreadable")
    try:
        raw = json.loads(answer)
        state = raw["state"] if raw["state"] in ("ok", "none", "unreadable") else "unreadable"
        size = tuple(int(raw[name]) if raw[name] else None for name in ("width", "height"))
        return Found(state, str(raw["text"]), bool(raw["preview"]), *size)
    except (ValueError, KeyError, TypeError):
        return Found("unreadable")
