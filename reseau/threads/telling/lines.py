"""What a notice of the exchanges says to one person, now. Nine statements for any number of notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from reseau.core.wording import Wording, _
from reseau.members.models import Person
from reseau.notices.models import Notice
from reseau.notices.sources import Line
from reseau.settings import Settings
from reseau.threads.base import replies
from reseau.threads.base.access import LISTED, Audience, audience
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import (
    HELP_KIND,
    POST_KIND,
    WISH_KIND,
    Post,
    PostState,
    PostTranslation,
    ReadAll,
    Thread,
    ThreadRead,
    TranslationWish,
)
from reseau.threads.base.questions import waits
from reseau.threads.base.shapes import GONE
from reseau.threads.telling.words import extract, whole
from resources.base import langs
from resources.base.bidi import straight

EXTRACT = 240
_SAID = {
    "mention": _("%(name)s parle de vous"),
    "quote": _("%(name)s a répondu à votre message"),
    "answer": _("%(name)s a écrit dans votre fil"),
    "question": _("%(name)s a répondu à votre question"),
    "place": _("%(name)s parle de votre lieu"),
    "about-place": _("%(name)s a ouvert un fil sur votre lieu"),
    "coordination": _("%(name)s attend une réponse"),
    "thread": _("%(name)s a écrit dans un fil que vous suivez"),
    "topic": _("%(name)s a ouvert un fil sur un sujet que vous suivez"),
    "object": _("%(name)s a ouvert un fil sur une ressource ou un lieu que vous suivez"),
    "author-place": _("%(name)s, d’un lieu que vous suivez, a ouvert un fil"),
    "announcement": _("Annonce de %(name)s"),
}
_OF_A_LINE = load_only(Post.thread_id, Post.at, Post.first, Post.lang, Post.text, Post.mentions, raiseload=True)
_HELP = _("Cette question attend une réponse. Vous connaissez le sujet : pouvez-vous aider ?")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A post that the reader may read. ``read_to``: how far they have read its thread."""

    post: Post
    thread: Thread
    author: str
    read_to: datetime | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """Who reads, in which language, and what they may read."""

    person: Person
    settings: Settings
    words: Wording
    audience: Audience

    def reads(self, thread: Thread) -> bool:
        """Whether the reader may read a thread."""
        return thread.state in LISTED and self.audience.reads(self.person.id, thread.topic_id)

    def reply_to(self, notice: Notice, thread: Thread) -> str:
        """Where their answer by mail arrives."""
        return replies.address(self.settings, notice.id) if thread.open else ""


def lines(
    session: Session, person: Person, notices: Sequence[Notice], settings: Settings, lang: str
) -> Mapping[UUID, Line]:
    """Id of the notice → what it says; what may not be read any more is left out."""
    reading = _Reading(person, settings, Wording.of(lang), audience(session, [person.id]))
    of = {kind: [one for one in notices if one.object_kind == kind] for kind in (POST_KIND, WISH_KIND, HELP_KIND)}
    shown = _posts(session, reading, {one.object_id for one in (*of[POST_KIND], *of[WISH_KIND])})
    found = {one.id: _line(reading, one, shown[one.object_id]) for one in of[POST_KIND] if one.object_id in shown}
    asked = _asked(session, {one.object_id for one in of[WISH_KIND] if one.object_id in shown})
    for one in of[WISH_KIND]:
        if one.object_id in shown:
            found[one.id] = _wish(reading, one, shown[one.object_id], asked.get(one.object_id, []))
    questions = _questions(session, reading, {one.object_id for one in of[HELP_KIND]})
    for one in of[HELP_KIND]:
        if one.object_id in questions:
            found[one.id] = _help(reading, one, *questions[one.object_id])
    return found


# --- what is there --------------------------------------------------------------------------------------------


def _posts(session: Session, reading: _Reading, ids: set[UUID]) -> dict[UUID, _Shown]:
    if not ids:
        return {}
    # Fifty posts of one thread are the usual letter: the thread is read once, and of the posts what a line says.
    wanted = sa.select(Post, Person.name).outerjoin(Person, Person.id == Post.author_id)
    shown = wanted.where(Post.id.in_(ids), Post.state == PostState.SHOWN.value).options(_OF_A_LINE)
    posts = [(post, name or "") for post, name in session.execute(shown)]
    threads = _threads(session, reading, {post.thread_id for post, _ in posts})
    return {
        post.id: _Shown(post, thread, name, read_to)
        for post, name in posts
        for thread, read_to in threads.get(post.thread_id, ())
    }


