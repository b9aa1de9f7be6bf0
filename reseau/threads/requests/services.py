"""A request for a resource and its thread: started once, answered together, open again together.

Whoever changes both locks the request first: the pages of requests do so too. Whoever calls commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.wording import Wording, _
from reseau.directory.understanding import procedure
from reseau.threads.base import services
from reseau.threads.base.access import Reader
from reseau.threads.base.choices import waits
from reseau.threads.base.models import Post, Thread, ThreadKind, ThreadState, Topic, TopicSeen
from reseau.threads.base.services import Author, Opening, Writing
from reseau.threads.base.shapes import MAX_TITLE
from resources.base import langs
from resources.base.content import one_line
from resources.base.models import KIND as RESOURCE
from resources.base.models import Resource, ResourceRequest, Visibility
from resources.finding import asking

#: Where requests go that no other topic suits.
USUAL_TOPIC = "ateliers"


class There(Exception):
    """The request has its thread already. ``args[0]``: the thread."""


def author_of(session: Session, reader: Reader) -> Author:
    """Whoever reads, as the author of a message; the first one of somebody new may wait for a look."""
    return Author(reader.person_id, waits=waits(session, reader.person_id, reader.moderates))


def topic_for(topics: Sequence[Topic], asked: ResourceRequest) -> Topic | None:
    """The topic, among those in which somebody may write, that suits a request and that everybody reads."""
    public = [topic for topic in topics if topic.seen == TopicSeen.PUBLIC.value]
    named = procedure(f"{asked.words} {asked.text}")
    codes = {named.term.code if named else "", asked.theme} - {""}
    usual = next((topic for topic in public if topic.slug == USUAL_TOPIC), public[0] if public else None)
    return next((topic for topic in public if codes & set(topic.procedures)), usual)


def title_of(asked: ResourceRequest) -> str:
    """The title of its thread."""
    words = one_line(asked.words)
    return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1].rstrip() + "…"


def text_of(asked: ResourceRequest, lang: str) -> str:
    """What its thread says: nothing of who asks, nor of how to reach them. :param lang: of the sentences."""
    say = Wording.of(lang)
    parts = [asked.text.strip() or asked.words.strip()]
    if len(one_line(asked.words)) > MAX_TITLE and asked.text:
        parts.insert(0, asked.words.strip())
    if asked.lang:
        parts.append(say.gettext(_("Langue voulue : %(name)s."), name=langs.name(asked.lang, lang)))
    return "\n\n".join(parts)


def of_requests(session: Session, ids: Collection[UUID]) -> dict[UUID, Thread]:
    """The threads of some requests, by request; one statement, none for none."""
    wanted = sa.select(Thread).where(Thread.request_id.in_(list(ids)), Thread.state != ThreadState.DELETED.value)
    return {row.request_id: row for row in session.scalars(wanted) if row.request_id} if ids else {}


def start(
    session: Session, asked_id: UUID, topic_id: UUID, title: str, writing: Writing, author: Author, *, id_: UUID,
    now: datetime, site_url: str = "",
) -> Thread:  # fmt: skip
    """The thread of an open request. :param id_: of its first post.

    :raises There: it has one. :raises asking.Decided: it is not open any more. :raises LookupError: no such request.
    """
    asked = asking.hold(session, asked_id)
    if asked is None:
        raise LookupError(asked_id)
    there = session.scalars(sa.select(Thread).where(Thread.request_id == asked_id)).first()
    if there is not None:
        raise There(there)
    if asked.state != asking.Asked.OPEN.value:
        raise asking.Decided(asked_id)
    opening = Opening(topic_id, ThreadKind.DEMANDE, title, request_id=asked_id)
    return services.start(session, opening, writing, author, id_=id_, now=now, site_url=site_url)[0]


def answer(
    session: Session, thread: Thread, resource: Resource, writing: Writing, author: Author, *, id_: UUID,
    now: datetime, site_url: str = "", word: str = "",
) -> tuple[Post, ResourceRequest | None]:  # fmt: skip
    """A resource answers: a message says so, the thread closes, its request too. A message that waits for a look closes
    nothing. :param word: for whoever asked, with the mail.

    :return: the message, and the request if it was answered by this: whoever asked is to be told.
    :raises asking.NoAnswer: whoever asked could not read it. :raises services.Closed: the thread takes no answers.
    :raises services.Taken: the message is there already.
    """
    asked = asking.hold(session, thread.request_id) if thread.request_id else None
    if asked is not None and asked.author_id is None and resource.visibility == Visibility.NETWORK.value:
        raise asking.NoAnswer("reseau")
    post = services.reply(session, thread.id, writing, author, id_=id_, now=now, site_url=site_url)
    if author.waits:
        return post, None
    locked = services.lock(session, thread.id)
    services.answer_with(session, locked, post, (RESOURCE, resource.id), now=now)
    if asked is None or asked.state != asking.Asked.OPEN.value:
        return post, None
    told = asking.answer(session, asked.id, resource, word[: asking.MAX_ANSWER], by=author.person_id, now=now)
    return post, told


def not_that(session: Session, thread: Thread, *, now: datetime) -> bool:
    """The resource is not what was looked for: thread and request are open again.

    :return: False: no resource has closed it, or somebody was faster.
    """
    if thread.request_id:
        asking.hold(session, thread.request_id)
    locked = services.lock(session, thread.id)
    if locked.state != ThreadState.CLOSED.value or locked.answer_ref_id is None:
        return False
    services.mark_answer(session, locked, None, now=now)
    services.reopen(session, locked)
    if locked.request_id:
        asking.reopen(session, locked.request_id)
    return True
