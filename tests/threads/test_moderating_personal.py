"""What the exchanges hold of a person: given whole, forgotten when they leave."""

from __future__ import annotations

from typing import Any

from reseau.core.ids import new_id
from reseau.members import leaving
from reseau.members.export import everything
from reseau.members.models import Person
from reseau.threads.base import personal, services
from reseau.threads.base.models import (
    Bookmark,
    MailReceived,
    PollVote,
    Post,
    PostReport,
    PostThank,
    PostTranslation,
    PostVersion,
    ReadAll,
    ThreadKind,
    ThreadRead,
    TranslationWish,
)
from reseau.threads.base.services import Writing
from tests.threads.conftest import Talk
from tests.threads.test_moderating_merge import at_once


def test_all_is_given_then_forgotten(talk: Talk) -> None:
    person, now = talk.person("Zoé Martin", member_of=[talk.places["ici"]]).id, talk.tick()
    thread, poll = talk.thread(by=person), talk.thread(kind=ThreadKind.SONDAGE, options=["a", "b"])
    post, other = talk.reply(thread, "À moi.", by=person), talk.reply(thread, "À elle.")
    mention = {"handle": "zoe-martin", "kind": "person", "id": str(person), "name": "Zoé Martin", "path": ""}
    naming = talk.reply(thread, "Voir @Zoé-Martin et @autre.", mentions=[mention])
    with talk.site.sessions.begin() as session:
        services.lock(session, thread.id)
        services.edit(session, session.get_one(Post, post.id), Writing("Autrement.", "fr"), by=person, now=now)
        for id_ in (person, talk.people["voisin"]):
            session.add(PostThank(post_id=other.id, person_id=id_, at=now))
        session.get_one(Post, other.id).thanks = 2
        session.add_all([
            Bookmark(person_id=person, thread_id=thread.id, at=now),
            ThreadRead(person_id=person, thread_id=thread.id, read_to=now), ReadAll(person_id=person, before=now),
            PollVote(thread_id=poll.id, person_id=person, option=1, at=now),
            PostReport(post_id=other.id, author_id=person, at=now, reason="faux"),
            PostTranslation(post_id=other.id, lang="en", text="Hers.", digest="0", by=person, at=now),
            TranslationWish(post_id=other.id, lang="ar", person_id=person, at=now),
            MailReceived(digest=new_id().hex, at=now, outcome="post", person_id=person),
            PostVersion(post_id=naming.id, until=now, text="@zoe-martin !", lang="fr"),
        ])  # fmt: skip
    with talk.site.sessions() as session:
        found = everything(session, person, now)
    assert all(len(found[name]) == 1 for name in (
        "fils_ouverts", "messages_avant_modification", "messages_traduits", "traductions_de_messages_demandees", "mercis",
        "fils_gardes", "fils_lus", "tout_lu", "votes", "messages_signales", "mails_recus_en_reponse"))  # fmt: skip
    assert [row["text"] for row in found["messages"]] == ["Comment faites-vous ?", "Autrement."]
    assert "hidden_by" not in found["messages"][0]
    with talk.site.sessions.begin() as session:
        leaving.anonymise(session, session.get_one(Person, person), now)
    with talk.site.sessions() as session:
        left = personal.rows_of(session, person, None)
    assert {name for name, rows in left.items() if rows} == {"fils_ouverts", "messages", "messages_avant_modification"}
    assert talk.get(Post, other.id).thanks == 1
    named = talk.get(Post, naming.id)
    assert named.text == "Voir @personne-partie et @autre."
    assert "Zoé" not in str(named.mentions)
    assert talk.rows(PostVersion, PostVersion.post_id == naming.id)[0].text == "@personne-partie !"
    page = talk.browser("coordination").get(f"/echanges/messages/{post.id}/historique")
    assert "une personne qui a quitté le réseau" in page.text


def left(talk: Talk, person: Any) -> None:
    with talk.site.sessions.begin() as session:
        leaving.anonymise(session, session.get_one(Person, person), talk.tick())


def test_a_name_goes_from_translations_and_from_what_was_said_before(talk: Talk) -> None:
    person, now = talk.person("Éloi Durand", member_of=[talk.places["ici"]]).id, talk.tick()
    row = {"handle": "eloi-durand", "kind": "person", "id": str(person), "name": "Éloi Durand", "path": ""}
    thread = talk.thread()
    naming = talk.reply(thread, "Merci @Éloi-Durand !", mentions=[row])
    changed = talk.reply(thread, "Plus personne ici.")
    homonym = talk.reply(thread, "Voir @eloi-durand.", mentions=[row | {"id": str(talk.people["voisine"])}])
    with talk.site.sessions.begin() as session:
        session.add_all([
            PostTranslation(post_id=naming.id, lang="en", text="Thanks @eloi-durand!", digest="0", at=now),
            PostVersion(post_id=changed.id, until=now, text="Demander à @Éloi-Durand.", lang="fr"),
            PostVersion(post_id=homonym.id, until=now, text="Avec @eloi-durand ?", lang="fr"),
        ])  # fmt: skip
    left(talk, person)
    (translated,) = talk.rows(PostTranslation, PostTranslation.post_id == naming.id)
    assert (talk.get(Post, naming.id).text, translated.text) == ("Merci @personne-partie !", "Thanks @personne-partie!")
    assert talk.rows(PostVersion, PostVersion.post_id == changed.id)[0].text == "Demander à @personne-partie."
    assert talk.rows(PostVersion, PostVersion.post_id == homonym.id)[0].text == "Avec @eloi-durand ?"


def test_who_leaves_takes_nothing_back_of_what_is_written_meanwhile(talk: Talk) -> None:
    for _ in range(3):
        person = talk.person("Lou Petit", member_of=[talk.places["ici"]]).id
        row = {"handle": "lou-petit", "kind": "person", "id": str(person), "name": "Lou Petit", "path": ""}
        thread = talk.thread()
        posts = [talk.reply(thread, "Avec @Lou-Petit.", mentions=[row]) for _ in range(3)]

        def edit(id_: Any) -> None:
            with talk.site.sessions.begin() as session:
                _thread, post = services.locked(session, id_)
                services.edit(session, post, Writing("Autre chose.", "fr"), by=None, now=talk.site.clock.now)

        acts = [lambda id_=post.id: edit(id_) for post in posts]  # type: ignore[misc]
        assert not at_once(acts[0], lambda who=person: left(talk, who), *acts[1:])  # type: ignore[misc]
        assert [post.text for post in talk.posts(thread)[1:]] == ["Autre chose."] * 3
        kept = talk.rows(PostVersion, PostVersion.post_id.in_([post.id for post in posts]))
        assert {one.text for one in kept} == {"Avec @personne-partie."}


def test_what_is_taken_away_goes_in_all_languages(talk: Talk) -> None:
    thread, now = talk.thread(), talk.tick()
    answer = talk.reply(thread, "À retirer.")
    with talk.site.sessions.begin() as session:
        session.add_all([
            PostTranslation(post_id=answer.id, lang="en", text="To take away.", digest="0", at=now),
            TranslationWish(post_id=answer.id, lang="ar", person_id=talk.people["membre"], at=now),
        ])  # fmt: skip
    with talk.site.sessions.begin() as session:
        _thread, post = services.locked(session, answer.id)
        services.remove(session, post, by=None, now=now)
    for model in (PostTranslation, TranslationWish):
        assert not talk.rows(model, model.post_id == answer.id)
