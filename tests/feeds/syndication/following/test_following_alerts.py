"""What the mails of searches say, to whom, when, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.syndication.following import alerting, saved
from feeds.syndication.models import SavedSearch
from reseau.core.changes import current_seq
from reseau.core.jobs import Tools
from reseau.groups.models import GroupMember
from reseau.members.models import Membership, Person, PersonState
from reseau.notices import services as notices
from resources.base.models import Resource, Visibility
from tests.feeds.syndication.following.conftest import A_DAY, Town
from tests.resources.conftest import a_kit


def place(town: Town, name: str, **more: Any) -> None:
    town.site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512", **more})


def test_a_mail_says_what_is_new_once(town: Town) -> None:
    place(town, "Lieu d’avant")
    town.follow("personne", "annuaire", "commune=59512")
    assert town.later() is None, "nothing new: no mail"
    assert town.letters("personne") == []
    place(town, "Maison neuve")
    place(town, "Loin d’ici", commune="Lyon", code_insee="69123")
    assert town.later() == "courriels : 1"
    (text,) = town.texts("personne")
    assert "Nouveau : Maison neuve" in text
    assert "Lieu d’avant" not in text
    assert "Loin d’ici" not in text
    assert town.letters("personne")[0].subject == "Du nouveau : Roubaix – Annuaire"
    assert town.later() is None
    assert len(town.letters("personne")) == 1


def test_what_changed_is_said_to_have_changed(town: Town) -> None:
    place(town, "Lieu qui change", date_maj="2024-05-06")
    town.follow("personne", "annuaire", "commune=59512")
    place(town, "Lieu qui change", telephone="+33320000001", date_maj="2024-06-06")
    town.later()
    (text,) = town.texts("personne")
    assert "Mis à jour : Lieu qui change" in text


def test_nothing_is_told_before_it_is_due_and_at_the_chosen_hour(town: Town) -> None:
    now = town.site.clock.now  # Tuesday 24 November, 10:30 in Roubaix
    daily = town.follow("personne", "annuaire", "commune=59512")
    weekly = town.follow("personne", "ressources", "type=kit", saved.Pace.WEEKLY)
    assert town.search(daily).due_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    assert town.search(weekly).due_at == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
    place(town, "Lieu du mardi")
    assert town.later(timedelta(hours=21)) is None
    assert town.later(timedelta(hours=1)) == "courriels : 1"
    assert town.search(daily).due_at == datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
    assert town.search(daily).seq > 0
    assert now < town.search(weekly).due_at == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


def test_all_that_is_due_is_one_mail(town: Town) -> None:
    for room, query in (("annuaire", "commune=59512"), ("ressources", "type=kit"), ("echanges", "sujet=essai-public")):
        town.follow("personne", room, query)
    place(town, "Lieu du lot")
    town.published(a_kit("Kit du lot"))
    thread = town.thread("Question du lot")
    town.later()
    (mail,) = town.letters("personne")
    assert mail.subject == "Du nouveau pour 3 recherches"
    assert [mail.text.count(f"Nouveau : {name} du lot") for name in ("Lieu", "Kit", "Question")] == [1, 1, 1]
    assert str(thread.id) in mail.text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/avis/stop/recherches/" in mail.headers["List-Unsubscribe"]
    assert mail.text.count("Arrêter les mails de cette recherche") == 3


def test_words_are_found_in_what_is_indexed(town: Town) -> None:
    id_ = town.follow("personne", "ressources", "q=ornithorynque")
    town.published(a_kit("Kit des girafes"))
    town.published(a_kit("Kit de l’ornithorynque"))
    town.later()
    (text,) = town.texts("personne")
    assert "Nouveau : Kit de l’ornithorynque" in text
    assert "girafes" not in text
    before = town.search(id_).seq
    with town.site.sessions() as session:
        assert before == current_seq(session)


def test_an_index_that_is_behind_loses_nothing(town: Town) -> None:
    id_ = town.follow("personne", "annuaire", "q=tardigrade")
    before, reindex = town.search(id_).seq, town.site.reindex
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(town.site), "reindex", lambda _site: None)
        place(town, "Lieu du tardigrade")
        assert town.later() is None
        assert town.search(id_).seq == before, "what was not looked at is not passed over"
    reindex()
    assert town.later() == "courriels : 1"
    assert "Nouveau : Lieu du tardigrade" in town.texts("personne")[0]


def test_each_is_told_what_they_may_read_on_that_day(town: Town) -> None:
    for who in ("personne", "voisine", "voisin", "membre"):
        town.follow(who, "echanges")
    town.thread("Fil de tous")
    town.thread("Fil du réseau", topic="reseau")
    town.thread("Fil du groupe", topic="groupe")
    with town.site.sessions.begin() as session:  # since then, they left
        gone = sa.delete(GroupMember).where(GroupMember.person_id == town.people["voisine"])
        session.execute(gone.where(GroupMember.group_id == town.group_id))
    town.later()
    said = {who: "".join(town.texts(who)) for who in ("personne", "voisine", "voisin", "membre")}
    with town.site.sessions.begin() as session:
        session.add(GroupMember(group_id=town.group_id, person_id=town.people["voisine"], since=town.site.clock.now))
    read = {who: [name for name in ("tous", "réseau", "groupe") if f"Fil du {name}" in text or f"Fil de {name}" in text]
            for who, text in said.items()}  # fmt: skip
    assert read == {"personne": ["tous"], "voisine": ["tous", "réseau"], "voisin": ["tous", "réseau"],
                    "membre": ["tous", "réseau", "groupe"]}  # fmt: skip


def test_resources_of_the_network_are_told_to_the_network(town: Town) -> None:
    for who in ("personne", "membre"):
        town.follow(who, "ressources", "type=kit")
    made = town.draft(a_kit("Kit réservé"))
    with town.site.sessions.begin() as session:
        session.get_one(Resource, made.id).visibility = Visibility.NETWORK.value
    town.publish(made.id)
    town.later()
    assert town.texts("personne") == []
    assert "Kit réservé" in town.texts("membre")[0]


def test_a_topic_that_is_not_theirs_any_more_says_nothing(town: Town) -> None:
    id_ = town.follow("membre", "echanges", "sujet=essai-reseau")
    town.thread("Après le départ", topic="reseau")
    with town.site.sessions.begin() as session:
        held = session.scalars(sa.select(Membership).where(Membership.person_id == town.people["membre"])).one()
        kept = {"person_id": held.person_id, "structure_id": held.structure_id, "role": held.role}
        session.delete(held)
    assert town.later() is None
    assert town.search(id_).due_at > town.site.clock.now
    with town.site.sessions.begin() as session:
        session.add(Membership(**kept))


@pytest.mark.parametrize("why", ["suspended", "off"])
def test_who_is_not_written_to_hears_only_what_comes_after(town: Town, why: str) -> None:
    town.follow("personne", "annuaire", "commune=59512")
    place(town, f"Lieu manqué {why}")

    def set_state(state: PersonState) -> None:
        with town.site.sessions.begin() as session:
            session.get_one(Person, town.people["personne"]).state = state.value

    def mails(*, stopped: bool) -> None:
        with town.site.sessions.begin() as session:
            person = session.get_one(Person, town.people["personne"])
            notices.stop_all(session, person, town.site.clock.now) if stopped else notices.resume(session, person)

    set_state(PersonState.SUSPENDED) if why == "suspended" else mails(stopped=True)
    assert town.later() is None
    set_state(PersonState.ACTIVE) if why == "suspended" else mails(stopped=False)
    place(town, f"Lieu d’après {why}")
    town.later()
    (text,) = town.texts("personne")
    assert f"Lieu d’après {why}" in text
    assert "manqué" not in text


def test_many_are_cut_and_said_to_go_on(town: Town) -> None:
    town.follow("personne", "annuaire", "commune=59512")
    for number in range(12):
        place(town, f"Lieu de la série {number:02}")
    town.later()
    (text,) = town.texts("personne")
    assert text.count("Nouveau : Lieu de la série") == 10
    assert "série 11" in text
    assert "série 01" not in text
    assert "Et d’autres, sur le site" in text


def test_an_import_of_many_rows_is_read_to_its_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wanted is the oldest of many rows: ``reading.since`` alone looks at the newest ones only."""
    monkeypatch.setattr("feeds.syndication.reading.WINDOW", 1)
    monkeypatch.setattr(alerting, "SLICE", 10)
    town.follow("personne", "annuaire", "q=aiguille")
    place(town, "Lieu de l’aiguille")
    for number in range(25):
        place(town, f"Paille {number}")
    town.later()
    assert "Nouveau : Lieu de l’aiguille" in town.texts("personne")[0]


