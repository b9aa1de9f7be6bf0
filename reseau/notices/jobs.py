"""What the worker does for notices: reads the log, writes letters, forgets."""

from __future__ import annotations

from datetime import timedelta

from reseau.core.jobs import Job, Tools
from reseau.notices import services
from reseau.notices.delivering import deliver
from reseau.notices.deriving import derive


def purge(tools: Tools) -> str | None:
    """Delete notices that are 90 days old; 400 those that were mailed: one may answer them."""
    with tools.sessions.begin() as session:
        count = services.purge(session, tools.clock())
    return f"effacés : {count}" if count else None


JOBS: tuple[Job, ...] = (
    Job("avis", timedelta(seconds=5), derive),
    Job("avis-courriels", timedelta(seconds=10), deliver),
    Job("avis-anciens", timedelta(days=1), purge),
)
