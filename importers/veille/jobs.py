"""What the worker does for the watch."""

from __future__ import annotations

from datetime import timedelta

from importers.veille import tray
from reseau.core.jobs import Job, Tools

#: How long a news waits for somebody to sort it. More than ``targets.watch.OLDEST``: its feed does not bring it back.
KEPT = timedelta(days=180)


def forget(tools: Tools) -> str | None:
    """Take what nobody sorted in half a year out of the tray, some at a time: people sort meanwhile."""
    before, total = tools.clock() - KEPT, 0
    while not tools.stopping():
        with tools.sessions.begin() as session:
            number = tray.purge(session, before)
        total += number
        if not number:
            break
    return f"actualités jamais triées, effacées : {total}" if total else None


JOBS: tuple[Job, ...] = (Job("veille-ancienne", timedelta(days=1), forget),)
