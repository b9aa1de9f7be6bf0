"""What is done by the clock to keep sheets true: reminders to verify, and forgetting who suggested.

Each group of people and sheets that hang together is one transaction, with its mails: see ``reminders``.
"""

from __future__ import annotations

from datetime import timedelta

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.clock import local_day
from reseau.core.jobs import Job, Tools
from reseau.directory.suggestions import forget_contacts
from reseau.editing.reminders import clusters, escalate, remind


def ask_to_verify(tools: Tools) -> str | None:
    """Ask référents whether their sheets are still exact; tell the coordinators who did not answer."""
    now = tools.clock()
    with tools.sessions() as session:
        found = clusters(session, local_day(now, tools.settings.timezone))
    sent = 0
    for cluster in found:
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            sent += remind(session, cluster, tools.settings, now)
    with tools.sessions.begin() as session:
        told = escalate(session, tools.settings, now)
    return f"{sent} rappels, {told} messages à la coordination" if sent or told else None


def forget_senders(tools: Tools) -> str | None:
    """Erase the addresses of those who suggested, 30 days after the answer."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        count = forget_contacts(session, now)
        if count:
            audit.record(session, SYSTEM, "suggestion.forget", now, rows=count)
    return f"{count} adresses effacées" if count else None


JOBS: tuple[Job, ...] = (
    Job("fiches-a-verifier", timedelta(days=1), ask_to_verify),
    Job("suggestions-anciennes", timedelta(days=1), forget_senders),
)
