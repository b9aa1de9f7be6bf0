"""What answers by mail work with, and what becomes of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import sessionmaker

from reseau.core.clock import Clock, utcnow
from reseau.core.files import FileStore
from reseau.settings import Settings
from reseau.threads.answering.reading import Incoming

MOST = 25  # MB of a message


class Outcome(enum.StrEnum):
    """What became of a mail. Only ``POSTED`` and ``WAITING`` made a post. ``MailReceived.outcome``."""

    POSTED = "posted"
    WAITING = "waiting"  # the post waits for a moderator
    AGAIN = "again"  # it came before
    AUTOMATIC = "automatic"
    UNKNOWN = "unknown"  # no token of ours
    EMPTY = "empty"
    LOOP = "loop"
    LIMITED = "limited"
    ELSEWHERE = "elsewhere"  # from another address than the person's
    REFUSED = "refused"  # they were told why
    GONE = "gone"  # nobody there to tell


@dataclass(frozen=True)
class Office:
    """Where mail comes in. ``most``: bytes of a message."""

    sessions: sessionmaker[Any]
    settings: Settings
    clock: Clock = utcnow
    most: int = MOST * 1_000_000

    @property
    def store(self) -> FileStore:
        """Files of the site."""
        return FileStore(self.settings.files_dir)


@dataclass(frozen=True)
class Said:
    """What a mail says. ``refusal``: why it cannot be published whoever wrote it ("" for nothing)."""

    mail: Incoming
    text: str
    body: str
    refusal: str = ""
