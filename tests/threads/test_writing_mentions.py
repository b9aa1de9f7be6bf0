"""Whom a text mentions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from reseau.core.ids import new_id
from reseau.members.models import Person
from reseau.threads.base import mentions
from reseau.threads.base.access import reader_of
from reseau.threads.base.models import Topic
from reseau.threads.base.shapes import MAX_MENTIONS
from reseau.threads.base.text import to_html
from reseau.web.security import Identity
from tests.threads.conftest import ONE_ENGINE, Talk


def who(person_id: UUID) -> Identity:
    return Identity(person_id, "", "", frozenset(), {}, new_id())


def understood(talk: Talk, text: str, topic: str = "public", by: str | None = "membre", **more: Any) -> Any:
    with talk.site.sessions() as session:
        reader = reader_of(session, who(talk.people[by]) if by else None, bool(by), False)
        found = session.get_one(Topic, talk.topics[topic])
        return mentions.understand(session, reader, text, found, **more)


def namesake(talk: Talk, name: str, place: str) -> UUID:
    """One more person of a name."""
    made = talk.person(member_of=[talk.places[place]])
    with talk.site.sessions() as session:
        session.get_one(Person, made.id).name = name
        session.commit()
    return made.id


def names(found: Any) -> list[str]:
    return [one["name"] for one in found.mentions]


def test_people_and_places_by_name(talk: Talk) -> None:
    zoe = talk.person("Zoé d’Ambre", member_of=[talk.places["ici"]])
    found = understood(talk, "Merci @Zoe-d-ambre et @lieu-ici, écrire à nom@lieu-ailleurs.example.")
    assert [(one["kind"], one["id"]) for one in found.mentions] == [
        ("person", str(zoe.id)), ("structure", str(talk.places["ici"])),
    ]  # fmt: skip
    assert found.mentions[1]["path"] == talk.path("Lieu Ici")
    assert "@Zoé d’Ambre" in to_html("Merci @zoe-d-ambre", found.mentions)


def test_a_visitor_names_nobody_and_who_is_outside_is_not_named(talk: Talk) -> None:
    talk.person("Yves Untel", member_of=[talk.places["ici"]])
    talk.person("Xavier Dehors")
    assert names(understood(talk, "@yves-untel @lieu-ici", by=None)) == ["Lieu Ici"]
    assert names(understood(talk, "@xavier-dehors @yves-untel")) == ["Yves Untel"]


def test_two_of_one_name_are_chosen_between(talk: Talk) -> None:
    here, there = (namesake(talk, "Marie Dupont", place) for place in ("ici", "ailleurs"))
    found = understood(talk, "Voir @marie-dupont")
    assert not found.mentions
    ((handle, candidates),) = found.unclear
    assert handle == "marie-dupont"
    assert {(one.id, one.where) for one in candidates} == {(here, "Lieu Ici"), (there, "Lieu Ailleurs")}
    chosen = understood(talk, "Voir @marie-dupont", chosen={"marie-dupont": f"person:{there}"})
    assert [one["id"] for one in chosen.mentions] == [str(there)]
    assert not chosen.unclear
    assert chosen.asked, "the choice is shown again"
    forged = understood(talk, "Voir @marie-dupont", chosen={"marie-dupont": f"person:{talk.people['voisin']}"})
    assert not forged.mentions


def test_who_cannot_read_the_topic_is_not_named_there(talk: Talk) -> None:
    away = talk.person("Walid Loin", member_of=[talk.places["ici"]])
    found = understood(talk, "@walid-loin", "groupe")
    assert not found.mentions
    assert [one.id for one in found.barred] == [away.id]
    assert names(understood(talk, "@walid-loin", "reseau")) == ["Walid Loin"]


def test_ten_at_most_and_no_statement_for_nobody(talk: Talk) -> None:
    text = " ".join(f"@personne-{n}" for n in range(MAX_MENTIONS + 3))
    assert understood(talk, text).over == 3
    with talk.site.sessions() as session:
        reader = reader_of(session, None, False, False)
        with talk.site.statements() as seen:
            assert mentions.resolve(session, reader, "Rien ni personne. a@b.example") == ([], [])
        assert not seen


def test_a_name_that_turns_the_text_does_not(talk: Talk) -> None:
    talk.person("Vera \u202eakriM", member_of=[talk.places["ici"]])
    with talk.site.sessions() as session:
        (one,) = [one for one in mentions.offered(session, "vera") if one.kind == "person"]
    found = understood(talk, f"@{one.handle}")
    shown = to_html(f"@{one.handle} et la suite", found.mentions)
    assert shown.count("\u202e") == shown.count("\u202c")


@ONE_ENGINE
def test_names_are_offered_to_the_network_only_eight_and_not_forever(talk: Talk) -> None:
    for n in range(10):
        talk.person(f"Ursule Numéro{n}", member_of=[talk.places["ici"]])
    address = "/echanges/mentions.json?q="
    talk.browser().get(address + "urs", status=403)
    talk.browser("personne").get(address + "urs", status=403)
    browser = talk.browser(talk.person(member_of=[talk.places["ici"]]).id)
    found = browser.get(address + "ursu").json
    assert len(found) == 8
    assert found[0] == {"poignee": "ursule-numero0", "nom": "Ursule Numéro0", "lieu": "Lieu Ici"}
    assert [one["nom"] for one in browser.get(address + "ailleurs").json] == ["Lieu Ailleurs"]
    assert browser.get(address + "u").json == []
    assert browser.get(address + "%25").json == []
    for _ in range(118):
        browser.get(address + "ursu")
    browser.get(address + "ursu", status=429)


def test_who_shares_a_name_is_offered_with_a_handle_of_their_own(talk: Talk) -> None:
    here, there = (namesake(talk, "Odile Pareille", place) for place in ("ici", "ailleurs"))
    with talk.site.sessions() as session:
        offered = {one.id: one.handle for one in mentions.offered(session, "odile-par")}
    assert offered == {id_: f"odile-pareille-{id_.hex[-4:]}" for id_ in (here, there)}
    found = understood(talk, f"Voir @{offered[there]}")
    assert [(one["id"], one["handle"]) for one in found.mentions] == [(str(there), offered[there])]
    assert "@Odile Pareille" in to_html(f"Voir @{offered[there]}", found.mentions)
    assert not found.asked
    assert not found.unknown
    assert understood(talk, "@odile-pareille-zzzz @personne-ainsi").unknown == ["odile-pareille-zzzz", "personne-ainsi"]
