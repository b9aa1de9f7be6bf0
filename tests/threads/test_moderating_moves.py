"""The page of moves: close, pin, move, kind, title, merge, split; who may, and what is said before readers change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reseau.core.audit import Audit
from reseau.core.ids import new_id
from reseau.threads.base import services, topics
from reseau.threads.base.models import Post, PostVersion, Thread, ThreadKind, Topic
from reseau.threads.moderating import moves
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_moderating_posts import ops_of, send

pytestmark = ONE_ENGINE


def page(talk: Talk, thread: Thread, **query: str) -> Any:
    return talk.browser("coordination").get(talk.address(thread) + "/moderer", query)


def filled(answer: Any, action: str, **cells: Any) -> Any:
    form = post_form(answer, action)
    for name, value in cells.items():
        form[name] = value
    return form


def test_the_page_is_well_made_and_costs_little(talk: Talk) -> None:
    thread = talk.thread("كيف نحجز؟", lang="ar")
    with talk.site.sessions.begin() as session:
        for n in range(moves.POSTS_SHOWN + 5):
            session.add(Post(id=new_id(), thread_id=thread.id, at=thread.created_at + timedelta(seconds=n + 1), lang="fr",
                             text=f"Réponse {n} " + "x" * 300, author_id=talk.people["voisine"]))  # fmt: skip
    browser = talk.browser("coordination")
    with talk.site.statements() as seen:
        answer = browser.get(talk.address(thread) + "/moderer")
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 10, seen
    assert len(answer.body) < 60_000
    assert Page(answer.text).errors == []
    assert answer.text.count('name="messages"') == moves.POSTS_SHOWN
    assert answer.click("Les messages suivants").text.count('name="messages"') == 5
    for who, status in (("membre", 403), ("voisin", 403), (None, 303)):
        assert talk.browser(who).get(talk.address(thread) + "/moderer", status="*").status_int in (status, 403)


def test_moderators_say_why_they_close(talk: Talk) -> None:
    thread = talk.thread()
    refused = filled(page(talk, thread), "/fermer").submit(status=422)
    assert "Écrivez pourquoi" in refused.text
    assert Page(refused.text).errors == []
    done = filled(page(talk, thread), "/fermer", motif="C’est réglé.").submit(status=303).follow()
    assert "Le fil est fermé" in done.text
    assert (talk.now_of(thread).state, talk.now_of(thread).closed_reason) == ("closed", "C’est réglé.")
    send(talk, "membre", talk.address(thread) + "/rouvrir")
    assert talk.now_of(thread).state == "closed", "what moderators closed, its author does not open"
    post_form(done, "/rouvrir").submit(status=303)
    assert (talk.now_of(thread).state, talk.now_of(thread).closed_reason) == ("open", "")
    actions = [row.action for row in talk.rows(Audit, Audit.object_id == thread.id)]
    assert sorted(actions) == ["thread.close", "thread.reopen"]


def test_its_author_closes_their_own_and_opens_it_again(talk: Talk) -> None:
    thread = talk.thread()
    send(talk, "voisine", talk.address(thread) + "/fermer", 403)
    done = send(talk, "membre", talk.address(thread) + "/fermer")
    assert done.location.endswith(talk.address(thread))
    assert talk.now_of(thread).state == "closed"
    send(talk, "membre", talk.address(thread) + "/rouvrir")
    assert talk.now_of(thread).state == "open"


def test_first_in_the_lists_until_a_day(talk: Talk) -> None:
    thread, now = talk.thread(), talk.site.clock.now
    for days in (-2, 400):
        day = (now + timedelta(days=days)).date().isoformat()
        filled(page(talk, thread), "/moderer/epingler", jour=day).submit(status=422)
    day = (now + timedelta(days=3)).date()
    done = filled(page(talk, thread), "/moderer/epingler", jour=day.isoformat()).submit(status=303).follow()
    until = talk.now_of(thread).pinned_until
    assert until is not None
    assert now + timedelta(days=3) < until < now + timedelta(days=4, hours=1), "that day is in it"
    forms = [one for one in done.forms.values() if one.action.endswith("/epingler") and "retirer" in one.fields]
    forms[0].submit(status=303)
    assert talk.now_of(thread).pinned_until is None


def test_another_topic_is_confirmed_when_other_people_read_it(talk: Talk) -> None:
    thread = talk.thread()
    network, public = (str(talk.topics[name]) for name in ("reseau", "public"))
    asked = filled(page(talk, thread), "/deplacer", sujet=network).submit(status=200)
    assert "ne pourront plus le lire" in asked.text
    assert "Oui, changer" in asked.text
    assert "error-summary" not in asked.text, "a question is no error"
    assert Page(asked.text).errors == []
    assert talk.now_of(thread).topic_id == talk.topics["public"]
    post_form(asked, "/deplacer").submit(status=303)
    assert talk.now_of(thread).topic_id == talk.topics["reseau"]
    assert talk.browser().get(talk.address(thread), status="*").status_int in (303, 403)
    assert ops_of(talk, thread.id)[-2:] == ["update", "withdraw"], "and everybody is told that it is gone for them"
    back = filled(page(talk, thread), "/deplacer", sujet=public).submit(status=200)
    assert "Plus de personnes" in back.text
    form = post_form(back, "/deplacer")
    form["sujet"] = str(talk.topics["groupe"])
    other = form.submit(status=200)
    assert "ne pourront plus le lire" in other.text, "what was confirmed was another topic"


def test_a_question_becomes_a_discussion_and_back(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.reply(thread)
    with talk.site.sessions.begin() as session:
        services.mark_answer(
            session, services.lock(session, thread.id), session.get_one(Post, answer.id), now=answer.at
        )
    filled(page(talk, thread), "/genre", genre="discussion").submit(status=303)
    assert (talk.now_of(thread).kind, talk.now_of(thread).answer_id) == ("discussion", None)
    again = filled(page(talk, thread), "/genre", genre="discussion").submit(status=303)
    assert "fait=rien" in again.location
    poll = talk.thread(kind=ThreadKind.SONDAGE, options=["a", "b"])
    assert "/genre" not in page(talk, poll).text
    send(talk, "coordination", talk.address(poll) + "/moderer/genre", genre="question")
    assert talk.now_of(poll).kind == "sondage"


def test_another_title_keeps_the_former_one_and_the_address(talk: Talk) -> None:
    thread = talk.thread("AIDE !!!")
    where = talk.address(thread)
    filled(page(talk, thread), "/titre", titre="Comment créer un compte Ameli ?").submit(status=303)
    assert talk.now_of(thread).title == "Comment créer un compte Ameli ?"
    assert talk.address(thread) == where
    (kept,) = talk.rows(PostVersion, PostVersion.post_id == talk.posts(thread)[0].id)
    assert kept.title == "AIDE !!!"
    assert talk.posts(thread)[0].edited_at is None
    filled(page(talk, thread), "/titre", titre="x" * 161).submit(status=422)


def test_merged_by_address_or_found_by_words(talk: Talk) -> None:
    into, thread = talk.thread("École : le castor dort"), talk.thread("Un castor ?")
    talk.site.reindex()
    found = filled(page(talk, thread), "/reunir", vers="ECOLE castors").submit(status=422)
    assert "École : le castor dort" in found.text
    assert Page(found.text).errors == []
    chosen = [one for one in found.forms.values() if one.action.endswith("/reunir")][1]
    done = confirmed(chosen)
    assert talk.address(into) in done.location
    assert talk.now_of(thread).merged_into == into.id
    other = talk.thread()
    full = "http://localhost:6543" + talk.address(thread) + "#message"
    confirmed(filled(page(talk, other), "/reunir", vers=full))
    assert talk.now_of(other).merged_into == into.id, "an address that leads on leads there"
    for words, said in (("introuvable absolument", "ne trouvons pas"), (talk.address(into), "de ce fil")):
        assert said in filled(page(talk, into), "/reunir", vers=words).submit(status=422).text
    inside = talk.thread(topic="groupe")
    asked = filled(page(talk, inside), "/reunir", vers=talk.address(into)).submit(status=200)
    assert "Plus de personnes" in asked.text
    filled(asked, "/moderer/reunir").submit(status=303)
    assert talk.now_of(inside).merged_into == into.id


def confirmed(form: Any) -> Any:
    """A form, and its confirmation."""
    asked = form.submit(status=200)
    assert Page(asked.text).errors == []
    return post_form(asked, "/moderer/reunir").submit(status=303)


def test_the_older_thread_stays_from_whichever_side_they_are_joined(talk: Talk) -> None:
    for older_side in (True, False):
        older, newer = talk.thread("Le plus ancien", "Premiers mots."), talk.thread("Le plus neuf", "Seconds mots.")
        here, there = (older, newer) if older_side else (newer, older)
        asked = filled(page(talk, here), "/reunir", vers=talk.address(there)).submit(status=200)
        for said in ("Le plus ancien", "Le plus neuf", "Premiers mots.", "Seconds mots.", "Sujet public"):
            assert said in asked.text
        assert asked.text.index("Premiers mots.") < asked.text.index("Seconds mots.")
        assert talk.now_of(newer).merged_into is None
        post_form(asked, "/moderer/reunir").submit(status=303)
        assert talk.now_of(newer).merged_into == older.id
        assert talk.posts(older)[0].text == "Premiers mots."
    poll = talk.thread(kind=ThreadKind.SONDAGE, options=["a", "b"])
    refused = filled(page(talk, poll), "/reunir", vers=talk.address(older)).submit(status=422)
    assert "sondage" in refused.text


def test_cut_in_two_on_the_page(talk: Talk) -> None:
    thread = talk.thread()
    one, two = talk.reply(thread, "Un."), talk.reply(thread, "Deux.")
    form = filled(page(talk, thread), "/couper", nouveau="Autre sujet")
    refused = form.submit(status=422)
    assert "Cochez au moins un message" in refused.text
    form["messages"], form["genre"] = [str(two.id)], "discussion"
    done = form.submit(status=303).follow()
    assert "Autre sujet" in done.text
    made = talk.rows(Thread, Thread.title == "Autre sujet")[-1]
    assert (made.kind, made.last_at) == ("discussion", two.at), "its place in lists is that of its last message"
    assert [post.id for post in talk.posts(thread)][1:] == [one.id]


def test_readers_that_change(talk: Talk) -> None:
    public, network, group = (talk.topic(name) for name in ("public", "reseau", "groupe"))
    assert topics.readers_change(public, public) == ""
    assert topics.readers_change(group, group) == ""
    assert topics.readers_change(network, public) == "more"
    assert topics.readers_change(network, group) == "fewer"
    assert topics.readers_change(group, Topic(seen="group", group_id=new_id())) == "others"
