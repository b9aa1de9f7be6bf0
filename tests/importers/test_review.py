"""The review queue: what is decided of two places, once, by whom, and the way back. Services on both engines."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.matching import links, review
from importers.matching.pairs import follow, pair_of, pairs_of
from importers.models import MatchPair, Verdict
from importers.pipeline.contract import How
from importers.targets.structures import Structures
from reseau.core.actors import Actor, Side
from reseau.directory.apply import Incoming
from reseau.directory.merging import one_at_a_time
from reseau.directory.models import Cause, FieldChange, SourceRecord, Status, Structure
from reseau.directory.reproject import Because
from reseau.directory.splitting import NotNestable, NotSplittable, nest
from reseau.settings import Settings
from tests.people import at_once

SOMEBODY = UUID(int=77)
BY = Because(Cause.EDIT, Actor(Side.COORDINATION, SOMEBODY))
SOURCES = ("cartographie",)


class Places:
    """Places of one database, and pairs of them."""

    def __init__(self, session: Session, settings: Settings, now: Any) -> None:
        self.session, self.settings, self.now = session, settings, now

    def make(self, *names: str) -> list[UUID]:
        batch = [
            Incoming(
                f"Essai_{name}", (f"Essai_{name}",), {}, {"nom": name, "code_insee": "59512", "commune": "Roubaix"}
            )
            for name in names
        ]
        Structures().apply(self.session, How("cartographie", SOURCES, self.now, match=False), batch)
        self.session.commit()
        found = dict(self.session.execute(sa.select(Structure.nom, Structure.id)).all())
        return [found[name] for name in names]

    def pair(self, one: UUID, other: UUID, score: float = 75) -> UUID:
        left, right = pair_of(one, other)
        made = MatchPair(left_id=left, right_id=right, score=score, reasons={"nom": 80}, created_at=self.now)
        self.session.add(made)
        self.session.commit()
        return made.id

    def decide(self, pair: UUID, verdict: Verdict, kept: UUID | None = None) -> None:
        review.decide(self.session, pair, verdict, kept, BY, self.settings, self.now)
        self.session.commit()

    def row(self, id_: UUID) -> Structure:
        self.session.expire_all()
        return self.session.get_one(Structure, id_)

    def asked(self, town: str = "") -> list[UUID]:
        return [one.id for one in review.queue(self.session, town, 1).rows]


@pytest.fixture
def places(session: Session, settings: Settings, clock: Any) -> Places:
    return Places(session, settings, clock())


def test_the_most_alike_come_first_and_a_decision_takes_one_away(places: Places) -> None:
    a, b, c = places.make("A", "B", "C")
    first, second = places.pair(a, b, 70), places.pair(b, c, 80)
    assert places.asked() == [second, first]
    assert places.asked("59512") == [second, first]
    assert places.asked("59350") == []
    assert review.towns(places.session) == [("59512", "Roubaix", 2)]
    assert review.following(places.session, second) == first
    assert review.following(places.session, first) is None
    places.decide(second, Verdict.DISTINCT)
    assert places.asked() == [first]
    assert places.session.scalar(review.number()) == 1
    assert places.session.scalar(review.oldest()) == places.now
    kept = places.session.get_one(MatchPair, second)
    assert (kept.verdict, kept.decided_by, kept.decided_at) == ("distinct", SOMEBODY, places.now)


def test_the_same_place_keeps_the_older_sheet_unless_the_other_is_chosen(places: Places) -> None:
    a, b, c, d = places.make("A", "B", "C", "D")
    places.decide(places.pair(a, b), Verdict.SAME)
    assert (places.row(b).status, places.row(b).merged_into) == (Status.MERGED, a)
    places.decide(places.pair(c, d), Verdict.SAME, kept=d)
    assert (places.row(c).merged_into, places.row(d).status) == (d, Status.ACTIVE)


def test_one_inside_the_other_is_told_and_can_be_undone(places: Places) -> None:
    a, b, c = places.make("A", "B", "C")
    nest(places.session, a, c, BY, SOURCES, places.now)
    pair = places.pair(a, b)
    places.decide(pair, Verdict.INSIDE)
    assert (places.row(a).parent_id, places.row(b).parent_id) == (b, None)
    told = places.session.scalars(sa.select(FieldChange).where(FieldChange.structure_id == a)).all()
    assert [row.after["v"] for row in told] == ["C", "B"]
    assert review.undo(places.session, pair, BY, places.settings, places.now)
    places.session.commit()
    assert places.row(a).parent_id == c, "as it was before"
    assert places.asked() == [pair]
    places.decide(pair, Verdict.AROUND)
    assert places.row(b).parent_id == a


def test_undoing_takes_back_only_what_the_decision_set(places: Places) -> None:
    a, b, c = places.make("A", "B", "C")
    pair = places.pair(a, b)
    places.decide(pair, Verdict.INSIDE)
    nest(places.session, a, c, BY, SOURCES, places.now)
    places.session.commit()
    assert not review.undo(places.session, pair, BY, places.settings, places.now)
    places.session.commit()
    assert places.row(a).parent_id == c, "somebody has put it there since"


@pytest.mark.parametrize("verdict", [Verdict.DISTINCT, Verdict.INSIDE, Verdict.AROUND])
def test_what_was_said_of_a_place_is_true_of_the_one_that_it_goes_into(places: Places, verdict: Verdict) -> None:
    a, b, c = places.make("A", "B", "C")
    pair = places.pair(a, b)
    places.decide(pair, verdict)
    places.decide(places.pair(b, c), Verdict.SAME, kept=c)
    assert pairs_of(places.session, [a])[pair_of(a, c)] == verdict.value, "ids are in the order a, b, c"
    how = How("cartographie", SOURCES, places.now)
    both = Incoming("Essai_A__Essai_B", ("Essai_A", "Essai_B"), {}, {"nom": "A", "code_insee": "59512"})
    Structures().apply(places.session, how, [both])
    places.session.commit()
    assert (places.row(a).status, places.row(c).status) == (Status.ACTIVE, Status.ACTIVE)
    assert review.undo(places.session, pair, BY, places.settings, places.now)
    places.session.commit()
    assert [(row.left["nom"], row.right["nom"]) for row in review.queue(places.session, "", 1).rows] == [("A", "C")]


def test_a_decision_waits_for_an_import_and_does_not_stop_it(places: Places, sessions: sessionmaker[Any]) -> None:
    """PostgreSQL: both took the pair and the place, in another order."""
    if places.session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    a, b, c = places.make("A", "B", "C")
    pair = places.pair(a, c)
    places.pair(a, b)
    ready = threading.Event()

    def importing() -> str:
        with sessions() as session:
            one_at_a_time(session)
            session.execute(sa.update(Structure).where(Structure.id == a).values(status="merged", merged_into=b))
            ready.set()
            waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            for _ in range(100):
                if session.scalar(waiting):
                    break
                time.sleep(0.02)
            follow(session)
            session.commit()
        return "importé"

    def deciding() -> str:
        ready.wait(5)
        with sessions() as session:
            try:
                review.decide(session, pair, Verdict.INSIDE, None, BY, places.settings, places.now)
            except NotNestable as error:
                return error.code
            session.commit()
        return "décidé"

    assert at_once(importing, deciding) == ["importé", "décidé"]
    assert places.row(b).parent_id == c, "the place is another one now"


def test_a_place_is_not_put_inside_what_is_inside_it(places: Places) -> None:
    a, b = places.make("A", "B")
    nest(places.session, b, a, BY, SOURCES, places.now)
    pair = places.pair(a, b)
    with pytest.raises(NotNestable, match="round"):
        places.decide(pair, Verdict.INSIDE)
    places.session.rollback()
    assert places.asked() == [pair]


def test_what_was_joined_cannot_be_undone_here(places: Places) -> None:
    a, b = places.make("A", "B")
    pair = places.pair(a, b)
    places.decide(pair, Verdict.SAME)
    assert not review.undo(places.session, pair, BY, places.settings, places.now)


def test_of_two_people_at_once_the_second_is_told(places: Places, sessions: sessionmaker[Any]) -> None:
    a, b = places.make("A", "B")
    pair = places.pair(a, b)

    def say(verdict: Verdict) -> str:
        with sessions() as session:
            try:
                review.decide(session, pair, verdict, None, BY, places.settings, places.now)
            except review.Decided as late:
                return f"trop tard : {late.verdict}"
            session.commit()
            return verdict.value

    said = at_once(lambda: say(Verdict.DISTINCT), lambda: say(Verdict.SAME))
    assert sorted(said) in (["distinct", "trop tard : distinct"], ["same", "trop tard : same"])


def test_what_was_asked_of_a_place_that_goes_is_asked_of_the_one_that_stays(places: Places) -> None:
    a, b, c, d = places.make("A", "B", "C", "D")
    moved, moot, known = places.pair(b, c, 70), places.pair(a, b, 90), places.pair(b, d, 66)
    places.decide(places.pair(a, d), Verdict.DISTINCT)
    places.decide(moot, Verdict.SAME)  # b is a now
    assert places.asked() == [moved]
    assert pair_of(a, c) in pairs_of(places.session, [a])
    assert places.session.get(MatchPair, known) is None, "a and d were said to be two: b and d are not asked"
    follow(places.session)
    assert places.asked() == [moved], "again without effect"


def test_closed_places_are_not_asked_about(places: Places) -> None:
    a, b = places.make("A", "B")
    pair = places.pair(a, b)
    places.session.execute(sa.update(Structure).where(Structure.id == b).values(status="closed"))
    places.session.commit()
    assert places.asked() == []
    assert review.review(places.session, pair) is None


def test_what_the_import_joined_is_listed_and_separated_for_ever(places: Places) -> None:
    fields = {
        "nom": "CCAS",
        "adresse": "9 rue Pellart",
        "code_insee": "59512",
        "commune": "Roubaix",
        "telephone": "+33320815757",
    }
    target, session = Structures(), places.session
    for n, id_ in enumerate(("SIILAB_1", "dora_2", "Coop_3")):
        how = How("cartographie", SOURCES, places.now + timedelta(days=n))
        target.apply(session, how, [Incoming(id_, (id_,), {}, fields)])
        session.commit()
    newest, older = links.joined(session, 1).rows
    assert (newest.nom, newest.adresse, newest.place["nom"]) == ("CCAS", "9 rue Pellart, Roubaix", "CCAS")
    assert newest.at > older.at
    pair, reached = links.separate(session, newest.id, BY, places.settings, places.now)
    session.commit()
    assert [one.id for one in links.joined(session, 1).rows] == [older.id]
    assert review.answer(session, pair).left["nom"] == "CCAS"  # type: ignore[union-attr]
    assert pairs_of(session, [reached]) == {pair_of(reached, older.place["id"]): "distinct"}
    with pytest.raises(NotSplittable, match="gone"):
        links.separate(session, newest.id, BY, places.settings, places.now)
    session.rollback()
    found = target.apply(
        session, How("cartographie", SOURCES, places.now), [Incoming("Coop_3", ("Coop_3",), {}, fields)]
    )
    assert +found == {"unchanged": 1}
    assert session.scalar(sa.select(sa.func.count(sa.distinct(SourceRecord.structure_id)))) == 2
