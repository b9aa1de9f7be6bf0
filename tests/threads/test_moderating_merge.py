"""Two threads become one, one becomes two: nothing is lost, whoever does what at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.notices import following
from reseau.notices.models import Level
from reseau.threads.base import services
from reseau.threads.base.models import KIND, Bookmark, Post, PostState, Thread, ThreadKind, ThreadRead, ThreadState
from reseau.threads.base.services import Author, Closed, Writing
from reseau.threads.moderating import merging
from reseau.threads.moderating.merging import Impossible
from tests.threads.conftest import Talk
from tests.threads.test_moderating_posts import ops_of


def merge(talk: Talk, thread: Thread, into: Thread) -> None:
    with talk.site.sessions.begin() as session:
        merging.merge(session, thread.id, into.id)


def at_once(*acts: Callable[[], None]) -> list[BaseException]:
    failures: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:  # looked at by the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return failures


def test_posts_follow_in_order_and_are_counted(talk: Talk) -> None:
    into, thread = talk.thread("Où est le code ?"), talk.thread("Le code ?")
    talk.reply(into, "Un.")
    talk.reply(thread, "Deux.")
    answer = talk.reply(into, "Trois.", by="voisin")
    mine = talk.reply(thread, "Quatre.")
    with talk.site.sessions.begin() as session:
        services.mark_answer(session, services.lock(session, thread.id), session.get_one(Post, mine.id), now=mine.at)
        services.mark_answer(session, services.lock(session, into.id), session.get_one(Post, answer.id), now=mine.at)
    merge(talk, thread, into)
    posts, now, gone = talk.posts(into), talk.now_of(into), talk.now_of(thread)
    assert [post.text for post in posts][-4:] == ["Un.", "Deux.", "Trois.", "Quatre."]
    assert [post.first for post in posts].count(True) == 1
    assert (now.posts, now.replies, now.helpers, now.last_at) == (6, 5, 4, mine.at)
    assert now.answer_id == answer.id
    assert (gone.state, gone.merged_into, gone.posts, gone.answer_id) == ("merged", into.id, 0, None)
    assert ops_of(talk, thread.id)[-1] == "withdraw"
    assert ops_of(talk, mine.id) == ["publish", "update"]


def test_moments_that_are_taken_become_the_next_free_ones(talk: Talk) -> None:
    into, thread = talk.thread(), talk.thread()
    tick, at = timedelta(microseconds=1), talk.tick()
    with talk.site.sessions.begin() as session:
        for where, moments in ((into, (at, at + tick * 3)), (thread, (at, at + tick, at + tick * 2))):
            for moment in moments:
                session.add(Post(thread_id=where.id, at=moment, lang="fr", text=f"{where.slug} {moment}"))
    before = [post.id for post in talk.posts(thread)]
    merge(talk, thread, into)
    after = talk.posts(into)
    assert len({post.at for post in after}) == len(after) == 7
    assert [post.id for post in after if post.id in before] == before


def test_who_follows_keeps_or_read_one_does_so_with_the_other(talk: Talk) -> None:
    into, thread = talk.thread(by="coordination"), talk.thread(by="coordination")
    last_into, last = talk.reply(into, by="coordination"), talk.reply(thread, by="coordination")
    now, people = talk.tick(), talk.people
    with talk.site.sessions.begin() as session:
        following.follow(session, people["membre"], (KIND, thread.id), now)
        following.follow(session, people["voisine"], (KIND, thread.id), now)
        following.unfollow(session, people["voisine"], (KIND, into.id), now)
        session.add(Bookmark(person_id=people["membre"], thread_id=thread.id, at=now))
        session.add(Bookmark(person_id=people["voisine"], thread_id=thread.id, at=now))
        session.add(Bookmark(person_id=people["voisine"], thread_id=into.id, at=now))
        for who, here, there in (("membre", last.at, last_into.at), ("voisine", thread.created_at, last_into.at),
                                 ("voisin", last.at, None)):  # fmt: skip
            session.add(ThreadRead(person_id=people[who], thread_id=thread.id, read_to=here))
            if there:
                session.add(ThreadRead(person_id=people[who], thread_id=into.id, read_to=there))
    merge(talk, thread, into)
    with talk.site.sessions() as session:
        said = {who: following.level(session, people[who], (KIND, into.id)) for who in ("membre", "voisine")}
        assert not following.followers(session, [(KIND, thread.id)])
    assert said == {"membre": Level.FOLLOW, "voisine": Level.MUTE}
    assert len(talk.rows(Bookmark, Bookmark.thread_id == into.id)) == 2
    read = {row.person_id: row.read_to for row in talk.rows(ThreadRead, ThreadRead.thread_id == into.id)}
    assert read == {people["membre"]: last.at, people["voisine"]: thread.created_at}
    assert not talk.rows(ThreadRead, ThreadRead.thread_id == thread.id)


def test_addresses_of_threads_merged_before_lead_on(talk: Talk) -> None:
    one, two, three = talk.thread(), talk.thread(), talk.thread()
    merge(talk, one, two)
    merge(talk, two, three)
    assert talk.now_of(one).merged_into == three.id
    with talk.site.sessions() as session:
        assert services.led_to(session, one.id) == three.id == services.led_to(session, three.id)


def test_what_cannot_be_merged(talk: Talk) -> None:
    thread, poll = talk.thread(), talk.thread(kind=ThreadKind.SONDAGE, options=["a", "b"])
    hidden = talk.thread(waits=True)
    for one, other, why in ((thread, thread, "same"), (poll, thread, "poll"), (hidden, thread, "gone"),
                            (thread, hidden, "gone")):  # fmt: skip
        with pytest.raises(Impossible, match=why):
            merge(talk, one, other)


def test_two_merges_at_once_in_both_directions(talk: Talk) -> None:
    for _ in range(5):
        one, two = talk.thread(), talk.thread()
        for thread in (one, two):
            talk.reply(thread)
        failures = at_once(
            lambda one=one, two=two: merge(talk, one, two), lambda one=one, two=two: merge(talk, two, one)
        )  # type: ignore[misc]
        assert [type(error) for error in failures] == [Impossible], failures
        states = {talk.now_of(one).state, talk.now_of(two).state}
        assert states == {ThreadState.OPEN.value, ThreadState.MERGED.value}
        kept = next(thread for thread in (one, two) if talk.now_of(thread).open)
        assert len(talk.posts(kept)) == talk.now_of(kept).posts == 4


def test_who_posts_while_threads_are_merged_loses_nothing(talk: Talk) -> None:
    one, two = talk.thread(), talk.thread()
    written: list[Any] = []

    def write() -> None:
        with talk.site.sessions() as session:
            made = services.reply(session, one.id, Writing("En même temps.", "fr"), Author(talk.people["voisine"]),
                                  id_=new_id(), now=talk.site.clock.now)  # fmt: skip
            session.commit()
            written.append(made.id)

    failures = at_once(*[write] * 6, lambda: merge(talk, one, two), *[write] * 6)
    assert all(isinstance(error, Closed) for error in failures), failures
    assert len(written) + len(failures) == 12
    assert {post.id for post in talk.posts(two)} >= set(written)
    assert not talk.posts(one)
    with talk.site.sessions() as session:
        assert services.led_to(session, one.id) == two.id


def test_chosen_posts_become_a_thread_of_their_own(talk: Talk) -> None:
    thread = talk.thread("Deux choses", about=("structure", talk.places["ici"]))
    talk.reply(thread, "Sur la première.")
    other = talk.reply(thread, "Autre chose ?", by="voisin", lang="ar")
    answer = talk.reply(thread, "Sur l’autre.")
    last = talk.reply(thread, "Encore.", by="membre")
    with talk.site.sessions.begin() as session:
        locked = services.lock(session, thread.id)
        services.mark_answer(session, locked, session.get_one(Post, answer.id), now=last.at)
        session.add(ThreadRead(person_id=talk.people["admin"], thread_id=thread.id, read_to=answer.at))
    with talk.site.sessions.begin() as session:
        made = merging.split(session, thread.id, [other.id], "L’autre chose", rest=True)
    now, posts = talk.now_of(thread), talk.posts(made)
    assert [post.id for post in posts] == [other.id, answer.id, last.id]
    assert [post.first for post in posts] == [True, False, False]
    assert posts[0].links == [[KIND, str(thread.id)]]
    made = talk.now_of(made)
    assert (made.title, made.author_id, made.kind, made.lang) == (
        "L’autre chose",
        talk.people["voisin"],
        "question",
        "ar",
    )
    assert (made.posts, made.helpers, made.created_at, made.last_at) == (3, 2, other.at, last.at)
    assert (made.object_kind, made.object_id) == ("structure", talk.places["ici"])
    assert (now.posts, now.answer_id) == (2, None)
    with talk.site.sessions() as session:
        assert talk.people["membre"] in following.followers(session, [(KIND, made.id)])
    assert talk.rows(ThreadRead, ThreadRead.thread_id == made.id)[0].read_to == answer.at
    assert ops_of(talk, made.id) == ["publish"]


def test_what_cannot_be_cut(talk: Talk) -> None:
    thread, other = talk.thread(), talk.thread()
    elsewhere, hidden = talk.reply(other), talk.reply(thread)
    with talk.site.sessions.begin() as session:
        session.execute(sa.update(Post).where(Post.id == hidden.id).values(state=PostState.HIDDEN.value))
    first = talk.posts(thread)[0]
    for ids, why in (([], "none"), ([first.id], "none"), ([elsewhere.id], "none"), ([hidden.id], "first")):
        with talk.site.sessions() as session, pytest.raises(Impossible, match=why):
            merging.split(session, thread.id, ids, "Titre")
