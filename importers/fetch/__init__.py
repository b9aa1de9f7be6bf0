"""Files and answers from addresses: time-outs, caps, no private network, an honest name, patience. (DESIGN §6.5)

**Is**: ``Asker``, one polite session (``get``, ``download``); ``local_file``, for a command; ``shown``, an address as a
sentence may show it. **Is not**: a crawler; it never runs what it gets, follows no link, keeps nothing.
**Depends on**: the contract of the pipeline. No database, no Pyramid.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from importers.fetch.asking import MAX_BYTES, USER_AGENT, Answer, Asker
from importers.fetch.guarding import PrivateAddress
from importers.fetch.wording import is_web, shown
from importers.pipeline.contract import Refused, Where

__all__ = ["MAX_BYTES", "USER_AGENT", "Answer", "Asker", "PrivateAddress", "file_at", "is_web", "local_file", "shown"]


@contextmanager
def local_file(
    location: str, *, allow_private: bool, max_bytes: int = MAX_BYTES, asker: Asker | None = None
) -> Iterator[Path]:
    """The file at ``location`` (a path, or an http(s) address downloaded to a temporary file).

    :param max_bytes: cap on what is downloaded, in bytes. :param asker: of the caller; it says what is allowed then.
    :raises Refused: absent, too large, private address, network failure.
    """
    if not is_web(location):
        yield file_at(location)
        return
    with tempfile.TemporaryDirectory(prefix="reseau-import-") as folder:
        if asker is None:
            with Asker(allow_private) as own:
                fetched = own.download(Where(location), Path(folder), max_bytes)
        else:
            fetched = asker.download(Where(location), Path(folder), max_bytes)
        if fetched.path is None:  # pragma: no cover - asked without condition, "not modified" is refused
            raise Refused("telechargement", error="304")
        yield fetched.path


def file_at(location: str) -> Path:
    """The file at a path. :raises Refused: there is none."""
    path = Path(location)
    try:
        found = path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds a zero
        found = False
    if not found:
        raise Refused("absent", path=location)
    return path
