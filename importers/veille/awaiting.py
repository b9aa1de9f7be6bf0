"""What of the watch awaits the coordination."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from importers.models import WatchItem, WatchState
from reseau.core.db import UTCDateTime
from reseau.desk.awaiting import Awaiting, register

_NEW = WatchItem.state == WatchState.NEW.value


def _number() -> sa.Select[Any]:
    """News, not entries: what is told twice is sorted once."""
    return sa.select(sa.func.count(sa.distinct(WatchItem.cluster_id))).where(_NEW)


def _oldest() -> sa.Select[Any]:
    return sa.select(sa.func.min(WatchItem.seen_at, type_=UTCDateTime())).where(_NEW)


register(
    Awaiting(
        kind="veille",
        path="/gestion/veille",
        label=lambda say, n: say.ngettext("%(num)s actualité à trier", "%(num)s actualités à trier", n),
        number=_number,
        oldest=_oldest,
    )
)
