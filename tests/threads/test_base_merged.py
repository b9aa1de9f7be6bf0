"""Addresses and forms of a thread that was merged, and what is written while it is."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.threads.base import services
from reseau.threads.base.models import Post, ReadAll, Thread, ThreadRead, ThreadState
from reseau.threads.moderating import merging
from reseau.threads.writing.reply_page import ReplyPage
from tests.members.conftest import csrf
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_moderating_merge import at_once, merge
from tests.threads.test_writing_posts import answering, changing, send


def moved(talk: Talk, thread: Thread, topic: str) -> None:
    with talk.site.sessions.begin() as session:
        session.get_one(Thread, thread.id).topic_id = talk.topics[topic]


def sent_on(form: Any, answer: Any) -> Any:
    """What a browser does that is led on with a form (307): it sends the same there."""
    assert answer.status_int == 307
    return form.response.test_app.post(answer.location, form.submit_fields(), status="*")


@ONE_ENGINE
@pytest.mark.parametrize(("topic", "status"), [("groupe", 404), ("reseau", 403)])
def test_the_address_of_a_merged_thread_tells_nothing_of_one_that_one_may_not_read(
    talk: Talk, topic: str, status: int
) -> None:
    thread, into = talk.thread("Ouvert à tous"), talk.thread("Affaire secrète")
    address = talk.address(thread)
    merge(talk, thread, into)
    led = talk.browser().get(address, status=307)
    assert led.location.endswith(talk.address(into))
    assert "no-store" in led.headers["Cache-Control"]
    moved(talk, into, topic)
    for path in (address, address + ".md", address + "/imprimer"):
        refused = talk.browser().get(path, status=status)
        assert "secrete" not in refused.headers.get("Location", "") + refused.text
    talk.browser("membre").get(address, status=307)


@ONE_ENGINE
def test_what_is_asked_of_a_merged_thread_is_asked_of_the_other(talk: Talk) -> None:
    thread, into = talk.thread(), talk.thread()
    address = talk.address(thread)
    merge(talk, thread, into)
    led = talk.browser("voisine").get(f"{address}/repondre?citer={talk.posts(into)[0].id}", status=307)
    assert led.location.endswith(f"{talk.address(into)}/repondre?citer={talk.posts(into)[0].id}")


@ONE_ENGINE
def test_an_answer_to_a_thread_that_was_merged_meanwhile_is_written(talk: Talk) -> None:
    thread, into = talk.thread(by="personne"), talk.thread(by="personne")
    form = answering(talk, thread, text="Écrit pendant ce temps.")
    merge(talk, thread, into)
    assert sent_on(form, form.submit("publier", status=307)).status_int == 303
    assert talk.posts(into)[-1].text == "Écrit pendant ce temps."


@ONE_ENGINE
def test_an_answer_that_others_would_read_is_looked_at_again(talk: Talk) -> None:
    thread, into = talk.thread(topic="groupe"), talk.thread()
    form = answering(talk, thread, "voisine", text="Entre nous.")
    merge(talk, thread, into)
    shown = sent_on(form, form.submit("publier", status=307))
    assert shown.status_int == 200
    assert "Tout le monde peut lire" in shown
    assert len(talk.posts(into)) == 2
    again = next(one for one in shown.forms.values() if "texte" in one.fields)
    assert again["texte"].value == "Entre nous."
    send(again)
    assert talk.posts(into)[-1].text == "Entre nous."


@ONE_ENGINE
@pytest.mark.parametrize(("topic", "written"), [("public", True), ("groupe", False)])
def test_merged_between_the_look_at_the_address_and_the_lock(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, topic: str, written: bool
) -> None:
    thread, into = talk.thread(topic=topic), talk.thread()
    form = answering(talk, thread, "voisine", text="Au même moment.")
    before = ReplyPage.allowed

    def allowed(page: ReplyPage, limit: Any) -> bool:
        merging.merge(page.request.db, thread.id, into.id)
        return before(page, limit)

    monkeypatch.setattr(ReplyPage, "allowed", allowed)
    answer = form.submit("publier", status=303 if written else 422)
    assert (talk.posts(into)[-1].text == "Au même moment.") is written
    if not written:
        assert "Au même moment." in answer


@ONE_ENGINE
def test_what_was_decided_for_a_merged_thread_is_not_done_to_the_other(talk: Talk) -> None:
    thread, into = talk.thread(), talk.thread("Garde son titre")
    form = post_form(talk.browser("coordination").get(talk.address(thread) + "/moderer"), "/titre")
    form["titre"] = "Un autre"
    merge(talk, thread, into)
    assert form.submit(status=303).location.endswith(talk.address(into) + "/moderer")
    assert talk.now_of(into).title == "Garde son titre"


# --- a post, while its thread is merged -------------------------------------------------------------------------


def test_a_post_that_moves_while_one_waits_is_locked_with_its_new_thread(talk: Talk) -> None:
    for _ in range(5):
        thread, into = talk.thread(), talk.thread()
        posts = [talk.reply(thread, by="voisin") for _ in range(3)]

        def take_away(id_: Any) -> None:
            with talk.site.sessions.begin() as session:
                locked, post = services.locked(session, id_)
                assert post.thread_id == locked.id
                services.remove(session, post, by=None, now=talk.site.clock.now)

        acts = [lambda id_=post.id: take_away(id_) for post in posts]  # type: ignore[misc]
        assert not at_once(acts[0], lambda one=thread, two=into: merge(talk, one, two), *acts[1:])  # type: ignore[misc]
        assert (talk.now_of(into).posts, talk.now_of(thread).posts) == (2, 0)
        assert talk.now_of(thread).state == ThreadState.MERGED.value


def merge_at_the_lock(monkeypatch: pytest.MonkeyPatch, thread: Thread, into: Thread) -> None:
    """The thread is merged by somebody else while a request waits for its lock."""
    before, done = services.lock, []

    def lock(session: Session, id_: Any) -> Thread:
        if not done:
            done.append(id_)
            merging.merge(session, thread.id, into.id)
        return before(session, id_)

    monkeypatch.setattr(services, "lock", lock)


@ONE_ENGINE
def test_taken_away_after_it_moved(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, into = talk.thread(), talk.thread()
    answer = talk.reply(thread, by="membre")
    page = talk.browser("membre").get(f"/echanges/messages/{answer.id}/supprimer")
    merge_at_the_lock(monkeypatch, thread, into)
    done = post_form(page, "/supprimer").submit(status=303)
    assert talk.address(into) in done.location
    assert (talk.now_of(into).posts, talk.now_of(thread).posts) == (2, 0)


@ONE_ENGINE
def test_changed_after_it_moved_to_where_its_author_does_not_read(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, into = talk.thread(), talk.thread(topic="groupe")
    answer = talk.reply(thread, "Avant.", by="voisin")
    form = changing(talk, answer, "voisin")
    form["texte"] = "Après."
    merge_at_the_lock(monkeypatch, thread, into)
    form.submit("publier", status=404)
    assert talk.get(Post, answer.id).text == "Avant."


@ONE_ENGINE
def test_who_asked_does_not_mark_the_answer_of_another_thread(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, into = talk.thread(), talk.thread(by="coordination")
    answer = talk.reply(thread)
    browser = talk.browser("membre")
    sent = {"csrf_token": csrf(browser, "/compte"), "reponse": "1"}
    merge_at_the_lock(monkeypatch, thread, into)
    assert talk.address(into) in browser.post(f"/echanges/messages/{answer.id}/reponse", sent, status=303).location
    assert talk.now_of(into).answer_id is None


# --- reading marks ------------------------------------------------------------------------------------------------


def test_posts_that_come_in_are_not_read_by_who_read_only_the_other(talk: Talk) -> None:
    into, thread = talk.thread(by="coordination"), talk.thread(by="coordination")
    own = talk.reply(thread, by="membre")
    other = talk.reply(thread, by="voisine")
    last = talk.reply(into, by="coordination")
    people = talk.people
    with talk.site.sessions.begin() as session:
        for who in ("membre", "voisin", "admin"):
            session.add(ThreadRead(person_id=people[who], thread_id=into.id, read_to=last.at))
        session.execute(sa.delete(ReadAll).where(ReadAll.person_id.in_([people["voisin"], people["admin"]])))
        session.add_all([ReadAll(person_id=people["voisin"], before=own.at),
                         ReadAll(person_id=people["admin"], before=last.at)])  # fmt: skip
    merge(talk, thread, into)
    read = {row.person_id: row.read_to for row in talk.rows(ThreadRead, ThreadRead.thread_id == into.id)}
    assert read[people["membre"]] < thread.created_at
    assert own.at <= read[people["voisin"]] < other.at, "all before was said to be read"
    assert read[people["admin"]] == last.at
    with talk.site.sessions.begin() as session:
        session.execute(sa.delete(ReadAll).where(ReadAll.person_id.in_([people["voisin"], people["admin"]])))


def test_ones_own_posts_are_not_new(talk: Talk) -> None:
    into, thread = talk.thread(), talk.thread(by="voisine")
    last = talk.reply(into)
    with talk.site.sessions.begin() as session:
        session.add(ThreadRead(person_id=talk.people["voisine"], thread_id=into.id, read_to=last.at))
    merge(talk, thread, into)
    (row,) = talk.rows(ThreadRead, ThreadRead.thread_id == into.id)
    assert row.read_to == last.at
