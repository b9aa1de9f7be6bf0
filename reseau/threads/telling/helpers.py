"""Who may help: with a question that waits too long, with a translation that is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card, Ref
from reseau.members.models import Person, PersonState
from reseau.notices import following
from reseau.notices.sources import Candidate
from reseau.threads.base.access import LISTED, Audience, audience
from reseau.threads.base.models import (
    HELP_KIND,
    KIND,
    TOPIC_KIND,
    WISH_KIND,
    Post,
    PostState,
    Thread,
    TranslationWish,
)
from reseau.threads.base.questions import unanswered
from resources.base.models import Resource, ResourceAuthor, State

MOST_HELPERS, MOST_TRANSLATORS = 10, 20

# --- questions ------------------------------------------------------------------------------------------------


def of_questions(session: Session, ids: Sequence[UUID], now: datetime) -> Iterator[Candidate]:
    """Those who know the topic of each question: whose answers helped there, who wrote resources on its procedures,
    who follows it; the coordination if nobody does: none is forgotten twice. Never its author, nor who answered."""
    wanted = sa.select(Thread).where(Thread.id.in_(list(ids)), *unanswered())
    threads = list(session.scalars(wanted.order_by(Thread.created_at, Thread.id)))
    if not threads:
        return
    who = audience(session)
    topics = {thread.topic_id for thread in threads}
    answered, wrote = _whose_answers_helped(session, topics), _who_wrote(session, [thread.id for thread in threads])
    follow = following.followers(session, {(TOPIC_KIND, id_) for id_ in topics})
    objects = cards.by_refs(session, {ref for thread in threads if (ref := thread.about)})
    muted = following.muted(session, {(KIND, thread.id) for thread in threads})
    authors = _authors_by_procedure(session, _procedures(threads, who, objects))
    for thread in threads:
        ranked = [id_ for id_, _ in answered.get(thread.topic_id, Counter()).most_common()]
        for code in _codes(thread, who, objects):
            ranked += authors.get(code, [])
        ranked += [id_ for id_, refs in follow.items() if (TOPIC_KIND, thread.topic_id) in refs]
        about, met = (KIND, thread.id), {thread.author_id, *wrote.get(thread.id, ())}
        able = [id_ for id_ in dict.fromkeys(ranked) if id_ not in met and about not in muted.get(id_, ())]
        able = [id_ for id_ in able if who.reads(id_, thread.topic_id)] or sorted(who.moderators - met)
        for id_ in able[:MOST_HELPERS]:
            yield Candidate(id_, "aide", "help", (HELP_KIND, thread.id), about, now)


def _whose_answers_helped(session: Session, topic_ids: Collection[UUID]) -> dict[UUID, Counter[UUID]]:
    """Topic → author of marked answers → how many."""
    wanted = (
        sa.select(Thread.topic_id, Post.author_id, sa.func.count())
        .join(Post, Post.id == Thread.answer_id)
        .where(Thread.topic_id.in_(topic_ids), Post.author_id.is_not(None))
        .group_by(Thread.topic_id, Post.author_id)
        .order_by(sa.func.count().desc(), Post.author_id)
    )
    found: dict[UUID, Counter[UUID]] = {}
    for topic_id, author_id, count in session.execute(wanted):
        if author_id:
            found.setdefault(topic_id, Counter())[author_id] = count
    return found


def _who_wrote(session: Session, thread_ids: Collection[UUID]) -> dict[UUID, set[UUID | None]]:
    wanted = sa.select(Post.thread_id, Post.author_id).where(Post.thread_id.in_(thread_ids)).distinct()
    found: dict[UUID, set[UUID | None]] = {}
    for thread_id, author_id in session.execute(wanted):
        found.setdefault(thread_id, set()).add(author_id)
    return found


def _codes(thread: Thread, who: Audience, objects: dict[Ref, Card]) -> list[str]:
    """The procedures of a thread: of its object, then of its topic."""
    card, topic = objects.get(thread.about or ("", thread.id)), who.topics.get(thread.topic_id)
    return [*(card.procedures if card else ()), *(topic.procedures if topic else ())]


def _procedures(threads: Sequence[Thread], who: Audience, objects: dict[Ref, Card]) -> set[str]:
    return {code for thread in threads for code in _codes(thread, who, objects)}


def _authors_by_procedure(session: Session, codes: Collection[str]) -> dict[str, list[UUID]]:
    """Procedure → who wrote something published on it. Of the published resources, hundreds at most, the procedures
    are looked at here; one statement, none for none."""
    wanted = (
        sa.select(ResourceAuthor.person_id, Resource.demarches)
        .join(Resource, Resource.id == ResourceAuthor.resource_id)
        .where(Resource.state == State.PUBLISHED.value)
        .order_by(ResourceAuthor.added_at, ResourceAuthor.person_id)
    )
    found: dict[str, list[UUID]] = {}
    for person_id, procedures in session.execute(wanted) if codes else ():
        for code in set(procedures) & set(codes):
            found.setdefault(code, []).append(person_id)
    return found


# --- translations ---------------------------------------------------------------------------------------------


def of_wishes(session: Session, ids: Sequence[UUID], now: datetime) -> Iterator[Candidate]:
    """Those of the network who speak the language of each wish. :param ids: of the wishes."""
    rows = _wishes(session, ids)
    if not rows:
        return
    who, speakers = audience(session), _speakers(session)
    for wish, post, thread in rows:
        lang = wish.lang.split("-")[0]
        able = [
            id_ for id_, spoken in speakers
            if lang in spoken and id_ in who.network and id_ != wish.person_id and who.reads(id_, thread.topic_id)
        ]  # fmt: skip
        for id_ in able[:MOST_TRANSLATORS]:
            yield Candidate(id_, "traductions", "wish", (WISH_KIND, post.id), (KIND, thread.id), wish.at)


def _wishes(session: Session, ids: Sequence[UUID]) -> list[tuple[TranslationWish, Post, Thread]]:
    wanted = (
        sa.select(TranslationWish, Post, Thread)
        .join(Post, Post.id == TranslationWish.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(TranslationWish.id.in_(list(ids)), Post.state == PostState.SHOWN.value, Thread.state.in_(LISTED))
        .order_by(TranslationWish.at, TranslationWish.id)
    )
    return [(wish, post, thread) for wish, post, thread in session.execute(wanted)]


def _speakers(session: Session) -> list[tuple[UUID, set[str]]]:
    """Active people with what they speak, those who were here last first."""
    wanted = sa.select(Person.id, Person.languages, Person.lang).where(Person.state == PersonState.ACTIVE.value)
    found = session.execute(wanted.order_by(Person.last_seen_at.desc(), Person.id))
    return [(id_, {*languages, lang}) for id_, languages, lang in found]
