"""What is asked before a message is there; what its author may not change any more; what looking costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from webtest import Upload

from reseau.core.ids import new_id
from reseau.core.limits import Limit
from reseau.groups.models import Belonging, GroupMember
from reseau.members.models import Person
from reseau.threads.base import services
from reseau.threads.base.models import Thread, Topic
from reseau.threads.base.text import handle
from reseau.threads.writing import page as writing_page
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_requests_services import begun, wish
from tests.threads.test_writing_new import NEW, PNG, filled, form_of, send, thread_of
from tests.threads.test_writing_posts import answering, changing, shut

pytestmark = ONE_ENGINE
ASKED = "semble parler d’une personne en particulier"


def archive(talk: Talk, name: str, *, away: bool) -> None:
    with talk.site.sessions() as session:
        session.get_one(Topic, talk.topics[name]).archived_at = talk.tick() if away else None
        session.commit()


def test_what_speaks_of_somebody_is_asked_about_once(talk: Talk) -> None:
    form = filled(talk, titre="Le code de Mme Benali", texte="Née le 3/4/1951, elle attend.")
    page = send(form, 200)
    assert ASKED in page
    said = Page(page.text).text
    assert "Mme Benali" in said
    assert "Née le 3/4/1951" in said
    assert not talk.rows(Thread, Thread.title == "Le code de Mme Benali")
    again = form_of(page)
    assert again["texte"].value == "Née le 3/4/1951, elle attend."
    assert ASKED in send(again, 200), "the usual button asks again"
    again["texte"] = "Née le 3/4/1951, elle attend. Son fils est M. Kader."
    assert "M. Kader" in send(again, 200, "sur"), "a changed text is looked at again"
    send(form_of(send(again, 200)), 303, "sur")
    assert thread_of(talk, "Le code de Mme Benali")


def test_it_is_asked_of_answers_and_of_what_a_change_adds(talk: Talk) -> None:
    thread = talk.thread(by="personne")
    form = answering(talk, thread, "voisine", text="M. Dupont sait.")
    page = send(form, 200)
    assert ASKED in page
    send(form_of(page), 303, "sur")
    post = talk.posts(thread)[-1]
    change = changing(talk, post, "voisine")
    change["texte"] = "M. Dupont le sait."
    send(change)
    change = changing(talk, post, "voisine")
    change["texte"] = "M. Dupont le sait, 1 84 12 76 451 089 46."
    page = send(change, 200)
    assert "un numéro de sécurité sociale" in page
    assert talk.posts(thread)[-1].text == "M. Dupont le sait."
    send(form_of(page), 303, "sur")
    assert "451 089" in talk.posts(thread)[-1].text


def test_nothing_says_which_topic(talk: Talk) -> None:
    form = form_of(talk.browser("membre").get(NEW))
    assert form["sujet"].value == ""
    assert form["sujet"].options[0][2] == "Choisissez un sujet"
    form["titre"], form["texte"] = "Sans sujet", "Un texte."
    page = send(form, 422)
    assert "Choisissez un sujet." in page
    assert form_of(page)["sujet"].value == ""


def test_the_author_changes_the_topic_and_is_told_who_will_read(talk: Talk) -> None:
    thread = talk.thread(topic="reseau")
    post = talk.posts(thread)[0]
    change = changing(talk, post)
    assert change["sujet"].value == "essai-reseau"
    change["sujet"] = "essai-public"
    page = send(change, 200)
    assert "Tout le monde peut lire ce sujet" in " ".join(Page(page.text).text_of("p"))
    assert talk.now_of(thread).topic_id == talk.topics["reseau"]
    send(form_of(page), 303, "sur")
    assert talk.now_of(thread).topic_id == talk.topics["public"]
    talk.reply(thread)
    assert "sujet" not in changing(talk, post).fields, "others have answered, and no other topic has their readers"
    assert "sujet" not in changing(talk, talk.reply(thread, by="membre")).fields


def test_the_topic_of_an_answered_thread_does_not_widen_meanwhile(talk: Talk) -> None:
    thread = talk.thread(topic="reseau")
    change = changing(talk, talk.posts(thread)[0])
    change["sujet"] = "essai-public"
    talk.reply(thread)
    page = send(change, 422)
    assert "Choisissez" in page
    assert talk.now_of(thread).topic_id == talk.topics["reseau"]


def test_moved_meanwhile_is_not_moved_back(talk: Talk) -> None:
    thread = talk.thread(topic="reseau")
    change = changing(talk, talk.posts(thread)[0])
    change["texte"] = "Un autre texte."
    with talk.site.sessions() as session:
        session.get_one(Thread, thread.id).topic_id = talk.topics["public"]
        session.commit()
    change["sujet"] = "essai-reseau"
    page = send(form_of(send(change, 200)), 422, "sur")
    assert form_of(page)["sujet"].value == "essai-public"
    assert talk.now_of(thread).topic_id == talk.topics["public"]


def test_a_closed_thread_is_not_rewritten(talk: Talk) -> None:
    thread = talk.thread()
    post = talk.posts(thread)[0]
    change = changing(talk, post)
    shut(talk, thread)
    change["texte"] = "Réécrit après coup."
    page = send(change, 422)
    assert "Ce fil est fermé" in page
    assert form_of(page)["texte"].value == "Réécrit après coup."
    assert talk.posts(thread)[0].text == "Comment faites-vous ?"
    browser = talk.browser("membre")
    browser.get(f"/echanges/messages/{post.id}/modifier", status=403)
    assert "/modifier" not in browser.get(talk.address(thread))
    browser.get(f"/echanges/messages/{post.id}/supprimer", status=200)


def test_an_archived_topic_takes_no_answer_and_no_change(talk: Talk) -> None:
    thread = talk.thread(topic="reseau")
    answer, change = answering(talk, thread), changing(talk, talk.posts(thread)[0])
    archive(talk, "reseau", away=True)
    try:
        assert "Ce fil est fermé" in send(answer, 422)
        assert "Ce fil est fermé" in send(change, 422)
        assert len(talk.posts(thread)) == 1
        assert "repondre" not in talk.browser("membre").get(talk.address(thread)).forms
        with pytest.raises(services.Closed):
            talk.reply(thread)
    finally:
        archive(talk, "reseau", away=False)


def test_an_account_outside_the_network_draws_no_names_out(talk: Talk) -> None:
    talk.person("Yolande Cachée", member_of=[talk.places["ici"]])
    outside = talk.person()
    page = send(filled(talk, outside.id, texte="@yolande-cachee @lieu-ici"), 200, "apercu")
    assert "Yolande Cachée" not in page
    assert "Lieu Ici" in page
    form = form_of(page)
    send(form)
    (post,) = talk.posts(thread_of(talk, form["titre"].value))
    assert [one["kind"] for one in post.mentions] == ["structure"]
    with talk.site.sessions() as session:
        session.add(GroupMember(group_id=talk.group_id, person_id=outside.id, since=talk.tick(),
                                belonging=Belonging.IN.value))  # fmt: skip
        session.commit()
    voisine = handle(talk.get(Person, talk.people["voisine"]).name)
    text = f"@{voisine} @yolande-cachee"
    page = send(filled(talk, outside.id, texte=text), 200, "apercu")
    assert 'class="mention"' in page
    assert "Yolande Cachée" not in page


def paced(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    hour = timedelta(hours=1)
    monkeypatch.setattr(writing_page, name, Limit(f"test-{name}", 3, hour))


def test_looking_people_up_has_its_pace(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    paced(monkeypatch, "LOOKS_PER_HOUR")
    form: Any = filled(talk, texte="Bonjour @lieu-ici")
    for _ in range(3):
        form = form_of(send(form, 200, "apercu"))
    page = send(form, 422, "apercu")
    assert "réessayez plus tard" in page
    assert talk.path("Lieu Ici") not in page
    form["texte"] = "Bonjour à tous"
    send(form)


def test_bringing_files_has_its_pace(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    paced(monkeypatch, "FILES_PER_HOUR")
    form: Any = filled(talk)
    for number in range(2):
        form["fichiers"] = [Upload(f"{number}.txt", f"texte {number}".encode(), "text/plain")]
        form = form_of(send(form, 200, "apercu"))
    form["fichiers"] = [Upload(f"{n}.txt", f"texte {n}".encode(), "text/plain") for n in (3, 4)]
    page = send(form, 422, "apercu")
    assert "réessayez plus tard" in page
    assert len(form_of(page).fields["retirer"]) == 2


def test_a_new_message_is_told_to_be_there(talk: Talk) -> None:
    thread = talk.thread(by="personne")
    page = send(answering(talk, thread, "voisine")).follow().follow()
    assert "C’est publié." in page
    assert "C’est publié." not in talk.browser().get(f"{talk.address(thread)}?fait=publie")


def test_who_has_no_place_is_told_how_to_read_what_is_for_the_network(talk: Talk) -> None:
    thread = talk.thread(topic="reseau")
    page = talk.browser(talk.person().id).get(talk.address(thread), status=403)
    assert "Demander à rejoindre votre lieu" in page
    assert 'href="/annuaire"' in page


def test_a_preview_shows_files_and_who_is_told(talk: Talk) -> None:
    form = filled(talk, texte="Merci @lieu-ici et @personne-de-ce-nom")
    form["fichiers"] = [Upload("Photo.png", PNG, "image/png"), Upload("note.txt", b"un texte", "text/plain")]
    page = send(form, 200, "apercu")
    said = " ".join(Page(page.text).text.split())
    assert "Préviendra : Lieu Ici" in said
    assert "Personne ne s’appelle @personne-de-ce-nom" in said
    assert 'alt="Photo.png"' in page
    assert "note.txt" in " ".join(Page(page.text).text_of("li"))


def test_errors_are_listed_as_the_form_goes_and_a_poll_shows_its_fields(talk: Talk) -> None:
    form = filled(talk, type="sondage", titre="", texte="", sujet="")
    page = send(form, 422)
    at = [page.text.index(f'<li><a href="#{name}">') for name in ("sujet", "titre", "texte", "options")]
    assert at == sorted(at)
    assert '<div data-for="sondage">' in page
    assert '<div data-for="sondage" hidden>' in talk.browser("membre").get(NEW)


def test_an_announcement_is_first_for_two_weeks(talk: Talk) -> None:
    form = form_of(talk.browser("coordination").get(f"{NEW}?type=annonce"))
    assert form["jusqu_au"].value == (talk.site.clock.now.date() + timedelta(days=14)).isoformat()


def test_a_request_of_a_visitor_says_so_and_is_asked_about(talk: Talk) -> None:
    asked = wish(talk, f"un jeu {new_id()}", by=None, text="Pour Mme Benali.")
    coordination, member = talk.browser("coordination"), talk.browser("voisine")
    form = post_form(coordination.get(f"/echanges/demandes/{asked.id}"))
    assert form["texte"].value.endswith("Demande reçue sur le site, posée par la coordination.")
    page = form.submit(status=200)
    assert ASKED in page
    assert "Mme Benali" in page
    form_of(page).submit("sur", status=303)
    (thread,) = talk.rows(Thread, Thread.request_id == asked.id)
    address = f"{talk.address(thread)}/ressource"
    page = member.get(address)
    assert "le fil se ferme." in page
    assert "peut le rouvrir" not in page
    own = talk.rows(Thread, Thread.request_id == begun(talk, wish(talk)).request_id)[0]
    page = member.get(f"{talk.address(own)}/ressource")
    assert "peut le rouvrir" in page
    form = form_of_answer(page)
    form["adresse"], form["message"] = "https://ailleurs.example/x", "Vu avec M. Dupont."
    assert ASKED in form.submit(status=200)


def form_of_answer(page: Any) -> Any:
    return page.forms[next(k for k, f in page.forms.items() if "adresse" in f.fields)]
