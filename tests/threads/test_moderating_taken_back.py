"""What an author changes or takes away while moderators look at it; what visitors may read of a report."""

from __future__ import annotations

from typing import Any

import pytest

from reseau.core.actors import Actor, Side
from reseau.core.audit import record
from reseau.core.ids import new_id
from reseau.members import governance
from reseau.members.models import Person
from reseau.threads.base import services
from reseau.threads.base.addresses import post_path
from reseau.threads.base.models import Post, PostVersion, Thread
from reseau.threads.base.services import Writing
from reseau.threads.moderating import letters, posts
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_moderating_posts import mails, now_of, ops_of, reports, send

QUEUE = "/gestion/echanges/signalements"


def change(talk: Talk, post: Post, text: str) -> None:
    with talk.site.sessions.begin() as session:
        _thread, found = services.locked(session, post.id)
        services.edit(session, found, Writing(text, "fr"), by=post.author_id, now=talk.tick())


def take_away(talk: Talk, post: Post) -> None:
    with talk.site.sessions.begin() as session:
        _thread, found = services.locked(session, post.id)
        services.remove(session, found, by=post.author_id, now=talk.tick())


def reported(talk: Talk, post: Post, by: Any = "voisin") -> None:
    with talk.site.sessions.begin() as session:
        posts.report(session, post.id, posts.Said("blessant"), id_=new_id(),
                     author_id=talk.people[by], now=talk.tick())  # fmt: skip


def hide(talk: Talk, post: Post) -> None:
    with talk.site.sessions.begin() as session:
        posts.hide(session, post.id, "Non.", by=talk.people["coordination"], now=talk.tick())


def versions(talk: Talk, post: Post) -> list[str]:
    return [one.text for one in talk.rows(PostVersion, PostVersion.post_id == post.id)]


@ONE_ENGINE
def test_a_post_that_changed_since_it_was_read_is_read_again(talk: Talk) -> None:
    newcomer = talk.person(member_of=[talk.places["ici"]]).id
    thread = talk.thread("Bonjour", "Sage.", waits=True, by=newcomer)
    (post,) = talk.posts(thread)
    listed = talk.browser("coordination").get("/gestion/echanges/en-attente")
    form = post_form(listed, f"{post.id}/accepter")
    change(talk, post, "Pas sage du tout.")
    again = form.submit(status=303).follow()
    assert "Pas sage du tout." in again.text
    assert "a changé son message" in again.text
    assert Page(again.text).errors == []
    assert now_of(talk, post).state == "waiting"
    assert not mails(talk, newcomer, "message-visible")
    send(talk, "coordination", post_path(post) + "/accepter")
    assert now_of(talk, post).state == "waiting", "nobody says what they read"
    post_form(again, "/accepter").submit(status=303)
    assert now_of(talk, post).state == "shown"


def test_its_title_and_its_files_are_read_too(talk: Talk) -> None:
    thread = talk.thread("Bonjour", waits=True, by="personne")
    (post,) = talk.posts(thread)
    seen = posts.mark(post, thread, [])
    renamed = Thread(title="Autre titre")
    assert posts.mark(post, renamed, []) != seen
    with talk.site.sessions.begin() as session, pytest.raises(posts.Changed):
        posts.accept(session, post.id, "autre", now=talk.tick())
    with talk.site.sessions.begin() as session:
        posts.accept(session, post.id, seen, now=talk.tick())
    assert now_of(talk, post).state == "shown"


def test_words_that_were_reported_stay_until_it_is_decided(talk: Talk) -> None:
    post, other = talk.reply(talk.thread(), "Très blessant."), talk.reply(talk.thread(), "Rien.")
    for one in (post, other):
        change(talk, one, "Vraiment blessant.")
    reported(talk, post)
    for one in (post, other):
        take_away(talk, one)
    assert (now_of(talk, post).text, now_of(talk, post).state) == ("", "deleted")
    assert sorted(versions(talk, post)) == ["Très blessant.", "Vraiment blessant."]
    assert versions(talk, other) == []
    for path in (QUEUE, post_path(post) + "/historique"):
        page = talk.browser("coordination").get(path)
        assert "Vraiment blessant." in page.text
        assert Page(page.text).errors == []
    thread = talk.get(Thread, post.thread_id)
    assert "blessant" not in talk.browser("voisine").get(talk.address(thread)).text
    post_form(talk.browser("coordination").get(QUEUE), f"{post.id}/garder").submit(status=303)
    assert versions(talk, post) == []
    assert {one.state for one in reports(talk, post)} == {"kept"}


def test_a_report_of_a_thread_that_is_gone_is_decided_too(talk: Talk) -> None:
    thread = talk.thread("Titre", "Très blessant, ceci.")
    (post,) = talk.posts(thread)
    reported(talk, post)
    take_away(talk, post)
    assert talk.now_of(thread).state == "deleted"
    for who, status in (("coordination", 200), ("membre", 404)):
        answer = talk.browser(who).get(post_path(post) + "/historique", status="*")
        assert answer.status_int in (status, 403 if who == "membre" else status)
    page = talk.browser("coordination").get(QUEUE)
    assert "Très blessant, ceci." in page.text
    page = post_form(page, f"{post.id}/garder").submit(status=303).follow()
    assert str(post.id) not in page.text
    assert versions(talk, post) == []


