"""Lists of threads as pages and as data."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.notices import following
from reseau.notices.models import Level
from reseau.threads.base import services
from reseau.threads.base.models import Bookmark, ReadAll, Thread, ThreadKind, ThreadRead, ThreadState, Topic
from tests.threads.conftest import ONE_ENGINE, Talk, post_form


@pytest.fixture
def slug(talk: Talk) -> str:
    """The slug of a new public topic."""
    return a_topic(talk)


def a_topic(talk: Talk, **more: Any) -> str:
    made = Topic(
        slug=f"liste-{new_id().hex[-12:]}", titles={"fr": "Un sujet", "ar": "موضوع"}, created_at=talk.tick(), **more
    )
    with talk.site.sessions() as session:
        session.add(made)
        session.commit()
        talk.topics[made.slug] = made.id
        return made.slug


def data(talk: Talk, who: str | None = None, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = talk.browser(who).get("/echanges.json?" + urlencode(query)).json
    return found


def titles(talk: Talk, who: str | None = None, **query: str) -> list[str]:
    return [item["titre"] for item in data(talk, who, **query)["items"]]


def page_titles(text: str) -> list[str]:
    return re.findall(r'card-title"><a [^>]*><bdi>([^<]*)</bdi>', text)


def change(talk: Talk, thread: Thread, **values: Any) -> None:
    with talk.site.sessions() as session:
        session.execute(sa.update(Thread).where(Thread.id == thread.id).values(**values))
        session.commit()


@ONE_ENGINE
def test_the_last_active_first_and_the_same_in_both(talk: Talk, slug: str) -> None:
    first, _, third = (talk.thread(f"Fil {name}", topic=slug) for name in ("un", "deux", "trois"))
    talk.reply(first)
    pinned = talk.thread("Annonce", topic=slug, kind=ThreadKind.ANNONCE, pinned_until=talk.tick() + timedelta(days=2))
    talk.reply(third)
    expected = ["Annonce", "Fil trois", "Fil un", "Fil deux"]
    assert titles(talk, sujet=slug) == expected
    assert page_titles(talk.browser().get(f"/echanges?sujet={slug}").text) == expected
    assert page_titles(talk.browser().get(f"/echanges/sujets/{slug}").text) == expected
    change(talk, pinned, pinned_until=talk.tick())
    assert titles(talk, sujet=slug) == ["Fil trois", "Annonce", "Fil un", "Fil deux"]


def test_pages_follow_each_other_both_ways(talk: Talk, slug: str) -> None:
    made = [talk.thread(f"Page {n:02}", topic=slug) for n in range(60)]
    change(talk, made[20], last_at=made[10].last_at)
    change(talk, made[30], last_at=made[10].last_at)
    talk.thread("En haut", topic=slug, kind=ThreadKind.ANNONCE, pinned_until=talk.tick() + timedelta(days=2))
    browser = talk.browser()
    seen, address, pages = [], f"/echanges.json?sujet={slug}", []
    while address:
        pages.append(browser.get(address).json)
        seen += [item["titre"] for item in pages[-1]["items"]]
        address = pages[-1]["suivant"]
    assert seen[0] == "En haut"
    assert len(seen) == len(set(seen)) == 61
    assert [len(one["items"]) for one in pages] == [26, 25, 10]
    back = browser.get(pages[2]["precedent"]).json
    assert back["items"] == pages[1]["items"]
    assert browser.get(back["precedent"]).json["items"] == pages[0]["items"]
    assert pages[0]["precedent"] is None
    last = browser.get(pages[1]["suivant"].replace(".json", "")).text
    assert "Plus récents" in last
    assert "Plus anciens" not in last


@ONE_ENGINE
@pytest.mark.parametrize("mark", ["x", "é", "AAAA", "A" * 4000, "f" * 32])
def test_a_place_that_is_none_is_set_aside(talk: Talk, slug: str, mark: str) -> None:
    talk.thread("Seul", topic=slug)
    for name in ("apres", "avant"):
        page = talk.browser().get(f"/echanges?{urlencode({'sujet': slug, name: mark})}")
        assert page_titles(page.text) == ["Seul"]
        assert "n’a pas été compris" in page


@ONE_ENGINE
@pytest.mark.parametrize("mark", ["A" * 32, "_" * 32])
def test_a_place_before_all_threads(talk: Talk, slug: str, mark: str) -> None:
    talk.thread("Seul", topic=slug)
    page = talk.browser().get(f"/echanges?{urlencode({'sujet': slug, 'apres': mark})}")
    assert page_titles(page.text) == []
    assert "rien de plus ancien" in page
    assert page_titles(talk.browser().get(f"/echanges?{urlencode({'sujet': slug, 'avant': mark})}").text) == ["Seul"]


@ONE_ENGINE
def test_filters(talk: Talk, slug: str) -> None:
    lonely = talk.thread("Seule", topic=slug)
    talk.reply(lonely, by="membre")
    answered = talk.thread("Aidée", topic=slug)
    talk.reply(answered)
    solved = talk.thread("Résolue", topic=slug)
    post = talk.reply(solved)
    arabic = talk.thread("سؤال", topic=slug, kind=ThreadKind.DISCUSSION, lang="ar-MA")
    with talk.site.sessions() as session:
        services.mark_answer(session, services.lock(session, solved.id), post, now=talk.tick())
        services.close(session, services.lock(session, arabic.id), now=talk.tick())
        session.commit()
    assert titles(talk, sujet=slug, etat="sans-reponse") == ["Seule"]
    assert data(talk, sujet=slug)["sans_reponse"] >= 1
    assert titles(talk, sujet=slug, etat="sans-solution") == ["Aidée", "Seule"]
    assert titles(talk, sujet=slug, etat="resolu") == ["Résolue"]
    assert titles(talk, sujet=slug, etat="ferme") == ["سؤال"]
    assert titles(talk, sujet=slug, type="discussion") == ["سؤال"]
    assert titles(talk, sujet=slug, langue_contenu="ar") == ["سؤال"]
    page = talk.browser().get(f"/echanges?sujet={slug}&etat=resolu&type=nope")
    assert "Réponse trouvée" in page
    assert "Type : « nope » n’a pas été compris." in page
    one = talk.browser().get(f"/echanges/sujets/{slug}")
    assert "1 question sans réponse" in one
    assert 'lang="ar-MA" dir="rtl"><bdi>سؤال' in one
    assert f"/echanges/nouveau?type=question&amp;sujet={slug}" in one


@ONE_ENGINE
def test_what_is_mine(talk: Talk, slug: str) -> None:
    mine, followed, kept, other = (
        talk.thread(name, topic=slug, by=by)
        for name, by in (("À moi", "voisine"), ("Suivi", "membre"), ("Gardé", "membre"), ("Autre", "membre"))
    )
    talk.reply(other, by="voisin")
    me = talk.people["voisin"]
    with talk.site.sessions() as session:
        following.follow(session, me, ("thread", followed.id), talk.tick())
        session.add(Bookmark(person_id=me, thread_id=kept.id, at=talk.tick()))
        session.add(ThreadRead(person_id=me, thread_id=kept.id, read_to=kept.last_at))
        session.commit()
    assert titles(talk, "voisin", sujet=slug, montrer="suivis") == ["Autre", "Suivi"]
    assert titles(talk, "voisin", sujet=slug, montrer="favoris") == ["Gardé"]
    assert titles(talk, "voisin", sujet=slug, montrer="miens") == ["Autre"]
    assert titles(talk, "voisine", sujet=slug, montrer="miens") == ["À moi"]
    assert titles(talk, "voisin", sujet=slug, montrer="non-lus") == ["Autre", "Suivi", "À moi"]
    assert len(titles(talk, None, sujet=slug, montrer="miens")) == 4
    items = data(talk, "voisin", sujet=slug)["items"]
    assert {item["titre"]: item["non_lu"] for item in items}["Gardé"] is False
    browser = talk.browser("voisin")
    page = browser.get("/echanges")
    assert ">Non lu<" in page
    form = next(form for form in page.forms.values() if form.action == "/echanges/tout-lu")
    assert "Tout est marqué comme lu." in form.submit(status=303).follow()
    assert titles(talk, "voisin", sujet=slug, montrer="non-lus") == []
    talk.reply(mine, by="membre")
    assert titles(talk, "voisin", sujet=slug, montrer="non-lus") == ["À moi"]
    (row,) = talk.rows(ReadAll, ReadAll.person_id == me)
    assert row.before < talk.now_of(mine).last_at


def test_who_reads_what(talk: Talk) -> None:
    word = new_id().hex[-12:]
    for topic in ("public", "reseau", "groupe"):
        talk.thread(f"{topic} {word}", topic=topic)
    hidden = talk.thread(f"masqué {word}")
    change(talk, hidden, state=ThreadState.HIDDEN.value)
    talk.thread(f"attend {word}", waits=True)
    seen = {
        who: {title.split()[0] for title in titles(talk, who) if word in title}
        for who in (None, "personne", "voisin", "voisine", "coordination")
    }
    assert seen[None] == seen["personne"] == {"public"}
    assert seen["voisin"] == {"public", "reseau"}
    assert seen["voisine"] == seen["coordination"] == {"public", "reseau", "groupe"}


@ONE_ENGINE
def test_topics(talk: Talk, slug: str) -> None:
    talk.thread("Dans le sujet", topic=slug)
    page = talk.browser(language="ar").get("/echanges/sujets")
    assert f'href="/echanges/sujets/{slug}">موضوع' in page
    assert "essai-reseau" not in page
    assert "essai-groupe" not in talk.browser("voisin").get("/echanges/sujets")
    assert "essai-groupe" in talk.browser("voisine").get("/echanges/sujets")
    talk.browser().get("/echanges/sujets/inconnu", status=404)
    talk.browser("voisin").get("/echanges/sujets/essai-groupe", status=404)
    talk.browser("personne").get("/echanges/sujets/essai-reseau", status=403)
    group = talk.browser("voisine").get("/echanges/sujets/essai-groupe")
    assert "Groupe d’essai" in group
    assert "flux.atom" not in group
    assert "flux.atom" in talk.browser().get(f"/echanges/sujets/{slug}")
    empty = talk.browser().get(f"/echanges/sujets/{a_topic(talk)}")
    assert "Soyez la première personne à poser une question." in empty


@ONE_ENGINE
def test_following_a_topic(talk: Talk, slug: str) -> None:
    me, path = talk.people["voisine"], f"/echanges/sujets/{slug}"
    talk.thread("Que tous lisent", topic=slug)
    browser = talk.browser("voisine")
    for expected, button in ((Level.FOLLOW, "Ne plus suivre ce sujet"), (Level.MUTE, "Suivre ce sujet")):
        form = next(form for form in browser.get(path).forms.values() if form.action.endswith("/suivre"))
        assert button in form.submit(status=303).follow()
        with talk.site.sessions() as session:
            assert following.level(session, me, ("topic", talk.topics[slug])) is expected
    form = post_form(browser.get("/echanges/sujets/essai-groupe"), "/suivre")
    stranger = talk.browser("voisin")
    token = post_form(stranger.get("/echanges"), "/tout-lu")["csrf_token"].value
    stranger.post(form.action, {"csrf_token": token, "suivre": "1"}, status=404)
    assert "Suivre ce sujet" not in talk.browser().get(path)


@ONE_ENGINE
def test_a_line_names_its_object_to_who_may_know_it(talk: Talk, slug: str) -> None:
    kit = talk.published()
    talk.thread("À propos", topic=slug, about=("resource", kit.id))
    (item,) = data(talk, sujet=slug)["items"]
    assert item["objet"] == {"titre": kit.title, "url": talk.at(kit.id)}
    secret = talk.thread("Secret", topic="groupe")
    talk.thread("Suite", topic=slug, about=("thread", secret.id))
    assert data(talk, sujet=slug)["items"][0]["objet"] is None
    assert data(talk, "voisine", sujet=slug)["items"][0]["objet"]["titre"] == "Secret"


@ONE_ENGINE
def test_a_visitor_reads_the_place_and_no_name(talk: Talk, slug: str) -> None:
    thread = talk.thread("De qui ?", topic=slug)
    change(talk, thread, structure_id=talk.places["ici"])
    (item,) = data(talk, sujet=slug)["items"]
    assert (item["auteur"], item["structure"]) == (None, "Lieu Ici")
    assert data(talk, "voisine", sujet=slug)["items"][0]["auteur"] == "membre"
    assert '<span><span><bdi>membre</bdi>, <bdi lang="fr">Lieu Ici</bdi></span></span>' in talk.browser("voisine").get(
        f"/echanges/sujets/{slug}"
    )


@ONE_ENGINE
def test_what_was_just_read_is_read_in_lists_before_it_is_written(talk: Talk, slug: str) -> None:
    thread = talk.thread("Lu à l’instant", topic=slug)
    talk.site.wsgi.registry["threads.marks"].flush()
    assert data(talk, "voisine", sujet=slug)["items"][0]["non_lu"]
    talk.browser("voisine").get(talk.address(thread))
    assert not talk.rows(ThreadRead, ThreadRead.thread_id == thread.id)
    assert not data(talk, "voisine", sujet=slug)["items"][0]["non_lu"]
    talk.reply(thread, by="membre")
    assert data(talk, "voisine", sujet=slug)["items"][0]["non_lu"], "what came since is not"


@ONE_ENGINE
def test_a_list_says_that_a_message_is_gone(talk: Talk) -> None:
    assert "Votre message est supprimé." in talk.browser("voisine").get("/echanges?fait=supprime")
    assert "supprimé" not in talk.browser("voisine").get("/echanges")


def test_pins_that_ended_or_are_of_another_topic(talk: Talk, slug: str) -> None:
    """The pinned ones are found first, whatever is asked besides."""
    later = talk.tick() + timedelta(days=2)
    kept = [talk.thread(f"Épinglé {n}", topic=slug, kind=ThreadKind.ANNONCE, pinned_until=later) for n in range(7)]
    talk.thread("Ailleurs", topic=a_topic(talk), kind=ThreadKind.ANNONCE, pinned_until=later)
    over = talk.thread("Fini", topic=slug, kind=ThreadKind.ANNONCE, pinned_until=later)
    change(talk, over, pinned_until=talk.tick())
    talk.thread("Une question", topic=slug)
    shown = [(item["titre"], item["epingle"]) for item in data(talk, sujet=slug)["items"]]
    assert [title for title, pinned in shown if pinned] == [one.title for one in kept[:1:-1]]
    assert [title for title, pinned in shown if not pinned] == ["Une question", "Fini", "Épinglé 1", "Épinglé 0"]
    assert titles(talk, sujet=slug, type="question") == ["Une question"]


@ONE_ENGINE
def test_a_page_is_asked_for_again_when_something_was_said(talk: Talk, slug: str) -> None:
    thread = talk.thread("Une fois", topic=slug)
    for path in ("/echanges", f"/echanges/sujets/{slug}", "/echanges.json", "/echanges/sujets"):
        etag = talk.browser().get(path).headers["ETag"]
        headers = {"If-None-Match": etag}
        talk.browser().get(path, headers=headers, status=304)
        talk.reply(thread)
        assert talk.browser().get(path, headers=headers).headers["ETag"] != etag
    assert talk.browser("membre").get("/echanges").headers["Cache-Control"] == "private, no-store"


def many(talk: Talk, slug: str, count: int) -> None:
    """Threads of a topic, half of them about something."""
    now, topic, kit = talk.tick(), talk.topics[slug], talk.published()
    objects = [("structure", talk.places["ici"]), ("resource", kit.id), (None, None), (None, None)]
    rows = [
        {"id": new_id(), "topic_id": topic, "kind": "question", "slug": f"fil-{n}", "lang": "fr",
         "title": f"Question au titre d’une longueur ordinaire, avec la marmotte numéro {n}",
         "author_id": talk.people["membre"], "structure_id": talk.places["ici"], "object_kind": objects[n % 4][0],
         "object_id": objects[n % 4][1], "created_at": now, "last_at": now - timedelta(minutes=n)}
        for n in range(count)
    ]  # fmt: skip
    with talk.site.sessions() as session:
        session.execute(sa.insert(Thread), rows)
        session.commit()


def test_a_page_costs_the_same_for_many(talk: Talk) -> None:
    slug = a_topic(talk)
    many(talk, slug, 300)
    asked = ("/echanges?", f"/echanges/sujets/{slug}?", f"/echanges.json?sujet={slug}&", "/echanges/sujets?")
    for who in (None, "voisine"):
        browser = talk.browser(who)
        for path in asked:
            for query in ("", "etat=sans-reponse", "montrer=non-lus"):
                browser.get(path + query)
                with talk.site.statements() as statements:
                    page = browser.get(path + query)
                assert len(statements) <= 10, (who, path, len(statements), statements)
                assert len(page.body) <= 60_000, (path, len(page.body))
    assert json.loads(talk.browser().get(asked[2]).body)["suivant"]