def test_an_object_that_changed_often_is_told_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "SLICE", 1)
    town.follow("personne", "annuaire", "commune=59512")
    for month in (1, 2, 3):
        place(town, "Lieu remuant", telephone=f"+3332000000{month}", date_maj=f"2024-0{month}-06")
    town.later()
    assert town.texts("personne")[0].count("Lieu remuant") == 1


def test_one_who_cannot_be_told_does_not_stop_the_others(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = town.follow("voisin", "annuaire", "commune=59512")
    town.follow("personne", "annuaire", "commune=59512")
    place(town, "Lieu malgré tout")
    compose = alerting.compose

    def failing(session: Any, finders: Any, person_id: Any, *more: Any) -> bool:
        if person_id == town.people["voisin"]:
            raise RuntimeError("a bad one")
        return compose(session, finders, person_id, *more)

    monkeypatch.setattr(alerting, "compose", failing)
    said = town.later()
    assert said is not None
    assert set(said.split(", ")) == {"courriels : 1", "échecs : 1"}
    assert town.search(bad).due_at == town.site.clock.now + timedelta(hours=1)
    monkeypatch.setattr(alerting, "compose", compose)
    assert town.later(timedelta(hours=1)) == "courriels : 1"
    assert "Lieu malgré tout" in town.texts("voisin")[0]


def test_killed_before_the_commit_it_tells_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = town.follow("personne", "annuaire", "commune=59512")
    before = town.search(id_).seq
    place(town, "Lieu du coupé")

    def killed(*_: Any, **__: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(alerting, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            town.later()
    assert town.search(id_).seq == before
    assert town.letters("personne") == []
    town.later(timedelta(minutes=5))
    town.later(timedelta(minutes=5))
    assert len(town.letters("personne")) == 1


def test_titles_of_people_cannot_break_a_mail(town: Town) -> None:
    town.follow("personne", "annuaire", "commune=59512")
    place(town, "Lieu <script>alert(1)</script> ‮ سؤال")
    town.later()
    (mail,) = town.letters("personne")
    assert "<script>" not in mail.html
    assert "‮" not in mail.text


def test_the_work_for_one_person_does_not_grow_with_the_log(town: Town) -> None:
    for number in range(30):
        place(town, f"Lieu compté {number}")
    for query in ("commune=59512", "q=compté", "service=utiliser_le_numerique"):
        town.follow("personne", "annuaire", query)
    place(town, "Lieu compté de plus")
    town.site.clock.now += A_DAY
    town.site.reindex()
    tools = Tools(town.site.sessions, town.site.settings, clock=town.site.clock)
    finders = alerting._finders(tools)
    with town.site.sessions.begin() as session:
        finders.places.read(session)
        with town.site.statements() as seen:
            alerting.compose(session, finders, town.people["personne"], town.site.settings, town.site.clock.now)
    assert len(town.rows(SavedSearch)) == 3
    assert len(seen) <= 7 + 3 * 5, seen
