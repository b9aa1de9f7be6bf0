"""The mailbox of answers, read every minute where there is one; what came in is forgotten after three months."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from reseau.core.db import affected
from reseau.core.jobs import Job, Tools
from reseau.threads.answering.mailbox import empty
from reseau.threads.answering.office import Office
from reseau.threads.base.models import MailReceived

KEPT = timedelta(days=90)


def read_mailbox(tools: Tools) -> str | None:
    """Take what came into the mailbox of ``mail_inbox``."""
    if not tools.settings.mail_inbox:
        return None
    found = empty(Office(tools.sessions, tools.settings, tools.clock), tools.stopping)
    return ", ".join(f"{outcome.value} : {count}" for outcome, count in sorted(found.items())) or None


def purge(tools: Tools) -> str | None:
    """Forget that mails came in long ago: none comes again so late."""
    with tools.sessions.begin() as session:
        count = affected(session, sa.delete(MailReceived).where(MailReceived.at < tools.clock() - KEPT))
    return f"effacés : {count}" if count else None


JOBS = (
    Job("reponses-par-mail", timedelta(minutes=1), read_mailbox),
    Job("reponses-anciennes", timedelta(days=1), purge),
)
