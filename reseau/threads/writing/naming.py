"""What the drafts of a person are about, for their own page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.ids import UUID_PATTERN
from reseau.groups.models import Belonging, GroupMember
from reseau.members.models import Membership
from reseau.threads.base.access import LISTED
from reseau.threads.base.models import Post, Thread, Topic, TopicSeen

if TYPE_CHECKING:
    from reseau.members.account import Named

_ANSWER = re.compile(rf"/echanges/[a-z0-9-]*-({UUID_PATTERN})/repondre")
_CHANGE = re.compile(rf"/echanges/messages/({UUID_PATTERN})/modifier")


def after(former: Named | None) -> Named:
    """How drafts are called: as before, and those of the exchanges by the title of their thread."""

    def named(session: Session, person_id: UUID, paths: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        found = dict(former(session, person_id, paths)) if former else {}
        return found | _titles(session, person_id, paths)

    return named


def _titles(session: Session, person_id: UUID, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Of the threads that the person reads, and of their own messages: the path of a draft is whatever a browser sent.
    At most two statements, none without such a draft."""
    answers = {path: UUID(match[1]) for path in paths if (match := _ANSWER.fullmatch(path))}
    changes = {path: UUID(match[1]) for path in paths if (match := _CHANGE.fullmatch(path))}
    found: dict[str, tuple[str, str]] = {}
    if answers:
        titles = _read(session, person_id, list(answers.values()))
        found |= {path: (titles[id_], "") for path, id_ in answers.items() if id_ in titles}
    if changes:
        wanted = sa.select(Post.id, Thread.title).join(Thread, Thread.id == Post.thread_id)
        rows = session.execute(wanted.where(Post.id.in_(list(changes.values())), Post.author_id == person_id))
        own: dict[UUID, str] = {row[0]: row[1] for row in rows}
        found |= {path: (own[id_], "") for path, id_ in changes.items() if id_ in own}
    return found


def _read(session: Session, person_id: UUID, ids: list[UUID]) -> dict[UUID, str]:
    groups = sa.select(GroupMember.group_id).where(
        GroupMember.person_id == person_id, GroupMember.belonging == Belonging.IN.value
    )
    placed = sa.exists().where(Membership.person_id == person_id)
    seen = sa.or_(
        Topic.seen == TopicSeen.PUBLIC.value,
        sa.and_(Topic.seen == TopicSeen.NETWORK.value, placed),
        Topic.group_id.in_(groups),
    )
    wanted = sa.select(Thread.id, Thread.title).join(Topic, Topic.id == Thread.topic_id)
    rows = session.execute(wanted.where(Thread.id.in_(ids), Thread.state.in_(LISTED), seen))
    return {row[0]: row[1] for row in rows}
