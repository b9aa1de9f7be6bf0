"""What users of the exchanges found: costly texts, exports that forge, own messages that look new, places that answer."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.members.models import Person
from reseau.threads.base import text
from reseau.threads.base.models import Post, Thread
from reseau.threads.reading import page_views
from reseau.threads.reading.posts import Window
from tests.resources.conftest import a_tutorial
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.reading_more import mark_answer, read, send

ORDINARY = "Un texte comme on en écrit, avec **des mots** et un lien : https://exemple.fr/page. " * 235


def spent(said: str) -> float:
    """Time of the processor for one text, the best of three."""

    def once() -> float:
        begun = time.process_time()
        text._html(said, "[]", "")
        text.plain(said)
        text.links(said)
        return time.process_time() - begun

    return min(once() for _ in range(3))


@pytest.mark.parametrize(
    "piece", ["[", "![", "[a](", "[](", "[x][", "*a_", "**a ", "a\n", "a\n\n", "- a\n", "> a\n", "&", "<a"]
)
def test_no_text_costs_many_times_what_ordinary_ones_do(piece: str) -> None:
    assert spent((piece * 20_000)[:19_000]) < 4 * spent(ORDINARY)


def test_what_is_too_heavy_is_shown_as_it_was_typed() -> None:
    said = "[" * 60 + "<b>\n\nfin"
    assert text.to_html(said) == f"<p>{'[' * 60}&lt;b&gt;</p><p>fin</p>"
    assert text.plain(said).endswith("<b> fin")


def test_groups_of_digits_keep_their_order_in_texts_from_right_to_left() -> None:
    assert '<bdi dir="ltr">01 23 45 67 89</bdi>' in text.to_html("اتصل بـ 01 23 45 67 89 غدا")
    assert "bdi" not in text.to_html("Appelez le 01 23 45 67 89")
    assert text.plain("اتصل بـ 01 23 45 67 89") == "اتصل بـ 01 23 45 67 89"
    assert "<bdi" not in text.to_html("سنة 2026 https://exemple.fr/1/2/3")


@ONE_ENGINE
def test_no_post_forges_another_in_the_export(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = talk.thread(text="## Coordination\nFaux\n===\n```\n[ici](/annuaire)")
    for _ in range(3):
        talk.reply(thread)
    monkeypatch.setattr(page_views, "PAPER", Window(size=2))
    said = talk.browser().get(talk.address(thread) + ".md").text
    assert "\n> ## Coordination\n> Faux\n> ===\n> ```\n> [ici](http" in said
    assert "\n## Coordination" not in said
    last = talk.posts(thread)[1]
    assert f"{talk.address(thread)}?apres={last.id}>" in said


def unread(talk: Talk, who: str, thread: Thread) -> bool:
    items = talk.browser(who).get("/echanges.json").json["items"]
    return next(bool(one["non_lu"]) for one in items if one["id"] == str(thread.id))


def test_own_posts_are_read_and_an_account_begins_as_read(talk: Talk) -> None:
    thread = talk.thread(by="membre")
    assert not unread(talk, "membre", thread)
    assert unread(talk, "voisine", thread)
    talk.reply(thread, by="voisine")
    assert unread(talk, "membre", thread)
    with talk.site.sessions() as session:
        person = session.get_one(Person, talk.people["voisine"])
        before, person.created_at = person.created_at, talk.site.clock.now + timedelta(seconds=1)
        session.commit()
    assert not unread(talk, "voisine", thread)
    with talk.site.sessions() as session:
        session.execute(sa.update(Person).where(Person.id == talk.people["voisine"]).values(created_at=before))
        session.commit()


@ONE_ENGINE
def test_all_is_marked_as_read_only_where_all_is_shown(talk: Talk) -> None:
    talk.thread()
    browser = talk.browser("membre")
    assert "/echanges/tout-lu" in browser.get("/echanges")
    for narrowed in ("?type=question", "?sujet=essai-public", "?montrer=miens"):
        assert "/echanges/tout-lu" not in browser.get("/echanges" + narrowed)


@ONE_ENGINE
def test_the_answer_is_shown_once_when_it_is_near(talk: Talk) -> None:
    near, far = talk.thread(), talk.thread()
    mark_answer(talk, near, talk.reply(near, "Voilà comment."))
    for _ in range(5):
        talk.reply(far, "Peut-être.")
    mark_answer(talk, far, talk.reply(far, "Voilà comment."))
    assert read(talk.browser(), talk.address(near)).text.count("Voilà comment.") == 1
    assert read(talk.browser(), talk.address(far)).text.count("Voilà comment.") == 2
    talk.reply(near, "Merci à vous.", by="membre")
    assert read(talk.browser("membre"), talk.address(near)).text.count("Cette réponse a aidé") == 0


@ONE_ENGINE
def test_a_place_answers_and_those_without_a_place_are_told_by_what_they_do(talk: Talk) -> None:
    thread = talk.thread(about=("structure", talk.places["ici"]), by="coordination")
    answer = talk.reply(thread)
    page = read(talk.browser(), talk.address(thread)).text
    assert "La coordination" in page
    assert "Le lieu répond" not in page
    with talk.site.sessions() as session:
        session.execute(sa.update(Post).where(Post.id == answer.id).values(structure_id=talk.places["ici"]))
        session.commit()
    assert read(talk.browser(), talk.address(thread)).text.count("Le lieu répond") == 1
    slug = talk.topic("public").slug
    assert "La coordination" in talk.browser().get(f"/echanges?sujet={slug}")
    feed = talk.browser().get(f"/echanges/sujets/{slug}/flux.atom").text
    assert "La coordination" in feed


@ONE_ENGINE
def test_a_feed_tells_of_new_answers_and_holds_the_one_that_helped(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.reply(thread, "Par le portail.")
    path = f"/echanges/sujets/{talk.topic('public').slug}/flux.atom"
    assert "Par le portail." not in talk.browser().get(path).text
    mark_answer(talk, thread, answer)
    feed = talk.browser().get(path).text
    entry = next(part for part in feed.split("<entry>") if str(thread.id) in part)
    assert "Par le portail." in entry
    assert answer.at.strftime("%H:%M:%S") in entry.split("<updated>")[1].split("</updated>")[0]


@ONE_ENGINE
def test_the_lists_offer_what_one_comes_back_to(talk: Talk) -> None:
    page = read(talk.browser("coordination"), "/echanges")
    links = [one.get("href") for one in page.all("a")]
    for there in ("/echanges?montrer=non-lus", "/echanges?montrer=suivis", "/echanges?montrer=favoris",
                  "/echanges?montrer=miens", "/groupes", "/echanges/nouveau?type=annonce"):  # fmt: skip
        assert there in links
    visitor = read(talk.browser(), "/echanges")
    assert not any("montrer=" in (one.get("href") or "") for one in visitor.all("a"))
    word = f"introuvable{new_id().hex}"
    assert f"/echanges/nouveau?type=question&titre={word}" in [
        one.get("href") for one in read(talk.browser(), "/echanges", q=word).all("a")
    ]
    assert "/echanges?montrer=favoris" in talk.browser("membre").get("/compte")


@ONE_ENGINE
def test_a_topic_is_followed_from_the_list_of_topics(talk: Talk) -> None:
    topic, browser = talk.topic("public"), talk.browser("voisin")
    for wanted, words in (("1", "Ne plus suivre ce sujet"), ("0", "Suivre ce sujet")):
        send(browser, f"/echanges/sujets/{topic.slug}/suivre", {"suivre": wanted})
        page = read(browser, "/echanges/sujets").text
        assert f"{words} {topic.title('fr')}" in page


@ONE_ENGINE
def test_a_solved_thread_named_by_the_words_comes_before_what_helps_in_general(talk: Talk) -> None:
    word = f"formulaire{new_id().hex[:8]}"
    kit = talk.published(a_tutorial(title=f"Remplir le {word}"))
    thread = talk.thread(f"Où envoyer le {word} ?")
    talk.reply(thread)
    talk.site.reindex()

    def first() -> str:
        page = talk.browser().get(f"/recherche?q=le+{word}").text
        return min((talk.address(thread), talk.at(kit.id)), key=page.index)

    assert first() == talk.at(kit.id)
    mark_answer(talk, thread, talk.posts(thread)[1])
    talk.site.reindex()
    assert first() == talk.address(thread)
