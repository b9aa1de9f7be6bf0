"""What may be written where it stays: in the logs, in ``job_run``. No mail address, no signed token."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s<>()\[\],;:'\"=@]+@[^\s<>()\[\],;:'\"@]+")
_READER = re.compile(r"(/lettre/(?:d|confirmer)/)\S+")  # the link of a reader of the letter: it is good for ever
_TOKEN = re.compile(r"[\w-]{4,}\.[\w-]{4,}\.[\w-]{20,}")


def masked(text: str) -> str:
    """``text`` with mail addresses, signed tokens and readers' links replaced by ``…``."""
    return _ADDRESS.sub("…", _TOKEN.sub("…", _READER.sub(r"\1…", text)))
