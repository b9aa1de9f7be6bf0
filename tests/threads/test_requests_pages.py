"""Asking the network for a resource, by the pages; answering by a resource."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.core.mail import Mail
from reseau.threads.base.models import PostState, Thread, ThreadKind, ThreadSetting, Topic
from resources.base.models import Resource, ResourceRequest, Visibility
from resources.base.services import set_visibility
from tests.resources.conftest import a_tutorial
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_requests_services import begun, wish

pytestmark = ONE_ENGINE


def ask(talk: Talk, words: str, who: str | None = "membre", **values: Any) -> Any:
    """The answer to a form of a request."""
    form = post_form(talk.browser(who).get("/ressources/demander"))
    form["mots"] = words
    for name, value in values.items():
        form[name] = value
    return form.submit(status="*")


def thread_of(talk: Talk, words: str) -> Thread | None:
    rows = talk.rows(Thread, Thread.title == words)
    return rows[0] if rows else None


def test_who_is_signed_in_asks_the_network_too(talk: Talk) -> None:
    words = f"un guide {new_id()}"
    sent = ask(talk, words, details="Pour un atelier.", contact="moi@exemple.fr", langue_voulue="ar")
    thread = thread_of(talk, words)
    assert thread is not None
    assert sent.status_int == 303
    assert sent.location.endswith(talk.address(thread))
    (asked,) = talk.rows(ResourceRequest, ResourceRequest.words == words)
    assert (thread.request_id, thread.kind, thread.author_id) == (asked.id, "demande", talk.people["membre"])
    assert talk.get(Topic, thread.topic_id).seen == "public"
    (post,) = talk.posts(thread)
    assert "Pour un atelier." in post.text
    assert "Arabe" in post.text
    assert "exemple.fr" not in post.text


def test_who_does_not_want_it_and_a_visitor_ask_the_coordination_alone(talk: Talk) -> None:
    for who, values in (("membre", {"echanges": False}), (None, {})):
        words = f"un jeu {new_id()}"
        sent = ask(talk, words, who, **values)
        assert sent.location.endswith("merci=1")
        assert len(talk.rows(ResourceRequest, ResourceRequest.words == words)) == 1
        assert thread_of(talk, words) is None
    assert "echanges" not in post_form(talk.browser(None).get("/ressources/demander")).fields


def test_a_request_sent_twice_has_one_thread(talk: Talk) -> None:
    words = f"une affiche {new_id()}"
    form = post_form(talk.browser("membre").get("/ressources/demander"))
    form["mots"] = words
    form.submit(status=303)
    form.submit(status=303)
    assert len(talk.rows(Thread, Thread.title == words)) == 1


def test_what_was_unticked_stays_so_when_the_form_comes_back(talk: Talk) -> None:
    page = ask(talk, "", echanges=False)
    assert page.status_int == 422
    assert not post_form(page)["echanges"].checked


def test_a_coordinator_reads_and_changes_what_is_published_for_a_visitor(talk: Talk) -> None:
    asked = wish(talk, f"un vélo {new_id()}", by=None, contact="moi@exemple.fr", text="Appelez-moi au 01 02 03 04 05.")
    list_page = talk.browser("coordination").get(f"/gestion/demandes-ressources/{asked.id}")
    page = list_page.click(href=f"/echanges/demandes/{asked.id}")
    assert "exemple.fr" not in page.text
    form = post_form(page)
    assert "01 02 03" in form["texte"].value
    form["texte"] = ""
    page = form.submit(status=422)
    assert "Écrivez le message." in page.text
    form = post_form(page)
    form["texte"] = "Quelqu’un cherche un vélo."
    sent = form.submit(status=303)
    thread = thread_of(talk, asked.words)
    assert thread is not None
    assert sent.location.endswith(talk.address(thread))
    assert form.submit(status=303).location == sent.location
    again = talk.browser("coordination").get(f"/echanges/demandes/{asked.id}", status=303)
    assert again.location == sent.location
    assert len(talk.rows(Thread, Thread.request_id == asked.id)) == 1
    desk = talk.browser("coordination").get(f"/gestion/demandes-ressources/{asked.id}")
    assert talk.address(thread) in desk.text
    assert "Poser la question" not in desk.text


def test_the_desk_asks_once_for_the_threads_of_a_page(talk: Talk) -> None:
    for _ in range(5):
        wish(talk, by=None)
    browser = talk.browser("coordination")
    with talk.site.statements() as seen:
        browser.get("/gestion/demandes-ressources")
    assert len([one for one in seen if one.startswith("SELECT") and "FROM thread" in one.replace("\n", " ")]) == 1


def test_only_coordinators_publish_for_others(talk: Talk) -> None:
    asked = wish(talk, by=None)
    talk.browser("membre").get(f"/echanges/demandes/{asked.id}", status=403)
    talk.browser("coordination").get(f"/echanges/demandes/{new_id()}", status=404)


def test_a_resource_of_the_list_answers(talk: Talk) -> None:
    kit = talk.published(a_tutorial(f"Zébulon{new_id().hex[:8]}"))
    asked = wish(talk, f"un tutoriel {kit.title}", contact=None)
    thread = begun(talk, asked)
    browser = talk.browser("voisine")
    page = browser.get(f"{talk.address(thread)}/ressource")
    assert kit.title in page.text, "the title of the thread is looked for at once"
    form = post_form(page)
    assert form.submit(status=422).text.count("Choisissez une ressource dans la liste") >= 1
    form["ressource"] = str(kit.id)
    form["message"] = "Je m’en sers **tous les jours**."
    sent = form.submit(status=303)
    *_, post = talk.posts(thread)
    assert sent.location.endswith(f"/echanges/messages/{post.id}")
    assert post.text.startswith("Je m’en sers **tous les jours**.")
    assert post.links == [["resource", str(kit.id)]]
    assert talk.now_of(thread).state == "closed"
    assert talk.rows(Mail, Mail.key.contains(str(asked.id)))
    assert form.submit(status=303).location == sent.location
    assert len(talk.posts(thread)) == 2
    assert "fermé" in browser.get(f"{talk.address(thread)}/ressource").text


def test_an_address_answers_and_a_wrong_one_is_said(talk: Talk) -> None:
    kit, thread = talk.published(), begun(talk, wish(talk))
    form = post_form(talk.browser("voisine").get(f"{talk.address(thread)}/ressource?q=zzz"))
    for address in ("https://ailleurs.example/kits/x", "/annuaire", "/kits/il-n-y-en-a-pas"):
        form["adresse"], form["message"] = address, "Gardé"
        page = form.submit(status=422)
        assert "Gardé" in page.text
        assert 'aria-invalid="true"' in page.text
    form["adresse"] = talk.at(kit.id)
    form["message"] = ""
    form.submit(status=303)
    assert talk.posts(thread)[-1].text.startswith("Voici une ressource qui répond :")


def test_who_is_not_of_the_network_learns_nothing_of_what_it_keeps(talk: Talk) -> None:
    kit, thread = talk.published(a_tutorial(f"Réservé{new_id().hex[:8]}")), begun(talk, wish(talk))
    with talk.site.sessions.begin() as session:
        set_visibility(session, session.get_one(Resource, kit.id), Visibility.NETWORK, talk.site.clock.now)
    talk.site.reindex()
    address = f"{talk.address(thread)}/ressource?q={kit.title}"
    assert f'value="{kit.id}"' in talk.browser("voisine").get(address).text
    page = talk.browser("personne").get(address)
    assert f'value="{kit.id}"' not in page.text
    for values in ({"adresse": talk.at(kit.id)}, {"ressource": str(kit.id)}):
        form = post_form(page)
        sent = page.test_app.post(form.action, {**dict(form.submit_fields()), **values}, status=422)
        assert "Il n’y a pas de ressource publiée à cette adresse" in sent.text


def test_the_author_opens_it_again(talk: Talk) -> None:
    kit, asked = talk.published(), wish(talk)
    thread = begun(talk, asked)
    form = post_form(talk.browser("voisine").get(f"{talk.address(thread)}/ressource"))
    form["adresse"] = talk.at(kit.id)
    form.submit(status=303)
    address, token = f"{talk.address(thread)}/pas-cela", form["csrf_token"].value
    for who, status in (("voisine", 403), (None, 403), ("membre", 303), ("membre", 303)):
        browser = talk.browser(who)
        browser.set_cookie("jeton", token)
        browser.post(address, {"csrf_token": token}, status=status)
    assert talk.now_of(thread).state == "open"
    assert talk.get(ResourceRequest, asked.id).state == "open"


def test_only_requests_are_answered_by_a_resource(talk: Talk) -> None:
    question, own = talk.thread(), talk.thread(kind=ThreadKind.DEMANDE, topic="groupe")
    talk.browser("voisine").get(f"{talk.address(question)}/ressource", status=404)
    talk.browser("personne").get(f"{talk.address(own)}/ressource", status=404)
    assert "/connexion" in talk.browser(None).get(f"{talk.address(own)}/ressource", status=303).location


def test_an_answer_given_on_the_desk_closes_the_thread(talk: Talk) -> None:
    kit, asked = talk.published(), wish(talk)
    thread = begun(talk, asked)
    page = talk.browser("coordination").get(f"/gestion/demandes-ressources/{asked.id}")
    form = next(one for one in page.forms.values() if one.action.endswith("/repondre"))
    form["adresse"], form["message"] = talk.at(kit.id), "Celle-ci."
    form.submit(status=303)
    now = talk.now_of(thread)
    assert (now.state, now.answer_ref_id) == ("closed", kit.id)
    assert talk.posts(thread)[-1].text.startswith("Celle-ci.\n\n")


def test_the_first_message_of_somebody_new_waits(talk: Talk) -> None:
    new = talk.person("Nouvelle des demandes")
    talk.people["nouvelle"] = new.id
    with talk.site.sessions.begin() as session:
        session.merge(ThreadSetting(key="first_post_waits", value="1", changed_at=talk.site.clock.now))
    try:
        words = f"une carte {new_id()}"
        sent = ask(talk, words, "nouvelle")
    finally:
        with talk.site.sessions.begin() as session:
            session.execute(sa.delete(ThreadSetting))
    thread = thread_of(talk, words)
    assert thread is not None
    assert (thread.state, talk.posts(thread)[0].state) == ("waiting", PostState.WAITING.value)
    assert sent.status_int == 303
