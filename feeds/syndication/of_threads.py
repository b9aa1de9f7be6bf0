"""Threads as feeds tell them: their first message and the answer that helped. No name of a person goes there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feeds.syndication.publishers import Item, Items, Place, Publisher, Visibility, each, register
from reseau.core.wording import Wording, _
from reseau.directory.models import Structure
from reseau.groups.models import Belonging, GroupMember
from reseau.members.models import Person
from reseau.threads.base import text
from reseau.threads.base.access import LISTED
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import KIND, TOPIC_KIND, Post, PostState, Thread, Topic, TopicSeen
from reseau.threads.base.shapes import somebody

ANSWER = _("La réponse qui a aidé")
_ANSWER = aliased(Post)
_SEEN: dict[str, Visibility] = {TopicSeen.PUBLIC.value: "public", TopicSeen.NETWORK.value: "network"}


def readable(place: Place) -> sa.ColumnElement[bool]:
    """Topics whose threads the reader reads."""
    seen = [Topic.seen == TopicSeen.PUBLIC.value]
    if place.network:
        seen.append(Topic.seen == TopicSeen.NETWORK.value)
    if place.network and place.person_id:
        mine = sa.select(GroupMember.group_id).where(
            GroupMember.person_id == place.person_id, GroupMember.belonging == Belonging.IN.value
        )
        seen.append(Topic.group_id.in_(mine))
    return sa.or_(*seen)


def hidden(place: Place, id_: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether a thread is in a topic that the reader does not read."""
    return sa.exists().where(Thread.id == id_, Topic.id == Thread.topic_id, sa.not_(readable(place)))


def entries(session: Session, ids: Collection[UUID], place: Place) -> Items:
    """Threads that lists show to the reader; one statement. Of those in topics that they do not read: nothing."""
    wanted = (
        sa.select(Thread, Post, Topic, Structure.nom, Person.roles, _ANSWER, readable(place))
        .join(Topic, Topic.id == Thread.topic_id)
        .outerjoin(Post, sa.and_(Post.thread_id == Thread.id, Post.first, Post.state == PostState.SHOWN.value))
        .outerjoin(Person, Person.id == Thread.author_id)
        .outerjoin(_ANSWER, sa.and_(_ANSWER.id == Thread.answer_id, _ANSWER.state == PostState.SHOWN.value))
        .outerjoin(Structure, Structure.id == Thread.structure_id)
        .where(Thread.id.in_(list(ids)))
    )
    rows = {row[0].id: row for row in session.execute(wanted)}
    shown = {id_: row for id_, row in rows.items() if row[6] and row[1] is not None and row[0].state in LISTED}
    silent = {id_: None for id_, row in rows.items() if not row[6]}
    say = Wording.of(place.lang)
    return {**silent, **each(shown, lambda row: _item(row, place, say))}


def _item(row: Any, place: Place, say: Wording) -> Item:
    thread, post, topic, name, roles, answer, _may = row
    # Feeds are kept by readers of other sites: a name of a person does not go there.
    content, author = _said(post, place), name or say.gettext(somebody(roles or ()))
    if answer:
        content += f"<p><strong>{say.gettext(ANSWER)}</strong></p>{_said(answer, place)}"
    return Item(
        thread.id, KIND, thread.title, place.url + path_of(thread), content, author, thread.created_at,
        max(post.edited_at or thread.created_at, thread.last_at), thread.lang,
        ((f"sujet:{topic.slug}", topic.title(place.lang)),), _SEEN.get(topic.seen, "members"),
    )  # fmt: skip


def _said(post: Post, place: Place) -> str:
    """The words of a post: no names of people."""
    return text.to_html(text.veiled(post.text, post.mentions), post.mentions, place.url)


register(Publisher(KIND, entries, also=(TOPIC_KIND,), hidden=hidden))
