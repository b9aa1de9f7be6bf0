"""An error that was reported, and the sheet: is it of this place, and was anything corrected since?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.ids import parse_id
from reseau.directory import suggestions
from reseau.directory.fields import BY_NAME
from reseau.directory.models import Cause, FieldChange, Suggestion, SuggestionState
from reseau.directory.reproject import same

#: Reason → the fields in which it is corrected; a reason that is not here can be corrected in any field.
_FIELDS: dict[str, tuple[str, ...]] = {
    "telephone": ("telephone",),
    "horaires": ("horaires", "horaires_texte"),
    "adresse": ("adresse", "complement_adresse", "code_postal", "commune", "latitude", "longitude"),
    "courriel": ("courriels",),
    "site": ("site_web",),
    "position": ("latitude", "longitude", "adresse", "commune"),
}
_SAYS_NOTHING_NEW = (Cause.VERIFY.value, Cause.KEPT.value)


def reported(session: Session, text: str, structure_id: UUID) -> Suggestion | None:
    """The error that waits for an answer on this sheet. :param text: its id, as somebody typed it."""
    id_ = parse_id(text)
    found = suggestions.find(session, id_) if id_ else None
    if found is None or found[1] != structure_id or found[0].state != SuggestionState.OPEN.value:
        return None
    return found[0]


def is_corrected(session: Session, suggestion: Suggestion, row: Mapping[str, Any]) -> bool:
    """Whether the sheet says something else than when the error was reported, where it can be corrected.

    What was seen then is what the first later change of each field says was there before. Offers, and a place that was
    closed, opened again or merged, count for every reason. :param row: the sheet as it is.
    """
    later = sa.select(FieldChange).where(
        FieldChange.structure_id.in_([row["id"], suggestion.structure_id]),
        FieldChange.id > suggestion.id,  # ids are ordered by time
        FieldChange.cause.not_in(_SAYS_NOTHING_NEW),
    )
    before: dict[str, Any] = {}
    for change in session.scalars(later.order_by(FieldChange.id)):
        if not change.field:
            return True
        before.setdefault(change.field, change.before["v"])
    if suggestion.field and suggestion.seen is not None:
        before[suggestion.field] = suggestion.seen["v"]
    names = _FIELDS.get(suggestion.reason, tuple(BY_NAME))
    return any(name in before and not same(row[name], before[name]) for name in names)
