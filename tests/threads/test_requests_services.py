"""A request for a resource and its thread: started once, answered together, open again together; on both engines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.threads.base.models import Thread, ThreadKind, Topic
from reseau.threads.base.services import Author, Closed, Writing
from reseau.threads.requests import services
from resources.base.models import Resource, ResourceRequest, Visibility
from resources.base.services import set_visibility
from resources.finding import asking
from resources.finding.asking import Asked, Wish
from tests.people import at_once
from tests.threads.conftest import Talk

WORDS = "un guide des frais d’hôpital"


def wish(talk: Talk, words: str = WORDS, by: str | None = "membre", **more: Any) -> ResourceRequest:
    """A request."""
    with talk.site.sessions.begin() as session:
        made = asking.ask(session, Wish(words, **more), id_=new_id(), by=talk.people[by] if by else None,
                          now=talk.site.clock.now)  # fmt: skip
        assert made is not None
        session.expunge(made)
        return made


def begun(talk: Talk, asked: ResourceRequest, by: str = "membre", topic: str = "public") -> Thread:
    """Its thread."""
    with talk.site.sessions.begin() as session:
        made = services.start(session, asked.id, talk.topics[topic], asked.words, Writing(asked.words, "fr"),
                              Author(talk.people[by]), id_=new_id(), now=talk.tick())  # fmt: skip
        session.expunge(made)
        return made


def answer(talk: Talk, thread: Thread, resource: Resource, by: str = "voisine", **more: Any) -> Any:
    """A resource answers."""
    with talk.site.sessions.begin() as session:
        found = session.get_one(Thread, thread.id)
        return services.answer(session, found, session.merge(resource), Writing("Voici.", "fr"),
                               Author(talk.people[by], **more), id_=new_id(), now=talk.tick(), word="Voici.")  # fmt: skip


def state(talk: Talk, asked: ResourceRequest) -> str:
    return str(talk.get(ResourceRequest, asked.id).state)


def not_that(talk: Talk, thread: Thread) -> bool:
    with talk.site.sessions.begin() as session:
        return services.not_that(session, session.get_one(Thread, thread.id), now=talk.tick())


def test_a_request_has_one_thread_however_often_it_is_asked(talk: Talk) -> None:
    asked = wish(talk)

    def start() -> UUID:
        with talk.site.sessions.begin() as session:
            try:
                return services.start(session, asked.id, talk.topics["public"], asked.words, Writing("Un.", "fr"),
                                      Author(None), id_=new_id(), now=talk.site.clock.now).id  # fmt: skip
            except services.There as there:
                return UUID(str(there.args[0].id))

    made = at_once(start, start, start)
    assert len(set(made)) == 1
    with talk.site.sessions() as session:
        found = services.of_requests(session, [asked.id, new_id()])
        assert services.of_requests(session, []) == {}
    assert list(found) == [asked.id]
    assert (found[asked.id].kind, found[asked.id].request_id) == (ThreadKind.DEMANDE.value, asked.id)


def test_no_thread_starts_for_what_is_answered_or_gone(talk: Talk) -> None:
    asked = wish(talk)
    with talk.site.sessions.begin() as session:
        asking.decline(session, asked.id, "Non.", by=None, now=talk.site.clock.now)
    with pytest.raises(asking.Decided):
        begun(talk, asked)
    asked.id = new_id()
    with pytest.raises(LookupError):
        begun(talk, asked)


def test_a_resource_closes_thread_and_request(talk: Talk) -> None:
    asked, kit = wish(talk), talk.published()
    thread = begun(talk, asked)
    post, told = answer(talk, thread, kit)
    now = talk.now_of(thread)
    assert told.id == asked.id
    assert (now.state, now.answer_id, now.answer_ref_kind, now.answer_ref_id) == ("closed", post.id, "resource", kit.id)
    row = talk.get(ResourceRequest, asked.id)
    assert (row.state, row.answer_id, row.answer, row.decided_by) == (
        Asked.ANSWERED.value, kit.id, "Voici.", talk.people["voisine"],
    )  # fmt: skip
    with pytest.raises(Closed):
        answer(talk, thread, kit)


def test_it_opens_again_and_may_be_answered_again(talk: Talk) -> None:
    asked, kit, other = wish(talk), talk.published(), talk.published()
    thread = begun(talk, asked)
    assert not not_that(talk, thread), "nothing answers yet"
    answer(talk, thread, kit)
    assert not_that(talk, thread)
    now = talk.now_of(thread)
    assert (now.state, now.answer_id, now.answer_ref_id, now.closed_at) == ("open", None, None, None)
    assert state(talk, asked) == Asked.OPEN.value
    assert not not_that(talk, thread), "sent twice"
    answer(talk, thread, other)
    assert talk.get(ResourceRequest, asked.id).answer_id == other.id
    assert len(talk.posts(thread)) == 3


def test_a_thread_that_a_moderator_closed_stays_closed(talk: Talk) -> None:
    thread = begun(talk, wish(talk))
    with talk.site.sessions.begin() as session:
        session.execute(sa.update(Thread).where(Thread.id == thread.id).values(state="closed"))
    assert not not_that(talk, thread)
    assert talk.now_of(thread).state == "closed"


def test_what_only_the_network_reads_does_not_answer_a_visitor(talk: Talk) -> None:
    kit = talk.published()
    with talk.site.sessions.begin() as session:
        set_visibility(session, session.get_one(Resource, kit.id), Visibility.NETWORK, talk.site.clock.now)
    kit = talk.resource(kit.id)
    visitor, member = begun(talk, wish(talk, by=None)), begun(talk, wish(talk))
    with pytest.raises(asking.NoAnswer, match="reseau"):
        answer(talk, visitor, kit)
    assert len(talk.posts(visitor)) == 1
    answer(talk, member, kit)
    assert talk.now_of(member).state == "closed"


def test_an_answer_that_waits_for_a_look_closes_nothing(talk: Talk) -> None:
    asked = wish(talk)
    thread = begun(talk, asked)
    post, told = answer(talk, thread, talk.published(), waits=True)
    assert (post.state, told) == ("waiting", None)
    assert talk.now_of(thread).state == "open"
    assert state(talk, asked) == Asked.OPEN.value


def test_a_request_that_was_answered_elsewhere_stays_as_it_was(talk: Talk) -> None:
    asked, first, second = wish(talk), talk.published(), talk.published()
    thread = begun(talk, asked)
    with talk.site.sessions.begin() as session:
        asking.answer(session, asked.id, session.merge(first), "", by=None, now=talk.site.clock.now)
    _, told = answer(talk, thread, second)
    assert told is None
    assert talk.get(ResourceRequest, asked.id).answer_id == first.id
    assert talk.now_of(thread).answer_ref_id == second.id


def test_two_who_answer_at_once_and_one_who_answers_the_request(talk: Talk) -> None:
    asked, kit = wish(talk), talk.published()
    thread = begun(talk, asked)

    def reply() -> str:
        try:
            return "told" if answer(talk, thread, kit)[1] else "said"
        except Closed:
            return "late"

    def desk() -> str:
        with talk.site.sessions.begin() as session:
            try:
                asking.answer(session, asked.id, session.merge(kit), "", by=None, now=talk.site.clock.now)
            except asking.Decided:
                return "late"
            return "desk"

    outcomes = at_once(reply, reply, desk)
    assert sum(one in ("told", "desk") for one in outcomes) == 1, "whoever asked is told once"
    assert len(talk.posts(thread)) == 2


def test_the_topic_of_a_request() -> None:
    seen = {"public": ["rendez-vous-en-ligne"], "network": ["ameli"]}
    topics = [Topic(slug=name, titles={}, seen=name, procedures=codes) for name, codes in seen.items()]
    usual = Topic(slug="ateliers", titles={}, seen="public", procedures=[])

    def slug(words: str, among: list[Topic]) -> str | None:
        found = services.topic_for(among, ResourceRequest(words=words, text="", theme=""))
        return found.slug if found else None

    assert slug("un tutoriel Doctolib", [usual, *topics]) == "public"
    assert slug("mon compte Ameli", [*topics, usual]) == "ateliers", "what is asked is for everybody to read"
    assert slug("un jeu", topics) == "public"
    assert slug("un jeu", topics[1:]) is None


def test_a_long_request_is_cut_in_the_title_and_whole_in_the_text() -> None:
    long = ResourceRequest(words="mot " * 49, text="Pour un atelier.", lang="ar")
    assert len(services.title_of(long)) <= 160
    text = services.text_of(long, "fr")
    assert text.startswith("mot mot")
    assert "Pour un atelier." in text
    assert "Langue voulue : Arabe." in text
    short = ResourceRequest(words="un jeu", text="", lang="", contact="moi@exemple.fr")
    assert (services.title_of(short), services.text_of(short, "fr")) == ("un jeu", "un jeu")
