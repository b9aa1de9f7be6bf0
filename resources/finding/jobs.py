"""What is done by the clock for the requests: forgetting who asked."""

from __future__ import annotations

from datetime import timedelta

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.jobs import Job, Tools
from resources.finding.asking import forget_contacts


def forget_askers(tools: Tools) -> str | None:
    """Erase the addresses of those who asked for a resource, 30 days after the answer."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        count = forget_contacts(session, now)
        if count:
            audit.record(session, SYSTEM, "resource.ask-forget", now, rows=count)
    return f"{count} adresses effacées" if count else None


JOBS: tuple[Job, ...] = (Job("demandes-ressources-anciennes", timedelta(days=1), forget_askers),)
