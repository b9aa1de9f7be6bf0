"""Personal addresses of the feeds of the network: made, shown once, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.catalogue import FEEDS, Group, Offered
from feeds.syndication.models import FeedKey
from feeds.syndication.of_threads import readable
from feeds.syndication.publishers import Place
from reseau.core.ids import new_id
from reseau.core.tokens import digest
from reseau.core.wording import Wording, _
from reseau.members.models import Person
from reseau.threads.base.models import Topic, TopicSeen

PATH: Final = "/flux/prive/"
"""What follows is a secret: logs leave it out (``reseau.web.addresses.loggable_path``)."""
MOST = 10
"""Addresses that a person has at the same time."""
MAIN, TOPICS = _("Les flux du réseau"), _("Sujets du réseau et de vos groupes")


class TooManyError(Exception):
    """A person has ``MOST`` of them already."""


def make(session: Session, person_id: UUID, name: str, now: datetime) -> tuple[FeedKey, str]:
    """A new address. :return: its row, its secret: nobody can tell it again. :raises TooManyError: they have enough."""
    session.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update())
    if len(mine(session, person_id)) >= MOST:
        raise TooManyError
    secret = secrets.token_urlsafe(32)
    key = FeedKey(id=new_id(), person_id=person_id, digest=digest(secret), name=name, created_at=now)
    session.add(key)
    session.flush()
    return key, secret


def mine(session: Session, person_id: UUID) -> list[FeedKey]:
    """The addresses of a person that are good, the newest first; one statement."""
    wanted = sa.select(FeedKey).where(FeedKey.person_id == person_id, FeedKey.revoked_at.is_(None))
    return list(session.scalars(wanted.order_by(FeedKey.created_at.desc(), FeedKey.id)))


def revoke(session: Session, person_id: UUID, id_: UUID, now: datetime) -> bool:
    """An address reads nothing any more. :return: False: it is not theirs, or was revoked."""
    key = session.get(FeedKey, id_)
    if key is None or key.person_id != person_id or key.revoked_at is not None:
        return False
    key.revoked_at = now
    return True


def find(session: Session, secret: str) -> tuple[FeedKey, Person] | None:
    """Whose address it is, revoked or not; one statement."""
    wanted = sa.select(FeedKey, Person).join(Person, Person.id == FeedKey.person_id)
    row = session.execute(wanted.where(FeedKey.digest == digest(secret))).one_or_none()
    return (row[0], row[1]) if row else None


def offered(session: Session, secret: str, place: Place) -> list[Group]:
    """The feeds at a personal address; one statement."""
    root, say = f"{PATH}{secret}", Wording.of(place.lang)
    main = [Offered(say.gettext(one.title), f"{root}/{one.name}", about=say.gettext(one.about))
            for one in FEEDS.values() if one.published()]  # fmt: skip
    wanted = sa.select(Topic).where(readable(place), Topic.seen != TopicSeen.PUBLIC.value, Topic.archived_at.is_(None))
    topics = [Offered(topic.title(place.lang), f"{root}/echanges", urlencode({"sujet": topic.slug}), topic.description)
              for topic in session.scalars(wanted.order_by(Topic.position, Topic.slug))]  # fmt: skip
    groups = [Group(say.gettext(MAIN), tuple(main)), Group(say.gettext(TOPICS), tuple(topics))]
    return [group for group in groups if group.feeds]
