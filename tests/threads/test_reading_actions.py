"""What readers do on a thread: thank, follow, keep, mark the answer, vote, translate; and how far they have read."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from reseau.core.changes import Change
from reseau.core.ids import new_id
from reseau.notices import following
from reseau.threads.base.models import (
    WISH_KIND,
    Bookmark,
    PollVote,
    Post,
    PostState,
    PostThank,
    PostTranslation,
    Thread,
    ThreadKind,
    ThreadRead,
    TranslationWish,
)
from reseau.threads.base.services import close, lock
from reseau.threads.reading import gestures, polls
from reseau.threads.reading.marks import Marks
from tests import people
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.reading_more import mark_answer, read, send, withdraw


def now_of(talk: Talk, post: Post) -> Post:
    found: Post = talk.get(Post, post.id)
    return found


def level(talk: Talk, who: str, ref: Any) -> str | None:
    with talk.site.sessions() as session:
        found = following.level(session, talk.people[who], ref)
        return found.value if found else None


# --- merci ----------------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_merci_is_said_once_and_taken_back(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.reply(thread)
    browser, path = talk.browser("membre"), f"/echanges/messages/{answer.id}/merci"
    for said, count in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        back = send(browser, path, {"merci": said})
        done = "" if said == "1" else "&fait=merci-retire"
        assert back.location.endswith(f"?message={answer.id}{done}#message-{answer.id}")
        assert ("Merci retiré" in browser.get(back.location)) is (said == "0")
        assert now_of(talk, answer).thanks == count == len(talk.rows(PostThank, PostThank.post_id == answer.id))
    send(browser, path, {"merci": "peut-être"}, status=400)
    send(talk.browser("voisine"), path, {"merci": "1"})
    assert now_of(talk, answer).thanks == 0, "nobody thanks themselves"
    withdraw(talk, answer, PostState.HIDDEN)
    send(talk.browser("coordination"), path, {"merci": "1"})
    assert now_of(talk, answer).thanks == 0


def test_many_people_thank_at_once(talk: Talk) -> None:
    answer = talk.reply(talk.thread())
    persons = [talk.person().id for _ in range(8)]

    def one(person: Any, wanted: bool = True) -> bool:
        with talk.site.sessions() as session:
            found = gestures.thank(session, session.get_one(Post, answer.id), person, wanted, talk.site.clock.now)
            session.commit()
            return found

    calls = [lambda person=person: one(person) for person in (*persons, *persons)]
    assert sum(people.at_once(*calls)) == 8
    assert now_of(talk, answer).thanks == 8
    assert sum(people.at_once(*[lambda person=person: one(person, False) for person in persons])) == 8
    assert now_of(talk, answer).thanks == 0


# --- follow, keep, answer -------------------------------------------------------------------------------------


@ONE_ENGINE
def test_follow_and_keep(talk: Talk) -> None:
    thread = talk.thread()
    browser, here = talk.browser("voisin"), talk.address(thread)
    assert "Suivre ce fil" in read(browser, here).text
    send(browser, here + "/suivre", {"suivre": "1"})
    assert level(talk, "voisin", ("thread", thread.id)) == "follow"
    assert "Ne plus suivre ce fil" in read(browser, here).text
    send(browser, here + "/suivre", {"suivre": "0"})
    assert level(talk, "voisin", ("thread", thread.id)) == "mute"
    for kept, rows in (("1", 1), ("1", 1), ("0", 0)):
        send(browser, here + "/favori", {"favori": kept})
        assert len(talk.rows(Bookmark, Bookmark.thread_id == thread.id)) == rows
    group = talk.thread(topic="groupe")
    send(browser, f"/echanges/{group.slug}-{group.id}/suivre", {"suivre": "1"}, status=404)


@ONE_ENGINE
def test_the_author_of_the_thread_says_which_post_helped(talk: Talk) -> None:
    thread = talk.thread(by="membre")
    answer, other = talk.reply(thread), talk.reply(thread)
    path = f"/echanges/messages/{answer.id}/reponse"
    send(talk.browser("voisine"), path, {"reponse": "1"}, status=403)
    send(talk.browser("membre"), path, {"reponse": "1"})
    assert talk.now_of(thread).answer_id == answer.id
    send(talk.browser("membre"), f"/echanges/messages/{other.id}/reponse", {"reponse": "0"})
    assert talk.now_of(thread).answer_id == answer.id, "of another post"
    send(talk.browser("coordination"), path, {"reponse": "0"})
    assert talk.now_of(thread).answer_id is None
    first = talk.posts(thread)[0]
    send(talk.browser("membre"), f"/echanges/messages/{first.id}/reponse", {"reponse": "1"})
    assert talk.now_of(thread).answer_id is None
    labels = read(talk.browser("membre"), talk.address(thread)).text
    assert labels.count("Cette réponse a aidé") == 2


@ONE_ENGINE
def test_an_object_is_followed_from_its_page(talk: Talk) -> None:
    kit = talk.published()
    browser = talk.browser("voisine")
    back = send(browser, "/echanges/suivre-objet", {"objet": f"resource:{kit.id}", "suivre": "1"})
    assert back.location.endswith(talk.at(kit.id) + "#s-echanges")
    assert level(talk, "voisine", ("resource", kit.id)) == "follow"
    assert "Ne plus suivre" in browser.get(talk.at(kit.id))
    draft = talk.draft()
    for bad in (f"resource:{draft.id}", f"thread:{new_id()}", "rien", f"autre:{kit.id}"):
        send(browser, "/echanges/suivre-objet", {"objet": bad, "suivre": "1"}, status=404)


# --- polls ----------------------------------------------------------------------------------------------------


def poll(talk: Talk, **more: Any) -> Thread:
    return talk.thread(kind=ThreadKind.SONDAGE, options=["Lundi", "Mardi", "Jeudi"], **more)


def votes(talk: Talk, thread: Thread) -> list[int]:
    return sorted(row.option for row in talk.rows(PollVote, PollVote.thread_id == thread.id))


@ONE_ENGINE
def test_a_vote_is_counted_once_and_may_change(talk: Talk) -> None:
    thread = poll(talk)
    here, browser = talk.address(thread), talk.browser("membre")
    send(talk.browser("voisine"), here + "/voter", {"choix": "1"})
    before = read(browser, here)
    assert "%" not in before.text_of(".poll-count")
    assert "Lundi" in before.text
    assert not before.all("meter"), "figures lead nobody before they vote"
    for choice in ("1", "2"):
        send(browser, here + "/voter", {"choix": choice})
    assert votes(talk, thread) == [1, 2]
    page = read(browser, here)
    assert [one["value"] for one in page.all("meter")] == ["50", "50", "0"]
    assert "2 personnes ont voté." in page.text
    for wrong, why in ([], "Choisissez une réponse."), ([("choix", "9")], "Choisissez une réponse."), (
        [("choix", "1"), ("choix", "2")], "Choisissez une seule réponse."):  # fmt: skip
        assert why in Page(send(browser, here + "/voter", wrong, status=422).text).text
    assert votes(talk, thread) == [1, 2]
    assert "voisine" not in page.text, "nobody sees who voted"


@ONE_ENGINE
def test_several_choices_and_the_end_of_a_poll(talk: Talk) -> None:
    thread = poll(talk, several=True, closes_at=talk.site.clock.now + timedelta(hours=1))
    here, browser = talk.address(thread), talk.browser("membre")
    send(browser, here + "/voter", [("choix", "1"), ("choix", "3")])
    assert votes(talk, thread) == [1, 3]
    kept = talk.site.clock.now
    try:
        talk.site.clock.now += timedelta(hours=2)
        answer = send(browser, here + "/voter", {"choix": "2"}, status=422)
        assert "Ce sondage est terminé" in Page(answer.text).text
        page = read(talk.browser(), here)
        assert [one["value"] for one in page.all("meter")] == ["100", "0", "100"]
        assert "Le sondage est terminé." in page.text
    finally:
        talk.site.clock.now = kept
    assert votes(talk, thread) == [1, 3]


def test_two_votes_of_one_person_at_once_leave_one(talk: Talk) -> None:
    thread = poll(talk)

    def one(choice: str) -> None:
        with talk.site.sessions() as session:
            polls.vote(session, thread.id, talk.people["membre"], [choice], talk.site.clock.now)
            session.commit()

    people.at_once(*[lambda choice=choice: one(choice) for choice in ("1", "2", "3", "1")])
    assert len(votes(talk, thread)) == 1
    with talk.site.sessions() as session:
        close(session, lock(session, thread.id), now=talk.tick())
        session.commit()
    with pytest.raises(polls.Refused):
        one("2")


# --- translations ---------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_a_translation_is_asked_for_once(talk: Talk) -> None:
    post = talk.posts(talk.thread())[0]
    path, browser = f"/echanges/messages/{post.id}/demander-traduction", talk.browser("voisine")
    for _ in range(2):
        send(browser, path, {"langue": "ar"})
    (wish,) = talk.rows(TranslationWish, TranslationWish.post_id == post.id)
    assert [row.op for row in talk.rows(Change, Change.object_id == wish.id, Change.kind == WISH_KIND)] == ["publish"]
    for wrong in ("fr", "", "n’importe quoi"):
        send(browser, path, {"langue": wrong}, status=400)


@ONE_ENGINE
def test_a_translation_is_written_and_grows_stale(talk: Talk) -> None:
    thread = talk.thread(text="Regardez la lettre.")
    post = talk.posts(thread)[0]
    path, browser = f"/echanges/messages/{post.id}/traduire", talk.browser("membre")
    talk.browser("personne").get(path, status=403)
    form = next(f for f in browser.get(path + "?vers=ar").forms.values() if f.action.endswith("/traduire"))
    form["texte"] = " "
    assert "Écrivez la traduction." in form.submit(status=422)
    form["texte"] = "انظر إلى الرسالة."
    form.submit(status=303)
    form["texte"] = "نص آخر."
    clash = form.submit(status=422)
    assert "Quelqu’un a écrit une traduction" in clash
    arabic = talk.browser("voisine", language="ar")
    page = read(arabic, talk.address(thread))
    assert "انظر إلى الرسالة." in page.text
    assert "membre" in page.text
    with talk.site.sessions() as session:
        session.get_one(Post, post.id).text = "Regardez la carte."
        session.commit()
    (kept,) = talk.rows(PostTranslation, PostTranslation.post_id == post.id)
    assert kept.digest != gestures.digest_of("Regardez la carte.")
    french = read(browser, talk.address(thread), traduction="ar")
    assert "Le message a changé depuis cette traduction." in french.text
    assert "Regardez la carte." in french.text
    assert "Le message a changé pendant que vous traduisiez" in form.submit(status=422)


@ONE_ENGINE
def test_what_is_taken_away_is_not_translated(talk: Talk) -> None:
    post = talk.reply(talk.thread())
    withdraw(talk, post, PostState.DELETED)
    talk.browser("membre").get(f"/echanges/messages/{post.id}/traduire", status=404)
    send(talk.browser("membre"), f"/echanges/messages/{post.id}/demander-traduction", {"langue": "ar"}, status=404)


# --- how far one has read -------------------------------------------------------------------------------------


def marks_of(talk: Talk) -> Marks:
    found: Marks = talk.site.wsgi.registry["threads.marks"]
    return found


@ONE_ENGINE
def test_what_is_new_is_said_once(talk: Talk) -> None:
    thread = talk.thread()
    browser, here = talk.browser("voisin"), talk.address(thread)
    assert "Nouveaux messages" not in read(browser, here).text, "all of it is new"
    new = talk.reply(thread)
    page = read(browser, here)
    assert page.text.count("Nouveaux messages") == 1
    assert f"{here}?message={new.id}#message-{new.id}" in [one.get("href") for one in page.all("a")]
    assert "Nouveaux messages" not in read(browser, here).text
    assert not talk.rows(ThreadRead, ThreadRead.thread_id == thread.id), "a GET writes nothing"
    marks_of(talk).flush()
    (row,) = talk.rows(ThreadRead, ThreadRead.thread_id == thread.id)
    assert (row.person_id, row.read_to) == (talk.people["voisin"], new.at)
    talk.reply(thread, by="voisin")
    assert "Nouveaux messages" not in read(browser, here).text, "one's own are not new"


def test_marks_only_grow(talk: Talk) -> None:
    marks, thread, person = Marks(talk.site.sessions, background=False), talk.thread(), talk.people["membre"]
    early, late = thread.last_at, talk.tick()
    for moments in ((late, early), (early,)):
        for at in moments:
            marks.add(person, thread.id, at)
        marks.flush()
        assert [row.read_to for row in talk.rows(ThreadRead, ThreadRead.thread_id == thread.id)] == [late]
    assert marks.of(person) == {}
    marks.add(new_id(), thread.id, late)
    marks.add(person, new_id(), late)
    marks.add(person, thread.id, late + timedelta(seconds=1))
    assert marks.flush() == 3, "who is gone stops nobody"
    assert [row.read_to for row in talk.rows(ThreadRead, ThreadRead.thread_id == thread.id)] == [
        late + timedelta(seconds=1)
    ]


@ONE_ENGINE
def test_marks_wait_when_they_cannot_be_written(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    marks, thread, person = Marks(talk.site.sessions, background=False), talk.thread(), talk.people["membre"]
    marks.add(person, thread.id, thread.last_at)
    with monkeypatch.context() as broken:
        broken.setattr("reseau.threads.reading.marks._raise_to", lambda *_: 1 / 0)
        assert marks.flush() == 0
    assert marks.waiting(person, thread.id) == thread.last_at
    assert marks.flush() == 1
    assert marks.waiting(person, thread.id) is None


@ONE_ENGINE
def test_a_forked_process_begins_anew(talk: Talk) -> None:
    marks, thread = Marks(talk.site.sessions, background=False), talk.thread()
    marks.add(talk.people["membre"], thread.id, thread.last_at)
    child = os.fork()
    if child == 0:
        os._exit(len(marks.of(talk.people["membre"])))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert marks.flush() == 1


@ONE_ENGINE
def test_marks_are_written_by_themselves(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Marks, "every", 0.01)
    marks, thread = Marks(talk.site.sessions), talk.thread()
    marks.add(talk.people["membre"], thread.id, thread.last_at)
    for _ in range(500):
        if talk.rows(ThreadRead, ThreadRead.thread_id == thread.id):
            break
        marks._stopped.wait(0.01)
    marks.stop()
    assert talk.rows(ThreadRead, ThreadRead.thread_id == thread.id)


@ONE_ENGINE
def test_paper_and_markdown(talk: Talk) -> None:
    thread = talk.thread("Où est *le* code ?", "Je **cherche** [ici](https://exemple.fr).")
    answer = talk.reply(thread, "Au dos.")
    gone = talk.reply(thread, "Effacé.")
    withdraw(talk, gone, PostState.DELETED)
    mark_answer(talk, thread, answer)
    browser, here = talk.browser("membre"), talk.address(thread)
    paper = read(browser, here + "/imprimer").text
    for words in ("Où est", "Au dos.", "La réponse qui a aidé", "Message retiré"):
        assert words in paper
    found = browser.get(here + ".md")
    assert found.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert f'filename="{thread.slug}.md"' in found.headers["Content-Disposition"]
    assert "# Où est \\*le\\* code ?" in found.text
    assert "Je **cherche** [ici](https://exemple.fr)." in found.text
    assert "**La réponse qui a aidé**" in found.text
    assert "Message retiré" in found.text
    assert "Effacé." not in found.text
    assert "## membre, Lieu Ici" in found.text or "## membre" in found.text
    assert "membre" not in talk.browser().get(here + ".md").text