def _threads(session: Session, reading: _Reading, ids: set[UUID]) -> dict[UUID, list[tuple[Thread, datetime | None]]]:
    """Those that may be read: the thread, and how far it was."""
    mine = sa.and_(ThreadRead.thread_id == Thread.id, ThreadRead.person_id == reading.person.id)
    all_read = sa.select(ReadAll.before).where(ReadAll.person_id == reading.person.id).scalar_subquery()
    wanted = sa.select(Thread, ThreadRead.read_to, all_read).outerjoin(ThreadRead, mine).where(Thread.id.in_(ids))
    return {
        thread.id: [(thread, max(filter(None, marks), default=None))]
        for thread, *marks in session.execute(wanted)
        if reading.reads(thread)
    }


def _asked(session: Session, post_ids: set[UUID]) -> dict[UUID, list[str]]:
    """Post → the languages in which it is asked for and not there yet."""
    there = sa.exists().where(PostTranslation.post_id == TranslationWish.post_id,
                              PostTranslation.lang == TranslationWish.lang)  # fmt: skip
    wanted = sa.select(TranslationWish.post_id, TranslationWish.lang).where(
        TranslationWish.post_id.in_(post_ids), ~there
    )
    found: dict[UUID, list[str]] = {}
    for post_id, lang in session.execute(wanted.order_by(TranslationWish.at)) if post_ids else ():
        found.setdefault(post_id, []).append(lang)
    return found


def _questions(session: Session, reading: _Reading, ids: set[UUID]) -> dict[UUID, tuple[Thread, Post]]:
    wanted = sa.select(Thread, Post).join(Post, sa.and_(Post.thread_id == Thread.id, Post.first))
    wanted = wanted.where(Thread.id.in_(ids), Post.state == PostState.SHOWN.value)
    rows = session.execute(wanted) if ids else ()
    return {thread.id: (thread, post) for thread, post in rows if reading.reads(thread)}


# --- what it says ---------------------------------------------------------------------------------------------


def _line(reading: _Reading, notice: Notice, shown: _Shown) -> Line:
    post, thread = shown.post, shown.thread
    reason = "question" if notice.reason == "answer" and thread.asks else notice.reason
    said = reading.words.gettext(_SAID.get(reason, _SAID["thread"]), name=_name(reading.words, shown.author))
    read = shown.read_to is not None and shown.read_to >= post.at
    return _of(thread, post, said, post_path(post), author=shown.author, read=read,
               reply_to=reading.reply_to(notice, thread))  # fmt: skip


def _wish(reading: _Reading, notice: Notice, shown: _Shown, asked: list[str]) -> Line:
    spoken = {*reading.person.languages, reading.person.lang}
    mine = [lang for lang in dict.fromkeys(asked) if lang.split("-")[0] in spoken]
    names = ", ".join(langs.name(lang, reading.words.lang) for lang in mine)
    said = reading.words.gettext(
        _("On demande ce message dans une langue que vous parlez : %(language)s"), language=names
    )
    return _of(shown.thread, shown.post, said, post_path(shown.post), author=shown.author, read=not mine)


def _help(reading: _Reading, notice: Notice, thread: Thread, post: Post) -> Line:
    said = reading.words.gettext(_HELP)
    return _of(thread, post, said, post_path(post), read=not waits(thread) or not thread.open,
               reply_to=reading.reply_to(notice, thread))  # fmt: skip


def _of(thread: Thread, post: Post, said: str, path: str, **more: Any) -> Line:
    return Line(
        thread.title, thread.lang, path, path_of(thread), said, text=extract(post.text, EXTRACT),
        text_lang=post.lang, whole=whole(post.text, post.mentions), answers=not post.first, talk=True, **more,
    )  # fmt: skip


def _name(words: Wording, name: str) -> str:
    """A name that reads as it is in a sentence of another direction: isolated (UAX 9)."""
    said = straight(name) or words.gettext(GONE)
    foreign = any("\u0590" <= char <= "\u08ff" for char in said) != (words.dir == "rtl")
    return f"\u2068{said}\u2069" if foreign else said
