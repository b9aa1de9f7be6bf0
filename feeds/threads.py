"""The newest public threads as a feed. Without Pyramid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feeds.atom import Entry, Feed
from reseau.core.wording import Wording, _
from reseau.directory.models import Structure
from reseau.members.models import Person
from reseau.threads.base import text
from reseau.threads.base.access import LISTED
from reseau.threads.base.addresses import path_of, topic_path
from reseau.threads.base.models import Post, PostState, Thread, Topic, TopicSeen
from reseau.threads.base.shapes import somebody

MOST = 30
ANSWER = _("La réponse qui a aidé")
_ANSWER = aliased(Post)
TITLE = _("Échanges – %(site)s")
OF_TOPIC = _("%(topic)s – Échanges – %(site)s")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feed is: the site's name, its whole address without a slash at its end, the language of its words."""

    site_name: str
    url: str
    lang: str


def public_topic(session: Session, slug: str) -> Topic | None:
    """The topic of an address, if everybody may read it."""
    wanted = sa.select(Topic).where(Topic.slug == slug, Topic.seen == TopicSeen.PUBLIC.value)
    return session.scalars(wanted).one_or_none()


def feed(session: Session, place: Place, now: datetime, topic: Topic | None = None) -> Feed:
    """The newest threads that everybody may read, with their first posts; one statement. :param topic: only its own."""
    say = Wording.of(place.lang)
    path = topic_path(topic) if topic else "/echanges"
    title = say.gettext(OF_TOPIC, topic=topic.title(place.lang), site=place.site_name) if topic else say.gettext(
        TITLE, site=place.site_name)  # fmt: skip
    entries = [_entry(place, say, *row) for row in _rows(session, topic)]
    return Feed(
        id=f"urn:uuid:{topic.id}" if topic else f"{place.url}/echanges", title=title, link=place.url + path,
        here=f"{place.url}{path}/flux.atom", updated=topic.created_at if topic else now, author=place.site_name,
        lang=place.lang, subtitle=topic.description if topic else "", entries=entries,
    )  # fmt: skip


def _rows(session: Session, topic: Topic | None) -> list[Any]:
    # The threads first: joined with their posts, all of them would be read before the newest are known. Twice as many
    # as are shown: the first posts of some are hidden.
    newest = sa.select(Thread.id).join(Topic, Topic.id == Thread.topic_id)
    newest = newest.where(Topic.seen == TopicSeen.PUBLIC.value, Thread.state.in_(LISTED))
    if topic:
        newest = newest.where(Thread.topic_id == topic.id)
    chosen = newest.order_by(Thread.created_at.desc(), Thread.id.desc()).limit(2 * MOST).subquery()
    wanted = (
        sa.select(Thread, Post, Topic, Structure.nom, Person.roles, _ANSWER)
        .join(chosen, chosen.c.id == Thread.id)
        .join(Topic, Topic.id == Thread.topic_id)
        .join(Post, sa.and_(Post.thread_id == Thread.id, Post.first, Post.state == PostState.SHOWN.value))
        .outerjoin(Person, Person.id == Thread.author_id)
        .outerjoin(_ANSWER, sa.and_(_ANSWER.id == Thread.answer_id, _ANSWER.state == PostState.SHOWN.value))
        .outerjoin(Structure, Structure.id == Thread.structure_id)
        .order_by(Thread.created_at.desc(), Thread.id.desc())
        .limit(MOST)
    )
    return list(session.execute(wanted))


def _entry(
    place: Place, say: Wording, thread: Thread, post: Post, topic: Topic, name: str | None, roles: list[str] | None,
    answer: Post | None,
) -> Entry:  # fmt: skip
    # Feeds are kept by readers of other sites: a name of a person does not go there.
    content, author = _said(post, place), name or say.gettext(somebody(roles or ()))
    if answer:
        content += f"<p><strong>{say.gettext(ANSWER)}</strong></p>{_said(answer, place)}"
    return Entry(
        id=thread.id, title=thread.title, link=place.url + path_of(thread), author=author,
        published=thread.created_at, updated=max(post.edited_at or thread.created_at, thread.last_at),
        content=content, lang=thread.lang,
        categories=[(topic.slug, topic.title(place.lang))],
    )  # fmt: skip


def _said(post: Post, place: Place) -> str:
    """The words of a post: no names of people."""
    return text.to_html(text.veiled(post.text, post.mentions), post.mentions, place.url)
