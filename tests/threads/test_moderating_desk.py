"""The exchanges on the desk: topics, settings, numbers; questions that wait too long; requests answered elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reseau.core.audit import Audit
from reseau.core.changes import Change
from reseau.desk import services as desk
from reseau.notices.models import Notice
from reseau.threads.base import choices
from reseau.threads.base.models import HELP_KIND, Thread, ThreadKind, Topic
from reseau.threads.moderating import jobs, lists, topics
from resources.base.models import ResourceRequest
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_moderating_merge import at_once
from tests.threads.test_moderating_posts import ops_of, send

DESK = "/gestion/echanges"
DELAY = timedelta(days=14)


def created(talk: Talk, name: str, **more: Any) -> Topic:
    with talk.site.sessions.begin() as session:
        return topics.create(session, topics.Wanted({"fr": name}, **more), now=talk.tick())


@ONE_ENGINE
def test_the_page_of_the_coordination(talk: Talk) -> None:
    talk.reply(talk.thread("Qui répond ?"))
    browser = talk.browser("coordination")
    with talk.site.statements() as seen:
        page = browser.get(DESK)
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 10, seen
    assert Page(page.text).errors == []
    assert "Sujet reseau" in page.text.split("Sujets des groupes")[0]
    assert "Sujet groupe" in page.text.split("Sujets des groupes")[1]
    for path in ("", "/signalements", "/en-attente", "/questions", "/sujets/nouveau"):
        assert Page(browser.get(DESK + path).text).errors == []
        for who in ("membre", "referent", None):
            assert talk.browser(who).get(DESK + path, status="*").status_int in (303, 403)


@ONE_ENGINE
def test_settings(talk: Talk) -> None:
    page = talk.browser("coordination").get(DESK)
    form = next(one for one in page.forms.values() if "jours" in one.fields)
    for wrong in ("0", "91", "x", ""):
        form["jours"] = wrong
        refused = form.submit(status=422)
        assert Page(refused.text).errors == []
        assert 'aria-invalid="true"' in refused.text
        assert ("entre 1 et 90" in refused.text) is (wrong != "x")
    form["jours"], form["attente"] = "7", True
    try:
        form.submit(status=303)
        with talk.site.sessions() as session:
            assert choices.choices(session) == choices.Choices(7, True)
        count = len(talk.rows(Audit, Audit.action == "thread.settings"))
        form.submit(status=303)
        assert len(talk.rows(Audit, Audit.action == "thread.settings")) == count, "nothing changed"
    finally:  # the site is everybody's
        form["jours"], form["attente"] = "14", False
        form.submit(status=303)


@ONE_ENGINE
def test_a_topic_is_made_changed_and_archived(talk: Talk) -> None:
    form = post_form(talk.browser("coordination").get(f"{DESK}/sujets/nouveau"), "/nouveau")
    assert "Écrivez un nom" in form.submit(status=422).text
    form["titre_fr"], form["titre_ar"], form["lecteurs"], form["demarches"] = (
        "Vacances d’été",
        "عطلة",
        "network",
        ["ameli"],
    )
    form.submit(status=303)
    (made,) = talk.rows(Topic, Topic.slug.startswith("vacances-"))
    assert (made.titles, made.seen, made.procedures) == ({"fr": "Vacances d’été", "ar": "عطلة"}, "network", ["ameli"])
    assert ops_of(talk, made.id) == ["publish"]
    page = talk.browser("coordination").get(f"{DESK}/sujets/{made.id}")
    form = post_form(page, str(made.id))
    assert form["titre_ar"].value == "عطلة"
    form["titre_fr"] = "Vacances"
    form.submit(status=303)
    assert talk.get(Topic, made.id).title("en") == "Vacances"
    assert talk.get(Topic, made.id).slug == made.slug
    for state, archived in (("archiver", True), ("rouvrir", False)):
        send(talk, "coordination", f"{DESK}/sujets/{made.id}/archiver", etat=state)
        assert (talk.get(Topic, made.id).archived_at is not None) is archived


def test_two_topics_of_one_name_have_two_addresses(talk: Talk) -> None:
    one, other = created(talk, "Même nom"), created(talk, "Même nom")
    assert (one.slug, other.slug) == ("meme-nom", "meme-nom-2")
    assert created(talk, "اسم").slug == "sujet"
    long = "Un nom dont les mots sont nombreux et dont l’adresse est aussi longue que possible ici"
    assert len({created(talk, long).slug for _ in range(3)}) == 3


def test_topics_of_one_name_made_at_once(talk: Talk) -> None:
    assert not at_once(*[lambda: created(talk, "Au même moment")] * 5)
    made = {topic.slug for topic in talk.rows(Topic, Topic.slug.startswith("au-meme-moment"))}
    assert made == {"au-meme-moment", *(f"au-meme-moment-{n}" for n in range(2, 6))}


@ONE_ENGINE
def test_a_topic_of_the_network_is_opened_to_all_knowingly(talk: Talk) -> None:
    topic = created(talk, "Entre nous", seen="network")
    talk.topics["entre-nous"] = topic.id
    talk.thread(topic="entre-nous")
    form = post_form(talk.browser("coordination").get(f"{DESK}/sujets/{topic.id}"), str(topic.id))
    form["lecteurs"] = "public"
    asked = form.submit(status=422)
    assert "1 fil a été écrit" in asked.text.replace("\xa0", " ")
    assert Page(asked.text).errors == []
    assert talk.get(Topic, topic.id).seen == "network"
    talk.thread(topic="entre-nous")
    again = post_form(asked, str(topic.id)).submit(status=422)
    assert "2 fils" in again.text.replace("\xa0", " "), "one more since they read how many"
    post_form(again, str(topic.id)).submit(status=303)
    assert talk.get(Topic, topic.id).seen == "public"


@ONE_ENGINE
def test_the_topic_of_a_group_stays_its_own(talk: Talk) -> None:
    group = talk.topics["groupe"]
    page = talk.browser("coordination").get(f"{DESK}/sujets/{group}")
    assert 'name="lecteurs"' not in page.text
    send(talk, "coordination", f"{DESK}/sujets/{group}", titre_fr="Sujet groupe", lecteurs="public")
    assert talk.get(Topic, group).seen == "group"


def test_order(talk: Talk) -> None:
    first, second = created(talk, "Avant"), created(talk, "Après")
    with talk.site.sessions.begin() as session:
        assert topics.shift(session, second.id, up=True)
    assert talk.get(Topic, second.id).position < talk.get(Topic, first.id).position
    with talk.site.sessions.begin() as session:
        assert topics.shift(session, second.id, up=False)
        assert not topics.shift(session, second.id, up=False), "it is the last one"
        assert not topics.shift(session, talk.topics["groupe"], up=True)


def test_questions_that_wait_are_brought_once(talk: Talk) -> None:
    old, answered, talked = talk.thread(), talk.thread(), talk.thread(kind=ThreadKind.DISCUSSION)
    own, request = talk.thread(), talk.thread(kind=ThreadKind.DEMANDE)
    talk.reply(answered)
    talk.reply(own, "Personne ?", by="membre")
    talk.site.clock.now += timedelta(days=14)
    young = talk.thread()
    with talk.site.sessions() as session:
        jobs.bring(session, talk.site.clock.now)
        session.rollback()  # killed
    for _ in range(2):
        with talk.site.sessions.begin() as session:
            jobs.bring(session, talk.site.clock.now)
    told = {row.object_id for row in talk.rows(Change, Change.kind == HELP_KIND)}
    assert {old.id, own.id, request.id} <= told
    assert not told & {answered.id, talked.id, young.id}
    assert len(talk.rows(Change, Change.kind == HELP_KIND, Change.object_id == old.id)) == 1
    with talk.site.sessions() as session:
        listed = asking(session)
    assert {old.id, own.id, young.id} <= listed
    talk.reply(old)
    with talk.site.sessions() as session:
        assert old.id not in asking(session)


def asking(session: Any) -> set[Any]:
    """All that the list of the desk holds."""
    pages = lists.questions(session, 1).pages
    return {one.thread.id for n in range(1, pages + 1) for one in lists.questions(session, n).rows}


def test_a_question_is_brought_again_once_a_day(talk: Talk) -> None:
    thread = talk.thread("Qui relance ?")
    path = talk.address(thread) + "/moderer/relancer"
    told = Notice(person_id=talk.people["voisine"], kind="aide", reason="help", object_kind=HELP_KIND,
                  object_id=thread.id, about_kind="thread", about_id=thread.id, at=talk.tick())  # fmt: skip
    with talk.site.sessions.begin() as session:
        session.add(told)
    for _ in range(2):
        send(talk, "coordination", path)
    assert len(talk.rows(Change, Change.kind == HELP_KIND, Change.object_id == thread.id)) == 1
    assert not talk.rows(Notice, Notice.object_id == thread.id), "whoever heard of it hears of it again"
    assert len(talk.rows(Audit, Audit.object_id == thread.id, Audit.action == "thread.bring")) == 1
    talk.site.clock.now += timedelta(days=1, seconds=1)
    send(talk, "coordination", path)
    assert len(talk.rows(Change, Change.kind == HELP_KIND, Change.object_id == thread.id)) == 2
    talk.reply(thread)
    talk.site.clock.now += timedelta(days=2)
    assert send(talk, "coordination", path).location.endswith("fait=0"), "it has an answer"
    send(talk, "membre", path, 403)


@ONE_ENGINE
def test_the_list_the_desk_and_the_exchanges_count_the_same_questions(talk: Talk) -> None:
    talk.reply(talk.thread(), "Personne ?", by="membre")
    with talk.site.sessions() as session:
        number = topics.numbers(session, talk.site.clock.now, DELAY).questions
    said = f"{number}\xa0questions attendent une réponse"
    for path in (DESK, DESK + "/questions"):
        assert said.replace("\xa0", " ") in talk.browser("coordination").get(path).text.replace("\xa0", " ")
    with talk.site.sessions() as session:
        viewer = desk.Viewer(True, False, ())
        counted = desk.count(session, viewer, talk.site.clock.now.date())
        assert {one.kind: one.number for one in counted}["questions"] == number
    browser = talk.browser("coordination")
    with talk.site.statements() as seen:
        page = browser.get(DESK + "/questions")
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 11, seen
    assert Page(page.text).errors == []


@pytest.mark.parametrize("state", ["answered", "declined", "open"])
def test_requests_decided_on_the_desk_close_their_threads(talk: Talk, state: str) -> None:
    kit, now = talk.published(), talk.tick()
    with talk.site.sessions.begin() as session:
        asked = ResourceRequest(words="un kit", at=now, state=state, answer="Pas avant l’été.",
                                answer_id=kit.id if state == "answered" else None)  # fmt: skip
        session.add(asked)
        session.flush()
        id_ = asked.id
    thread = talk.thread(kind=ThreadKind.DEMANDE, request_id=id_)
    for _ in range(2):
        with talk.site.sessions.begin() as session:
            jobs.settle(session, talk.tick())
    found: Thread = talk.now_of(thread)
    assert len(talk.posts(thread)) == 1
    assert (found.state, found.closed_reason, found.answer_ref_id) == {
        "answered": ("closed", "", kit.id), "declined": ("closed", "Pas avant l’été.", None), "open": ("open", "", None),
    }[state]  # fmt: skip


def test_numbers(talk: Talk) -> None:
    with talk.site.sessions() as session:
        before = topics.numbers(session, talk.site.clock.now, DELAY)
    thread = talk.thread()
    talk.reply(thread, "À moi-même.", by="membre")
    with talk.site.sessions() as session:
        now = topics.numbers(session, talk.site.clock.now, DELAY)
    assert now.late <= now.questions
    assert (now.questions, now.asked, now.answered) == (before.questions + 1, before.asked + 1, before.answered)
    talk.reply(thread)
    with talk.site.sessions() as session:
        now = topics.numbers(session, talk.site.clock.now, DELAY)
    assert (now.questions, now.answered) == (before.questions, before.answered + 1)
    assert now.hours is not None
