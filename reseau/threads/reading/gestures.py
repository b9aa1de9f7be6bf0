"""Small things that readers do: thank, keep at hand, ask for a translation, translate. Whoever calls commits."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Entry, Op, record
from reseau.core.db import affected, insert
from reseau.core.ids import new_id
from reseau.core.limits import Limit
from reseau.threads.base import services
from reseau.threads.base.models import (
    WISH_KIND,
    Bookmark,
    Post,
    PostState,
    PostThank,
    PostTranslation,
    PostVersion,
    TranslationWish,
)

WISHES_PER_HOUR = Limit("post-wish", 30, timedelta(hours=1))
TRANSLATIONS_PER_HOUR = Limit("post-translate", 60, timedelta(hours=1))


def digest_of(text: str) -> str:
    """What tells whether a text is still the one that was translated."""
    return hashlib.sha256(text.encode()).hexdigest()


def _added(session: Session, model: Any, **values: Any) -> bool:
    """Whether a row is new. PostgreSQL's driver counts no rows of an INSERT, so the row says that it is there."""
    key = sa.inspect(model).primary_key[0]
    made = insert(session, model).values(**values).on_conflict_do_nothing().returning(key)
    return session.execute(made).first() is not None


def thank(session: Session, post: Post, person_id: UUID, wanted: bool, now: datetime) -> bool:
    """A person says "merci", or takes it back. The count moves with the row, in the database: nobody's is lost.

    :return: whether anything changed; nobody thanks themselves, nor for what is not shown.
    """
    if post.author_id == person_id or post.state != PostState.SHOWN.value:
        return False
    if wanted:
        changed = _added(session, PostThank, post_id=post.id, person_id=person_id, at=now)
    else:
        mine = PostThank.post_id == post.id, PostThank.person_id == person_id
        changed = affected(session, sa.delete(PostThank).where(*mine)) == 1
    if changed:
        count = sa.update(Post).where(Post.id == post.id).values(thanks=Post.thanks + (1 if wanted else -1))
        session.execute(count.execution_options(synchronize_session=False))
    return changed


def bookmark(session: Session, thread_id: UUID, person_id: UUID, wanted: bool, now: datetime) -> bool:
    """A person keeps a thread at hand, or no more. :return: whether anything changed."""
    if wanted:
        return _added(session, Bookmark, thread_id=thread_id, person_id=person_id, at=now)
    mine = Bookmark.thread_id == thread_id, Bookmark.person_id == person_id
    return affected(session, sa.delete(Bookmark).where(*mine)) == 1


def wish(session: Session, post: Post, lang: str, person_id: UUID, now: datetime) -> bool:
    """A person asks for a post in a language; those who can write it are told (``threads.telling``).

    :return: whether this is new.
    """
    id_ = new_id()
    if not _added(session, TranslationWish, id=id_, post_id=post.id, lang=lang, person_id=person_id, at=now):
        return False
    record(session, Entry(WISH_KIND, id_, 1, Op.PUBLISH))
    return True


def translation(session: Session, post_id: UUID, lang: str) -> PostTranslation | None:
    """The translation of a post, as it is now; one statement."""
    return session.get(PostTranslation, (post_id, lang), populate_existing=True)


def translate(session: Session, post: Post, lang: str, text: str, by: UUID, now: datetime) -> None:
    """Write the translation of a post as it is now, or write it anew: what it was is kept for moderators."""
    _, post = services.locked(session, post.id)
    if post.state == PostState.DELETED.value:  # meanwhile
        return
    there = translation(session, post.id, lang)
    if there is not None and there.text != text:
        session.add(_kept(there, by, now))
        session.flush()
    values = {"text": text.replace("\x00", ""), "digest": digest_of(post.text), "by": by, "at": now}
    made = insert(session, PostTranslation).values(post_id=post.id, lang=lang, **values)
    session.execute(made.on_conflict_do_update(index_elements=["post_id", "lang"], set_=values))


def untranslate(session: Session, post: Post, lang: str, by: UUID, now: datetime) -> bool:
    """A moderator takes a translation away; it is kept as those that were written over. :return: whether there was."""
    services.locked(session, post.id)
    there = translation(session, post.id, lang)
    if there is None:
        return False
    session.add(_kept(there, by, now))
    session.delete(there)
    session.flush()
    return True


def _kept(there: PostTranslation, by: UUID, now: datetime) -> PostVersion:
    return PostVersion(post_id=there.post_id, until=now, text=there.text, lang=there.lang, translation=True, by=by)
