"""Readers ask for a resource in a language that it does not have: counted, never by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from reseau.core.limits import Limit, allow_network
from resources.base.models import TranslationAsk, TranslationUnit
from resources.base.translations import UnitState
from resources.translating.opening import is_asked_enough

#: A network counts once a day for a resource and a language: an office is many people, a script is one.
ONCE = Limit("translation-ask", 1, timedelta(days=1))
IN_ALL = Limit("translation-asks", 30, timedelta(days=1))


def ask(session: Session, resource_id: UUID, lang: str, network: str, now: datetime) -> bool:
    """Count a reader who asks. :return: False: this network has asked for that already, or for too much; or readers
    ask for ``MAX_LANGS`` others."""
    if is_asked_enough(session, resource_id, lang):
        return False
    if not allow_network(session, ONCE, network, now, who=f"{resource_id}:{lang}"):
        return False
    if not allow_network(session, IN_ALL, network, now):
        return False
    statement = insert(session, TranslationAsk).values(resource_id=resource_id, lang=lang, asked=1, last_at=now)
    more = {"asked": TranslationAsk.asked + 1, "last_at": now}
    session.execute(statement.on_conflict_do_update(index_elements=["resource_id", "lang"], set_=more))
    return True


def machine_languages(session: Session, resource_id: UUID, among: Sequence[str]) -> set[str]:
    """The languages of which readers see machine text somewhere; one statement, none when there is one language."""
    if len(among) < 2:
        return set()
    wanted = sa.select(TranslationUnit.lang).where(
        TranslationUnit.resource_id == resource_id,
        TranslationUnit.state == UnitState.MACHINE.value,
        TranslationUnit.words.is_not(None),
    )
    return set(session.scalars(wanted.distinct()))
