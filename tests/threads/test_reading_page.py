"""The page of a thread: what its readers see of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.groups.models import WorkingGroup
from reseau.threads.base.models import Post, PostState, Thread, ThreadKind
from reseau.threads.base.services import close, lock
from reseau.threads.reading.gestures import translate
from resources.base.models import AttachedFile, StoredFile
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.reading_more import cost, mark_answer, posts_of, read, withdraw

ARABIC = "كيف أجد الرمز؟"


def say(talk: Talk, thread: Thread, count: int) -> list[Post]:
    return [talk.reply(thread, f"Message numéro {n}.") for n in range(count)]


def link(talk: Talk, post: Post, *refs: tuple[str, object]) -> None:
    with talk.site.sessions() as session:
        session.get_one(Post, post.id).links = [[kind, str(id_)] for kind, id_ in refs]
        session.commit()


@ONE_ENGINE
def test_a_thread_as_a_visitor_reads_it(talk: Talk) -> None:
    kit = talk.published()
    thread = talk.thread("Où est le code ?", "Je **cherche**.", about=("resource", kit.id))
    talk.reply(thread, "Dans le courrier.")
    page = read(talk.browser(), talk.address(thread))
    assert "Où est le code ?" in page.text
    assert page.text_of("strong").count("cherche") == 1
    assert "Tout le monde peut lire" in page.text
    assert talk.at(kit.id) in [one.get("href") for one in page.all("a")]
    assert "Connectez-vous pour répondre" in page.text
    assert not [form for form in page.all("form") if form.get("method") == "post"], "a page that may be kept"
    assert "membre" not in page.text, "visitors read no names"
    assert "membre" in read(talk.browser("voisine"), talk.address(thread)).text


@ONE_ENGINE
def test_each_language_has_its_direction(talk: Talk) -> None:
    thread = talk.thread(ARABIC, ARABIC, lang="ar")
    talk.reply(thread, "Dans le courrier.")
    page = read(talk.browser(), talk.address(thread))
    (title,) = page.all("h1")
    assert (title["lang"], title["dir"]) == ("ar", "rtl")
    bodies = [(one.get("lang"), one.get("dir")) for one in page.all("div") if one.get("class") == "prose"]
    assert bodies == [("ar", "rtl"), ("fr", "ltr")]


@ONE_ENGINE
def test_the_answer_that_helped_comes_first(talk: Talk) -> None:
    thread = talk.thread()
    say(talk, thread, 3)
    helped = talk.reply(thread, "Regardez au dos de la carte.")
    mark_answer(talk, thread, helped)
    page = read(talk.browser(), talk.address(thread))
    assert page.text.index("Regardez au dos") < page.text.index("Comment faites-vous")
    assert page.text.count("Regardez au dos") == 2, "and in its place"
    assert f"#message-{helped.id}" in [one.get("href") for one in page.all("a")]


@ONE_ENGINE
def test_what_was_taken_away_keeps_its_place(talk: Talk) -> None:
    thread = talk.thread()
    gone, hidden = talk.reply(thread, "Secret effacé."), talk.reply(thread, "Secret masqué.")
    talk.reply(thread, "D’accord.", quoted_id=hidden.id)
    withdraw(talk, gone, PostState.DELETED)
    withdraw(talk, hidden, PostState.HIDDEN, "Une personne s’y reconnaît.")
    for who in (None, "personne"):
        page = read(talk.browser(who), talk.address(thread))
        assert "Message retiré par la personne qui l’a écrit." in page.text
        assert "Message masqué par la coordination." in page.text
        assert "Secret" not in page.text
        assert "s’y reconnaît" not in page.text
        assert "En réponse à un message qui n’est plus là." in page.text
    for who in ("voisine", "coordination"):
        page = read(talk.browser(who), talk.address(thread))
        assert "Secret masqué." in page.text
        assert "Une personne s’y reconnaît." in page.text
        assert "Secret effacé." not in page.text


@ONE_ENGINE
def test_what_waits_is_seen_by_its_author_and_moderators(talk: Talk) -> None:
    from reseau.threads.base import services
    from reseau.threads.base.services import Author, Writing

    thread = talk.thread()
    with talk.site.sessions() as session:
        services.reply(session, thread.id, Writing("Mon premier.", "fr"), Author(talk.people["personne"], waits=True),
                       id_=new_id(), now=talk.tick())  # fmt: skip
        session.commit()
    seen = {
        who: read(talk.browser(who), talk.address(thread)).text for who in (None, "voisine", "personne", "coordination")
    }
    assert ["Mon premier." in seen[who] for who in (None, "voisine", "personne", "coordination")] == [
        False,
        False,
        True,
        True,
    ]
    assert "attend d’être relu" in seen["personne"]


@ONE_ENGINE
def test_quotes_links_files_and_what_was_changed(talk: Talk) -> None:
    thread, sha = talk.thread(), f"{new_id().hex}{new_id().hex}"
    first = talk.posts(thread)[0]
    answer = talk.reply(thread, "Voyez ce lieu.", quoted_id=first.id, by_mail=True)
    link(talk, answer, ("structure", talk.places["ailleurs"]))
    with talk.site.sessions() as session:
        session.add(StoredFile(sha=sha, size=12_345, media_type="application/pdf", created_at=talk.site.clock.now,
                               scan="off", text="", text_state="none", preview=False))  # fmt: skip
        session.flush()
        session.add(AttachedFile(owner_kind="post", owner_id=answer.id, sha=sha, name="mode d’emploi.pdf",
                                 added_at=talk.site.clock.now))  # fmt: skip
        session.get_one(Post, answer.id).edited_at = talk.site.clock.now
        session.commit()
    page = read(talk.browser("membre"), talk.address(thread))
    links = [one.get("href") for one in page.all("a")]
    assert f"#message-{first.id}" in links
    assert talk.path("Lieu Ailleurs") in links
    assert any(one and one.startswith(f"/fichiers/{sha}/") for one in links)
    assert "mode d’emploi.pdf" in page.text
    for words in ("par mail", "modifié", "Comment faites-vous ?"):
        assert words in page.text


@ONE_ENGINE
def test_an_object_that_the_reader_may_not_know_is_not_named(talk: Talk) -> None:
    with talk.site.sessions() as session:
        group = WorkingGroup(
            slug=f"g-{new_id()}", name="Groupe discret", seen="members", created_at=talk.site.clock.now
        )
        session.add(group)
        session.commit()
        id_ = group.id
    thread = talk.thread(about=("group", id_))
    link(talk, talk.posts(thread)[0], ("group", id_), ("resource", new_id()))
    for who in (None, "membre"):
        assert "Groupe discret" not in read(talk.browser(who), talk.address(thread)).text


@ONE_ENGINE
def test_who_may_not_read_gets_no_page(talk: Talk) -> None:
    network, group = talk.thread(topic="reseau"), talk.thread(topic="groupe")
    for suffix in ("", "/imprimer", ".md"):
        talk.browser("personne").get(talk.address(network) + suffix, status=403)
        talk.browser("personne").get(talk.address(group) + suffix, status=404)
        talk.browser("voisine").get(talk.address(group) + suffix, status=200)
    post = talk.posts(group)[0]
    talk.browser("personne").get(f"/echanges/messages/{post.id}", status=404)


@ONE_ENGINE
def test_an_old_name_leads_to_the_present_one(talk: Talk) -> None:
    thread = talk.thread()
    answer = talk.browser().get(f"/echanges/autre-nom-{thread.id}?apres=x", status=301)
    assert answer.location.endswith(talk.address(thread) + "?apres=x")


@ONE_ENGINE
def test_a_closed_thread_says_why(talk: Talk) -> None:
    thread = talk.thread()
    with talk.site.sessions() as session:
        close(session, lock(session, thread.id), now=talk.tick(), reason="Déjà dit ailleurs.")
        session.commit()
    page = read(talk.browser("membre"), talk.address(thread))
    assert "Ce fil est fermé" in page.text
    assert "Déjà dit ailleurs." in page.text
    assert "Connectez-vous pour répondre" not in read(talk.browser(), talk.address(thread)).text


# --- pages ----------------------------------------------------------------------------------------------------


def test_pages_are_the_same_by_whichever_way(talk: Talk) -> None:
    thread = talk.thread()
    said = [str(post.id) for post in (*talk.posts(thread), *say(talk, thread, 46))]
    browser, here = talk.browser(), talk.address(thread)
    assert posts_of(read(browser, here)) == said[:20]
    assert posts_of(read(browser, here, apres=said[19])) == said[20:40]
    assert posts_of(read(browser, here, apres=said[39])) == said[40:]
    assert posts_of(read(browser, here, avant=said[20])) == said[:20]
    for rank in (0, 19, 20, 33, 46):
        start = rank // 20 * 20
        assert posts_of(read(browser, here, message=said[rank])) == said[start : start + 20]
    for odd in ({"apres": "x"}, {"avant": said[0]}, {"message": str(new_id())}, {"apres": said[-1]}):
        assert posts_of(read(browser, here, **odd)) == said[:20]
    elsewhere = talk.thread()
    assert posts_of(read(browser, here, message=str(talk.posts(elsewhere)[0].id))) == said[:20]
    last = f"{here}?message={said[-1]}#message-{said[-1]}"
    assert last in [one.get("href") for one in read(browser, here).all("a")]


@ONE_ENGINE
def test_the_permanent_address_of_a_post(talk: Talk) -> None:
    thread = talk.thread()
    post = say(talk, thread, 25)[-1]
    browser = talk.browser()
    answer = browser.get(f"/echanges/messages/{post.id}", status=303)
    assert answer.location.endswith(f"{talk.address(thread)}?message={post.id}#message-{post.id}")
    assert str(post.id) in posts_of(read(browser, answer.location.removeprefix("http://localhost")))


# --- cost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [None, "membre", "coordination"])
def test_a_page_takes_ten_statements_and_60_kb(talk: Talk, who: str | None) -> None:
    kit = talk.published()
    thread = talk.thread(about=("resource", kit.id))
    posts = say(talk, thread, 60)
    for post in posts[:25]:
        link(talk, post, ("structure", talk.places["ici"]), ("resource", kit.id))
    with talk.site.sessions() as session:
        for post in posts:
            translate(session, post, "ar", ARABIC, talk.people["membre"], talk.site.clock.now)
        session.execute(sa.update(Post).where(Post.id.in_([one.id for one in posts[1:]])).values(quoted_id=posts[0].id))
        session.commit()
    mark_answer(talk, thread, posts[50])
    browser, here = talk.browser(who, language="ar"), talk.address(thread)
    assert cost(talk, browser, here) <= 10
    assert cost(talk, browser, f"{here}?message={posts[30].id}") <= 10
    assert cost(talk, browser, f"{here}/imprimer") <= 10
    assert len(browser.get(here).body) < 60_000


@ONE_ENGINE
def test_a_poll_that_names_everything_takes_twelve(talk: Talk) -> None:
    kit, other = talk.published(), talk.thread()
    thread = talk.thread(kind=ThreadKind.SONDAGE, options=["Oui", "Non"], about=("group", talk.group_id))
    refs = (("structure", talk.places["ici"]), ("resource", kit.id), ("thread", other.id))
    link(talk, talk.posts(thread)[0], *refs)
    assert cost(talk, talk.browser(), talk.address(thread)) <= 10
    assert cost(talk, talk.browser("membre"), talk.address(thread)) <= 13


# --- what browsers keep ---------------------------------------------------------------------------------------


@ONE_ENGINE
def test_what_was_hidden_is_never_shown_from_a_cache(talk: Talk) -> None:
    """What may be kept is asked for again each time, and no answer says that a kept page is still good once a message
    was hidden."""
    thread = talk.thread("Gardé", "Premier à masquer.")
    talk.reply(thread, "À masquer.")
    first, second = talk.posts(thread)
    browser, here = talk.browser(), talk.address(thread)
    paths = (here, here + ".md", here + "/imprimer", "/echanges/flux.atom", "/echanges/sujets/essai-public/flux.atom")
    kept = {path: browser.get(path) for path in paths}
    for path, answer in kept.items():
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate", path
        assert "masquer" in answer.text
    for post in (second, first):
        withdraw(talk, post, PostState.HIDDEN)
    for path, answer in kept.items():
        asked = {"If-None-Match": answer.headers.get("ETag", "*"), "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        assert "masquer" not in browser.get(path, headers=asked, status=200).text, path
    signed = talk.browser("membre")
    assert {signed.get(path).headers["Cache-Control"] for path in (here, here + ".md")} == {"private, no-store"}
    moved = browser.get(f"/echanges/autre-nom-{thread.id}", status=301)
    assert moved.headers["Cache-Control"] == "private, no-store", "no browser goes on by itself to an address of before"


@ONE_ENGINE
def test_a_page_says_that_a_message_is_gone(talk: Talk) -> None:
    here = talk.address(talk.thread())
    assert "Votre message est supprimé." in talk.browser("membre").get(f"{here}?fait=supprime")
    assert "Votre message est supprimé." not in talk.browser("membre").get(here)
