"""The threads about an object: on its page, and all of them."""

from __future__ import annotations

from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.reading_more import cost, read


def titles(talk: Talk, who: str | None, path: str) -> str:
    return read(talk.browser(who), path).text


@ONE_ENGINE
def test_the_page_of_a_kit_shows_its_last_threads(talk: Talk) -> None:
    kit = talk.published()
    path = talk.at(kit.id)
    page = read(talk.browser(), path)
    assert "Personne n’a encore rien demandé ici." in page.text
    asks = [one.get("href") or "" for one in page.all("a")]
    assert f"/echanges/nouveau?objet=resource%3A{kit.id}&type=question" in asks
    made = [talk.thread(f"Fil {n} du kit", about=("resource", kit.id)) for n in range(5)]
    hidden = talk.thread("Fil réservé du kit", topic="reseau", about=("resource", kit.id))
    for who in (None, "personne", "voisine"):
        page = read(talk.browser(who), path)
        assert made[4].title in page.text
        assert made[1].title not in page.text
        assert (hidden.title in page.text) is (who == "voisine")
        assert ("Lire les 6 fils" if who == "voisine" else "Lire les 5 fils") in page.text
    assert cost(talk, talk.browser(), path) <= 10


@ONE_ENGINE
def test_the_page_of_a_place_shows_its_threads_even_to_who_kept_it(talk: Talk) -> None:
    path = talk.path("Lieu Ailleurs")
    browser = talk.browser()
    etag = browser.get(path).headers["ETag"]
    browser.get(path, headers={"If-None-Match": etag}, status=304)
    thread = talk.thread("Qui reçoit le jeudi ?", about=("structure", talk.places["ailleurs"]))
    answer = browser.get(path, headers={"If-None-Match": etag}, status=200)
    assert thread.title in answer.text
    assert cost(talk, browser, path) <= 10
    assert cost(talk, talk.browser("membre"), path) <= 10


@ONE_ENGINE
def test_all_threads_of_an_object_page_by_page(talk: Talk) -> None:
    kit = talk.published()
    made = [talk.thread(about=("resource", kit.id)) for _ in range(28)]
    path, browser = f"/echanges/objet/resource/{kit.id}", talk.browser()
    first = read(browser, path)
    assert all(one.title in first.text for one in made[3:])
    assert made[2].title + " " not in first.text
    second = read(browser, path, avant=str(made[3].id))
    assert all(one.title in second.text for one in made[:3])
    assert cost(talk, browser, path) <= 10
    for bad in (f"/echanges/objet/autre/{kit.id}", f"/echanges/objet/resource/{talk.draft().id}"):
        browser.get(bad, status=404)
