"""What of the label awaits the coordination: those that end soon and that nobody renewed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased

from reseau.core.db import UTCDateTime
from reseau.desk.awaiting import Awaiting, register
from reseau.directory.models import Status, Structure
from reseau.label.models import Label
from reseau.label.services import place_of, renewed


class _Midnight(sa.sql.functions.FunctionElement[Any]):
    """A day as its midnight in UTC, whatever the zone of the session, among other moments."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(_Midnight)
def _standard(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **kw)} AS TIMESTAMP) AT TIME ZONE 'UTC')"


@compiles(_Midnight, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} || ' 00:00:00.000000')"


def _waiting(selected: Any) -> sa.Select[Any]:
    """Of open places. The job has told that they end soon (so that no statement needs to know which day it is)."""
    here, (place, join) = aliased(Structure), place_of()
    return (
        sa.select(selected)
        .select_from(join.join(here, here.id == place))
        .where(here.status == Status.ACTIVE.value)
        .where(Label.reminded_on.is_not(None), Label.ended.is_(False), ~renewed())
    )


register(
    Awaiting(
        kind="label",
        path="/gestion/label?etat=bientot",
        label=lambda say, n: say.ngettext("%(num)s label à renouveler", "%(num)s labels à renouveler", n),
        number=lambda: _waiting(sa.func.count(Label.id)),
        oldest=lambda: _waiting(_Midnight(sa.func.min(Label.reminded_on))),
    )
)
