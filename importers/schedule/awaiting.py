"""What of imports awaits the coordination: runs that are held, sources that fail."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from importers.models import ImportRun, ImportSource, RunState
from reseau.core.db import UTCDateTime
from reseau.desk.awaiting import Awaiting, register

#: Failures in a row from which a source needs a person.
TOO_MANY = 3
_HELD = (ImportRun.state == RunState.HELD.value, ImportRun.decided_at.is_(None))
_BROKEN = (ImportSource.enabled, ImportSource.failures >= TOO_MANY)


def _number(model: Any, where: tuple[Any, ...]) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(model).where(*where)


register(
    Awaiting(
        kind="imports-a-decider",
        path="/gestion/imports?etat=a-decider",
        label=lambda say, n: say.ngettext("%(num)s import à décider", "%(num)s imports à décider", n),
        number=lambda: _number(ImportRun, _HELD),
        oldest=lambda: sa.select(sa.func.min(ImportRun.started_at, type_=UTCDateTime())).where(*_HELD),
    )
)
register(
    Awaiting(
        kind="sources-en-panne",
        path="/gestion/sources",
        label=lambda say, n: say.ngettext(
            "%(num)s source qui ne répond plus", "%(num)s sources qui ne répondent plus", n
        ),
        number=lambda: _number(ImportSource, _BROKEN),
        oldest=lambda: sa.select(sa.func.min(ImportSource.last_good_at, type_=UTCDateTime())).where(*_BROKEN),
    )
)
