"""What a person may read today, for who is not there to ask: a feed reader, the worker."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.of_threads import readable
from feeds.syndication.publishers import Place
from reseau.members.models import Person, PersonState
from reseau.members.sessions import places_of
from reseau.settings import Settings
from reseau.threads.base.models import Topic
from reseau.web.security import SITE_ROLES, Permission, Role, permits

_SITE_ROLES = {role.value: role for role in SITE_ROLES}


def place_for(session: Session, person: Person, settings: Settings, lang: str = "") -> Place | None:
    """Where and for whom; one statement. :param lang: instead of theirs. :return: None: the account is not active."""
    if person.state != PersonState.ACTIVE.value:
        return None
    held = {_SITE_ROLES[code] for code in person.roles if code in _SITE_ROLES}
    roles = frozenset({Role.VISITOR, Role.PERSON, *held, *places_of(session, person.id).values()})
    return Place(
        settings.site_name, settings.public_url.rstrip("/"), lang or person.lang, settings.timezone, settings.country,
        permits(roles, Permission.NETWORK_READ), person.id,
    )  # fmt: skip


def rights(session: Session, place: Place) -> str:
    """Changes when the reader may read other things than before, though nothing was written; one statement."""
    topics = session.scalars(sa.select(Topic.id).where(readable(place)).order_by(Topic.id))
    return hashlib.sha256(f"{place.network} {[id_.hex for id_ in topics]}".encode()).hexdigest()
