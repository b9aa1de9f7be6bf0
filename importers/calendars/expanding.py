"""Has a calendar read and expanded by a program of its own (``core.bounded``): what strangers repeat can take for
ever."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from importers.pipeline.contract import Refused
from reseau.core import bounded

CHILD = Path(__file__).with_name("expanding_child.py")
LIMITS = bounded.Limits(memory=1_000_000_000, cpu=40, output=50_000_000, answer=40_000_000, timeout=90.0)


@dataclass(frozen=True, slots=True)
class Expanded:
    """What is in a calendar. ``occurrences``: see ``expanding_child.described``; ``refused``: (reason, title, UID)."""

    title: str
    occurrences: tuple[dict[str, Any], ...]
    refused: tuple[tuple[str, str, str], ...]
    cut: bool


def expand(path: Path, first: datetime, last: datetime, zone: str, most: int) -> Expanded:
    """Occurrences that are not over at ``first`` and begin before ``last`` (aware).

    :raises Refused: ``agenda-illisible``, ``agenda-trop-lourd``.
    """
    arguments = (path, first.isoformat(), last.isoformat(), zone, most)
    with tempfile.TemporaryDirectory(prefix="reseau-agenda-") as folder:
        answer = bounded.run(CHILD, arguments, Path(folder), LIMITS)
    if not isinstance(answer, bytes):
        raise Refused("agenda-trop-lourd")
    said = json.loads(answer)
    if said.get("unreadable"):
        raise Refused("agenda-illisible")
    refused = tuple((str(reason), str(title), str(uid)) for reason, title, uid in said["refused"])
    return Expanded(said["title"], tuple(said["occurrences"]), refused, bool(said["cut"]))
