"""The page of a new thread."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa
from webtest import Upload

from reseau.core.audit import Audit
from reseau.core.ids import new_id
from reseau.members.models import Draft
from reseau.notices.models import Subscription
from reseau.threads.base import choices
from reseau.threads.base.choices import Choices
from reseau.threads.base.models import Post, Thread
from reseau.threads.base.shapes import THREADS_PER_HOUR
from resources.base.models import AttachedFile
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_writing_mentions import namesake

pytestmark = ONE_ENGINE
NEW = "/echanges/nouveau"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def form_of(page: Any) -> Any:
    return page.forms[next(k for k, f in page.forms.items() if "texte" in f.fields)]


def filled(talk: Talk, who: Any = None, query: str = "", **fields: Any) -> Any:
    """The form filled in by somebody; by default by somebody new, who has used up nothing of an hour."""
    browser = talk.browser(who or talk.person(member_of=[talk.places["ici"]]).id)
    form = form_of(browser.get(NEW + query))
    given = {"titre": f"Où est le code {new_id().hex} ?", "texte": "Je ne le trouve pas.", "sujet": "essai-public"}
    for name, value in (given | fields).items():
        form[name] = value
    return form


def send(form: Any, status: int = 303, button: str = "publier") -> Any:
    return form.submit(button, status=status)


def thread_of(talk: Talk, title: str) -> Thread:
    (found,) = talk.rows(Thread, Thread.title == title)
    return found  # type: ignore[no-any-return]


def test_a_question_is_asked(talk: Talk) -> None:
    form = filled(talk, titre="Un code  pour\tAmeli ?")
    answer = send(form)
    thread = thread_of(talk, "Un code pour Ameli ?")
    (post,) = talk.posts(thread)
    assert answer.location.endswith(f"/echanges/messages/{post.id}?fait=publie")
    assert (thread.kind, thread.lang, thread.topic_id) == ("question", "fr", talk.topics["public"])
    assert thread.structure_id == talk.places["ici"]
    assert talk.rows(Subscription, Subscription.object_id == thread.id)
    (row,) = talk.rows(Audit, Audit.object_id == thread.id)
    assert row.action == "thread.start"


def test_a_visitor_signs_in_first(talk: Talk) -> None:
    assert "/connexion" in talk.browser().get(NEW, status=303).location


def test_what_is_wrong_is_said_and_nothing_is_lost(talk: Talk) -> None:
    form = filled(talk, titre="", texte="Mon long texte.", langue="ar")
    page = send(form, 422)
    assert "Écrivez un titre." in page
    again = form_of(page)
    assert (again["texte"].value, again["langue"].value, again["sujet"].value) == (
        "Mon long texte.",
        "ar",
        "essai-public",
    )
    again["titre"] = "\u200b\u2060"
    assert "Écrivez un titre." in send(again, 422)
    again["titre"], again["texte"] = "T" * 161, "x" * 20_001
    page = send(again, 422)
    assert "161 caractères, 160 au plus" in page
    assert form_of(page)["texte"].value == "x" * 20_001


@pytest.mark.parametrize(
    ("name", "value"),
    [("type", "annonce"), ("type", "demande"), ("sujet", "essai-groupe"), ("sujet", "' OR 1=1"), ("langue", "zz-zz-"),
     ("lieu", "01a204c6-6efe-704d-b1ac-bd4f9e16efb2")],
)  # fmt: skip
def test_what_is_not_offered_is_refused(talk: Talk, name: str, value: str) -> None:
    form = filled(talk, "voisin", titre=f"Interdit {name} {value}")
    form[name].force_value(value)
    page = send(form, 422)
    assert "Choisissez" in page
    assert form_of(page)["texte"].value == "Je ne le trouve pas."


def test_an_address_prefills(talk: Talk) -> None:
    query = "?type=discussion&sujet=essai-reseau&titre=Bonjour&texte=Salut%20%C3%A0%20tous"
    form = form_of(talk.browser("membre").get(NEW + query))
    assert [form[name].value for name in ("type", "sujet", "titre", "texte")] == [
        "discussion", "essai-reseau", "Bonjour", "Salut à tous"
    ]  # fmt: skip
    talk.browser("membre").get(NEW + "?type=x&sujet=y&objet=z&titre=%00")


def test_about_an_object(talk: Talk) -> None:
    kit = talk.published()
    page = talk.browser("membre").get(f"{NEW}?objet=resource:{kit.id}")
    assert kit.title in page
    form = form_of(page)
    form["titre"], form["texte"] = f"Sur le kit {kit.id}", "Une question."
    assert form["sujet"].value == next(
        one for one, *_ in form["sujet"].options if one in ("ameli", "essai-public")
    ), "a topic with its procedure"  # fmt: skip
    send(form)
    thread = thread_of(talk, f"Sur le kit {kit.id}")
    assert (thread.object_kind, thread.object_id) == ("resource", kit.id)


def test_what_is_not_public_is_not_named_in_public(talk: Talk) -> None:
    inside = talk.thread("Secret du groupe", topic="groupe")
    network = talk.thread("Entre nous", topic="reseau")
    assert "Secret du groupe" not in talk.browser("voisin").get(f"{NEW}?objet=thread:{inside.id}")
    form = filled(talk, "membre", query=f"?objet=thread:{network.id}", sujet="essai-public")
    page = send(form, 422)
    assert "n’est pas public" in Page(page.text).text
    again = form_of(page)
    again["sujet"] = "essai-reseau"
    send(again)
    form = filled(talk, "membre", query=f"?objet=thread:{inside.id}", sujet="essai-reseau")
    assert "n’est pas public" in Page(send(form, 422).text).text


def test_an_object_that_went_is_said(talk: Talk) -> None:
    form = filled(talk, query=f"?objet=resource:{talk.published().id}")
    form["objet"].force_value(f"resource:{new_id()}")
    page = send(form, 422)
    assert "n’est plus là" in page
    send(form_of(page))


def test_a_poll(talk: Talk) -> None:
    form = filled(talk, type="sondage", titre="Quel jour pour l’atelier ?", options="- Lundi\n\n- mardi ")
    form["plusieurs"].checked = True
    form["fin"] = "2026-12-24"
    send(form)
    thread = thread_of(talk, "Quel jour pour l’atelier ?")
    assert thread.options == [{"id": 1, "label": "Lundi"}, {"id": 2, "label": "mardi"}]
    assert thread.several
    assert thread.closes_at == talk.site.moment("2026-12-24T23:59") + timedelta(seconds=59)


@pytest.mark.parametrize(
    ("options", "day", "said"),
    [("Seule", "", "de deux à dix"), ("Oui\noui", "", "les mêmes"), ("a\n" + "b" * 121, "", "trop longue"),
     ("\n".join(map(str, range(11))), "", "de deux à dix"), ("a\nb", "2020-01-01", "à partir de demain"),
     ("a\nb", "31 février", "Écrivez une date"), ("a\nb", "9999-12-31", "à partir de demain")],
)  # fmt: skip
def test_a_poll_that_is_not_one(talk: Talk, options: str, day: str, said: str) -> None:
    page = send(filled(talk, type="sondage", options=options, fin=day), 422)
    assert said in page
    # What belongs to a poll is not asked of a question.
    again = form_of(page)
    again["type"] = "question"
    send(again)


def test_an_announcement_is_pinned_by_the_coordination(talk: Talk) -> None:
    day = talk.site.clock.now.date() + timedelta(days=9)
    form = filled(talk, "coordination", type="annonce", titre="Réunion du réseau le 3", jusqu_au=day.isoformat())
    send(form)
    until = talk.site.moment(f"{day}T23:59") + timedelta(seconds=59)
    assert thread_of(talk, "Réunion du réseau le 3").pinned_until == until


def test_looking_first_publishes_nothing(talk: Talk) -> None:
    form = filled(talk, titre="Regarder avant", texte="**Bonjour** <script>alert(1)</script> @lieu-ici")
    page = send(form, 200, "apercu")
    assert "<strong>Bonjour</strong>" in page
    assert "<script>alert" not in page
    assert f'href="{talk.path("Lieu Ici")}"' in page
    assert "Rien n’est encore publié." in page
    assert not talk.rows(Thread, Thread.title == "Regarder avant")
    assert not talk.rows(Audit, Audit.action == "thread.start", Audit.at == talk.site.clock.now,
                         Audit.object_id.is_(None))  # fmt: skip
    send(form_of(page))
    assert thread_of(talk, "Regarder avant")


def test_already_asked_is_shown_when_looking(talk: Talk) -> None:
    pytest.importorskip("reseau.threads.base.finding")
    talk.reply(talk.thread("Retrouver le chrysanthème perdu"))
    talk.site.reindex()
    page = send(filled(talk, titre="Retrouver un chrysanthème"), 200, "apercu")
    assert "Déjà demandé ?" in Page(page.text).text_of("h3")
    assert "Retrouver le chrysanthème perdu" in page


def test_two_of_one_name_are_chosen_when_looking(talk: Talk) -> None:
    for place in ("ici", "ailleurs"):
        namesake(talk, "Thècle Double", place)
    page = send(filled(talk, titre="Pour Thècle", texte="Bonjour @thecle-double"), 200, "apercu")
    again = form_of(page)
    value = next(value for value, _, label in again["mention-thecle-double"].options if "Ailleurs" in label)
    again["mention-thecle-double"] = value
    send(again)
    (post,) = talk.posts(thread_of(talk, "Pour Thècle"))
    assert [f"{one['kind']}:{one['id']}" for one in post.mentions] == [value]


def test_the_toolbar_without_a_script(talk: Talk) -> None:
    form = filled(talk, texte="Début")
    page = form.submit("format", value="gras", status=200)
    assert form_of(page)["texte"].value == "Début\n\n**mots importants**"
    assert form_of(page)["titre"].value == form["titre"].value


def test_files_survive_a_refusal_and_can_be_taken_away(talk: Talk) -> None:
    form = filled(talk, titre="")
    form["fichiers"] = [Upload("a.png", PNG, "image/png")]
    page = send(form, 422)
    again = form_of(page)
    assert "a.png" in page
    id_ = UUID(again["numero"].value)
    assert len(talk.rows(AttachedFile, AttachedFile.owner_id == id_)) == 1
    again["titre"] = f"Avec un fichier {id_}"
    send(again)
    assert talk.get(Post, id_)
    assert len(talk.rows(AttachedFile, AttachedFile.owner_id == id_)) == 1


def test_files_that_are_refused_or_too_many(talk: Talk) -> None:
    form = filled(talk)
    form["fichiers"] = [Upload("page.html", b"<html><script>1</script></html>", "text/html")]
    page = send(form, 422)
    assert "page web" in page
    again = form_of(page)
    again["fichiers"] = [Upload(f"{n}.txt", f"texte {n}".encode(), "text/plain") for n in range(6)]
    page = send(again, 422)
    assert "5 fichiers au plus" in page
    last = form_of(page)
    assert len(last.fields["retirer"]) == 5
    last.fields["retirer"][0].checked = True
    send(last)
    id_ = UUID(last["numero"].value)
    assert len(talk.rows(AttachedFile, AttachedFile.owner_id == id_)) == 4


def test_files_of_somebody_else_are_neither_shown_nor_taken(talk: Talk) -> None:
    form = filled(talk, titre="")
    form["fichiers"] = [Upload("prive.txt", b"texte prive", "text/plain")]
    nonce = form_of(send(form, 422))["numero"].value
    other = filled(talk, "voisine", titre="")
    other["numero"].force_value(nonce)
    assert "prive.txt" not in send(other, 422)
    other["titre"] = "Rien d’autre que le mien"
    send(other)
    (post,) = talk.posts(thread_of(talk, "Rien d’autre que le mien"))
    assert str(post.id) != nonce, "or its author would publish the file of somebody else"


def test_a_form_with_the_id_of_somebody_elses_message_gives_it_nothing(talk: Talk) -> None:
    thread = talk.thread()
    (post,) = talk.posts(thread)
    theirs = form_of(talk.browser("membre").get(f"/echanges/messages/{post.id}/modifier"))
    theirs["fichiers"] = [Upload("avant.txt", b"avant cela", "text/plain")]
    send(theirs, 200, "apercu")
    send(theirs)
    (kept,) = talk.rows(AttachedFile, AttachedFile.owner_id == post.id)
    send(theirs, 200, "apercu")  # one more waits beside it
    waiting = talk.rows(AttachedFile, AttachedFile.owner_kind == "post-edit", AttachedFile.sha == kept.sha)
    for number in {post.id, *(one.owner_id for one in waiting), uuid5(post.id, "modifier")}:
        for page in (NEW, f"{talk.address(thread)}/repondre"):
            browser = talk.browser("voisine")
            form = form_of(browser.get(page))
            if page == NEW:
                form["titre"], form["sujet"] = "Intrusion", "essai-public"
            form["texte"] = "Un intrus."
            form["numero"].force_value(str(number))
            form["fichiers"] = [Upload("intrus.txt", f"intrus {number} {page}".encode(), "text/plain")]
            fields = [*form.submit_fields("publier"), ("retirer", kept.sha)]
            files = [(name, one.filename, one.content) for name, one in fields if isinstance(one, Upload)]
            plain = [(name, one) for name, one in fields if not isinstance(one, Upload)]
            browser.post(page, plain, upload_files=files, status=303)
    send(form_of(talk.browser("membre").get(f"/echanges/messages/{post.id}/modifier")))
    assert [one.name for one in talk.rows(AttachedFile, AttachedFile.owner_id == post.id)] == ["avant.txt"]
    assert {one.author_id for one in talk.posts(thread)} == {talk.people["membre"], talk.people["voisine"]}


def test_sent_twice_is_one_thread(talk: Talk) -> None:
    form = filled(talk, titre="Deux fois la même")
    places = {send(form).location, send(form).location}
    assert len(places) == 1
    assert thread_of(talk, "Deux fois la même")


def test_sent_at_the_same_moment_is_one_thread(talk: Talk) -> None:
    who, answers = talk.person(member_of=[talk.places["ici"]]).id, list[Any]()
    forms = [filled(talk, who, titre="Au même instant") for _ in range(4)]
    for form in forms:
        form["numero"].force_value(forms[0]["numero"].value)
    started = [threading.Thread(target=lambda form=form: answers.append(send(form))) for form in forms]
    for one in started:
        one.start()
    for one in started:
        one.join()
    assert len({one.location for one in answers}) == 1
    assert len(answers) == 4
    assert thread_of(talk, "Au même instant")


def test_too_many_in_an_hour(talk: Talk) -> None:
    person = talk.person(member_of=[talk.places["ici"]]).id
    for _ in range(THREADS_PER_HOUR.times):
        send(filled(talk, person))
    page = send(filled(talk, person, texte="Celui de trop"), 422)
    assert "réessayez plus tard" in page
    assert form_of(page)["texte"].value == "Celui de trop"
    assert talk.rows(Draft, Draft.person_id == person)


def test_the_first_message_waits_when_that_is_set(talk: Talk) -> None:
    person = talk.person().id
    with talk.site.sessions() as session:
        choices.choose(session, Choices(14, True), by=talk.people["coordination"], now=talk.site.clock.now)
        session.commit()
    try:
        page = send(filled(talk, person, titre="Mon tout premier")).follow()
        assert "attend qu’une personne de la coordination le lise" in page
        assert thread_of(talk, "Mon tout premier").state == "waiting"
        send(filled(talk, "coordination", titre="De la coordination"))
        assert thread_of(talk, "De la coordination").state == "open"
    finally:
        with talk.site.sessions() as session:
            choices.choose(session, Choices(), by=talk.people["coordination"], now=talk.site.clock.now)
            session.commit()


def test_what_is_typed_is_kept_and_comes_back(talk: Talk) -> None:
    person = talk.person(member_of=[talk.places["ici"]]).id
    browser = talk.browser(person)
    form = form_of(browser.get(NEW))
    form["titre"], form["texte"] = "Commencé", "Pas fini"
    browser.post(NEW + "/brouillon", form.submit_fields(), status=204)
    page = browser.get(NEW)
    assert "Vous aviez commencé" in page
    assert (form_of(page)["titre"].value, form_of(page)["numero"].value) == ("Commencé", form["numero"].value)
    assert "Reprendre le texte" in browser.get("/compte")
    again = form_of(page)
    again["sujet"] = "essai-public"
    send(again)
    assert not talk.rows(Draft, Draft.person_id == person)
    browser.post(NEW + "/brouillon", form.submit_fields(), status=204)
    post_form(browser.get(NEW), "/brouillon").submit(status=303)
    assert "Vous aviez commencé" not in browser.get(NEW)


def test_a_draft_about_an_object_is_another_one(talk: Talk) -> None:
    person = talk.person(member_of=[talk.places["ici"]]).id
    browser, here = talk.browser(person), f"?objet=structure:{talk.places['ici']}"
    form = form_of(browser.get(NEW + here))
    form["texte"] = "Sur ce lieu"
    browser.post(NEW + "/brouillon", form.submit_fields(), status=204)
    assert "Sur ce lieu" not in browser.get(NEW)
    assert "Sur ce lieu" in browser.get(NEW + here)
    (draft,) = talk.rows(Draft, Draft.person_id == person)
    assert draft.path in browser.get("/compte"), "and its link leads back to it"
    assert "Sur ce lieu" in browser.get(draft.path)


def test_each_page_costs_little(talk: Talk) -> None:
    browser = talk.browser("membre")
    browser.get(NEW)
    with talk.site.statements() as seen:
        page = browser.get(NEW + f"?objet=structure:{talk.places['ici']}")
    assert len([one for one in seen if one.lstrip().upper().startswith("SELECT")]) <= 10, seen
    assert len(page.body) < 60_000
    assert not Page(page.text).errors
    with talk.site.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Post)) is not None
