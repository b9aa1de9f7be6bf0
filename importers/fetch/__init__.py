"""Files and answers from addresses: time-outs, caps, no private network, an honest name, patience. (DESIGN §6.5)

**Is**: ``Asker``, one polite session (``get``, ``download``); ``file_at``, a path; ``shown``, an address as a
sentence may show it. **Is not**: a crawler; it never runs what it gets, follows no link, keeps nothing.
**Depends on**: the contract of the pipeline. No database, no Pyramid.
"""

from __future__ import annotations

from pathlib import Path

from importers.fetch.asking import MAX_BYTES, STOPPED, USER_AGENT, Answer, Asker
from importers.fetch.guarding import PrivateAddress, private_host
from importers.fetch.wording import is_web, shown
from importers.pipeline.contract import Refused

__all__ = [
    "MAX_BYTES", "STOPPED", "USER_AGENT", "Answer", "Asker", "PrivateAddress", "file_at", "is_web", "private_host",
    "shown",
]  # fmt: skip


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
