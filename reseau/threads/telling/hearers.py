"""Who is to hear of a post. A batch of posts is a dozen statements, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card, Ref
from reseau.directory.models import KIND as PLACE
from reseau.members.models import Membership
from reseau.members.places import present_place
from reseau.notices import following
from reseau.notices.sources import Candidate
from reseau.threads.base.access import LISTED, Audience, audience
from reseau.threads.base.models import KIND, POST_KIND, TOPIC_KIND, Post, PostState, Thread, ThreadKind, TopicSeen

Row = tuple[Post, Thread]


def of_posts(session: Session, ids: Sequence[UUID], now: datetime) -> Iterator[Candidate]:
    """The best reason of each person first: they are spoken to, they are answered, they follow."""
    shown = (Post.id.in_(list(ids)), Post.state == PostState.SHOWN.value, Thread.state.in_(LISTED))
    wanted = sa.select(Post, Thread).join(Thread, Thread.id == Post.thread_id).where(*shown)
    rows = [(post, thread) for post, thread in session.execute(wanted.order_by(Post.at, Post.id))]
    if rows:
        world = _World.of(session, rows)
        for post, thread in rows:
            yield from world.hear(post, thread)


@dataclass(frozen=True, slots=True)
class _World:
    """All that decides who hears of the posts of a batch."""

    audience: Audience
    followers: Mapping[Ref, Collection[UUID]]
    muted: Mapping[UUID, Collection[Ref]]
    quoted: Mapping[UUID, UUID]
    teams: Mapping[UUID, Collection[UUID]]
    objects: Mapping[Ref, Card]

    @classmethod
    def of(cls, session: Session, rows: Sequence[Row]) -> _World:
        """Asked of the database."""
        objects = cards.by_refs(session, {ref for _, thread in rows if (ref := thread.about)})
        refs = {ref for post, thread in rows for ref in _refs(post, thread, objects)}
        following_them = following.followers(session, refs)
        followers: dict[Ref, set[UUID]] = {}
        for person_id, theirs in following_them.items():
            for ref in theirs:
                followers.setdefault(ref, set()).add(person_id)
        quoted = _authors(session, {post.quoted_id for post, _ in rows if post.quoted_id})
        places = {id_ for post, _ in rows for id_ in mentioned(post, PLACE)}
        teams = _teams(session, places | {id_ for _, thread in rows if (id_ := _place(thread, objects))})
        everybody = any(_announces(post, thread) or _asks(post, thread) for post, thread in rows)
        people = {id_ for post, thread in rows for id_ in (*mentioned(post, "person"), thread.author_id) if id_}
        people.update(following_them, quoted.values(), *teams.values())
        return cls(
            audience(session, None if everybody else people), followers,
            following.muted(session, {(KIND, thread.id) for _, thread in rows}), quoted, teams, objects,
        )  # fmt: skip

    def hear(self, post: Post, thread: Thread) -> Iterator[Candidate]:
        """Who hears of one post."""
        about, met = (KIND, thread.id), {post.author_id}
        for kind, reason, people in self._reasons(post, thread):
            for person_id in people:
                if person_id in met or not self.audience.reads(person_id, thread.topic_id):
                    continue
                if reason != "mention" and about in self.muted.get(person_id, ()):
                    continue
                met.add(person_id)
                yield Candidate(person_id, kind, reason, (POST_KIND, post.id), about, post.at)

    def _reasons(self, post: Post, thread: Thread) -> Iterator[tuple[str, str, Iterable[UUID]]]:
        if not post.first and thread.asks and thread.author_id:
            yield "reponses", "answer", [thread.author_id]  # that their question is answered is what they wait for
        yield "reponses", "mention", mentioned(post, "person")
        if post.quoted_id and post.quoted_id in self.quoted:
            yield "reponses", "quote", [self.quoted[post.quoted_id]]
        if not post.first and thread.author_id:
            yield "reponses", "answer", [thread.author_id]
        for place in mentioned(post, PLACE):
            yield "reponses", "place", self.teams.get(place, ())
        if post.first:
            yield from self._of_new(post, thread)
        else:
            yield "suivis", "thread", self.followers.get((KIND, thread.id), ())

    def _of_new(self, post: Post, thread: Thread) -> Iterator[tuple[str, str, Iterable[UUID]]]:
        if about := _place(thread, self.objects):
            yield "reponses", "about-place", self.teams.get(about, ())
        if _announces(post, thread):
            yield "annonces", "announcement", self.audience.active
        yield "sujets", "topic", self.followers.get((TOPIC_KIND, thread.topic_id), ())
        for ref in _objects(thread, self.objects):
            yield "sujets", "object", self.followers.get(ref, ())
        if post.structure_id:
            yield "sujets", "author-place", self.followers.get((PLACE, post.structure_id), ())
        if _asks(post, thread) and self._everybodys(thread):
            yield "sujets", "coordination", self.audience.moderators

    def _everybodys(self, thread: Thread) -> bool:
        """In a topic of all, or of the network: groups look after their own."""
        topic = self.audience.topics.get(thread.topic_id)
        return topic is not None and topic.seen != TopicSeen.GROUP.value


def mentioned(post: Post, kind: str) -> list[UUID]:
    """The people, or the places, that a post mentions; what cannot be read is passed over."""
    found = []
    for one in post.mentions:
        if isinstance(one, dict) and one.get("kind") == kind:
            try:
                found.append(UUID(str(one.get("id"))))
            except ValueError:
                continue
    return found


def _announces(post: Post, thread: Thread) -> bool:
    return post.first and thread.kind == ThreadKind.ANNONCE.value


def _asks(post: Post, thread: Thread) -> bool:
    return post.first and thread.asks


def _place(thread: Thread, objects: Mapping[Ref, Card]) -> UUID | None:
    """The place that a thread is about, as it is today."""
    ref = thread.about
    card = objects.get(ref) if ref and ref[0] == PLACE else None
    return card.structure_id if card else None


def _refs(post: Post, thread: Thread, objects: Mapping[Ref, Card]) -> Iterator[Ref]:
    """What one may follow so as to hear of a post."""
    if not post.first:
        yield (KIND, thread.id)
        return
    yield (TOPIC_KIND, thread.topic_id)
    yield from _objects(thread, objects)
    if post.structure_id:
        yield (PLACE, post.structure_id)


def _objects(thread: Thread, objects: Mapping[Ref, Card]) -> Iterator[Ref]:
    """The object of a thread, and the place that it is of."""
    if ref := thread.about:
        yield ref
        card = objects.get(ref)
        if card and card.structure_id and ref != (PLACE, card.structure_id):
            yield (PLACE, card.structure_id)


def _authors(session: Session, ids: Collection[UUID]) -> dict[UUID, UUID]:
    wanted = sa.select(Post.id, Post.author_id).where(Post.id.in_(ids), Post.author_id.is_not(None))
    return {id_: author for id_, author in session.execute(wanted) if author} if ids else {}


def _teams(session: Session, ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Place → its people, as places are today."""
    place, join = present_place()
    wanted = sa.select(place, Membership.person_id).select_from(join).where(place.in_(ids))
    found: dict[UUID, set[UUID]] = {}
    for structure_id, person_id in session.execute(wanted) if ids else ():
        found.setdefault(structure_id, set()).add(person_id)
    return found
