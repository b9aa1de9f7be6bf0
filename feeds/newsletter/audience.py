"""Who receives an issue: plain choices, never a query that somebody writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Edition, Subscriber, SubscriberState
from reseau.directory.models import Structure
from reseau.label.services import holders
from reseau.members.models import Membership

FEWER = timedelta(days=90)
"""Who wants fewer letters receives one in this time at most."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Choices, each empty for "all"; together they narrow. ``who``: any of ``labelled`` (members of a structure that
    holds the label), ``network`` (members of any), ``health`` (health professionals), ``public`` (none of those).
    ``communes``: INSEE codes (of the subscriber, or of a structure of theirs). ``themes``: codes; who chose none wants
    all. ``langs``: of the subscriber. ``typologies``: of a structure of theirs.
    """

    who: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    typologies: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Segments:
        """From ``Issue.segments``; what is unknown is left out."""
        return cls(**{name: tuple(map(str, stored.get(name, ()))) for name in cls.__slots__})

    def stored(self) -> dict[str, Any]:
        """For ``Issue.segments``."""
        return {name: list(value) for name, value in asdict(self).items() if value}


WHO = ("labelled", "network", "health", "public")


def people(segments: Segments, edition: Edition, day: date, now: datetime) -> sa.Select[Any]:
    """Ids of the subscribers who receive an edition, to be counted or put into another statement. Suppressed addresses
    are not taken away here: sending does, at the last moment. :param day: today, of the site."""
    wanted = sa.select(Subscriber.id).where(
        Subscriber.state == SubscriberState.ACTIVE.value, Subscriber.edition == edition.value
    )
    if edition is Edition.RELAY:
        return wanted  # relays get all that there is: they choose what they pass on
    recent = sa.and_(Subscriber.fewer.is_(True), Subscriber.last_sent_at > now - FEWER)
    wanted = wanted.where(sa.not_(sa.func.coalesce(recent, sa.false())))
    if segments.who:
        wanted = wanted.where(sa.or_(*(_who(code, day) for code in segments.who if code in WHO)))
    if segments.langs:
        wanted = wanted.where(Subscriber.lang.in_(segments.langs))
    if segments.communes:
        here = _of_structures(Structure.code_insee.in_(segments.communes))
        wanted = wanted.where(sa.or_(Subscriber.commune.in_(segments.communes), here))
    if segments.themes:
        # SQLite holds [] as text, PostgreSQL as jsonb: both say it so.
        every = sa.cast(Subscriber.themes, sa.Text) == "[]"
        wanted = wanted.where(sa.or_(every, _has_any(Subscriber.themes, segments.themes)))
    if segments.typologies:
        wanted = wanted.where(_of_structures(_has_any(Structure.typologie, segments.typologies)))
    return wanted


def _has_any(column: Any, codes: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """Whether a JSON list of codes, which hold no quote, has one of these: by its text, on both engines."""
    text = sa.cast(column, sa.Text)
    return sa.or_(*(text.contains(f'"{code}"', autoescape=True) for code in codes))


def count(session: Session, segments: Segments, edition: Edition, day: date, now: datetime) -> int:
    """How many receive it."""
    return session.scalar(sa.select(sa.func.count()).select_from(people(segments, edition, day, now).subquery())) or 0


def _who(code: str, day: date) -> sa.ColumnElement[bool]:
    if code == "labelled":
        return _of_structures(Membership.structure_id.in_(holders(day)))
    if code == "network":
        return _of_structures()
    if code == "health":
        return Subscriber.health.is_(True)
    return sa.and_(Subscriber.health.is_(False), sa.not_(_of_structures()))


def _of_structures(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a subscriber belongs to a structure, or to one of which this is true."""
    theirs = sa.select(Membership.id).join(Structure, Structure.id == Membership.structure_id)
    return theirs.where(Membership.person_id == Subscriber.person_id, *which).exists()
