"""Threads and posts are written here, by whichever door: a page, a mail, the demonstration. Whoever calls commits.

A thread is locked before anything in it changes; ``at`` of a post is given under that lock. So fifty people who post at
once follow each other, and nobody's "read up to here" passes over a post that commits later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards, slugs
from reseau.core.cards import Ref
from reseau.core.changes import Entry, Op, digest, record, record_narrowed
from reseau.notices import following
from reseau.threads.base import text as words
from reseau.threads.base.models import (
    KIND,
    POST_KIND,
    Post,
    PostReport,
    PostState,
    PostTranslation,
    PostVersion,
    Thread,
    ThreadKind,
    ThreadState,
    Topic,
    TopicSeen,
    TranslationWish,
)
from reseau.threads.base.shapes import MAX_LINKS

UNREADABLE = "fil"
"""What the address of a thread says whose title has no letter that an address can have."""
UNTITLED = "Le premier message a été retiré"
"""Title of a thread whose own was hidden with its first post, which its author then took away."""
_GOING = (ThreadState.OPEN.value, ThreadState.WAITING.value)
_TICK = timedelta(microseconds=1)


class Closed(Exception):
    """The thread takes no more answers: it was closed, hidden, merged or taken away meanwhile."""


class Taken(Exception):
    """That id is there already: the form was sent twice. ``args[0]``: the post."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and for which place. ``waits``: what they write waits for a moderator's look."""

    person_id: UUID | None
    structure_id: UUID | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """What a post says. ``mentions``: as ``Post.mentions`` holds them. ``quoted_id``: of a post of the thread."""

    text: str
    lang: str
    mentions: Sequence[dict[str, str]] = ()
    quoted_id: UUID | None = None
    by_mail: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """What a thread is. ``about``: its object. ``options``: labels of a poll. ``request_id``: see ``Thread``."""

    topic_id: UUID
    kind: ThreadKind
    title: str
    about: Ref | None = None
    options: Sequence[str] = ()
    several: bool = False
    closes_at: datetime | None = None
    pinned_until: datetime | None = None
    request_id: UUID | None = None


# --- reading one ----------------------------------------------------------------------------------------------


