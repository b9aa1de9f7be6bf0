"""Threads and posts as services write them, on both engines."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from reseau.core import slugs
from reseau.core.changes import Change
from reseau.core.ids import new_id
from reseau.groups import services as groups
from reseau.threads.base import services, topics
from reseau.threads.base import text as words
from reseau.threads.base.models import Post, PostState, PostVersion, Thread, ThreadState, Topic
from reseau.threads.base.services import Author, Closed, Taken, Writing
from tests.threads.conftest import Talk


def test_a_thread_and_its_answers(talk: Talk) -> None:
    thread = talk.thread("Où trouver le code ?")
    assert (thread.slug, thread.posts, thread.replies, thread.helpers) == ("ou-trouver-le-code", 1, 0, 0)
    talk.reply(thread, "Moi aussi.", by="membre")
    answer = talk.reply(thread, "Dans le courrier.")
    now = talk.now_of(thread)
    assert (now.posts, now.replies, now.helpers, now.last_at) == (3, 2, 1, answer.at)
    assert [post.first for post in talk.posts(thread)] == [True, False, False]
    ops = [row.op for row in talk.rows(Change, Change.object_id == answer.id)]
    assert ops == ["publish"]


def test_the_same_form_twice_is_one_post(talk: Talk) -> None:
    thread, id_ = talk.thread(), new_id()
    for expected in (None, Taken):
        with talk.site.sessions() as session:
            arguments = (session, thread.id, Writing("Ainsi.", "fr"), Author(talk.people["voisine"]))
            if expected:
                with pytest.raises(expected):
                    services.reply(*arguments, id_=id_, now=talk.tick())
            else:
                services.reply(*arguments, id_=id_, now=talk.tick())
            session.commit()
    assert len(talk.posts(thread)) == 2


def test_fifty_people_at_once(talk: Talk) -> None:
    thread, failures = talk.thread(), []
    now = talk.tick()

    def one() -> None:
        try:
            with talk.site.sessions() as session:
                services.reply(session, thread.id, Writing("En même temps.", "fr"), Author(talk.people["voisine"]),
                               id_=new_id(), now=now)  # fmt: skip
                session.commit()
        except Exception as error:  # said below
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(50)]
    for one_thread in threads:
        one_thread.start()
    for one_thread in threads:
        one_thread.join()
    assert not failures
    found = talk.posts(thread)
    assert len(found) == 51
    assert len({post.at for post in found}) == 51
    assert talk.now_of(thread).replies == 50


def test_what_is_closed_takes_no_answer(talk: Talk) -> None:
    thread = talk.thread()
    with talk.site.sessions() as session:
        services.close(session, services.lock(session, thread.id), now=talk.tick(), reason="Réglé.")
        session.commit()
    with pytest.raises(Closed):
        talk.reply(thread)
    with talk.site.sessions() as session:
        services.reopen(session, services.lock(session, thread.id))
        session.commit()
    assert talk.reply(thread)


def test_editing_keeps_what_was_said_for_moderators(talk: Talk) -> None:
    thread = talk.thread("Avant", "Un.")
    (post,) = talk.posts(thread)
    with talk.site.sessions() as session:
        services.lock(session, thread.id)
        services.edit(session, session.get_one(Post, post.id), Writing("Deux.", "ar"), by=None, now=talk.tick(),
                      title="Après")  # fmt: skip
        session.commit()
    (kept,) = talk.rows(PostVersion, PostVersion.post_id == post.id)
    assert (kept.text, kept.title) == ("Un.", "Avant")
    now = talk.now_of(thread)
    assert (now.title, now.lang, talk.posts(thread)[0].text) == ("Après", "ar", "Deux.")
    assert talk.posts(thread)[0].edited_at


def test_taking_a_post_away_leaves_its_place(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.reply(thread, "Je me trompe.")
    with talk.site.sessions() as session:
        locked = services.lock(session, thread.id)
        assert services.mark_answer(session, locked, session.get_one(Post, answer.id), now=talk.tick())
        services.remove(session, session.get_one(Post, answer.id), by=None, now=talk.tick())
        session.commit()
    now = talk.now_of(thread)
    assert (now.replies, now.answer_id, now.state) == (0, None, "open")
    assert [(post.state, post.text) for post in talk.posts(thread)][1] == (PostState.DELETED.value, "")


def test_a_thread_without_answers_goes_with_its_first_post(talk: Talk) -> None:
    alone, answered = talk.thread(), talk.thread()
    talk.reply(answered)
    for thread in (alone, answered):
        with talk.site.sessions() as session:
            services.lock(session, thread.id)
            services.remove(session, services.first_post(session, thread.id), by=None, now=talk.tick())
            session.commit()
    assert talk.now_of(alone).state == ThreadState.DELETED.value
    assert talk.now_of(answered).state == ThreadState.OPEN.value


def test_what_waits_is_not_counted_nor_told(talk: Talk) -> None:
    thread = talk.thread(waits=True)
    assert (thread.state, thread.posts) == ("waiting", 0)
    assert not talk.rows(Change, Change.object_id == thread.id)
    with talk.site.sessions() as session:
        locked = services.lock(session, thread.id)
        services.appear(session, locked, services.first_post(session, thread.id))
        session.commit()
    assert (talk.now_of(thread).state, talk.now_of(thread).posts) == ("open", 1)
    assert [row.op for row in talk.rows(Change, Change.object_id == thread.id)] == ["publish"]


def test_only_an_answer_of_a_question_is_marked(talk: Talk) -> None:
    thread, other = talk.thread(), talk.thread()
    elsewhere = talk.reply(other)
    with talk.site.sessions() as session:
        locked = services.lock(session, thread.id)
        assert not services.mark_answer(session, locked, services.first_post(session, thread.id), now=talk.tick())
        assert not services.mark_answer(session, locked, session.get_one(Post, elsewhere.id), now=talk.tick())
        session.rollback()


def test_objects_of_the_site_that_a_text_names(talk: Talk) -> None:
    kit = talk.published()
    site = "http://localhost:6543"
    here = talk.at(kit.id)
    text = f"Voir {site}{here} et {here} et https://ailleurs.example{here} et [lui]({here}/avis) et /kits/absent"
    with talk.site.sessions() as session:
        assert services.linked(session, text, site) == [["resource", str(kit.id)]]
        assert services.linked(session, "https://[mauvais", site) == []


def test_the_first_topics_are_laid_once(talk: Talk) -> None:
    with talk.site.sessions() as session:
        assert topics.lay(session, talk.site.clock.now) == 0
        for topic in session.query(Topic):
            session.query(Thread).filter(Thread.topic_id == topic.id).delete()
        session.query(Topic).delete()
        assert topics.lay(session, talk.site.clock.now) == 8
        slugs = [topic.slug for topic in session.query(Topic).order_by(Topic.position)]
        assert slugs[:2] == ["mon-espace-sante", "ameli"]
        session.rollback()


def test_posts_follow_each_other_even_when_the_clock_goes_back(talk: Talk) -> None:
    thread = talk.thread()
    last = talk.reply(thread)
    with talk.site.sessions() as session:
        early = services.reply(session, thread.id, Writing("Trop tôt.", "fr"), Author(None), id_=new_id(),
                               now=last.at - timedelta(hours=1))  # fmt: skip
        session.commit()
    assert early.at > last.at


def test_who_may_not_know_names_reads_none() -> None:
    mentions = [{"handle": "marie-dupont", "kind": "person", "id": "1", "name": "Marie Dupont", "path": ""},
                {"handle": "ccas", "kind": "structure", "id": "2", "name": "CCAS", "path": "/annuaire/ccas-2"}]  # fmt: skip
    said = "Demande à @Marie-Dupont ou @ccas, pas à @inconnu ni a@b.example."
    assert words.veiled(said, mentions) == "Demande à @… ou @ccas, pas à @inconnu ni a@b.example."
    assert words.veiled(said) == "Demande à @… ou @…, pas à @… ni a@b.example."
    assert "Marie" not in words.to_html(words.veiled(said, mentions), mentions)


def test_topics_of_groups_have_addresses_of_their_own(talk: Talk) -> None:
    now = talk.site.clock.now
    with talk.site.sessions() as session:
        made = [
            topics.of_group(session, groups.create(session, name, name, by=None, now=now), now).slug
            for name in ("sante-mentale", "sante-mentale-2", "sante", "x" * 80)
        ]
        session.add(Topic(slug="groupe-vide", titles={"fr": "Vide"}, created_at=now))
        session.add(Topic(slug="groupe-vide-3", titles={"fr": "Vide"}, created_at=now))
        session.flush()
        made.append(topics.of_group(session, groups.create(session, "Vide", "vide", by=None, now=now), now).slug)
        session.rollback()
    assert made == ["groupe-sante-mentale", "groupe-sante-mentale-2", "groupe-sante", f"groupe-{'x' * 73}",
                    "groupe-vide-2"]  # fmt: skip


def test_addresses_that_can_be_read() -> None:
    assert slugs.slugify("Le Fil de l'Épeule") == "le-fil-de-l-epeule"
    assert (slugs.slugify("لقاء"), slugs.readable("لقاء", "fil"), slugs.readable("Lieu", "fil")) == (
        "lieu",
        "fil",
        "lieu",
    )
