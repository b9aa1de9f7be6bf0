"""How many people an issue would reach, as its page says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.audience import WHO, Segments, people
from feeds.newsletter.models import Edition, Issue, Subscriber
from reseau.core.clock import local_day
from reseau.directory.models import Status, Structure


@dataclass(frozen=True, slots=True)
class Reach:
    """``general``: language in which it leaves → people; ``relays``: the same of the edition to pass on. ``who``:
    choice → people of whom it is true, whatever else is chosen; a person may be in several."""

    general: Mapping[str, int]
    relays: Mapping[str, int]
    who: Mapping[str, int]

    @property
    def people(self) -> int:
        """Who receives the general edition."""
        return sum(self.general.values())

    @property
    def contacts(self) -> int:
        """Who receives the edition to pass on."""
        return sum(self.relays.values())

    @property
    def total(self) -> int:
        """All that leaves."""
        return self.people + self.contacts


def reach(session: Session, issue: Issue, segments: Segments, timezone: str, now: datetime) -> Reach:
    """Who would receive it now; three statements. Suppressed addresses are taken away at the last moment only."""
    day = local_day(now, timezone)

    def by_lang(edition: Edition) -> dict[str, int]:
        chosen = people(segments, edition, day, now).subquery()
        wanted = sa.select(Subscriber.lang, sa.func.count()).join(chosen, chosen.c.id == Subscriber.id)
        found = dict.fromkeys(issue.langs, 0)
        for lang, number in session.execute(wanted.group_by(Subscriber.lang)):
            in_ = lang if lang in found else "fr"
            found[in_] = found.get(in_, 0) + number
        return found

    counted = [
        sa.select(sa.func.count())
        .select_from(people(Segments(who=(code,)), Edition.GENERAL, day, now).subquery())
        .scalar_subquery()
        for code in WHO
    ]
    numbers = session.execute(sa.select(*counted)).one()
    return Reach(by_lang(Edition.GENERAL), by_lang(Edition.RELAY), dict(zip(WHO, numbers, strict=True)))


def typologies(session: Session) -> set[str]:
    """Codes of the types of which there is an open place: only these can be chosen. One statement."""
    wanted = sa.select(Structure.typologie).where(Structure.status == Status.ACTIVE.value)
    return {code for codes in session.scalars(wanted.distinct()) for code in codes or ()}
