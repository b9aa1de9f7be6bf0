"""What a register gives no more: marked at once, out of the lists after three complete runs and a week, back after one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.pipeline import Summary
from reseau.core.actors import Actor, Side
from reseau.core.changes import Change
from reseau.core.ids import new_id
from reseau.directory import absences, lifecycle
from reseau.directory.apply import Applier, Incoming
from reseau.directory.models import Cause, FieldChange, SourceRecord, Structure
from reseau.directory.reproject import Because
from tests.conftest import StillClock
from tests.directory.site import csv_of, row

WORDS = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett")
ROWS = [row(word, nom=f"{word} services", adresse=f"{n} rue {word}") for n, word in enumerate(WORDS)]
DAY = timedelta(days=1)
SOMEBODY = Actor(Side.COORDINATION, new_id())


class Register:
    """A register that is read night after night; each run is complete."""

    def __init__(self, session: Session, clock: StillClock, run: Callable[..., Summary], path: Path) -> None:
        self.session, self.clock, self._run, self.path = session, clock, run, path

    def says(self, *without: str, days: float = 1, **options: Any) -> Summary:
        """The next run, some days later, does not name some of the ten."""
        self.clock.now += days * DAY
        rows = [one for one in ROWS if one["id"] not in without]
        self.path.write_text(csv_of(rows), encoding="utf-8", newline="")
        self.session.commit()
        summary = self._run(self.path, **{"complete": True, **options})
        self.session.expire_all()
        return summary

    def place(self, name: str = "Juliett") -> Structure:
        """One of the ten."""
        return self.session.scalars(sa.select(Structure).where(Structure.nom == f"{name} services")).one()

    def record(self) -> SourceRecord:
        """Of Juliett."""
        return self.session.scalars(sa.select(SourceRecord).where(SourceRecord.source_id == "Juliett")).one()

    def ops(self) -> list[str]:
        """What the log says of Juliett."""
        found = sa.select(Change.op).where(Change.object_id == self.place().id).order_by(Change.seq)
        return list(self.session.scalars(found))


@pytest.fixture
def register(session: Session, clock: StillClock, do_import: Any, tmp_path: Path) -> Register:
    made = Register(session, clock, do_import, tmp_path / "f.csv")
    made.says()
    return made


def test_three_complete_runs_and_a_week(register: Register) -> None:
    first = register.says("Juliett")
    assert (first.absent, first.archived) == (1, 0)
    since = register.record().not_seen_since
    for runs, days in ((2, 1), (3, 1), (4, 4.9)):  # three runs are not enough: the week is not over
        assert register.says("Juliett", days=days).archived == 0
        assert (register.record().absent_runs, register.record().not_seen_since) == (runs, since)
        assert register.place().status == "active"
    assert register.says("Juliett", days=0.1).archived == 1
    place = register.place()
    assert (place.status, place.archived_at, place.closed_reason) == ("closed", register.clock.now, "")
    assert place.closed_on == "2026-12-03"
    assert register.ops() == ["publish", "withdraw"]
    assert register.says("Juliett").archived == 0, "once"


def test_a_week_is_not_enough_without_three_runs(register: Register) -> None:
    register.says("Juliett")
    assert register.says("Juliett", days=30).archived == 0
    assert register.says("Juliett", days=30).archived == 1


def archive(register: Register, **options: Any) -> Summary:
    for _ in range(3):
        summary = register.says("Juliett", days=4, **options)
    return summary


def test_back_when_it_returns_and_its_history_tells_it(register: Register, session: Session) -> None:
    assert archive(register).archived == 1
    summary = register.says()
    assert (summary.read, summary.created, summary.facts["same_rows"]) == (10, 0, 9), "an absent row is read again"
    place = register.place()
    assert (place.status, place.archived_at, place.closed_on, place.closed_reason) == ("active", None, None, None)
    assert register.ops() == ["publish", "withdraw", "publish"]
    assert (register.record().absent_runs, register.record().not_seen_since) == (0, None)
    told = sa.select(FieldChange).where(FieldChange.structure_id == place.id).order_by(FieldChange.id)
    assert [(one.cause, one.side, one.source) for one in session.scalars(told)] == [
        ("close", "import", "cartographie"), ("reopen", "import", "cartographie"),
    ]  # fmt: skip
    assert register.says("Juliett").archived == 0, "it starts again from the first run"


def test_another_register_that_still_gives_it_keeps_it(register: Register, session: Session) -> None:
    place = register.place().id
    Applier(session, "autre", ("cartographie",), register.clock.now).apply(
        [Incoming("X", ("X",), {}, {"nom": "Juliett services", "commune": "Lille", "code_insee": "59350"})]
    )
    session.execute(sa.update(SourceRecord).where(SourceRecord.source == "autre").values(structure_id=place))
    session.commit()
    assert archive(register).archived == 0


def test_who_verified_it_since_knows_better(register: Register, session: Session) -> None:
    register.says("Juliett")
    register.place().verified_at = register.clock.now + DAY
    session.commit()
    assert archive(register).archived == 0


def test_one_verified_before_it_was_missed_is_archived(register: Register, session: Session) -> None:
    register.place().verified_at = register.clock.now
    session.commit()
    assert archive(register).archived == 1


def test_a_place_that_a_person_made_is_theirs_to_close(register: Register, session: Session) -> None:
    because = Because(Cause.CREATE, SOMEBODY)
    made = lifecycle.create(session, {"nom": "Fait main"}, because, (), register.clock.now)
    session.execute(sa.update(SourceRecord).where(SourceRecord.source_id == "Juliett").values(structure_id=made))
    session.commit()
    assert archive(register).archived == 0


def test_a_place_that_a_person_closed_stays_closed(register: Register, session: Session) -> None:
    id_ = register.place().id
    lifecycle.close(
        session, id_, date(2026, 11, 26), "Parti à Lille", Because(Cause.CLOSE, SOMEBODY), (), register.clock.now
    )
    assert archive(register).archived == 0
    register.says()
    place = register.place()
    assert (place.status, place.closed_reason, place.archived_at) == ("closed", "Parti à Lille", None)


def test_who_opens_it_again_is_believed(register: Register, session: Session) -> None:
    archive(register)
    assert lifecycle.reopen(session, register.place().id, Because(Cause.REOPEN, SOMEBODY), (), register.clock.now)
    assert archive(register).archived == 0
    assert register.place().status == "active"


def test_who_closes_an_archived_place_closes_it_for_good(register: Register, session: Session) -> None:
    archive(register)
    because = Because(Cause.CLOSE, SOMEBODY)
    assert lifecycle.close(
        session, register.place().id, date(2026, 12, 1), "Vu sur place", because, (), register.clock.now
    )
    register.says()
    assert (register.place().status, register.place().closed_reason) == ("closed", "Vu sur place")


def test_a_run_that_is_not_complete_and_a_trial_witness_nothing(register: Register) -> None:
    for options in ({"complete": False}, {"dry_run": True}):
        archive(register, **options)
        assert (register.record().absent_runs, register.record().not_seen_since) == (0, None)


def test_outside_the_territory_nothing_is_said(register: Register) -> None:
    register.says("Juliett", territory=frozenset({"59350"}))
    assert register.record().absent_runs == 0


def test_what_would_go_is_named(register: Register, session: Session) -> None:
    named = frozenset(WORDS) - {"Juliett", "Alpha"}
    found = absences.would_go(session, "cartographie", named, None, 10)
    assert [one["name"] for one in found] == ["Alpha services", "Juliett services"]
    assert len(absences.would_go(session, "cartographie", named, None, 1)) == 1
