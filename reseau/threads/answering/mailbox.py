"""The mailbox of answers (``core.mailbox``). What answers nothing of ours stays there, starred, for somebody to look
at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from reseau.core import mailbox
from reseau.core.mailbox import MailboxError
from reseau.threads.answering.office import Office, Outcome
from reseau.threads.answering.parcels import Later
from reseau.threads.answering.services import receive

__all__ = ["MailboxError", "empty"]


def empty(office: Office, stopping: Callable[[], bool] = lambda: False) -> Counter[Outcome]:
    """Take what is in the mailbox of the setting ``mail_inbox``. :return: how many of each outcome.

    :raises MailboxError: it cannot be opened. :raises Later: some of it could not be taken now; it is still there.
    """
    found: Counter[Outcome] = Counter()

    def take(raw: bytes, whole: bool) -> bool:
        outcome = receive(office, raw, whole=whole)  # commits
        found[outcome] += 1
        return outcome is not Outcome.UNKNOWN

    how = mailbox.Emptying(take, office.most, office.clock, stopping, (Later,))
    late = mailbox.empty(office.settings.mail_inbox, how)
    if late is not None:
        raise Later(type(late).__name__) from late
    return found
