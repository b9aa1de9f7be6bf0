"""How often the address with a relay's code is opened: a sum for each day, of nobody.

A GET changes nothing, so counts wait in memory and are written by a thread; a killed process loses some seconds.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Relay, RelayVisit
from reseau.core.background import Writer
from reseau.core.clock import local_day
from reseau.core.db import insert

REGISTRY = "letter.visits"
_CODE = re.compile(r"[A-Z0-9]{4,12}")


class Visits(Writer[tuple[str, date], int]):
    """Counts of this process, by code and day. A code that is no relay's is forgotten when it is written."""

    name = "visits of relays"

    def _both(self, before: int, more: int) -> int:
        return before + more

    def _rest(self, now: int, written: int) -> int | None:
        return now - written or None

    def _write(self, session: Session, key: tuple[str, date], value: int) -> None:
        code, day = key
        relay_id = session.scalar(sa.select(Relay.id).where(Relay.code == code, Relay.active.is_(True)))
        if relay_id is None:
            return
        statement = insert(session, RelayVisit).values(relay_id=relay_id, day=day, number=value)
        added = {"number": RelayVisit.number + value}
        session.execute(statement.on_conflict_do_update(index_elements=["relay_id", "day"], set_=added))


def opened(request: Any, code: str) -> None:
    """The subscribe address was opened with a code (``registry["letter.visited"]``). Nothing of who opened it is kept;
    what looks at pages without reading them (HEAD) is not counted."""
    code = code.strip().upper()
    if request.method == "GET" and _CODE.fullmatch(code):
        day = local_day(request.registry["clock"](), request.config.timezone)
        request.registry[REGISTRY].put((code, day), 1)