def lock(session: Session, thread_id: UUID) -> Thread:
    """The thread, which nobody else changes until the commit. :raises NoResultFound: there is none."""
    wanted = sa.select(Thread).where(Thread.id == thread_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def locked(session: Session, post_id: UUID) -> tuple[Thread, Post]:
    """A post as it is now and its thread, which nobody else changes until the commit. :raises NoResultFound: none."""
    while True:
        thread_id = session.execute(sa.select(Post.thread_id).where(Post.id == post_id)).scalar_one()
        thread = lock(session, thread_id)
        found = session.get_one(Post, post_id, populate_existing=True)
        if found.thread_id == thread.id:  # else it was moved while we waited
            return thread, found


def led_to(session: Session, thread_id: UUID) -> UUID:
    """The thread in which a thread goes on, itself if it was not merged. One step: merging makes the addresses that led
    to the former one lead to the new one."""
    into = session.scalar(sa.select(Thread.merged_into).where(Thread.id == thread_id))
    return into or thread_id


def post(session: Session, id_: UUID) -> Post:
    """A post. :raises NoResultFound: there is none."""
    return session.get_one(Post, id_)


def first_post(session: Session, thread_id: UUID) -> Post:
    """The post that opens a thread. :raises NoResultFound: no such thread."""
    return session.scalars(sa.select(Post).where(Post.thread_id == thread_id, Post.first)).one()


def linked(session: Session, text: str, site_url: str) -> list[list[str]]:
    """The objects of this site that a text names, as ``Post.links`` keeps them; one statement at most a kind."""
    host, paths = urlsplit(site_url).netloc.lower(), []
    for address in words.links(text):
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.netloc.lower() in ("", host) and parts.path.startswith("/"):
            paths.append(parts.path.rstrip("/"))
    found = cards.by_paths(session, paths)
    refs = dict.fromkeys(found[path].ref for path in paths if path in found)
    return [[kind, str(id_)] for kind, id_ in list(refs)[:MAX_LINKS]]


# --- writing --------------------------------------------------------------------------------------------------


def start(
    session: Session, opening: Opening, writing: Writing, author: Author, *, id_: UUID, now: datetime,
    site_url: str = "",
) -> tuple[Thread, Post]:  # fmt: skip
    """A new thread with its first post. :param id_: of the post, from the form: sent twice, it is there once.

    :raises Taken: it is there already.
    """
    _refuse_twice(session, id_)
    thread = Thread(
        topic_id=opening.topic_id, kind=opening.kind.value, title=opening.title, lang=writing.lang,
        slug=slugs.readable(opening.title, UNREADABLE),
        state=(ThreadState.WAITING if author.waits else ThreadState.OPEN).value,
        author_id=author.person_id, structure_id=author.structure_id, created_at=now, last_at=now,
        object_kind=opening.about[0] if opening.about else None,
        object_id=opening.about[1] if opening.about else None,
        options=[{"id": n, "label": label} for n, label in enumerate(opening.options, 1)], several=opening.several,
        closes_at=opening.closes_at, pinned_until=opening.pinned_until, request_id=opening.request_id,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    post = _add(session, thread, writing, author, id_=id_, now=now, site_url=site_url, first=True)
    return thread, post


def reply(
    session: Session, thread_id: UUID, writing: Writing, author: Author, *, id_: UUID, now: datetime, site_url: str = ""
) -> Post:  # fmt: skip
    """One more post. :raises Closed: the thread takes none, or its topic. :raises Taken: that id is there already."""
    thread = lock(session, thread_id)
    _refuse_twice(session, id_)
    if not thread.open or session.get_one(Topic, thread.topic_id).archived_at:
        raise Closed(thread_id)
    return _add(session, thread, writing, author, id_=id_, now=now, site_url=site_url, first=False)


def _refuse_twice(session: Session, id_: UUID) -> None:
    if (there := session.get(Post, id_, populate_existing=True)) is not None:
        raise Taken(there)


def _add(
    session: Session, thread: Thread, writing: Writing, author: Author, *, id_: UUID, now: datetime, site_url: str,
    first: bool,
) -> Post:  # fmt: skip
    at = now if first else max(now, _last_at(session, thread.id) + _TICK)
    post = Post(
        id=id_, thread_id=thread.id, at=at, first=first, author_id=author.person_id, structure_id=author.structure_id,
        state=(PostState.WAITING if author.waits else PostState.SHOWN).value, lang=writing.lang,
        text=writing.text.replace("\x00", ""), mentions=list(writing.mentions),
        links=linked(session, writing.text, site_url), quoted_id=writing.quoted_id, by_mail=writing.by_mail,
    )  # fmt: skip
    session.add(post)
    session.flush()
    if author.person_id:
        following.join(session, author.person_id, (KIND, thread.id), now)
    if not author.waits:
        appear(session, thread, post)
    return post


def _last_at(session: Session, thread_id: UUID) -> datetime:
    """Moment of the last post, whatever its state."""
    wanted = sa.select(Post.at).where(Post.thread_id == thread_id).order_by(Post.at.desc()).limit(1)
    return session.scalars(wanted).one()


def appear(session: Session, thread: Thread, post: Post) -> None:
    """A post is shown from now on: counts of its thread, place in lists, log."""
    post.state = PostState.SHOWN.value
    if post.first and thread.state == ThreadState.WAITING.value:
        thread.state = ThreadState.OPEN.value
    recount(session, thread)
    tell(session, thread, Op.PUBLISH if post.first else Op.UPDATE)
    tell_post(session, post, Op.PUBLISH)


def recount(session: Session, thread: Thread) -> None:
    """Compute what the thread says of its posts; the thread is locked."""
    session.flush()
    shown, own = Post.state == PostState.SHOWN.value, Post.author_id == thread.author_id
    answers = sa.and_(shown, ~Post.first)
    mine = own if thread.author_id else sa.false()
    found = session.execute(
        sa.select(
            sa.func.count().filter(shown),
            sa.func.count().filter(answers),
            sa.func.count().filter(sa.and_(answers, sa.or_(Post.author_id.is_(None), ~mine))),
            sa.func.max(Post.at).filter(shown),
        ).where(Post.thread_id == thread.id)
    ).one()
    thread.posts, thread.replies, thread.helpers = found[0], found[1], found[2]
    thread.last_at = found[3] or thread.created_at


def tell(session: Session, thread: Thread, op: Op) -> None:
    """Write to the log that a thread changed."""
    thread.rev += op is not Op.PUBLISH
    content = {"title": thread.title, "topic": thread.topic_id, "state": thread.state, "last": thread.last_at}
    record(session, Entry(KIND, thread.id, thread.rev, op, digest=digest(content)))


def tell_narrowed(session: Session, thread: Thread, former: Topic, topic: Topic) -> None:
    """A thread that everybody could read goes where only some can: those who were told of it are told that."""
    if former.seen == TopicSeen.PUBLIC.value != topic.seen:
        record_narrowed(session, KIND, thread.id, thread.rev)


def tell_post(session: Session, post: Post, op: Op) -> None:
    """Write to the log that a post changed."""
    post.rev += op is not Op.PUBLISH
    record(session, Entry(POST_KIND, post.id, post.rev, op, digest=digest({"text": post.text, "state": post.state})))


def edit(
    session: Session, post: Post, writing: Writing, *, by: UUID | None, now: datetime, title: str = "",
    site_url: str = "",
) -> None:  # fmt: skip
    """Change what a post says; what it said is kept for moderators. :param title: of the thread, for its first post.

    The caller has the thread locked.
    """
    thread = session.get_one(Thread, post.thread_id)
    renamed = post.first and bool(title) and title != thread.title
    if (post.text, post.lang) == (writing.text, writing.lang) and not renamed:
        return
    session.add(
        PostVersion(post_id=post.id, until=now, text=post.text, lang=post.lang, by=by,
                    title=thread.title if renamed else "")
    )  # fmt: skip
    post.text, post.lang, post.edited_at = writing.text.replace("\x00", ""), writing.lang, now
    post.mentions, post.links = list(writing.mentions), linked(session, writing.text, site_url)
    if post.first:
        thread.lang = writing.lang
        thread.title = title or thread.title
    if post.state == PostState.SHOWN.value:
        tell(session, thread, Op.UPDATE)
        tell_post(session, post, Op.UPDATE)


def remove(session: Session, post: Post, *, by: UUID | None, now: datetime) -> None:
    """Its author takes a post away: its words are gone in all languages, its place in the order stays. Of one that
    was reported moderators keep the words until they have decided. A thread to which nobody answered goes with its
    first post; one that was hidden with it comes back for its answers. The caller has the thread locked."""
    thread = session.get_one(Thread, post.thread_id)
    open_ = sa.exists().where(PostReport.post_id == post.id, PostReport.state == "open")
    if post.text and session.scalar(sa.select(open_)):
        session.add(PostVersion(post_id=post.id, until=now, text=post.text, lang=post.lang, by=by))
        _erase(session, post.id, PostTranslation, TranslationWish)
    else:
        _erase(session, post.id, PostVersion, PostTranslation, TranslationWish)
    post.text, post.mentions, post.links, post.edited_at = "", [], [], now
    withdraw(session, thread, post, PostState.DELETED)
    hidden = post.first and thread.state == ThreadState.HIDDEN.value
    if post.first and thread.replies == 0 and (hidden or thread.state in _GOING):
        thread.state = ThreadState.DELETED.value
        tell(session, thread, Op.WITHDRAW)
    elif hidden:  # its title was hidden with the post: moderators give it another
        thread.state = (ThreadState.CLOSED if thread.closed_at else ThreadState.OPEN).value
        thread.title, thread.lang, thread.slug = UNTITLED, "fr", slugs.readable(UNTITLED, UNREADABLE)
        tell(session, thread, Op.PUBLISH)


def forget_words(session: Session, post: Post) -> None:
    """What moderators kept of a post that its author took away goes; the caller has the thread locked."""
    if post.state == PostState.DELETED.value:
        _erase(session, post.id, PostVersion)


def _erase(session: Session, post_id: UUID, *models: Any) -> None:
    for model in models:
        session.execute(sa.delete(model).where(model.post_id == post_id))


def withdraw(session: Session, thread: Thread, post: Post, state: PostState) -> None:
    """A post is not shown any more. The caller has the thread locked."""
    post.state = state.value
    if thread.answer_id == post.id:
        thread.answer_id = thread.answered_at = None
    recount(session, thread)
    tell(session, thread, Op.UPDATE)
    tell_post(session, post, Op.WITHDRAW)


# --- answers --------------------------------------------------------------------------------------------------


def mark_answer(session: Session, thread: Thread, post: Post | None, *, now: datetime) -> bool:
    """The post that helped; None: none did after all. The caller has the thread locked.

    :return: False: it is not a shown answer of this thread, or the thread asks nothing.
    """
    if post is None:
        thread.answer_id = thread.answered_at = thread.answer_ref_kind = thread.answer_ref_id = None
    elif not thread.asks or post.first or post.thread_id != thread.id or post.state != PostState.SHOWN.value:
        return False
    else:
        thread.answer_id, thread.answered_at = post.id, now
    tell(session, thread, Op.UPDATE)
    return True


def answer_with(session: Session, thread: Thread, post: Post, ref: Ref, *, now: datetime) -> None:
    """A resource answers a request, said by a post of the thread: the thread closes itself.

    The caller has it locked.
    """
    mark_answer(session, thread, post, now=now)
    thread.answer_ref_kind, thread.answer_ref_id = ref
    close(session, thread, now=now)


def close(session: Session, thread: Thread, *, now: datetime, reason: str = "") -> None:
    """No more answers. The caller has the thread locked."""
    thread.state, thread.closed_at, thread.closed_reason = ThreadState.CLOSED.value, now, reason
    tell(session, thread, Op.UPDATE)


def reopen(session: Session, thread: Thread) -> None:
    """Answers again. The caller has the thread locked."""
    thread.state, thread.closed_at, thread.closed_reason = ThreadState.OPEN.value, None, ""
    tell(session, thread, Op.UPDATE)
