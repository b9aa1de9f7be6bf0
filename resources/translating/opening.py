"""How many languages a resource is translated into or asked in: no more than its page can list."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from resources.base.models import TranslationAsk, TranslationUnit

#: Of one resource. Its page lists them all.
MAX_LANGS = 30


def is_full(session: Session, resource_id: UUID, lang: str) -> bool:
    """Whether a language more would be too many: ``MAX_LANGS`` others have been begun."""
    return _others(session, TranslationUnit, resource_id, lang) >= MAX_LANGS


def is_asked_enough(session: Session, resource_id: UUID, lang: str) -> bool:
    """Whether ``MAX_LANGS`` other languages are asked for already: anybody may ask, in any language there is."""
    return _others(session, TranslationAsk, resource_id, lang) >= MAX_LANGS


def _others(session: Session, table: type[TranslationUnit | TranslationAsk], resource_id: UUID, lang: str) -> int:
    found = sa.select(sa.func.count(sa.distinct(table.lang)))
    return session.scalar(found.where(table.resource_id == resource_id, table.lang != lang)) or 0
