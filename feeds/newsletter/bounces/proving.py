"""Whether a message can prove anything at all, before it is taken apart: anybody may write to the address of bounces,
and taking a message apart costs the more the worse it was made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from feeds.newsletter import links

MOST = 500
"""Proofs of one message that are tried. Of its own, a message has a handful."""
_VERP = re.compile(rb"\+([a-z2-7]{42})@", re.IGNORECASE)
_LINK = re.compile(rb"/([a-z2-7]{32})(?![a-z2-7])", re.IGNORECASE)


def token_of(address: str) -> str:
    """What stands in an address where our proof would."""
    return address.strip().strip("<>").rpartition("@")[0].rpartition("+")[2]


def hopeful(secret: str, raw: bytes, recipients: Iterable[str]) -> bool:
    """Whether one of the recipients, or anything written in a message, is a proof of ours (``links.bounced``,
    ``links.reader_key``). What it proves is for who reads the message to say.

    :param recipients: to whom the mail server delivered it.
    """
    if any(links.bounced(secret, token_of(one)) for one in islice(recipients, MOST)):
        return True
    # What is enclosed may be quoted-printable, which cuts its lines (RFC 2045 §6.7).
    flat = raw.replace(b"=\r\n", b"").replace(b"=\n", b"")
    return any(links.bounced(secret, one) for one in _found(_VERP, flat)) or any(
        links.reader_key(secret, one) for one in _found(_LINK, flat)
    )


def _found(pattern: re.Pattern[bytes], raw: bytes) -> Iterator[str]:
    return islice(dict.fromkeys(one[1].decode().lower() for one in islice(pattern.finditer(raw), 10 * MOST)), MOST)