def test_answers_come_back_when_a_hidden_first_post_is_taken_away(talk: Talk) -> None:
    for closed in (False, True):
        thread = talk.thread("Monsieur Untel ne paie pas", "Il habite ici.")
        answer = talk.reply(thread, "Voici comment faire.")
        (first, *_) = talk.posts(thread)
        if closed:
            with talk.site.sessions.begin() as session:
                services.close(session, services.lock(session, thread.id), now=talk.tick())
        hide(talk, first)
        take_away(talk, first)
        now = talk.now_of(thread)
        assert (now.state, now.posts, now.replies) == ("closed" if closed else "open", 1, 1)
        assert now.title == services.UNTITLED
        assert "untel" not in now.slug
        assert ops_of(talk, thread.id)[-1] == "publish"
        page = talk.browser("voisine").get(talk.address(thread))
        assert "Voici comment faire." in page.text
        assert "Untel" not in page.text
        assert Page(page.text).errors == []
        assert now_of(talk, answer).state == "shown"


def test_a_hidden_question_without_answers_goes_with_its_post(talk: Talk) -> None:
    thread = talk.thread()
    (first,) = talk.posts(thread)
    hide(talk, first)
    take_away(talk, first)
    assert talk.now_of(thread).state == "deleted"


@ONE_ENGINE
def test_visitors_who_report_read_no_names(talk: Talk) -> None:
    thread = talk.thread()
    post = talk.reply(thread, "Demandez à @nadia-benali.")
    mention = {"handle": "nadia-benali", "kind": "person", "id": str(new_id()), "name": "Nadia Benali", "path": ""}
    with talk.site.sessions.begin() as session:
        session.get_one(Post, post.id).mentions = [mention]
    path = post_path(post) + "/signaler"
    assert "nadia" not in talk.browser(None).get(path).text.lower()
    assert "Nadia" in talk.browser("voisine").get(path).text


@ONE_ENGINE
def test_who_reported_hears_what_became_of_it(talk: Talk) -> None:
    for path, cells, said in (("/masquer", {"motif": "Non."}, "masqué"), ("/garder", {}, "il reste")):
        reporter = talk.person(member_of=[talk.places["ici"]])
        post = talk.reply(talk.thread("Un fil"), by=talk.person(member_of=[talk.places["ici"]]).id)
        talk.people["ad hoc"] = reporter.id
        reported(talk, post, "ad hoc")
        page = talk.browser("coordination").get(QUEUE)
        assert reporter.name in page.text
        for _ in range(2):
            send(talk, "coordination", post_path(post) + path, **cells)
        (mail,) = mails(talk, reporter.id, "signalement-decide")
        assert said in mail.text
        assert "Un fil" in mail.subject


@ONE_ENGINE
def test_the_address_of_the_coordination_is_given_if_there_is_one(talk: Talk) -> None:
    with talk.site.sessions() as session:
        governance.write(session, {"contact_courriel": "bonjour@exemple.fr"}, None, talk.tick())
        assert letters._contact(session, "http://x") == "bonjour@exemple.fr"
        session.rollback()


@ONE_ENGINE
def test_the_journal_names_threads_and_says_details_in_words(talk: Talk) -> None:
    thread, group = talk.thread("Fil du journal"), talk.thread("Fil secret du groupe", topic="groupe")
    post = talk.reply(thread)
    with talk.site.sessions.begin() as session:
        actor = Actor(Side.COORDINATION, talk.people["coordination"], "192.0.2.0/24")
        for action, id_, detail in (
            ("thread.pin", thread.id, {"pinned": True}), ("post.report", post.id, {"reason": "perime"}),
            ("thread.pin", group.id, {"pinned": False}), ("thread.settings", None, {"days": 9, "waits": True}),
            ("topic.archive", None, {"archived": True}), ("topic.edit", None, {"seen": "network"}),
            ("thread.merge", new_id(), {"into": str(thread.id)}),
        ):  # fmt: skip
            record(session, actor, action, talk.tick(), id_, **detail)
    page = talk.browser("admin").get("/gestion/journal")
    rows = page.text.replace("\xa0", " ")
    for said in (talk.address(thread), post_path(post), "mis en tête", "retiré de la tête", "après 9 jours", "archivé",
                 "relus avant", "Les personnes du réseau", "avec « Fil du journal »"):  # fmt: skip
        assert said in rows, said
    assert "Fil secret" not in rows
    assert Page(page.text).errors == []


@ONE_ENGINE
def test_suspending_is_offered_where_it_can_be_done(talk: Talk) -> None:
    page = talk.browser("coordination").get("/gestion/personnes")
    assert Page(page.text).errors == []
    for who, offered in (("coordination", False), ("admin", False), ("voisine", True)):
        found = talk.browser("coordination").get("/gestion/personnes", {"q": talk.get(Person, talk.people[who]).name})
        assert (f"/gestion/personnes/{talk.people[who]}/acces" in found.text) is offered, who
