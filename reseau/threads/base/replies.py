"""The address to which one answers a mail: it names a notice, and is signed.

``reponses+<42 letters and digits>@domain``: the id of the notice and 80 bits of a keyed digest, in base 32, which
survives mail programs that change capitals. With the setting's own part it fits in the 64 characters of a local part
(RFC 5321 §4.5.3.1.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from reseau.settings import Settings

_PURPOSE = b"reseau.mail-reply.v1"
_SIGNED = 10  # bytes


def address(settings: Settings, notice_id: UUID) -> str:
    """The address at which an answer to this notice arrives; "": the site takes no answers by mail."""
    if not settings.mail_replies:
        return ""
    local, _, domain = settings.mail_replies.rpartition("@")
    return f"{local}+{token(settings.secret, notice_id)}@{domain}"


def token(secret: str, notice_id: UUID) -> str:
    """What names a notice in an address: 42 letters and digits."""
    raw = notice_id.bytes + _signature(secret, notice_id.bytes)
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def notice_of(secret: str, given: str) -> UUID | None:
    """The notice that a token names, or None: we did not write it."""
    text = given.strip().upper()
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + _SIGNED or not hmac.compare_digest(raw[16:], _signature(secret, raw[:16])):
        return None
    return UUID(bytes=raw[:16])


def _signature(secret: str, raw: bytes) -> bytes:
    return hmac.new(secret.encode(), _PURPOSE + raw, hashlib.sha256).digest()[:_SIGNED]
