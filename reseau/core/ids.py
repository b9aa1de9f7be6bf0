"""Public identifiers: UUID version 7 (RFC 9562 §5.7), ordered by time of creation, never reused."""

from __future__ import annotations

import re
import uuid

import uuid_utils

UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_UUID = re.compile(UUID_PATTERN)


def new_id() -> uuid.UUID:
    """A new identifier. Two ids made one after the other in a process are in that order."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def parse_id(text: str) -> uuid.UUID | None:
    """The identifier written in canonical form, or None (never raises: it reads addresses)."""
    return uuid.UUID(text) if _UUID.fullmatch(text) else None
