"""Has a calendar read and expanded by a program of its own: repetitions that strangers write can take for ever, and a
thread cannot be stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from importers.pipeline.contract import Refused

CHILD = Path(__file__).with_name("expanding_child.py")
TIMEOUT_S = 90.0
MAX_ANSWER = 40_000_000  # bytes


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
    command = [sys.executable, "-I", str(CHILD), str(path), first.isoformat(), last.isoformat(), zone, str(most)]
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(  # noqa: S603 (our own program)
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, start_new_session=True,
            env={"LANG": "C.UTF-8", "PATH": ""},
        )  # fmt: skip
        try:
            code = child.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        out.seek(0)
        answer = out.read(MAX_ANSWER + 1)
    if code != 0 or len(answer) > MAX_ANSWER:
        raise Refused("agenda-trop-lourd")
    said = json.loads(answer)
    if said.get("unreadable"):
        raise Refused("agenda-illisible")
    refused = tuple((str(reason), str(title), str(uid)) for reason, title, uid in said["refused"])
    return Expanded(said["title"], tuple(said["occurrences"]), refused, bool(said["cut"]))
