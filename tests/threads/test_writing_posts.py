"""Answers, changes, taking one's own message away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from webtest import Upload

from reseau.core.ids import new_id
from reseau.members.models import Draft
from reseau.threads.base import services
from reseau.threads.base.models import Post, PostState, PostVersion, Thread
from reseau.threads.base.shapes import POSTS_PER_HOUR
from reseau.threads.writing.reply_page import reply_form
from resources.base.models import AttachedFile
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_writing_new import form_of, send

pytestmark = ONE_ENGINE


def answering(talk: Talk, thread: Thread, who: Any = None, query: str = "", text: str = "Ainsi.") -> Any:
    """The form filled in by somebody; by default by somebody new, who has used up nothing of an hour."""
    who = who or talk.person(member_of=[talk.places["ailleurs"]]).id
    form = form_of(talk.browser(who).get(f"{talk.address(thread)}/repondre{query}"))
    form["texte"] = text
    return form


def changing(talk: Talk, post: Post, who: Any = "membre") -> Any:
    return form_of(talk.browser(who).get(f"/echanges/messages/{post.id}/modifier"))


def shut(talk: Talk, thread: Thread) -> None:
    with talk.site.sessions() as session:
        services.close(session, services.lock(session, thread.id), now=talk.tick())
        session.commit()


def test_an_answer(talk: Talk) -> None:
    thread = talk.thread(by="personne")
    form = answering(talk, thread, "voisine", text="Voir **ici**")
    page = send(form, 200, "apercu")
    assert "<strong>ici</strong>" in page
    assert len(talk.posts(thread)) == 1
    answer = send(form_of(page))
    post = talk.posts(thread)[-1]
    assert answer.location.endswith(f"/echanges/messages/{post.id}?fait=publie")
    assert (post.author_id, post.structure_id) == (talk.people["voisine"], talk.places["ailleurs"])
    assert send(form).location == answer.location, "sent twice"
    assert len(talk.posts(thread)) == 2


def test_an_answer_has_words(talk: Talk) -> None:
    thread = talk.thread()
    assert "Écrivez votre message." in send(answering(talk, thread, text=" \n "), 422)
    page = send(answering(talk, thread, text="x" * 20_001), 422)
    assert form_of(page)["texte"].value == "x" * 20_001


def test_who_may_not_read_does_not_answer(talk: Talk) -> None:
    thread = talk.thread(topic="groupe")
    talk.browser("voisin").get(f"{talk.address(thread)}/repondre", status=404)
    assert "/connexion" in talk.browser().get(f"{talk.address(talk.thread())}/repondre", status=303).location


def test_a_quote(talk: Talk) -> None:
    thread, other = talk.thread(by="personne"), talk.thread()
    first = talk.posts(thread)[0]
    form = answering(talk, thread, query=f"?citer={first.id}")
    assert form["citer"].value == str(first.id)
    send(form)
    assert talk.posts(thread)[-1].quoted_id == first.id
    stranger = talk.posts(other)[0]
    forged = answering(talk, thread, query=f"?citer={first.id}")
    forged["citer"].force_value(str(stranger.id))
    send(forged)
    assert talk.posts(thread)[-1].quoted_id is None
    for bad in (str(stranger.id), "x", str(new_id())):
        assert "citer" not in answering(talk, thread, query=f"?citer={bad}").fields


def test_a_thread_closed_meanwhile_gives_the_text_back(talk: Talk) -> None:
    thread = talk.thread("Fermé trop tôt")
    form = answering(talk, thread, text="Mon texte, écrit trop tard.")
    shut(talk, thread)
    page = send(form, 422)
    assert "Ce fil est fermé" in page
    other = form_of(page)
    assert other["texte"].value == "Mon texte, écrit trop tard."
    again = form_of(other.submit("apercu", status=200))
    assert again["texte"].value == "Mon texte, écrit trop tard."
    assert again["sujet"].value == "essai-public"
    again["titre"] = f"Suite de {thread.id}"
    send(again)
    assert "Ce fil est fermé" in talk.browser("membre").get(f"{talk.address(thread)}/repondre")


def test_marks_are_told(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    class Marks:
        def add(self, *said: Any) -> None:
            told.append(said)

        def __getattr__(self, _name: str) -> Any:
            return lambda *_args, **_more: None

    monkeypatch.setitem(
        talk.site.wsgi.registry.__dict__ if False else talk.site.wsgi.registry, "threads.marks", Marks()
    )
    thread = talk.thread()
    form = answering(talk, thread, "voisine")
    told.clear()
    send(form)
    assert told == [(talk.people["voisine"], thread.id, talk.posts(thread)[-1].at)]


def test_too_many_answers_in_an_hour(talk: Talk) -> None:
    thread, person = talk.thread(), talk.person().id
    browser = talk.browser(person)
    form = form_of(browser.get(f"{talk.address(thread)}/repondre"))
    for _ in range(POSTS_PER_HOUR.times):
        form["texte"] = "Encore."
        form["numero"].force_value(str(new_id()))
        send(form)
    form["numero"].force_value(str(new_id()))
    page = send(form, 422)
    assert "réessayez plus tard" in page
    assert talk.rows(Draft, Draft.person_id == person)
    assert "Reprendre" in browser.get("/compte")


def test_the_form_for_the_page_of_a_thread(talk: Talk) -> None:
    thread = talk.thread()

    def ask(person: str | None) -> Any:
        with talk.site.sessions() as session:
            request = SimpleNamespace(
                identity=SimpleNamespace(person_id=talk.people[person]) if person else None, db=session
            )
            return reply_form(request, SimpleNamespace(thread=session.get_one(Thread, thread.id)))  # type: ignore[arg-type]

    assert ask(None) is None
    shut(talk, thread)
    assert ask("membre") is None


def test_a_change_is_kept_and_said(talk: Talk) -> None:
    thread = talk.thread("Titre d’avant", "Texte d’avant.")
    post = talk.posts(thread)[0]
    form = changing(talk, post)
    assert (form["titre"].value, form["texte"].value) == ("Titre d’avant", "Texte d’avant.")
    form["titre"], form["texte"] = "Titre d’après", "Texte d’après."
    assert send(form).location.endswith(f"/echanges/messages/{post.id}")
    assert talk.now_of(thread).title == "Titre d’après"
    assert [one.text for one in talk.rows(PostVersion, PostVersion.post_id == post.id)] == ["Texte d’avant."]
    send(form)  # twice
    assert len(talk.rows(PostVersion, PostVersion.post_id == post.id)) == 1
    answer = talk.reply(thread)
    assert "titre" not in changing(talk, answer, "voisine").fields


def test_only_ones_own(talk: Talk) -> None:
    post = talk.posts(talk.thread())[0]
    for who in ("voisine", "coordination"):
        for what in ("modifier", "supprimer"):
            talk.browser(who).get(f"/echanges/messages/{post.id}/{what}", status=403)


def test_two_tabs_lose_nothing(talk: Talk) -> None:
    thread = talk.thread("Deux onglets", "Un.")
    post = talk.posts(thread)[0]
    one, two = changing(talk, post), changing(talk, post)
    one["texte"] = "Depuis le premier."
    send(one)
    two["texte"] = "Depuis le second."
    page = send(two, 422)
    assert "a changé pendant que vous écriviez" in page
    assert "Depuis le premier." in page
    assert form_of(page)["texte"].value == "Depuis le second."
    assert talk.posts(thread)[0].text == "Depuis le premier."
    send(form_of(page))
    assert talk.posts(thread)[0].text == "Depuis le second."


@pytest.mark.parametrize("state", [PostState.HIDDEN, PostState.DELETED])
def test_what_is_hidden_does_not_come_back(talk: Talk, state: PostState) -> None:
    thread = talk.thread()
    answer = talk.reply(thread, by="membre")
    form = changing(talk, answer)
    with talk.site.sessions() as session:
        locked = services.lock(session, thread.id)
        services.withdraw(session, locked, session.get_one(Post, answer.id), state)
        session.commit()
    expected = 403 if state is PostState.HIDDEN else 404
    form["texte"] = "Me revoilà"
    send(form, expected)
    talk.browser("membre").get(f"/echanges/messages/{answer.id}/modifier", status=expected)
    assert talk.get(Post, answer.id).text == "Ainsi."


def test_files_are_added_and_taken_away_by_their_author(talk: Talk) -> None:
    post = talk.posts(talk.thread())[0]
    form = changing(talk, post)
    form["fichiers"] = [Upload("note.txt", b"une note", "text/plain")]
    send(form)
    again = changing(talk, post)
    again.fields["retirer"][0].checked = True
    assert len(talk.rows(AttachedFile, AttachedFile.owner_id == post.id)) == 1
    send(again)
    assert not talk.rows(AttachedFile, AttachedFile.owner_id == post.id)


def test_files_of_a_change_wait_until_it_is_saved(talk: Talk) -> None:
    post = talk.posts(talk.thread())[0]
    form = changing(talk, post)
    form["fichiers"] = [Upload("avant.txt", b"avant tout", "text/plain")]
    send(form)
    form = changing(talk, post)
    form.fields["retirer"][0].checked = True
    form["fichiers"] = [Upload("apres.txt", b"apres tout", "text/plain")]
    page = send(form, 200, "apercu")
    assert "apres.txt" in page

    def names() -> list[str]:
        return [one.name for one in talk.rows(AttachedFile, AttachedFile.owner_id == post.id)]

    assert names() == ["avant.txt"], "readers see no change yet"
    again = form_of(page)
    assert [one.checked for one in again.fields["retirer"]] == [True, False]
    send(again)
    assert names() == ["apres.txt"]


def test_files_of_a_message_are_read_by_who_reads_it(talk: Talk) -> None:
    addresses = {}
    for topic in ("public", "groupe"):
        thread = talk.thread(topic=topic)
        form = answering(talk, thread, "membre")
        form["fichiers"] = [Upload("lu.txt", f"lu par {topic} {thread.id}".encode(), "text/plain")]
        send(form)
        (file,) = talk.rows(AttachedFile, AttachedFile.owner_id == UUID(form["numero"].value))
        addresses[topic] = f"/fichiers/{file.sha}/{file.name}"
    assert talk.browser().get(addresses["public"]).body.startswith(b"lu par")
    talk.browser("voisin").get(addresses["groupe"], status=404)
    assert talk.browser("voisine").get(addresses["groupe"])


def test_taking_a_message_away(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.reply(thread, by="membre")
    form = changing(talk, answer)
    form["fichiers"] = [Upload("reste.txt", b"il reste ?", "text/plain")]
    send(form)
    page = talk.browser("membre").get(f"/echanges/messages/{answer.id}/supprimer")
    assert "un message a été supprimé" in page
    gone = post_form(page, "/supprimer")
    assert talk.address(thread) in gone.submit(status=303).location
    assert talk.get(Post, answer.id).state == "deleted"
    assert not talk.rows(AttachedFile, AttachedFile.owner_id == answer.id)
    gone.submit(status=404)
    talk.browser("membre").get(f"/echanges/messages/{answer.id}/modifier", status=404)


def test_a_thread_without_answers_goes_with_its_message(talk: Talk) -> None:
    thread = talk.thread()
    post = talk.posts(thread)[0]
    page = talk.browser("membre").get(f"/echanges/messages/{post.id}/supprimer")
    assert "le fil entier disparaît" in page
    assert post_form(page, "/supprimer").submit(status=303).location.endswith("/echanges?fait=supprime")
    assert talk.now_of(thread).state == "deleted"


def test_who_was_chosen_before_is_still_meant(talk: Talk) -> None:
    from tests.threads.test_writing_mentions import namesake

    ids = [namesake(talk, "Brune Jumelle", place) for place in ("ici", "ailleurs")]
    thread = talk.thread()
    form = form_of(send(answering(talk, thread, "membre", text="@brune-jumelle"), 200, "apercu"))
    form["mention-brune-jumelle"] = f"person:{ids[1]}"
    send(form)
    post = talk.posts(thread)[-1]
    again = changing(talk, post)
    again["texte"] = "Bonjour @brune-jumelle"
    send(again)
    assert [one["id"] for one in talk.get(Post, post.id).mentions] == [str(ids[1])]


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_are_well_formed_in_both_directions(talk: Talk, language: str) -> None:
    thread = talk.thread("عنوان", "نص عربي", lang="ar")
    post = talk.posts(thread)[0]
    browser = talk.browser("membre", language)
    for address in ("/echanges/nouveau", f"{talk.address(thread)}/repondre?citer={post.id}", "/echanges/attente",
                    f"/echanges/messages/{post.id}/modifier", f"/echanges/messages/{post.id}/supprimer"):  # fmt: skip
        page = browser.get(address)
        assert not Page(page.text).errors, address
        assert len(page.body) < 60_000
