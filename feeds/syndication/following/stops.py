"""The links that stop the alerts of one search, or of all of a person, without signing in (RFC 8058).

They are under the address of the links that stop other mails: what follows is left out of logs.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from reseau.core import stopping, tokens
from reseau.core.letters import Site

PATH = f"{stopping.PATH}recherches/"
PURPOSE = "search-stop"


def url(site: Site, person_id: UUID, now: datetime, search_id: UUID | None = None) -> str:
    """The address that stops alerts. :param search_id: only of this search; None: of all of them."""
    payload = [person_id.hex, *([search_id.hex] if search_id else [])]
    return f"{site.url}{PATH}{tokens.sign(site.secret, PURPOSE, payload, now)}"


def read(secret: str, token: str, now: datetime) -> tuple[UUID, UUID | None] | None:
    """(whose, which search) of a link; None: it is not one of ours, or over a year old."""
    payload = tokens.read(secret, PURPOSE, token, stopping.VALID, now)
    if not isinstance(payload, list) or len(payload) not in (1, 2):
        return None
    return UUID(payload[0]), UUID(payload[1]) if len(payload) == 2 else None  # signed by us: it is what ``url`` wrote
