"""Suggestions: what anyone says is wrong on a sheet, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reseau.core.ids import new_id
from reseau.directory.models import Suggestion


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says. :param field: and ``proposed``: when it could be read as a value of one field."""

    reason: str
    message: str
    contact: str | None = None
    field: str | None = None
    proposed: Any = None
    seen: Any = None


def suggest(
    session: Session,
    structure_id: UUID,
    said: Said,
    *,
    language: str,
    nonce: UUID,
    now: datetime,
    author_id: UUID | None = None,
) -> bool:
    """Store it. :param nonce: the form's own; the same form sent twice stores one.

    :return: False when it was already stored.
    """
    suggestion = Suggestion(
        id=new_id(), structure_id=structure_id, reason=said.reason, message=said.message, contact=said.contact,
        field=said.field, proposed={"v": said.proposed} if said.field else None,
        seen={"v": said.seen} if said.field else None, language=language, nonce=nonce, created_at=now,
        author_id=author_id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(suggestion)
    except IntegrityError:
        return False
    return True
