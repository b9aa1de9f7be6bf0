"""The links by which somebody stops mails without signing in: at the end of each mail that one may do without, and in
the headers from which mail programs make a button (RFC 8058).

A link names a person and, for a mail about one thing, that thing. It never opens an account: all that it does is stop.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from reseau.core import tokens
from reseau.core.cards import Ref
from reseau.core.letters import Go, Letter, Site
from reseau.core.wording import Wording, _

PATH = "/avis/stop/"
PURPOSE = "mail-stop"
VALID = timedelta(days=400)
"""People find a mail of last year, and want no more of them."""


def url(site: Site, person_id: UUID, now: datetime, about: Ref | None = None) -> str:
    """The address that stops mails of a person. :param about: only those about this; None: all of them."""
    payload = [person_id.hex, *([about[0], about[1].hex] if about else [])]
    return f"{site.url}{PATH}{tokens.sign(site.secret, PURPOSE, payload, now)}"


def read(secret: str, token: str, now: datetime) -> tuple[UUID, Ref | None] | None:
    """(whose, about what) of a link; None: it is not one of ours, or over a year old."""
    payload = tokens.read(secret, PURPOSE, token, VALID, now)
    if not isinstance(payload, list) or len(payload) not in (1, 3):
        return None
    about = (str(payload[1]), UUID(payload[2])) if len(payload) == 3 else None
    return UUID(payload[0]), about  # signed by us: it is what ``url`` wrote


def headers(address: str) -> dict[str, str]:
    """What mail programs read: this address takes a POST, without a question (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def stoppable(letter: Letter, site: Site, person_id: UUID, now: datetime) -> tuple[Letter, dict[str, str]]:
    """A letter that one may do without, with its link, and its headers."""
    address = url(site, person_id, now)
    link = Go(Wording.of(letter.lang).gettext(_("Ne plus recevoir aucun mail")), address)
    return replace(letter, foot=(*letter.foot, link)), headers(address)
