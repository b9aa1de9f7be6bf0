"""What is done by the clock: telling authors of new comments, forgetting who reported."""

from __future__ import annotations

from datetime import timedelta

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.jobs import Job, Tools
from resources.saying.reports import forget_contacts
from resources.saying.telling import tell_comments


def tell_authors(tools: Tools) -> str | None:
    """One mail a day to each author whose resources were commented."""
    with tools.sessions.begin() as session:
        sent = tell_comments(session, tools.settings, tools.clock())
    return f"{sent} mails aux auteurs" if sent else None


def forget_reporters(tools: Tools) -> str | None:
    """Erase the addresses of those who reported, 30 days after the answer."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        count = forget_contacts(session, now)
        if count:
            audit.record(session, SYSTEM, "resource.report.forget", now, rows=count)
    return f"{count} adresses effacées" if count else None


#: Every hour: a mail goes in the first hours of the day; the key of the mail keeps it to one a day.
JOBS: tuple[Job, ...] = (
    Job("avis-du-jour", timedelta(hours=1), tell_authors),
    Job("ressources-signalements-anciens", timedelta(days=1), forget_reporters),
)
