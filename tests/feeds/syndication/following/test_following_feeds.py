"""Feeds at a personal address: what their owner may read that day, to whoever asks, without a cookie."""

from __future__ import annotations

import hashlib
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from feeds.syndication.models import FeedKey
from reseau.groups.models import GroupMember
from reseau.members.models import Membership, Person, PersonState
from tests.feeds.syndication.following.conftest import Town
from tests.feeds.syndication.validator import atom_problems, json_problems

pytestmark = pytest.mark.parametrize("_town", ["sqlite"], indirect=True)
ATOM = "{http://www.w3.org/2005/Atom}"


def titles(town: Town, path: str) -> list[str]:
    root = ElementTree.fromstring(town.browser().get(path).body)
    return [one.findtext(f"{ATOM}title") or "" for one in root.iter(f"{ATOM}entry")]


def test_it_reads_what_its_owner_reads_and_nothing_more(town: Town) -> None:
    for name, topic in (("de tous", "public"), ("du réseau", "reseau"), ("du groupe", "groupe")):
        town.thread(f"Fil {name}", topic=topic)
    inside, outside = town.key("membre"), town.key("voisin")
    read = [titles(town, f"/flux/prive/{key}/echanges.atom") for key in (inside, outside)]
    assert {"Fil de tous", "Fil du réseau", "Fil du groupe"} <= set(read[0])
    assert {"Fil de tous", "Fil du réseau"} <= set(read[1])
    assert "Fil du groupe" not in read[1]
    assert titles(town, f"/flux/prive/{inside}/echanges.atom?sujet=essai-groupe")[0] == "Fil du groupe"
    town.browser().get(f"/flux/prive/{outside}/echanges.atom?sujet=essai-groupe", status=404)
    assert "Fil du groupe" not in town.browser().get(f"/flux/prive/{outside}/tout.json").text
    assert "Fil du réseau" not in town.browser().get("/flux/echanges.atom").text


def test_every_format_is_valid_and_says_nothing_to_others(town: Town) -> None:
    town.thread("Fil <b>valide</b>", topic="reseau")
    key = town.key("membre")
    for name in ("tout", "annuaire", "ressources", "echanges", "agenda"):
        atom = town.browser().get(f"/flux/prive/{key}/{name}.atom")
        assert atom_problems(atom.body) == []
        assert f"/flux/prive/{key}/{name}.atom" in atom.text, "its own address"
        made = town.browser().get(f"/flux/prive/{key}/{name}.json")
        assert json_problems(made.body) == []
    assert atom.headers["Cache-Control"] == "private, no-cache"
    assert atom.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in atom.headers["X-Robots-Tag"]
    assert "Access-Control-Allow-Origin" not in atom.headers
    lang = town.browser().get(f"/flux/prive/{key}/tout.atom?langue=ar")
    assert "Set-Cookie" not in lang.headers
    assert 'xml:lang="ar"' in lang.text


def test_the_feed_of_one_reader_is_not_that_of_another(town: Town) -> None:
    ids = set()
    for path in ("/flux", f"/flux/prive/{town.key('membre')}", f"/flux/prive/{town.key('voisin')}"):
        root = ElementTree.fromstring(town.browser().get(f"{path}/echanges.atom").body)
        ids.add(root.findtext(f"{ATOM}id"))
    assert len(ids) == 3


def leave_network(town: Town) -> Any:
    with town.site.sessions.begin() as session:
        held = session.scalars(sa.select(Membership).where(Membership.person_id == town.people["voisine"])).one()
        kept = {"person_id": held.person_id, "structure_id": held.structure_id, "role": held.role}
        session.delete(held)
    return kept


