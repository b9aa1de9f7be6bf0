"""What the text engine knows of a thread: its title, its topic, the beginning of what was written in it.

A thread is one document, whatever is written in it: a post that changed makes its thread be read again. A post that is
gone has no document to take out of the index, and its thread is told of in the same transaction (``base.services``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.search.protocol import Document
from reseau.threads.base.access import LISTED
from reseau.threads.base.finding import KINDS
from reseau.threads.base.models import KIND, POST_KIND, TOPIC_KIND, Post, PostState, Thread, Topic

TITLE, LABEL, BODY = 8.0, 3.0, 1.0
MAX_POST, MAX_POSTS, MAX_THREAD = 4_000, 200, 60_000
"""Characters of a post, posts of a thread, characters of a thread that are indexed: what follows is ignored."""
_BATCH = 200


def documents(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[Document]:
    """Documents of the threads that lists show (of ``ids``, or all); two statements for each two hundred."""
    wanted = sa.select(Thread.id).where(Thread.state.in_(LISTED))
    if ids is not None:
        wanted = wanted.where(Thread.id.in_(list(ids)))
    found = session.scalars(wanted.order_by(Thread.id)).all()
    for start in range(0, len(found), _BATCH):
        yield from _some(session, found[start : start + _BATCH])


def of_posts(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[Document]:
    """Source of posts that changed: the documents of their threads, which all are there already."""
    return _again(session, sa.select(Post.thread_id).where(Post.id.in_(list(ids or ()))).distinct(), ids)


def of_topics(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[Document]:
    """Source of topics that changed (their name, who reads them): the documents of their threads."""
    return _again(session, sa.select(Thread.id).where(Thread.topic_id.in_(list(ids or ()))), ids)


def _again(session: Session, threads: sa.Select[UUID], ids: Sequence[UUID] | None) -> Iterator[Document]:
    return documents(session, session.scalars(threads).all()) if ids else iter(())


def _some(session: Session, ids: Sequence[UUID]) -> Iterator[Document]:
    wanted = sa.select(Thread.id, Thread.title, Topic.titles, Topic.seen).join(Topic, Topic.id == Thread.topic_id)
    rows = session.execute(wanted.where(Thread.id.in_(ids))).all()
    texts = _texts(session, ids)
    for id_, title, titles, seen in rows:
        labels = [(str(one), LABEL) for one in dict.fromkeys(titles.values())]
        body = [(text, BODY) for text in texts.get(id_, ())]
        yield Document(id_, KINDS[seen], ((title, TITLE), *labels, *body))


def _texts(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Thread → what its first posts say."""
    place = sa.func.row_number().over(partition_by=Post.thread_id, order_by=Post.at)
    text = sa.func.substr(Post.text, 1, MAX_POST)
    shown = (
        sa.select(Post.thread_id.label("thread"), text.label("text"), place.label("place"))
        .where(Post.thread_id.in_(ids), Post.state == PostState.SHOWN.value)
        .subquery()
    )
    wanted = sa.select(shown.c.thread, shown.c.text).where(shown.c.place <= MAX_POSTS)
    texts: dict[UUID, list[str]] = {}
    left: dict[UUID, int] = {}
    for id_, said in session.execute(wanted.order_by(shown.c.thread, shown.c.place)):
        said = said[: left.setdefault(id_, MAX_THREAD)]
        left[id_] -= len(said)
        if said:
            texts.setdefault(id_, []).append(said)
    return texts


SOURCES = {KIND: documents, POST_KIND: of_posts, TOPIC_KIND: of_topics}
"""Kind of changes → what the index reads of them."""
