"""What of the agenda awaits the coordination."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from reseau.agenda.models import Event
from reseau.agenda.services import waiting
from reseau.core.clock import utcnow
from reseau.core.db import UTCDateTime
from reseau.desk.awaiting import Awaiting, register


def _number() -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(Event).where(*waiting(utcnow()))


def _oldest() -> sa.Select[Any]:
    return sa.select(sa.func.min(Event.created_at, type_=UTCDateTime())).where(*waiting(utcnow()))


register(
    Awaiting(
        kind="agenda",
        path="/gestion/agenda",
        label=lambda say, n: say.ngettext("%(num)s date d’agenda à trier", "%(num)s dates d’agenda à trier", n),
        number=_number,
        oldest=_oldest,
    )
)
