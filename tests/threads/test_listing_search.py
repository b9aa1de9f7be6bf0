"""What the index holds of threads, and who finds what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.changes import Entry, Op, record
from reseau.core.ids import new_id
from reseau.groups import services as groups
from reseau.threads.base import services
from reseau.threads.base.models import TOPIC_KIND, Post, PostState, Thread, ThreadState, Topic, TopicSeen
from reseau.threads.listing.documents import MAX_POST, documents, of_posts
from tests.threads.conftest import ONE_ENGINE, Talk


def a_word() -> str:
    """A word that nothing else holds, and that no other resembles."""
    digits = new_id().int % 26**12
    return "zq" + "".join(chr(97 + digits // 26**n % 26) for n in range(12))


def wrong(word: str) -> str:
    """The same with one letter that is another: in its middle, of which no stem is left out."""
    return word[:5] + ("b" if word[5] == "a" else "a") + word[6:]


def found(talk: Talk, word: str, who: str | None = None, **query: str) -> list[str]:
    talk.site.reindex()
    answer = talk.browser(who).get("/echanges.json?" + urlencode({"q": word, **query})).json
    return [item["titre"] for item in answer["items"]]


def act(talk: Talk, thread: Thread, what: Callable[[Session, Thread], Any]) -> None:
    with talk.site.sessions() as session:
        what(session, services.lock(session, thread.id))
        session.commit()


def test_by_its_title_and_by_what_was_written(talk: Talk) -> None:
    word = a_word()
    said = talk.thread("Par un message", "Rien de spécial.")
    talk.reply(said, f"Essayez {word}.")
    talk.thread(f"Un titre avec {word}")
    both = talk.thread("Plus récent")
    talk.reply(both, f"{word} aussi")
    assert found(talk, word) == [f"Un titre avec {word}", "Plus récent", "Par un message"]
    page = talk.browser().get(f"/echanges?q={word}")
    assert "3 fils" in page
    assert page.text.index("Un titre avec") < page.text.index("Par un message")
    answer = talk.browser().get(f"/echanges.json?q={word}+marmelade").json
    assert answer["mots_partiels"]
    assert len(answer["items"]) == 3
    assert found(talk, word, type="discussion") == []


def test_posts_come_and_go_and_the_thread_stays(talk: Talk) -> None:
    first, second = a_word(), a_word()
    thread = talk.thread(f"Reste {first}")
    post = talk.reply(thread, second)
    assert found(talk, second) == [f"Reste {first}"]
    for state in (PostState.HIDDEN, PostState.DELETED):
        act(talk, thread, lambda session, row, state=state: services.withdraw(
            session, row, session.get_one(Post, post.id), state))  # fmt: skip
        assert found(talk, second) == []
        assert found(talk, first) == [f"Reste {first}"]
    act(talk, thread, lambda session, row: services.appear(session, row, session.get_one(Post, post.id)))
    assert found(talk, second) == [f"Reste {first}"]
    with talk.site.sessions() as session:
        assert [one.id for one in of_posts(session, [post.id])] == [thread.id]
        assert list(of_posts(session, [new_id()])) == list(of_posts(session, None)) == []


def test_a_thread_that_is_hidden_or_merged_or_taken_away_is_not_found(talk: Talk) -> None:
    word = a_word()
    threads = {name: talk.thread(f"{name} {word}") for name in ("masqué", "réuni", "repris", "reste")}
    assert len(found(talk, word)) == 4

    def state(wanted: ThreadState, into: Any = None) -> Callable[[Session, Thread], None]:
        def change(session: Session, row: Thread) -> None:
            row.state, row.merged_into = wanted.value, into
            services.tell(session, row, Op.UPDATE)

        return change

    act(talk, threads["masqué"], state(ThreadState.HIDDEN))
    act(talk, threads["réuni"], state(ThreadState.MERGED, threads["reste"].id))
    act(talk, threads["repris"], lambda session, row: services.remove(
        session, services.first_post(session, row.id), by=None, now=talk.tick()))  # fmt: skip
    assert found(talk, word) == [f"reste {word}"]
    # A post of one of them changes later: that brings nothing back.
    (post,) = talk.posts(threads["masqué"])
    with talk.site.sessions() as session:
        services.tell_post(session, session.get_one(Post, post.id), Op.UPDATE)
        session.commit()
    assert found(talk, word) == [f"reste {word}"]
    act(talk, threads["masqué"], state(ThreadState.OPEN))
    assert len(found(talk, word)) == 2


def kind_of(talk: Talk, word: str) -> set[str]:
    """The kinds of the index in which a word is."""
    talk.site.reindex()
    engine = talk.site.wsgi.registry["search.engine"]
    return {kind for kind in ("thread", "thread-network", "thread-group") if len(engine.rank(word, kind))}


def test_each_finds_what_they_may_read_and_the_index_keeps_them_apart(talk: Talk) -> None:
    words = {topic: a_word() for topic in ("public", "reseau", "groupe")}
    threads = {topic: talk.thread(f"Ici {word}", topic=topic) for topic, word in words.items()}
    expected = {
        None: {"public"}, "personne": {"public"}, "voisin": {"public", "reseau"},
        "voisine": {"public", "reseau", "groupe"}, "coordination": {"public", "reseau", "groupe"},
    }  # fmt: skip
    for who, topics in expected.items():
        assert {topic for topic, word in words.items() if found(talk, word, who)} == topics, who
    assert [kind_of(talk, words[topic]) for topic in ("public", "reseau", "groupe")] == [
        {"thread"}, {"thread-network"}, {"thread-group"},
    ]  # fmt: skip

    def move(session: Session, row: Thread) -> None:
        row.topic_id = talk.topics["reseau"]
        services.tell(session, row, Op.UPDATE)

    act(talk, threads["public"], move)
    assert kind_of(talk, words["public"]) == {"thread-network"}
    assert found(talk, words["public"]) == []


def test_words_of_another_group_are_not_told_by_the_spelling(talk: Talk) -> None:
    """Of groups, one index: what is looked for is neither corrected into a word of theirs nor left because of one."""
    secret, near = a_word(), a_word()
    typed = wrong(near)
    talk.thread(f"Chez eux {secret}", topic="groupe")
    talk.thread(f"Chez eux {typed}", topic="groupe")
    talk.thread(f"Ouvert {near}")
    talk.site.reindex()
    other = talk.person().id  # of another group
    with talk.site.sessions() as session:
        made = groups.create(session, a_word(), a_word(), by=None, now=talk.tick(), seen="members", animators=[other])
        session.add(Topic(slug=a_word(), titles={"fr": "G"}, seen=TopicSeen.GROUP.value, group_id=made.id,
                          created_at=talk.tick()))  # fmt: skip
        session.commit()
    for who in (other, None):
        assert secret not in talk.browser(who).get(f"/echanges?q={wrong(secret)}"), who
        public = talk.browser(who).get(f"/echanges?q={wrong(secret)}+{near}")
        assert f"Ouvert {near}" in public
        assert secret not in public, who
    assert f"Chez eux {secret}" in talk.browser("voisine").get(f"/echanges?q={wrong(secret)}"), "who is in it finds it"
    page = talk.browser(other).get(f"/echanges?q={typed}")
    assert f"Ouvert {near}" in page, "corrected, as if nobody had written it"
    assert "a été compris comme" in page
    assert f"Chez eux {typed}" in talk.browser("voisine").get(f"/echanges?q={typed}")


def test_a_correction_is_said_only_by_what_the_reader_may_read(talk: Talk) -> None:
    word = a_word()
    thread = talk.thread(f"Réseau {word}", topic="reseau")
    typed = wrong(word)
    talk.site.reindex()
    assert "a été compris comme" in talk.browser("voisin").get(f"/echanges?q={typed}")
    # Hidden: until the index knows, it still has the word.
    with talk.site.sessions() as session:
        session.execute(sa.update(Thread).where(Thread.id == thread.id).values(state=ThreadState.HIDDEN.value))
        session.commit()
    assert "a été compris comme" not in talk.browser("voisin").get(f"/echanges?q={typed}")
    assert word not in talk.browser("voisin").get(f"/echanges?q={typed}")


def test_a_topic_that_opens_takes_its_threads_along(talk: Talk) -> None:
    word = a_word()
    topic = Topic(slug=f"s-{word}", titles={"fr": "S"}, seen=TopicSeen.NETWORK.value, created_at=talk.tick())
    with talk.site.sessions() as session:
        session.add(topic)
        session.commit()
        talk.topics[word] = topic.id
    talk.thread(f"Derrière {word}", topic=word)
    assert found(talk, word) == []
    with talk.site.sessions() as session:
        session.get_one(Topic, talk.topics[word]).seen = TopicSeen.PUBLIC.value
        record(session, Entry(TOPIC_KIND, talk.topics[word], 1, Op.UPDATE))
        session.commit()
    assert found(talk, word) == [f"Derrière {word}"]


def test_what_is_endless_is_cut(talk: Talk) -> None:
    thread = talk.thread("Long", "mot " * 4_000)
    with talk.site.sessions() as session:
        (document,) = documents(session, [thread.id])
    assert max(len(text) for text, _ in document.fields) == MAX_POST


@ONE_ENGINE
def test_already_asked(talk: Talk) -> None:
    word, other = a_word(), a_word()
    asked = talk.thread(f"Comment retrouver {word} sur le téléphone ?")
    talk.thread(f"Tout autre chose {other}")
    talk.thread(f"Secret {word}", topic="groupe")
    talk.reply(asked)
    talk.site.reindex()

    def similar(title: str) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = (
            talk.browser().get(f"/echanges/semblables.json?{urlencode({'titre': title})}").json
        )
        return answer

    (one,) = similar(f"Où trouver {word} ?")
    assert one == {"titre": asked.title, "langue": "fr", "adresse": talk.address(asked), "reponses": 1, "resolu": False}
    assert similar("") == similar("?") == similar("zzzzzzzzzzzzqqqqq") == []


@ONE_ENGINE
def test_the_search_for_all_has_the_exchanges(talk: Talk) -> None:
    word = a_word()
    for n in range(6):
        talk.thread(f"Fil {n} {word}")
    talk.thread(f"Réseau {word}", topic="reseau")
    talk.site.reindex()
    page = talk.browser().get(f"/recherche?q={word}")
    assert '<section id="echanges"' in page
    assert f'href="/echanges?q={word}"' in page
    assert "Voir les 6 réponses" in page
    assert "Voir les 7 réponses" in talk.browser("voisine").get(f"/recherche?q={word}")
    for path in ("/annuaire", "/ressources"):
        assert "Voir aussi 6 échanges" in talk.browser().get(f"{path}?q={word}"), path
    nothing = talk.browser().get("/echanges?q=introuvablissime").text
    assert "Aucun fil ne répond à cette recherche" in nothing


@pytest.mark.parametrize("who", [None, "voisine"])
def test_a_search_costs_the_same_for_many(talk: Talk, who: str | None) -> None:
    word, topic = a_word(), talk.topics["public"]
    now = talk.tick()
    rows = [
        {"id": new_id(), "topic_id": topic, "kind": "question", "slug": "f", "lang": "fr", "title": f"{word} {n}",
         "object_kind": "structure", "object_id": talk.places["ici"], "created_at": now, "last_at": now}
        for n in range(250)
    ]  # fmt: skip
    with talk.site.sessions() as session:
        session.execute(sa.insert(Thread), rows)
        for row in rows:
            record(session, Entry("thread", row["id"], 1, Op.PUBLISH))
        session.commit()
    talk.site.reindex()
    browser = talk.browser(who)
    for path, most, looks in (
        ("/echanges", 10, 2),
        ("/recherche", 12, 4),  # the letter is looked at too
        ("/annuaire", 10, 4),
        ("/ressources", 10, 4),
    ):
        browser.get(f"{path}?q={word}")
        with talk.site.statements() as statements:
            page = browser.get(f"{path}?q={word}")
        # PostgreSQL is its own search engine: each look at its index is a statement more, one for each room and try.
        others = [one for one in statements if "search_" not in one]
        assert len(others) <= most, (path, len(others), others)
        assert len(statements) <= most + (looks if who else 2), (path, len(statements), statements)
        assert len(page.body) <= 60_000
    with talk.site.sessions() as session:
        session.execute(sa.delete(Thread).where(Thread.id.in_([row["id"] for row in rows])))
        session.commit()
