"""Who hears of what, and what it says to them. Both engines."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core.changes import Entry, Op, record
from reseau.core.ids import new_id
from reseau.groups import belonging
from reseau.members.models import Person
from reseau.notices import following, sources
from reseau.notices.models import Notice
from reseau.threads.base import services
from reseau.threads.base.access import audience
from reseau.threads.base.models import (
    HELP_KIND,
    WISH_KIND,
    Post,
    PostState,
    ReadAll,
    Thread,
    ThreadKind,
    ThreadRead,
    TranslationWish,
)
from reseau.threads.telling.hearers import of_posts
from reseau.threads.telling.helpers import of_questions, of_wishes
from reseau.threads.telling.words import whole
from tests.threads.conftest import Talk

Told = dict[str, tuple[str, str]]


def first(talk: Talk, thread: Thread) -> Post:
    return talk.posts(thread)[0]


def heard(talk: Talk, *posts: Post, among: Collection[UUID] = ()) -> Told:
    """Name of the person → (kind, reason); only of our people, since other tests share the site."""
    names = {id_: name for name, id_ in talk.people.items()}
    with talk.site.sessions() as session:
        found: Told = {}
        for one in of_posts(session, [post.id for post in posts], talk.site.clock.now):
            if one.person_id in names and (not among or one.person_id in among):
                found.setdefault(names[one.person_id], (one.kind, one.reason))
        return found


def follow(talk: Talk, who: str, ref: tuple[str, UUID], *, mute: bool = False) -> None:
    with talk.site.sessions() as session:
        say = following.unfollow if mute else following.follow
        say(session, talk.people[who], ref, talk.site.clock.now)
        session.commit()


def mention(talk: Talk, who: str, kind: str = "person") -> dict[str, str]:
    id_ = talk.people[who] if kind == "person" else talk.places[who]
    return {"handle": who, "kind": kind, "id": str(id_), "name": who, "path": ""}


def test_the_author_of_a_thread_hears_of_answers_and_nobody_of_their_own(talk: Talk) -> None:
    thread = talk.thread()
    assert set(heard(talk, first(talk, thread))) == {"coordination"}
    answer = talk.reply(thread)
    assert heard(talk, answer) == {"membre": ("reponses", "answer")}
    own = talk.reply(thread, by="membre")
    assert heard(talk, own) == {"voisine": ("suivis", "thread")}


def test_the_best_reason_comes_first(talk: Talk) -> None:
    thread = talk.thread()
    quoted = talk.reply(thread, by="voisin")
    follow(talk, "referent", ("thread", thread.id))
    answer = talk.reply(thread, mentions=[mention(talk, "referent"), mention(talk, "membre")], quoted_id=quoted.id)
    assert heard(talk, answer) == {
        "referent": ("reponses", "mention"), "membre": ("reponses", "answer"), "voisin": ("reponses", "quote"),
    }  # fmt: skip
    place = talk.reply(thread, by="coordination", mentions=[mention(talk, "ailleurs", "structure")])
    assert heard(talk, place)["voisin"] == ("reponses", "place")
    assert heard(talk, place)["voisine"] == ("reponses", "place")


def test_a_new_thread_is_told_to_those_who_follow_what_it_is_about(talk: Talk) -> None:
    kit = talk.published()
    follow(talk, "voisin", ("topic", talk.topics["public"]))
    follow(talk, "referent", ("resource", kit.id))
    follow(talk, "admin", ("structure", talk.places["ici"]))
    thread = talk.thread(about=("resource", kit.id), by="voisine", kind=ThreadKind.DISCUSSION)
    assert heard(talk, first(talk, thread)) == {
        "voisin": ("sujets", "topic"), "referent": ("sujets", "object"), "admin": ("sujets", "object"),
    }  # fmt: skip
    assert "voisin" not in heard(talk, talk.reply(thread, by="membre"))
    follow(talk, "voisin", ("topic", talk.topics["public"]), mute=True)
    assert "voisin" not in heard(talk, first(talk, talk.thread(by="voisine")))


def test_the_team_of_a_place_hears_of_a_thread_about_it(talk: Talk) -> None:
    follow(talk, "voisine", ("structure", talk.places["ailleurs"]))
    about = ("structure", talk.places["ailleurs"])
    thread = talk.thread("Êtes-vous ouverts ?", about=about, kind=ThreadKind.DISCUSSION)
    told = heard(talk, first(talk, thread))
    assert told["voisin"] == told["voisine"] == ("reponses", "about-place")
    assert "coordination" not in told
    one = notice(talk, "voisin", ("post", first(talk, thread).id), thread.id, "about-place")
    assert read(talk, "voisin", one).said == "membre a ouvert un fil sur votre lieu"
    assert "voisine" not in heard(talk, first(talk, talk.thread(about=about, by="voisine")))


def test_the_coordination_hears_of_what_is_asked_of_all(talk: Talk) -> None:
    for kind in (ThreadKind.QUESTION, ThreadKind.DEMANDE):
        for topic in ("public", "reseau"):
            thread = talk.thread(topic=topic, kind=kind)
            assert heard(talk, first(talk, thread)) == {"coordination": ("sujets", "coordination")}
    assert heard(talk, first(talk, talk.thread(kind=ThreadKind.DISCUSSION))) == {}
    assert heard(talk, first(talk, talk.thread(topic="groupe"))) == {}
    assert "coordination" not in heard(talk, first(talk, talk.thread(by="coordination")))


def test_an_announcement_is_told_to_all_who_may_read_it(talk: Talk) -> None:
    public = heard(talk, first(talk, talk.thread(kind=ThreadKind.ANNONCE, by="coordination")))
    assert set(public) == set(talk.people) - {"coordination"}
    assert set(public.values()) == {("annonces", "announcement")}
    network = heard(talk, first(talk, talk.thread(kind=ThreadKind.ANNONCE, by="coordination", topic="reseau")))
    assert set(network) == set(talk.people) - {"coordination", "personne"}


def test_only_those_who_may_read_the_topic(talk: Talk) -> None:
    thread = talk.thread(topic="groupe")
    for who in ("voisin", "personne"):
        follow(talk, who, ("thread", thread.id))
    answer = talk.reply(thread, mentions=[mention(talk, "referent")])
    assert heard(talk, answer) == {"membre": ("reponses", "answer")}


def test_who_does_not_follow_a_thread_any_more_hears_only_when_spoken_to(talk: Talk) -> None:
    thread = talk.thread()
    follow(talk, "membre", ("thread", thread.id), mute=True)
    assert heard(talk, talk.reply(thread)) == {}
    assert heard(talk, talk.reply(thread, mentions=[mention(talk, "membre")])) == {"membre": ("reponses", "mention")}


def test_a_batch_costs_as_many_statements_as_one_post(talk: Talk) -> None:
    thread = talk.thread()
    posts = [talk.reply(thread, f"Réponse {n}.", mentions=[mention(talk, "referent")]) for n in range(20)]
    counts = []
    for batch in (posts[:1], posts):
        seen: list[str] = []
        with talk.site.sessions() as session:
            connection = session.connection()
            sa.event.listen(connection, "before_cursor_execute", lambda *args: seen.append(args[2]))  # noqa: B023
            list(of_posts(session, [post.id for post in batch], talk.site.clock.now))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_what_waits_or_is_hidden_is_told_to_nobody(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.reply(thread)
    with talk.site.sessions() as session:
        locked = services.lock(session, thread.id)
        services.withdraw(session, locked, session.get_one(Post, answer.id), PostState.HIDDEN)
        session.commit()
    assert heard(talk, answer) == {}


# --- who may help ---------------------------------------------------------------------------------------------


def test_a_question_without_answer_is_brought_to_those_who_know_its_topic(talk: Talk) -> None:
    talk.published(by="referent")  # its procedure is "ameli", as that of the topic
    solved = talk.thread(by="voisine")
    helped = talk.reply(solved, by="voisin")
    with talk.site.sessions() as session:
        locked = services.lock(session, solved.id)
        assert services.mark_answer(session, locked, session.get_one(Post, helped.id), now=talk.tick())
        session.commit()
    follow(talk, "admin", ("topic", talk.topics["public"]))
    thread = talk.thread(by="membre")
    with talk.site.sessions() as session:
        found = list(of_questions(session, [thread.id], talk.tick()))
    ours = {name for name, id_ in talk.people.items() if id_ in {one.person_id for one in found}}
    assert {"voisin", "referent", "admin"} <= ours
    assert "membre" not in ours
    assert len(found) <= 10
    assert {(one.kind, one.object) for one in found} == {("aide", (HELP_KIND, thread.id))}
    talk.reply(thread)
    with talk.site.sessions() as session:
        assert list(of_questions(session, [thread.id], talk.tick())) == []


def test_a_question_that_nobody_knows_is_brought_to_the_coordination(talk: Talk) -> None:
    thread = talk.thread(topic="groupe", by="voisine")
    with talk.site.sessions() as session:
        found = list(of_questions(session, [thread.id], talk.tick()))
        coordinators = audience(session).moderators
    assert talk.people["coordination"] in coordinators
    assert {one.person_id for one in found} <= coordinators
    assert found


def wished(talk: Talk, post: Post, lang: str, by: str) -> UUID:
    id_ = new_id()
    with talk.site.sessions() as session:
        session.add(TranslationWish(id=id_, post_id=post.id, lang=lang, person_id=talk.people[by], at=talk.tick()))
        record(session, Entry(WISH_KIND, id_, 1, Op.PUBLISH))
        session.commit()
    return id_


def test_a_translation_is_asked_of_those_who_speak_the_language(talk: Talk) -> None:
    with talk.site.sessions() as session:
        for who in ("voisin", "personne", "referent"):
            session.get_one(Person, talk.people[who]).languages = ["fr", "wo"]
        session.commit()
    post = first(talk, talk.thread())
    wish = wished(talk, post, "wo", by="referent")
    with talk.site.sessions() as session:
        found = list(of_wishes(session, [wish], talk.tick()))
    assert [one.person_id for one in found] == [talk.people["voisin"]]  # who asks, and who is of no place, are not
    line = read(talk, "voisin", notice(talk, "voisin", (WISH_KIND, post.id), post.thread_id, "wish"))
    assert line is not None
    assert line.said == "On demande ce message dans une langue que vous parlez : Wolof"
    assert not line.read


# --- what it says ---------------------------------------------------------------------------------------------


def notice(talk: Talk, who: str, ref: tuple[str, UUID], thread_id: UUID, reason: str) -> Notice:
    return Notice(id=new_id(), person_id=talk.people[who], kind="reponses", reason=reason, object_kind=ref[0],
                  object_id=ref[1], about_kind="thread", about_id=thread_id, at=talk.site.clock.now)  # fmt: skip


def read(talk: Talk, who: str, one: Notice, lang: str = "fr") -> Any:
    with talk.site.sessions() as session:
        person = session.get_one(Person, talk.people[who])
        return sources.lines(session, person, [one], talk.site.settings, lang).get(one.id)


def test_a_line_says_who_did_what_and_where(talk: Talk) -> None:
    thread = talk.thread("Où est le code ?", kind=ThreadKind.QUESTION)
    answer = talk.reply(thread, "**Dans** le [courrier](https://a.example/).", by="voisine")
    one = notice(talk, "membre", ("post", answer.id), thread.id, "answer")
    line = read(talk, "membre", one)
    assert line.said == "voisine a répondu à votre question"
    assert (line.title, line.text) == ("Où est le code ?", "Dans le courrier.")
    assert line.whole == "Dans le courrier (https://a.example/)."
    assert line.path == f"/echanges/messages/{answer.id}"
    assert line.about_path == talk.address(thread)
    assert not line.read
    assert "\u2068voisine\u2069" in read(talk, "membre", one, "ar").said


def test_what_was_read_on_the_site_is_read(talk: Talk) -> None:
    thread = talk.thread()
    answer, later = talk.reply(thread), talk.reply(thread)
    one, two = (notice(talk, "admin", ("post", post.id), thread.id, "thread") for post in (answer, later))
    with talk.site.sessions() as session:
        session.add(ThreadRead(person_id=talk.people["admin"], thread_id=thread.id, read_to=answer.at))
        session.commit()
    assert read(talk, "admin", one).read
    assert not read(talk, "admin", two).read
    with talk.site.sessions() as session:
        session.add(ReadAll(person_id=talk.people["admin"], before=later.at))
        session.commit()
    assert read(talk, "admin", two).read


def test_who_left_the_group_is_told_nothing_any_more(talk: Talk) -> None:
    thread = talk.thread(topic="groupe")
    post = first(talk, thread)
    one = notice(talk, "voisine", ("post", post.id), thread.id, "topic")
    assert read(talk, "voisine", one) is not None
    key = (talk.group_id, talk.people["voisine"])
    with talk.site.sessions() as session:
        assert belonging.remove(session, *key) is belonging.Done.LEFT
        person = session.get_one(Person, talk.people["voisine"])
        assert sources.lines(session, person, [one], talk.site.settings) == {}
        session.rollback()


def test_words_of_a_post_keep_their_paragraphs() -> None:
    assert whole("Un,\ndeux.\n\n- a\n- b\n\nFin <b>!") == "Un,\ndeux.\n\n- a\n- b\n\nFin <b>!"
    assert whole("1. a\n\n2. b") == "- a\n- b"
    assert whole("https://a.example/x") == "https://a.example/x"
