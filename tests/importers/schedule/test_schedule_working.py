"""What is due is done, once; what fails waits longer and longer; who has to know is told once. On both engines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from importers import conducting
from importers.conducting import Conducting
from importers.models import ImportRun, ImportSource
from importers.pipeline.contract import Refused
from importers.schedule import runs, sources, working
from importers.schedule.jobs import JOBS, sync
from reseau.core.jobs import Tools
from reseau.core.locks import exclusive
from reseau.core.mail import Mail
from reseau.directory import priorities
from reseau.directory.models import SourcePart, SourceRecord, Structure
from reseau.settings import Settings
from tests.conftest import StillClock
from tests.directory.site import csv_of, row
from tests.people import person


class Bench:
    """A base with a coordinator, and sources made of files."""

    def __init__(self, engine: Any, sessions: sessionmaker[Any], settings: Settings, clock: StillClock) -> None:
        self.sessions, self.settings, self.clock, self.folder = sessions, settings, clock, settings.data_dir
        self.folder.mkdir(parents=True)
        self.engine = engine
        self.tools = Conducting(engine, sessions, settings, clock)
        with sessions.begin() as session:
            person(session, "coordination", roles=["coordinator"], now=clock())

    def source(self, name: str, rows: int = 3, **more: Any) -> Path:
        """A source that is due, and its file."""
        path = self.write(name, rows)
        more = {"enabled": True, "next_at": self.clock(), "location": str(path), **more}
        with self.sessions.begin() as session:
            session.add(ImportSource(name=name, adapter="cartographie", title=f"Registre {name}", **more))
        return path

    def write(self, name: str, rows: int) -> Path:
        path = self.folder / f"{name}.csv"
        path.write_text(csv_of(row(f"{name}{n}", nom=f"Lieu {name}{n}") for n in range(rows)), encoding="utf-8")
        return path

    def row(self, name: str) -> ImportSource:
        with self.sessions() as session:
            found: ImportSource = session.scalars(sa.select(ImportSource).where(ImportSource.name == name)).one()
            return found

    def all(self, model: Any) -> list[Any]:
        with self.sessions() as session:
            return list(session.scalars(sa.select(model)))

    def work(self, **how: Any) -> list[tuple[str, int]]:
        return [(end.name, end.code) for end in working.work(self.tools, **how)]


@pytest.fixture
def bench(engine: Any, sessions: sessionmaker[Any], settings: Settings, clock: StillClock) -> Bench:
    return Bench(engine, sessions, settings, clock)


def test_what_is_due_is_read_and_has_its_next_moment(bench: Bench) -> None:
    bench.source("a")
    bench.source("b", next_at=bench.clock() + timedelta(minutes=1))
    assert bench.work() == [("a", 0)]
    source = bench.row("a")
    assert source.last_good_at == bench.clock()
    assert source.next_at is not None
    assert timedelta(hours=12) <= source.next_at - bench.clock() <= timedelta(hours=37)
    assert len(bench.all(Structure)) == 3
    assert bench.work() == []
    assert [run.trigger for run in bench.all(ImportRun)] == ["schedule"]


def test_one_that_breaks_stops_no_other_and_waits_longer_each_time(bench: Bench) -> None:
    bench.source("a", location="/nulle/part.csv")
    bench.source("b")
    assert sorted(bench.work()) == [("a", 1), ("b", 0)]
    waits = []
    for _ in range(4):
        source = bench.row("a")
        assert source.next_at is not None
        waits.append((source.next_at - bench.clock()).total_seconds() / 60)
        bench.clock.now = source.next_at
        assert ("a", 1) in bench.work()
    assert bench.row("a").failures == 5
    for wait, minutes in zip(waits, (30, 60, 120, 240), strict=True):
        assert minutes <= wait <= 1.1 * minutes


def test_three_failures_are_told_once_and_again_only_after_it_was_good(bench: Bench) -> None:
    path = bench.source("a")
    good = path.read_bytes()
    path.unlink()

    def fail(times: int) -> None:
        for _ in range(times):
            bench.clock.now = bench.row("a").next_at or bench.clock()
            assert bench.work() == [("a", 1)]

    fail(2)
    assert bench.all(Mail) == []
    fail(3)
    (mail,) = bench.all(Mail)
    assert (mail.kind, mail.recipient) == ("source-en-panne", "coordination@reseau.example")
    assert "Registre a" in mail.subject
    assert "3 fois de suite" in mail.text
    assert "/gestion/sources/a" in mail.text
    path.write_bytes(good)
    bench.clock.now = bench.row("a").next_at or bench.clock()
    assert bench.work() == [("a", 0)]
    assert bench.row("a").failures == 0
    path.unlink()
    fail(4)
    assert len(bench.all(Mail)) == 2


def test_a_source_that_asks_to_wait_is_obeyed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.source("a")
    until = bench.clock() + timedelta(days=2)

    def refuse(*_args: Any, **_more: Any) -> None:
        raise Refused("trop-tard", until=until.isoformat(), when="jeudi")

    monkeypatch.setattr(conducting, "conduct", refuse)
    assert bench.work() == [("a", 1)]
    source = bench.row("a")
    assert source.next_at is not None
    assert until < source.next_at < until + timedelta(minutes=5)
    assert source.failures == 1


def test_a_held_run_is_told_once_then_accepted_by_a_person(bench: Bench) -> None:
    bench.source("a", rows=30, complete=True)
    assert bench.work() == [("a", 0)]
    bench.write("a", 10)
    for _ in range(3):
        bench.clock.now = bench.row("a").next_at or bench.clock()
        assert bench.work() == [("a", 3)]
    (mail,) = bench.all(Mail)
    (held,) = [run for run in bench.all(ImportRun) if run.state == "held"]
    assert mail.kind == "import-a-decider"
    assert f"/gestion/imports/{held.id}" in mail.text
    assert "80" in mail.text  # the guard's sentence
    assert bench.row("a").failures == 0
    with bench.sessions.begin() as session:
        assert conducting.approve(session, held.id, None, bench.clock())
        assert not conducting.approve(session, held.id, None, bench.clock())
    assert bench.work() == [("a", 0)]
    assert bench.work() == []
    (run,) = [run for run in bench.all(ImportRun) if run.id == held.id]
    assert (run.state, run.trigger) == ("done", "accept")


def test_a_replay_that_was_asked_for_is_done_once(bench: Bench) -> None:
    bench.source("a")
    bench.work()
    (run,) = bench.all(ImportRun)
    with bench.sessions.begin() as session:
        assert runs.ask_replay(session, run.id, True)
        assert not runs.ask_replay(session, run.id, True)
    assert bench.work() == [("a", 0)]
    (run,) = bench.all(ImportRun)  # a trial leaves no run
    assert run.preview["trial"]["counts"]["unchanged"] == 3
    assert "replay" not in run.preview
    with bench.sessions.begin() as session:
        assert runs.ask_replay(session, run.id, False)
    assert bench.work() == [("a", 0)]
    assert sorted(one.trigger for one in bench.all(ImportRun)) == ["replay", "schedule"]
    assert bench.work() == []


def test_a_run_of_a_dead_process_is_taken_up(bench: Bench) -> None:
    bench.source("a")
    bench.work()
    with bench.sessions.begin() as session:  # as a kill -9 before the first batch leaves it
        for model in (SourcePart, SourceRecord, Structure):
            session.execute(sa.delete(model))
        session.execute(sa.update(ImportRun).values(state="running", cursor=0, summary={}, ended_at=None))
    with exclusive(bench.engine, bench.settings.data_dir, "import-a"):
        assert bench.work() == []  # it is alive
    assert bench.work() == [("a", 0)]
    assert len(bench.all(Structure)) == 3
    assert [run.state for run in bench.all(ImportRun)] == ["done"]


def test_somebody_else_is_at_it(bench: Bench) -> None:
    bench.source("a")
    with exclusive(bench.engine, bench.settings.data_dir, "import-a"):
        assert bench.work() == [("a", 75)]
    assert bench.row("a").next_at == bench.clock()
    assert bench.work() == [("a", 0)]


def test_a_source_that_is_off_is_read_only_when_asked(bench: Bench) -> None:
    bench.source("a", enabled=False, next_at=None)
    assert bench.work() == []
    with bench.sessions.begin() as session:
        source = sources.by_name(session, "a")
        assert source is not None
        assert sources.ask_now(session, source, bench.clock())
        assert not sources.ask_now(session, source, bench.clock())
    assert bench.work() == [("a", 0)]
    assert bench.row("a").next_at is None
    assert [run.trigger for run in bench.all(ImportRun)] == ["button"]


def test_stopping_is_looked_at_between_two_sources(bench: Bench) -> None:
    bench.source("a")
    bench.source("b")
    asked = iter([False, True])
    tools = Tools(bench.sessions, bench.settings, bench.clock, lambda: next(asked))
    assert sync(tools) == "faits : 1"
    assert {job.name for job in JOBS} == {"imports", "ordre-des-sources", "imports-anciens"}


def test_named_sources_run_now(bench: Bench) -> None:
    bench.source("a", next_at=None)
    assert bench.work(only=["a", "personne"]) == [("a", 0), ("personne", 1)]


@pytest.mark.parametrize(("codes", "worst"), [([], 0), ([0, 75], 75), ([75, 3, 0], 3), ([3, 1], 1)])
def test_the_worst_code_is_that_of_the_command(codes: list[int], worst: int) -> None:
    assert working.worst([working.End("a", code, "") for code in codes]) == worst


def test_known_sources_are_laid_once_and_switched_off(bench: Bench) -> None:
    with bench.sessions.begin() as session:
        assert sources.lay(session, bench.clock()) >= 1
        assert sources.lay(session, bench.clock()) == 0
    found = bench.all(ImportSource)
    assert "cartographie" in {one.name for one in found}
    assert not [one for one in found if one.enabled or one.next_at]
    assert bench.work() == []


def test_a_new_order_is_followed_by_the_job_but_not_during_an_import(bench: Bench) -> None:
    bench.source("a")
    bench.source("b", enabled=False, next_at=None)
    bench.work()
    with bench.sessions.begin() as session:
        assert sources.shift(session, "a", True, ("cartographie",)) == {"a", "cartographie"}
        session.execute(sa.update(ImportRun).values(state="running"))
        assert not sources.follow_order(session, bench.settings, bench.clock())
    assert working.follow_order(bench.tools) == 0
    with bench.sessions.begin() as session:
        assert priorities.pending(session)
        session.execute(sa.update(ImportRun).values(state="done"))
    working.follow_order(bench.tools)
    with bench.sessions() as session:
        assert not priorities.pending(session)
        assert [one.name for one in sources.ranking(session, ("cartographie",))] == ["a", "cartographie", "b"]
