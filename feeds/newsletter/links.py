"""Addresses that a letter carries. Each of one kind of key, of fixed length, made of small letters and digits only:
they
survive mail servers that lower or fold. One salt for each purpose: a link that leaves confirms nothing.

That of a reader never expires (RFC 8058: whoever finds a letter of three years ago may still leave).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from reseau.core import tokens

KEY = 16
"""Characters of ``Subscriber.key``."""
_MAC = 16
READER = "/lettre/d/"
CONFIRM = "/lettre/confirmer/"
VALID = timedelta(days=7)
"""How long a link that confirms is good."""
_PURPOSE = "letter-confirm"


def new_key() -> str:
    """A key for a new subscriber: 16 characters, 80 bits."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def of_reader(secret: str, key: str) -> str:
    """The 32 characters by which a reader leaves and chooses. :param key: of the subscriber."""
    return key + _mac(secret, "reader", key)


def reader_key(secret: str, token: str) -> str | None:
    """The key in such a token, whatever became of its case; None: not one of ours."""
    token = token.lower()[: KEY + _MAC]
    key = token[:KEY]
    return key if hmac.compare_digest(_bytes(token), _bytes(of_reader(secret, key))) else None


def of_bounce(secret: str, delivery_id: UUID) -> str:
    """What stands in a VERP address between "+" and "@": 42 characters (26 for the delivery, 16 of proof)."""
    name = base64.b32encode(delivery_id.bytes).decode().lower().rstrip("=")
    return name + _mac(secret, "bounce", name)


def bounced(secret: str, text: str) -> UUID | None:
    """The delivery that such a text names, whatever became of its case; None: not one of ours."""
    text = text.lower()
    name = text[:26]
    if not hmac.compare_digest(_bytes(text), _bytes(name + _mac(secret, "bounce", name))):
        return None
    return UUID(bytes=base64.b32decode(name.upper() + "======"))


def confirmation(secret: str, subscriber_id: UUID, asked_at: datetime, event_id: UUID | None = None) -> str:
    """The token of a link that confirms. Single use: ``tokens.spend`` it. :param event_id: the line of the journal of
    consent that holds what was asked for; None: what the row of the subscriber says (an invitation)."""
    payload = [subscriber_id.hex, *([event_id.hex] if event_id else [])]
    return tokens.sign(secret, _PURPOSE, payload, asked_at)


def confirmed(secret: str, token: str, now: datetime) -> tuple[UUID | None, UUID | None]:
    """(whom such a token confirms, by which line of the journal). (None, None): forged, or too old."""
    found = tokens.read(secret, _PURPOSE, token, VALID, now)
    if not isinstance(found, list) or len(found) not in (1, 2):
        return None, None
    return UUID(found[0]), UUID(found[1]) if len(found) == 2 else None


def suppressed(secret: str, email: str) -> str:
    """Keyed hash of an address (hex): who reads the table cannot try addresses."""
    return hmac.new(_key(secret, "suppression"), _bytes(email.strip().lower()), hashlib.sha256).hexdigest()


def _mac(secret: str, purpose: str, text: str) -> str:
    found = hmac.new(_key(secret, purpose), _bytes(text), hashlib.sha256).digest()[:10]
    return base64.b32encode(found).decode().lower()


def _bytes(text: str) -> bytes:
    """Of a text that strangers wrote: what was no UTF-8 in a header or an argument is a surrogate here."""
    return text.encode("utf-8", "surrogatepass")


def _key(secret: str, purpose: str) -> bytes:
    return hashlib.sha256(f"reseau.letter.{purpose}.v1:{secret}".encode()).digest()
