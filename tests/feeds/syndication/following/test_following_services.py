"""Searches followed and stopped, keys made and revoked, and what is held of a person: on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from feeds.syndication.following import holding, keys, readers, saved, stops
from feeds.syndication.models import FeedKey, SavedSearch
from reseau.core.changes import current_seq
from reseau.core.letters import Site
from reseau.core.tokens import digest
from reseau.members.models import Person
from tests.feeds.syndication.following.conftest import PARIS, Town

SITE = Site("Réseau", "https://reseau.example", "Réseau <a@reseau.example>", "a secret that is long enough")


def test_the_same_search_twice_is_once(town: Town) -> None:
    first = town.follow("personne", "annuaire", "commune=59512")
    assert town.follow("personne", "annuaire", "commune=59512", saved.Pace.WEEKLY) == first
    assert town.follow("personne", "ressources", "commune=59512") != first
    assert town.follow("membre", "annuaire", "commune=59512") != first
    assert town.search(first).mode == "weekly"
    assert len(town.rows(SavedSearch)) == 3


def test_at_the_same_time_too(town: Town) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: town.follow("personne", "annuaire", "commune=59512"), range(4)))
    assert len(set(made)) == 1


def test_twenty_searches_and_no_more(town: Town) -> None:
    for number in range(20):
        town.follow("personne", "annuaire", f"q=mot{number}")
    with pytest.raises(saved.TooManyError):
        town.follow("personne", "annuaire", "q=encore")
    assert town.follow("personne", "annuaire", "q=mot3"), "one of them changes its pace"
    assert town.follow("membre", "annuaire", "q=encore")


def test_a_search_too_long_is_refused(town: Town) -> None:
    with pytest.raises(saved.TooLongError):
        town.follow("personne", "annuaire", "q=" + "a" * 499)
    assert town.follow("personne", "annuaire", "q=" + "a" * 498)


def test_a_search_is_told_from_now_on(town: Town) -> None:
    id_ = town.follow("personne", "annuaire", "commune=59512")
    with town.site.sessions() as session:
        assert town.search(id_).seq == current_seq(session) > 0


def test_stopped_mails_come_back_as_they_were_without_a_gap(town: Town) -> None:
    daily = town.follow("personne", "annuaire", "commune=59512")
    weekly = town.follow("personne", "ressources", "type=kit", saved.Pace.WEEKLY)
    other = town.follow("membre", "ressources", "type=kit")
    person = town.people["personne"]
    assert town.act(saved.stop, person, None) == 2
    assert town.act(saved.stop, person, None) == 0, "twice is once"
    assert [town.search(id_).mode for id_ in (daily, weekly, other)] == ["daily-off", "weekly-off", "daily"]
    town.site.put({"nom": "Lieu pendant l’arrêt", "commune": "Roubaix", "code_insee": "59512"})
    assert town.later() is None
    assert town.act(saved.undo_stop, person, daily) == 1
    assert [town.search(id_).mode for id_ in (daily, weekly)] == ["daily", "weekly-off"]
    assert town.later(timedelta(minutes=5)) == "courriels : 1"
    assert "Lieu pendant l’arrêt" in town.texts("personne")[0]


def test_nobody_stops_the_search_of_another(town: Town) -> None:
    id_ = town.follow("personne", "annuaire", "commune=59512")
    assert town.act(saved.stop, town.people["membre"], id_) == 0
    assert town.act(saved.theirs, town.people["membre"], id_) is None
    assert town.search(id_).mode == "daily"


def test_taken_up_again_on_the_site_it_tells_what_happens_from_then_on(town: Town) -> None:
    id_ = town.follow("personne", "annuaire", "commune=59512")
    town.act(saved.stop, town.people["personne"], id_)
    town.site.put({"nom": "Lieu des mois d’avant", "commune": "Roubaix", "code_insee": "59512"})
    town.later(timedelta(days=60))
    with town.site.sessions.begin() as session:
        found = saved.theirs(session, town.people["personne"], id_)
        assert found is not None
        saved.set_pace(session, found, saved.Pace.WEEKLY, town.site.clock.now, PARIS)
    assert town.search(id_).mode == "weekly"
    assert town.later(timedelta(days=8)) is None


def test_links_that_stop_say_who_and_what_and_nothing_else() -> None:
    now, person, one = datetime(2026, 11, 24, tzinfo=UTC), uuid4(), uuid4()
    link = stops.url(SITE, person, now, one)
    token = link.removeprefix("https://reseau.example/avis/stop/recherches/")
    assert stops.read(SITE.secret, token, now) == (person, one)
    assert stops.read(SITE.secret, stops.url(SITE, person, now).rsplit("/", 1)[1], now) == (person, None)
    assert stops.read(SITE.secret, token, now + timedelta(days=401)) is None
    assert stops.read(SITE.secret, token[:-1] + ("A" if token[-1] != "A" else "B"), now) is None
    assert stops.read("another secret, long enough", token, now) is None


def test_a_key_is_kept_as_a_digest_and_read_until_it_is_revoked(town: Town) -> None:
    secret = town.key("membre", "Mon lecteur")
    (row,) = town.rows(FeedKey)
    assert (row.digest, row.name, row.revoked_at) == (digest(secret), "Mon lecteur", None)
    assert len(secret) == 43
    assert not town.act(keys.revoke, town.people["voisin"], row.id, town.site.clock.now), "not theirs"
    assert town.act(keys.revoke, town.people["membre"], row.id, town.site.clock.now)
    assert not town.act(keys.revoke, town.people["membre"], row.id, town.site.clock.now), "it was"
    with town.site.sessions() as session:
        assert keys.mine(session, town.people["membre"]) == []
        found = keys.find(session, secret)
        assert found is not None
        assert found[0].revoked_at == town.site.clock.now
        assert keys.find(session, "x" * 43) is None


def test_ten_keys_and_no_more(town: Town) -> None:
    for _ in range(10):
        town.key("membre")
    with pytest.raises(keys.TooManyError):
        town.key("membre")
    town.act(keys.revoke, town.people["membre"], town.rows(FeedKey)[0].id, town.site.clock.now)
    assert town.key("membre")


def test_who_reads_what_of_the_network(town: Town) -> None:
    with town.site.sessions() as session:
        found = {who: readers.place_for(session, session.get_one(Person, town.people[who]), town.site.settings)
                 for who in ("personne", "membre", "referent", "coordination", "admin")}  # fmt: skip
        assert {who: place.network for who, place in found.items() if place} == {
            "personne": False, "membre": True, "referent": True, "coordination": True, "admin": True,
        }  # fmt: skip
        rights = [readers.rights(session, place) for place in found.values() if place]
    assert rights[0] != rights[1] != rights[2]


def test_a_person_is_given_all_that_is_held_and_then_it_is_forgotten(town: Town) -> None:
    town.follow("membre", "annuaire", "commune=59512")
    other = town.follow("voisin", "annuaire", "commune=59512")
    town.key("membre", "Mon lecteur")
    with town.site.sessions.begin() as session:
        held = holding.rows_of(session, town.people["membre"], None)
        assert [one.query for one in held["recherches_suivies"]] == ["commune=59512"]
        assert [one.name for one in held["adresses_de_flux"]] == ["Mon lecteur"]
        holding.forget(session, town.people["membre"], None)
    assert [one.id for one in town.rows(SavedSearch)] == [other]
    assert town.rows(FeedKey) == []
