"""Reports, posts hidden with a reason and shown again, first posts that wait for a look, the past of a post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reseau.core.audit import Audit
from reseau.core.changes import Change
from reseau.core.ids import new_id
from reseau.members.models import Person
from reseau.threads.base import services
from reseau.threads.base.addresses import post_path
from reseau.threads.base.models import Post, PostReport, PostTranslation
from reseau.threads.base.services import Writing
from reseau.threads.base.shapes import REPORTS_PER_HOUR
from reseau.threads.moderating import lists, posts
from tests.directory.site import Page
from tests.members.conftest import csrf
from tests.threads.conftest import ONE_ENGINE, Talk, post_form


def report(talk: Talk, post: Post, who: Any = "voisine", **cells: str) -> Any:
    form = post_form(talk.browser(who).get(post_path(post) + "/signaler"), "/signaler")
    for name, value in {"raison": "blessant", "message": "C’est dur.", **cells}.items():
        form[name] = value
    return form


def send(talk: Talk, who: Any, path: str, status: int = 303, **cells: str) -> Any:
    browser = talk.browser(who)
    return browser.post(path, {"csrf_token": csrf(browser, "/compte" if who else "/connexion"), **cells},
                        status=status)  # fmt: skip


def ops_of(talk: Talk, id_: Any) -> list[str]:
    """What the log says of an object, in order."""
    rows = talk.rows(Change, Change.object_id == id_)
    return [row.op for row in sorted(rows, key=lambda row: row.seq)]


def reports(talk: Talk, post: Post) -> list[PostReport]:
    return talk.rows(PostReport, PostReport.post_id == post.id)


def now_of(talk: Talk, post: Post) -> Post:
    found: Post = talk.get(Post, post.id)
    return found


def mails(talk: Talk, who: Any, kind: str) -> list[Any]:
    person = talk.get(Person, talk.people[who] if isinstance(who, str) else who)
    return [mail for mail in talk.mails(person.email) if mail.kind == kind]


@ONE_ENGINE
def test_anyone_reports_once_and_is_thanked(talk: Talk) -> None:
    post = talk.reply(talk.thread("Quel code ?"))
    form = report(talk, post)
    thanks = form.submit(status=303).follow()
    assert "Merci" in thanks.text
    assert Page(thanks.text).errors == []
    form.submit(status=303)
    report(talk, post, message="Encore.").submit(status=303)
    assert [(one.reason, one.text, one.author_id, one.state) for one in reports(talk, post)] == [
        ("blessant", "C’est dur.", talk.people["voisine"], "open")
    ]
    report(talk, post, None, raison="faux").submit(status=303)
    assert len(reports(talk, post)) == 2
    assert len(talk.rows(Audit, Audit.object_id == post.id, Audit.action == "post.report")) == 2


@ONE_ENGINE
def test_a_report_without_a_reason_is_explained_and_keeps_its_words(talk: Talk) -> None:
    post = talk.reply(talk.thread())
    refused = report(talk, post, message="x" * 1001)
    refused["raison"].force_value(None)
    page = refused.submit(status=422)
    assert "Choisissez ce qui ne va pas" in page.text
    assert "x" * 1001 in page.text
    assert not reports(talk, post)


@ONE_ENGINE
def test_programs_store_nothing_and_nobody_reports_all_day(talk: Talk) -> None:
    post = talk.reply(talk.thread())
    report(talk, post, None, adresse_du_site="http://x").submit(status=303)
    assert not reports(talk, post)
    person = talk.person(member_of=[talk.places["ici"]])
    browser = talk.browser(person.id)
    token = csrf(browser, "/compte")
    for n in range(REPORTS_PER_HOUR.times + 1):
        answer = browser.post(post_path(post) + "/signaler", {"csrf_token": token, "raison": "faux"}, status="*")
        assert answer.status_int == (303 if n < REPORTS_PER_HOUR.times else 429)


@ONE_ENGINE
def test_the_coordination_hears_of_it_once_a_day_if_they_want(talk: Talk) -> None:
    talk.site.clock.now += timedelta(days=2)
    wants, not_ = talk.person(roles=["coordinator"]), talk.person(roles=["coordinator"])
    with talk.site.sessions.begin() as session:
        session.get_one(Person, not_.id).mails = {"suggestions": False}
    for _ in range(2):
        report(talk, talk.reply(talk.thread())).submit(status=303)
    assert len(mails(talk, wants.id, "message-signale")) == 1
    assert not mails(talk, not_.id, "message-signale")
    talk.site.clock.now += timedelta(days=1)
    report(talk, talk.reply(talk.thread()), wants.id).submit(status=303)
    assert len(mails(talk, wants.id, "message-signale")) == 1, "who reported knows"


@ONE_ENGINE
def test_what_one_may_not_read_one_may_not_report(talk: Talk) -> None:
    for topic, who, status in (("reseau", None, 403), ("groupe", "coordination", 200), ("groupe", "voisin", 404),
                               ("public", None, 200)):  # fmt: skip
        path = post_path(talk.reply(talk.thread(topic=topic))) + "/signaler"
        assert talk.browser(who).get(path, status="*").status_int in ((status, 303) if status == 403 else (status,))
    hidden = talk.reply(talk.thread())
    with talk.site.sessions.begin() as session:
        posts.hide(session, hidden.id, "Non.", by=None, now=talk.tick())
    talk.browser("voisine").get(post_path(hidden) + "/signaler", status=404)


def test_hidden_with_a_reason_then_shown_again(talk: Talk) -> None:
    thread = talk.thread()
    post = talk.reply(thread)
    with talk.site.sessions.begin() as session:
        for _ in range(2):
            said = posts.Said("faux")
            posts.report(session, post.id, said, id_=new_id(), author_id=None,
                         now=talk.tick())  # fmt: skip
    page = send(talk, "coordination", post_path(post) + "/masquer", motif="Il parle d’une personne aidée.")
    assert page.location.endswith("/signalements?fait=1"), "the next one waits there"
    hidden = now_of(talk, post)
    assert (hidden.state, hidden.hidden_by, talk.now_of(thread).replies) == ("hidden", talk.people["coordination"], 0)
    assert {one.state for one in reports(talk, post)} == {"hidden"}
    (mail,) = mails(talk, "voisine", "message-masque")
    assert "Il parle d’une personne aidée." in mail.text
    assert post_path(post) in mail.text
    assert post.text in mail.text, "they read which one"
    assert "/qui-sommes-nous" in mail.text, "where they may write, as there is no address"
    again = send(talk, "coordination", post_path(post) + "/masquer", motif="Encore.")
    assert again.location.endswith("deja=1")
    assert len(mails(talk, "voisine", "message-masque")) == 1
    page = talk.browser("coordination").get(post_path(post) + "/masquer", status=303).follow()
    assert "Il parle d’une personne aidée." in page.text
    post_form(page, "/montrer").submit(status=303)
    assert (now_of(talk, post).state, now_of(talk, post).hidden_reason) == ("shown", "")
    assert talk.now_of(thread).replies == 1
    ops = ops_of(talk, post.id)
    assert ops == ["publish", "withdraw", "publish"]


def test_a_thread_goes_and_comes_back_with_its_first_post(talk: Talk) -> None:
    for closed in (False, True):
        thread = talk.thread()
        talk.reply(thread)
        first = talk.posts(thread)[0]
        with talk.site.sessions.begin() as session:
            if closed:
                services.close(session, services.lock(session, thread.id), now=talk.tick())
            posts.hide(session, first.id, "Non.", by=None, now=talk.tick())
        assert talk.now_of(thread).state == "hidden"
        assert ops_of(talk, thread.id)[-1] == "withdraw"
        with talk.site.sessions.begin() as session:
            posts.show(session, first.id)
        assert talk.now_of(thread).state == ("closed" if closed else "open")
        assert talk.now_of(thread).posts == 2


@ONE_ENGINE
def test_hiding_asks_why(talk: Talk) -> None:
    post = talk.reply(talk.thread())
    page = send(talk, "coordination", post_path(post) + "/masquer", 422, motif=" ")
    assert "Écrivez pourquoi" in page.text
    assert Page(page.text).errors == []
    assert now_of(talk, post).state == "shown"


def test_reports_are_listed_by_post_and_kept(talk: Talk) -> None:
    one, other = talk.reply(talk.thread()), talk.reply(talk.thread())
    for post in (one, other, one):
        with talk.site.sessions.begin() as session:
            posts.report(
                session, post.id, posts.Said("faux", "Relisez."), id_=new_id(), author_id=None, now=talk.tick()
            )
    with talk.site.sessions() as session:
        found = lists.reports(session, 99)
        ours = [row for row in found.rows if row.post.id in (one.id, other.id)]
        assert [(row.post.id, len(row.reports)) for row in ours] == [(one.id, 2), (other.id, 1)]
    page = talk.browser("coordination").get("/gestion/echanges/signalements")
    assert "Relisez." in page.text
    assert Page(page.text).errors == []
    page = post_form(page, f"{one.id}/garder").submit(status=303).follow()
    assert str(one.id) not in page.text
    assert {(row.state, row.decided_by) for row in reports(talk, one)} == {("kept", talk.people["coordination"])}
    assert now_of(talk, one).state == "shown"


def test_first_posts_that_wait_are_accepted_or_refused(talk: Talk) -> None:
    thread, other = talk.thread(waits=True, by="personne"), talk.thread(waits=True, by="personne")
    (post,), (bad,) = talk.posts(thread), talk.posts(other)
    listed = talk.browser("coordination").get("/gestion/echanges/en-attente")
    assert str(post.id) in listed.text
    assert Page(listed.text).errors == []
    talk.tick()
    post_form(listed, f"{post.id}/accepter").submit(status=303)
    assert (talk.now_of(thread).state, talk.now_of(thread).posts) == ("open", 1)
    assert now_of(talk, post).at > post.at
    assert talk.now_of(thread).created_at == now_of(talk, post).at
    assert len(mails(talk, "personne", "message-visible")) == 1
    send(talk, "coordination", post_path(bad) + "/refuser", motif="De la publicité.")
    assert (talk.now_of(other).state, now_of(talk, bad).state) == ("hidden", "hidden")
    assert "De la publicité." in mails(talk, "personne", "message-refuse")[0].text
    assert not talk.rows(Change, Change.object_id == bad.id)
    send(talk, "coordination", post_path(bad) + "/montrer")
    assert talk.now_of(other).state == "open"


def test_an_answer_that_waited_comes_after_what_was_read(talk: Talk) -> None:
    thread = talk.thread()
    with talk.site.sessions.begin() as session:
        late = services.reply(session, thread.id, Writing("J’attends.", "fr"),
                              services.Author(talk.people["personne"], waits=True), id_=new_id(), now=talk.tick())  # fmt: skip
        id_ = late.id
    read = talk.reply(thread)
    with talk.site.sessions.begin() as session:
        posts.accept(session, id_, now=read.at - timedelta(hours=1))
    assert talk.get(Post, id_).at > read.at
    assert talk.now_of(thread).last_at == talk.get(Post, id_).at
    with talk.site.sessions() as session, pytest.raises(posts.Late):
        posts.accept(session, id_, now=read.at)


@ONE_ENGINE
def test_the_past_of_a_post(talk: Talk) -> None:
    thread = talk.thread("Titre d’avant", "Allez au guichet lundi.")
    (post,) = talk.posts(thread)
    with talk.site.sessions.begin() as session:
        services.lock(session, thread.id)
        services.edit(session, session.get_one(Post, post.id), Writing("Allez au guichet mardi.", "fr"),
                      by=talk.people["membre"], now=talk.tick(), title="Titre neuf")  # fmt: skip
        session.add(PostTranslation(post_id=post.id, lang="ar", text="اذهب", digest="0", by=talk.people["voisine"],
                                    at=talk.tick()))  # fmt: skip
    report(talk, post, raison="faux").submit(status=303)
    browser = talk.browser("coordination")
    with talk.site.statements() as seen:
        page = browser.get(post_path(post) + "/historique")
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 10, seen
    for said in ("<del>lundi</del>", "<ins>mardi</ins>", "Titre d’avant", "اذهب", "Il contient une erreur"):
        assert said in page.text, said
    assert Page(page.text).errors == []
    for who, status in (("membre", 403), ("voisine", 403), (None, 403)):
        answer = talk.browser(who).get(post_path(post) + "/historique", status="*")
        assert answer.status_int in (status, 303)


def test_nobody_who_is_not_of_the_coordination_moderates(talk: Talk) -> None:
    post = talk.reply(talk.thread())
    for path in ("/masquer", "/montrer", "/garder", "/accepter", "/refuser"):
        send(talk, "membre", post_path(post) + path, 403)
    assert now_of(talk, post).state == "shown"
