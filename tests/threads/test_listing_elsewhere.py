"""Threads outside their lists: as cards of other rooms, on the page of a group, in Atom feeds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from reseau.core import cards
from reseau.core.ids import new_id
from reseau.groups.models import WorkingGroup
from reseau.threads.base import services
from reseau.threads.base.access import reader_of
from reseau.threads.base.models import PostState, Thread, ThreadState, Topic
from reseau.threads.listing.panel import TEMPLATE, group_threads
from tests.threads.conftest import ONE_ENGINE, Talk

NS = {"a": "http://www.w3.org/2005/Atom"}


def change(talk: Talk, thread: Thread, **values: Any) -> None:
    with talk.site.sessions() as session:
        session.execute(sa.update(Thread).where(Thread.id == thread.id).values(**values))
        session.commit()


def test_cards(talk: Talk) -> None:
    public, network, group = (talk.thread("Une carte", topic=name) for name in ("public", "reseau", "groupe"))
    merged, hidden, gone = (talk.thread() for _ in range(3))
    waiting = talk.thread(waits=True)
    change(talk, merged, state=ThreadState.MERGED.value, merged_into=public.id)
    change(talk, hidden, state=ThreadState.HIDDEN.value)
    change(talk, gone, state=ThreadState.DELETED.value)
    every = (public, network, group, merged, hidden, gone, waiting)
    paths = [talk.address(one) for one in every] + [f"/echanges/autre-{public.id}?page=2", "/echanges/sujets"]
    with talk.site.sessions() as session:
        found = cards.by_refs(session, [("thread", one.id) for one in every])
        named = cards.by_paths(session, paths)
        assert cards.by_refs(session, []) == {}
    assert {id_ for _, id_ in found} == {public.id, network.id, group.id, merged.id}
    card = found["thread", public.id]
    assert (card.title, card.label, card.path, card.procedures) == (
        "Une carte", "Question", talk.address(public), ("ameli",),
    )  # fmt: skip
    assert found["thread", merged.id].path == card.path
    assert [found["thread", one.id].visibility for one in (public, network, group)] == ["public", "network", "members"]
    assert found["thread", group.id].readable(True, [talk.group_id])
    assert not found["thread", group.id].readable(True)
    assert set(named) == {*paths[:4], paths[7]}


@ONE_ENGINE
def test_the_panel_of_a_group(talk: Talk) -> None:
    for n in range(7):
        talk.thread(f"Du groupe {n}", topic="groupe")
    assert TEMPLATE in talk.site.wsgi.registry["group.panels"]

    def panel(who: str) -> Any:
        with talk.site.sessions() as session:
            group, person = session.get_one(WorkingGroup, talk.group_id), SimpleNamespace(person_id=talk.people[who])
            reader: Any = reader_of(session, cast("Any", person), True, False)
            request: Any = SimpleNamespace(db=session, reader=reader, registry={"clock": talk.site.clock},
                                           config=talk.site.settings, lang="fr")  # fmt: skip
            found = group_threads(request, group)
            return found and ([line.thread.title for line in found.lines], [topic.slug for topic in found.topics])

    assert panel("voisine") == ([f"Du groupe {n}" for n in (6, 5, 4, 3, 2)], ["essai-groupe"])
    assert panel("voisin") is None


def feed(talk: Talk, path: str, **more: Any) -> ElementTree.Element:
    answer = talk.browser().get(path, **more)
    assert answer.content_type == "application/atom+xml"
    return ElementTree.fromstring(answer.body)


def titles(root: ElementTree.Element) -> list[str]:
    return [str(one.text) for one in root.findall("a:entry/a:title", NS)]


@pytest.fixture
def slug(talk: Talk) -> str:
    """The slug of a new public topic."""
    made = Topic(slug=f"flux-{new_id().hex[-12:]}", titles={"fr": "Un flux"}, created_at=talk.tick())
    with talk.site.sessions() as session:
        session.add(made)
        session.commit()
        talk.topics[made.slug] = made.id
        return made.slug


def test_the_feed_of_a_topic(talk: Talk, slug: str) -> None:
    path = f"/echanges/sujets/{slug}/flux.atom"
    assert titles(feed(talk, path)) == []
    first = talk.thread("Premier", "Voir [ici](/annuaire) : **oui** \x07", topic=slug)
    talk.thread("سؤال", "مرحبا", topic=slug, lang="ar")
    gone, hidden = talk.thread("Repris", topic=slug), talk.thread("Masqué", topic=slug)
    change(talk, hidden, state=ThreadState.HIDDEN.value)
    with talk.site.sessions() as session:
        row = services.lock(session, gone.id)
        services.withdraw(session, row, services.first_post(session, gone.id), PostState.HIDDEN)
        session.commit()
    talk.reply(first)
    root = feed(talk, path)
    assert titles(root) == ["Premier", "سؤال"], "the last change first"
    entry = root.findall("a:entry", NS)[0]
    assert entry.findtext("a:id", "", NS) == f"urn:uuid:{first.id}"
    assert "<strong>oui</strong>" in entry.findtext("a:content", "", NS)
    assert entry.findtext("a:author/a:name", "", NS) == "Une personne du réseau"
    link = entry.find("a:link", NS)
    assert link is not None
    assert link.get("href") == talk.site.settings.public_url.rstrip("/") + talk.address(first)
    assert "Premier" in titles(feed(talk, "/echanges/flux.atom"))


@ONE_ENGINE
def test_feeds_hold_what_everybody_may_read_and_are_cheap(talk: Talk, slug: str) -> None:
    talk.thread("Secret du flux", topic="groupe")
    talk.thread("Réseau du flux", topic="reseau")
    for n in range(35):
        talk.thread(f"Flux {n}", topic=slug)
    for who in (None, "voisine", "coordination"):
        text = talk.browser(who).get("/echanges/flux.atom").text
        assert "du flux" not in text
        for name in ("essai-reseau", "essai-groupe", "inconnu"):
            talk.browser(who).get(f"/echanges/sujets/{name}/flux.atom", status=404)
    path = f"/echanges/sujets/{slug}/flux.atom"
    with talk.site.statements() as statements:
        answer = talk.browser().get(path)
    assert len(statements) <= 6, statements
    assert titles(ElementTree.fromstring(answer.body))[:30] == [f"Flux {n}" for n in range(34, 4, -1)]
    talk.browser().get(path, headers={"If-None-Match": answer.headers["ETag"]}, status=304)
    for page in ("/echanges", f"/echanges/sujets/{slug}"):
        assert 'type="application/atom+xml" title=' in talk.browser().get(page)
        assert f'href="{page}/flux.atom"' in talk.browser().get(page)