@pytest.mark.parametrize("end", ["tout.atom", "tout.json", "flux.opml", "tout/archives/0.atom"])
def test_who_is_not_of_the_network_any_more_reads_nothing(town: Town, end: str) -> None:
    path = f"/flux/prive/{town.key('voisine')}/{end}"
    before = town.browser().get(path, status="*").status_int
    kept = leave_network(town)
    gone = town.browser().get(path, status=404)
    assert "noindex" in gone.headers["X-Robots-Tag"]
    assert gone.headers["Referrer-Policy"] == "no-referrer"
    with town.site.sessions.begin() as session:
        session.add(Membership(**kept))
        session.get_one(Person, town.people["voisine"]).state = PersonState.SUSPENDED.value
    town.browser().get(path, status=404)
    with town.site.sessions.begin() as session:
        session.get_one(Person, town.people["voisine"]).state = PersonState.ACTIVE.value
    assert town.browser().get(path, status="*").status_int == before
    with town.site.sessions.begin() as session:
        session.execute(sa.update(FeedKey).values(revoked_at=town.site.clock.now))
    town.browser().get(path, status=410)
    town.browser("voisine").get(path, status=410)


def test_unknown_addresses_are_not_found(town: Town) -> None:
    secret = town.key("membre")
    swapped = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for path in (f"{swapped}/tout.atom", f"{secret}/rien.atom", f"{secret}/tout.xml", f"{secret[:-1]}/tout.atom",
                 f"{hashlib.sha256(secret.encode()).hexdigest()[:43]}/tout.atom", f"{secret}/tout/archives/99999.atom"):  # fmt: skip
        town.browser().get(f"/flux/prive/{path}", status=404)


def test_a_reader_that_has_it_is_told_so_until_something_changes(town: Town) -> None:
    if not town.site.wsgi.registry.get("reseau.deployment"):
        pytest.skip("no validators while developing")
    town.thread("Fil lu", topic="groupe")
    path, reader = f"/flux/prive/{town.key('voisine')}/echanges.atom", town.browser()
    first = reader.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["ETag"].startswith('W/"')
    same = reader.get(path, headers=known, status=304)
    assert same.body == b""
    assert same.headers["Cache-Control"] == "private, no-cache"
    town.thread("Fil de plus", topic="groupe")
    second = reader.get(path, headers=known, status=200)
    assert "Fil de plus" in second.text
    with town.site.sessions.begin() as session:  # leaves the group: no row of the log says so
        left = sa.delete(GroupMember).where(GroupMember.person_id == town.people["voisine"])
        session.execute(left.where(GroupMember.group_id == town.group_id))
    third = reader.get(path, headers={"If-None-Match": second.headers["ETag"]}, status=200)
    assert "Fil de plus" not in third.text
    with town.site.sessions.begin() as session:
        session.add(GroupMember(group_id=town.group_id, person_id=town.people["voisine"], since=town.site.clock.now))


def test_the_list_of_them_names_their_topics(town: Town) -> None:
    secret = town.key("voisin")
    page = town.browser().get(f"/flux/prive/{secret}/flux.opml")
    root = ElementTree.fromstring(page.body)
    found = [one.get("xmlUrl") or "" for one in root.iter("outline") if one.get("xmlUrl")]
    assert all(f"/flux/prive/{secret}/" in one for one in found)
    assert any("sujet=essai-reseau" in one for one in found)
    assert not any("sujet=essai-groupe" in one for one in found)
    for one in found:
        town.browser().get(one[one.index("/flux/prive") :], status=200)


def test_a_session_changes_nothing(town: Town) -> None:
    """The address says who reads: not the browser that opens it."""
    town.thread("Fil du groupe seul", topic="groupe")
    path = f"/flux/prive/{town.key('voisin')}/echanges.atom"
    assert "Fil du groupe seul" not in town.browser("membre").get(path).text


def test_what_it_costs(town: Town) -> None:
    for number in range(30):
        town.thread(f"Fil compté {number}", topic="reseau")
    path, reader = f"/flux/prive/{town.key('membre')}/tout.atom", town.browser()
    reader.get(path)
    with town.site.statements() as seen:
        reader.get(path)
    assert len(seen) <= 12, seen
    path = path.replace("tout.atom", "echanges.atom?sujet=essai-reseau")
    with town.site.statements() as seen:
        reader.get(path)
    assert len(seen) <= 10, seen
