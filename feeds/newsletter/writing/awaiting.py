"""What of the letter awaits the coordination: drafts that somebody began."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from feeds.newsletter.models import Issue, IssueState
from reseau.core.db import UTCDateTime
from reseau.desk.awaiting import Awaiting, register


def _drafts(selected: Any) -> sa.Select[Any]:
    return sa.select(selected).where(Issue.state == IssueState.DRAFT.value)


register(
    Awaiting(
        kind="lettre",
        path="/gestion/lettre",
        label=lambda say, n: say.ngettext("%(num)s brouillon de la lettre", "%(num)s brouillons de la lettre", n),
        number=lambda: _drafts(sa.func.count(Issue.id)),
        oldest=lambda: _drafts(sa.func.min(Issue.created_at, type_=UTCDateTime())),
    )
)
