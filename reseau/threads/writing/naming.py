"""What the drafts of a person are about, for their own page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.ids import UUID_PATTERN
from reseau.threads.base.access import LISTED, audience
from reseau.threads.base.models import Post, Thread

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
    At most five statements, none without such a draft."""
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
    who = audience(session, [person_id])
    wanted = sa.select(Thread.id, Thread.title, Thread.topic_id).where(Thread.id.in_(ids), Thread.state.in_(LISTED))
    return {id_: title for id_, title, topic_id in session.execute(wanted) if who.reads(person_id, topic_id)}
