"""What the exchanges hold of a person: given to them whole, forgotten when they leave.

What they wrote for others stays, and its author is an account without a name: pages say "une personne qui a quitté le
réseau" (``members.places.names`` does not know them any more). What is about them only goes, and their name goes from
the messages that mention them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import personal
from reseau.core.changes import Op
from reseau.members.models import Person
from reseau.threads.base import services, shapes
from reseau.threads.base.models import (
    Bookmark,
    MailReceived,
    PollVote,
    Post,
    PostReport,
    PostState,
    PostThank,
    PostTranslation,
    PostVersion,
    ReadAll,
    Thread,
    ThreadRead,
    TranslationWish,
)
from reseau.threads.base.text import HANDLE, handle, handles

#: Never given: who hid or decided is somebody else.
SECRET = {"post": frozenset({"hidden_by"}), "post_report": frozenset({"decided_by"})}
GONE = "personne-partie"
"""What stands for the handle of somebody who left."""
_SAYING: tuple[Any, ...] = (PostVersion, PostTranslation)
"""What else holds words of a message."""


def rows_of(session: Session, person_id: UUID, _email: str | None) -> dict[str, list[Any]]:
    """All rows about a person, by kind, oldest first."""
    own = sa.select(Post.id).where(Post.author_id == person_id)
    wanted: dict[str, tuple[Any, Any, Any]] = {
        "fils_ouverts": (Thread, Thread.author_id == person_id, Thread.created_at),
        "messages": (Post, Post.author_id == person_id, Post.at),
        "messages_avant_modification": (PostVersion, PostVersion.post_id.in_(own), PostVersion.until),
        "messages_traduits": (PostTranslation, PostTranslation.by == person_id, PostTranslation.at),
        "traductions_de_messages_demandees": (TranslationWish, TranslationWish.person_id == person_id,
                                              TranslationWish.at),
        "mercis": (PostThank, PostThank.person_id == person_id, PostThank.at),
        "fils_gardes": (Bookmark, Bookmark.person_id == person_id, Bookmark.at),
        "fils_lus": (ThreadRead, ThreadRead.person_id == person_id, ThreadRead.read_to),
        "tout_lu": (ReadAll, ReadAll.person_id == person_id, ReadAll.before),
        "votes": (PollVote, PollVote.person_id == person_id, PollVote.at),
        "messages_signales": (PostReport, PostReport.author_id == person_id, PostReport.at),
        "mails_recus_en_reponse": (MailReceived, MailReceived.person_id == person_id, MailReceived.at),
    }  # fmt: skip
    return {name: list(session.scalars(sa.select(model).where(where).order_by(order)))
            for name, (model, where, order) in wanted.items()}  # fmt: skip


def forget(session: Session, person_id: UUID, _email: str | None) -> None:
    """Erase what is about a person only: thanks, votes, bookmarks, reading marks, wishes, mails received; take their
    name off reports and mentions."""
    _unmention(session, person_id)
    thanked = session.scalars(sa.select(PostThank.post_id).where(PostThank.person_id == person_id)).all()
    for model in (PostThank, PollVote, Bookmark, ThreadRead, ReadAll, TranslationWish, MailReceived):
        session.execute(sa.delete(model).where(model.person_id == person_id))
    count = sa.select(sa.func.count()).where(PostThank.post_id == Post.id).scalar_subquery()
    for start in range(0, len(thanked), 500):
        some = sa.update(Post).where(Post.id.in_(thanked[start : start + 500]))
        session.execute(some.values(thanks=count).execution_options(synchronize_session=False))
    session.execute(sa.update(PostReport).where(PostReport.author_id == person_id).values(author_id=None))
    session.execute(sa.update(PostTranslation).where(PostTranslation.by == person_id).values(by=None))


def _unmention(session: Session, person_id: UUID) -> None:
    """Their name is in the messages that mention them, in what was kept of these, in translations: it becomes that of
    nobody. Threads are locked one after the other in their one order, before anything else is touched."""
    me, person = str(person_id), session.get(Person, person_id)
    known = handle(person.name) if person else ""
    naming = sa.cast(Post.mentions, sa.Text).contains(me, autoescape=True)
    wanted = sa.select(Post.thread_id, Post.id)
    # In this order: a message that is changed meanwhile mentions them, or has a former version that does.
    found = {row[1]: row[0] for row in session.execute(wanted.where(naming))}
    found |= {row[1]: row[0] for row in session.execute(wanted.where(Post.id.in_(_saying(session, known))))}
    for id_ in sorted(found, key=lambda one: (found[one].int, one.int)):
        _thread, post = services.locked(session, id_)
        theirs = {one["handle"] for one in post.mentions if one.get("id") == me}
        others = {one["handle"] for one in post.mentions if one.get("id") != me}
        before = ({known} if known else set()) - others  # a homonym who is mentioned keeps their name
        for model in _SAYING:
            for kept in session.scalars(sa.select(model).where(model.post_id == id_)):
                kept.text = _without(kept.text, theirs | before)
        if theirs:
            _rewrite(session, post, theirs)
    session.flush()


def _rewrite(session: Session, post: Post, theirs: set[str]) -> None:
    post.mentions = [
        {"handle": GONE, "kind": one["kind"], "id": one["id"], "name": shapes.GONE.lower(), "path": ""}
        if one["handle"] in theirs else one for one in post.mentions
    ]  # fmt: skip
    post.text = _without(post.text, theirs)
    if post.state == PostState.SHOWN.value:
        services.tell_post(session, post, Op.UPDATE)


def _saying(session: Session, known: str) -> list[UUID]:
    """Posts of which a former version or a translation says a handle: the post may mention nobody any more. What makes
    a handle of a name is not for the database: those that mention anybody are looked at."""
    if not known:
        return []
    found: set[UUID] = set()
    for model in _SAYING:
        wanted = sa.select(model.post_id, model.text).where(model.text.contains("@"))
        rows = session.execute(wanted.execution_options(yield_per=500))
        found |= {post_id for post_id, text in rows if known in handles(text)}
    return list(found)


def _without(text: str, theirs: set[str]) -> str:
    return HANDLE.sub(lambda found: f"@{GONE}" if handle(found[1]) in theirs else found[0], text)


personal.register("threads", rows_of, forget, SECRET)
