"""The mailbox of what comes back, read every five minutes where there is one; old reports are forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from feeds.newsletter.bounces.services import MOST_BYTES, Desk, forget, settle, take
from reseau.core import mailbox
from reseau.core.jobs import Job, Tools

WORDS = {
    "hard": "adresses mortes", "soft": "échecs passagers", "complaint": "plaintes", "left": "désinscriptions",
    "ignored": "sans suite", "unread": "à regarder", "again": "déjà lus",
}  # fmt: skip
KEPT = dict.fromkeys(("left", "ignored", "unread"), timedelta(days=90))
"""Of a departure, the journal of consent keeps what must be kept."""
LONG = timedelta(days=400)
"""Failures and complaints: as long as one may ask why letters stopped."""


class Later(Exception):
    """Some messages could not be taken now; they are still in the mailbox."""


def empty(desk: Desk, stopping: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Take what is in the mailbox of ``letter_inbox``. :return: how many of each outcome.

    :raises mailbox.MailboxError: it cannot be opened. :raises Later: see there.
    """
    found: Counter[str] = Counter()

    def one(raw: bytes, whole: bool) -> bool:
        outcome = take(desk, raw, whole=whole)  # commits
        found[outcome] += 1
        return outcome != "unread"

    late = mailbox.empty(desk.settings.letter_inbox, mailbox.Emptying(one, MOST_BYTES, desk.clock, stopping))
    if late is not None:
        raise Later(type(late).__name__) from late
    return found


def told(found: Counter[str]) -> str | None:
    """For the log and the desk, in French; None for nothing."""
    return ", ".join(f"{words} : {found[name]}" for name, words in WORDS.items() if found[name]) or None


def read_mailbox(tools: Tools) -> str | None:
    """Take what came back into the mailbox of ``letter_inbox``."""
    with tools.sessions.begin() as session:
        settle(session, tools.settings.secret, tools.clock())
    if not tools.settings.letter_inbox:
        return None
    return told(empty(Desk(tools.sessions, tools.settings, tools.clock), tools.stopping))


def purge(tools: Tools) -> str | None:
    """Forget what came back long ago."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        count = forget(session, lambda kind: now - KEPT.get(kind, LONG))
    return f"effacés : {count}" if count else None


JOBS = (
    Job("lettre-retours", timedelta(minutes=5), read_mailbox),
    Job("lettre-retours-anciens", timedelta(days=1), purge),
)
