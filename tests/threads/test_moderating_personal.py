"""What the exchanges hold of a person: given whole, forgotten when they leave."""

from __future__ import annotations

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
    assert named.text == "Voir @ancien-membre et @autre."
    assert "Zoé" not in str(named.mentions)
    assert talk.rows(PostVersion, PostVersion.post_id == naming.id)[0].text == "@ancien-membre !"
    page = talk.browser("coordination").get(f"/echanges/messages/{post.id}/historique")
    assert "une personne qui a quitté le réseau" in page.text
