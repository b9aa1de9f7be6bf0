"""Who reads and writes what: everything hangs on the topic of a thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.groups.models import Belonging, GroupMember
from reseau.members.models import Membership, Person, PersonState
from reseau.threads.base.models import Thread, ThreadState, Topic, TopicSeen

if TYPE_CHECKING:
    from reseau.web.security import Identity

LISTED = (ThreadState.OPEN.value, ThreadState.CLOSED.value)
"""States of the threads that lists show."""


@dataclass(frozen=True)
class Reader:
    """Who reads: nobody (a visitor), somebody of the network, a moderator; with the topics that they may read, in the
    order of the coordination."""

    person_id: UUID | None
    network: bool
    moderates: bool
    topics: tuple[Topic, ...]

    @cached_property
    def by_id(self) -> dict[UUID, Topic]:
        """The topics that they may read, by id."""
        return {topic.id: topic for topic in self.topics}

    @cached_property
    def topic_ids(self) -> list[UUID]:
        """Their ids."""
        return list(self.by_id)

    @cached_property
    def group_ids(self) -> frozenset[UUID]:
        """The groups whose topics they read."""
        return frozenset(topic.group_id for topic in self.topics if topic.group_id)

    def reads(self, thread: Thread) -> bool:
        """Whether they may read a thread. What waits for a look or is hidden: its author and the moderators."""
        if thread.topic_id not in self.by_id:
            return False
        kept = thread.state in (*LISTED, ThreadState.MERGED.value)
        return kept or self.moderates or (self.person_id is not None and thread.author_id == self.person_id)

    def writable(self) -> list[Topic]:
        """The topics in which they may start a thread."""
        return [topic for topic in self.topics if topic.archived_at is None] if self.person_id else []


def reader_of(session: Session, identity: Identity | None, network: bool, moderates: bool) -> Reader:
    """The reader that an identity is; one statement. :param network: they have ``network:read``. :param moderates: they
    have ``thread:moderate``: they see the topics of all groups, which the pages of groups say.
    """
    person_id = identity.person_id if identity else None
    return Reader(person_id, network, moderates, tuple(session.scalars(_topics(person_id, network, moderates))))


def _topics(person_id: UUID | None, network: bool, moderates: bool) -> sa.Select[Topic]:
    seen: list[sa.ColumnElement[bool]] = [Topic.seen == TopicSeen.PUBLIC.value]
    if network:
        seen.append(Topic.seen == TopicSeen.NETWORK.value)
    if person_id:
        mine = sa.select(GroupMember.group_id).where(
            GroupMember.person_id == person_id, GroupMember.belonging == Belonging.IN.value
        )
        seen.append(Topic.group_id.in_(mine))
    wanted = sa.select(Topic).order_by(Topic.position, Topic.slug)
    return wanted if moderates else wanted.where(sa.or_(*seen))


@dataclass(frozen=True)
class Audience:
    """Who may read which topics, for those who are told things while they are away."""

    topics: Mapping[UUID, Topic]
    network: frozenset[UUID]
    moderators: frozenset[UUID]
    members: Mapping[UUID, frozenset[UUID]]
    active: frozenset[UUID]

    def reads(self, person_id: UUID, topic_id: UUID) -> bool:
        """Whether an active person may read the threads of a topic."""
        topic = self.topics.get(topic_id)
        if topic is None or person_id not in self.active:
            return False
        if topic.seen == TopicSeen.PUBLIC.value or person_id in self.moderators:
            return True
        if topic.seen == TopicSeen.NETWORK.value:
            return person_id in self.network
        return person_id in self.members.get(topic.group_id, frozenset()) if topic.group_id else False


def audience(session: Session, person_ids: Collection[UUID] | None = None) -> Audience:
    """Who may read what, of some people or of all; three statements."""
    topics = {topic.id: topic for topic in session.scalars(sa.select(Topic))}
    placed = sa.exists().where(Membership.person_id == Person.id)
    wanted = sa.select(Person.id, Person.roles, placed).where(Person.state == PersonState.ACTIVE.value)
    groups = sa.select(GroupMember.group_id, GroupMember.person_id).where(GroupMember.belonging == Belonging.IN.value)
    if person_ids is not None:
        wanted = wanted.where(Person.id.in_(list(person_ids)))
        groups = groups.where(GroupMember.person_id.in_(list(person_ids)))
    rows = session.execute(wanted).all()
    members: dict[UUID, set[UUID]] = {}
    for group_id, person_id in session.execute(groups):
        members.setdefault(group_id, set()).add(person_id)
    return Audience(
        topics,
        network=frozenset(id_ for id_, roles, place in rows if place or roles),
        moderators=frozenset(id_ for id_, roles, _ in rows if "coordinator" in roles),
        members={group_id: frozenset(ids) for group_id, ids in members.items()},
        active=frozenset(id_ for id_, *_ in rows),
    )
