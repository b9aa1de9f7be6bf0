"""Killed at each batch, run again: gone on with, and the same in the end as a run that nobody disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers import cartographie
from importers.models import ImportReject, ImportRun
from importers.pipeline import Options, Pipeline, Summary
from importers.pipeline import running as pipeline
from importers.targets import structures
from reseau.core.changes import Change, LogClock
from reseau.core.db import create_engine, session_factory
from reseau.directory.models import FieldChange, SourcePart, SourceRecord, Structure
from tests.conftest import TUESDAY
from tests.directory.site import DATA, ROUBAIX_CSV, csv_of, row

ROOT = Path(__file__).parents[2]
#: A process that dies at the nth end of a transaction of a run, before it is committed: all written, nothing kept.
#: The last one is that of the absent.
KILLED = """
import os, signal, sys, itertools
from importers.pipeline import running as pipeline
from reseau.cli import main
pipeline.BATCH = 5
real, done = pipeline._close, itertools.count(1)
def close(session, dry_run):
    if next(done) == int(sys.argv[2]):
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    real(session, dry_run)
pipeline._close = close
main(["import", "cartographie", sys.argv[1], "--complet"])
"""


def count(session: Session, model: Any) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def state(factory: sessionmaker[Any]) -> dict[str, Any]:
    """All that a run leaves, without ids and moments."""
    with factory() as session:
        names = {one.id: one.nom for one in session.execute(sa.select(Structure.id, Structure.nom))}
        records = session.scalars(sa.select(SourceRecord)).all()
        parts = session.execute(
            sa.select(SourceRecord.source_id, SourcePart.part).join(SourcePart, SourcePart.record_id == SourceRecord.id)
        )
        runs = session.scalars(sa.select(ImportRun).order_by(ImportRun.id)).all()
        told = session.scalars(sa.select(FieldChange).order_by(FieldChange.id))
        rejects = session.execute(sa.select(ImportReject.row_number, ImportReject.reason, ImportReject.raw))
        return {
            "places": sorted((s.nom, s.telephone, s.rev, s.status) for s in session.scalars(sa.select(Structure))),
            "records": sorted(
                (r.source_id, r.digest, r.raw_digest, r.absent_runs, r.not_seen_since is None, names[r.structure_id])
                for r in records
            ),
            "parts": sorted(map(tuple, parts)),
            "log": [(c.op, names[c.object_id], c.rev) for c in session.scalars(sa.select(Change).order_by(Change.seq))],
            "told": [(names[f.structure_id], f.field, f.before, f.after, f.cause) for f in told],
            "rejects": [(number, reason, sorted(raw.items())) for number, reason, raw in rejects],
            "runs": [(r.state, r.cursor, {**r.summary, "seconds": {}, "facts": {}}) for r in runs],
        }  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """What was known, and what comes: rows that stay, change, are new, are wrong; one place is gone."""
    words = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo",
             "Lima", "Mike", "November")  # fmt: skip
    rows = [row(f"R{n:02}", nom=f"{word} {n}", adresse=f"{n} rue {word}") for n, word in enumerate(words)]
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text(csv_of(rows[:10]), encoding="utf-8", newline="")
    changed = [dict(one) for one in rows[1:]]
    for one in changed[::4]:
        one["telephone"] = "0320815757"
    changed.append(row("BAD", nom=""))
    new.write_text(csv_of(changed), encoding="utf-8", newline="")
    return old, new


def run_and_die(path: Path, url: str, folder: Path, at: int) -> int:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RESEAU_DATABASE_URL": url, "RESEAU_SECRET": "s" * 40,
        "RESEAU_DATA_DIR": str(folder / "var"),
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(path), str(at)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60, check=False)
    return done.returncode


def complete(factory: sessionmaker[Any], path: Path) -> Summary:
    one = Pipeline(factory, cartographie.source, ("cartographie",), clock=lambda: TUESDAY)
    return one.run(path, str(path), Options(complete=True))


@pytest.fixture
def undisturbed(files: tuple[Path, Path], tmp_path: Path, _template: Callable[[str], str]) -> dict[str, Any]:
    """The end of the same two runs on a site of its own (SQLite: both engines must say the same)."""
    path = tmp_path / "clean.sqlite3"
    path.write_bytes(Path(_template("sqlite")).read_bytes())
    engine = create_engine(f"sqlite:///{path}")
    factory = session_factory(engine)
    for one in files:
        complete(factory, one)
    found = state(factory)
    engine.dispose()
    return found


def test_killed_at_each_batch_then_run_again(
    sessions: sessionmaker[Any], files: tuple[Path, Path], database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, Any],
) -> None:  # fmt: skip
    old, new = files
    complete(sessions, old)
    # Each one gets one batch further than the one before: in the first, second, third, and then among the absent.
    for at, cursor in ((1, 0), (2, 5), (2, 10), (2, 14)):
        assert run_and_die(new, database_url, tmp_path, at) == -signal.SIGKILL
        with sessions() as session:
            run = session.scalars(sa.select(ImportRun).where(ImportRun.state == "running")).one()
            assert run.cursor == cursor, "whole batches, no more"
            assert session.scalars(sa.select(LogClock.seq)).one() == count(session, Change)
    monkeypatch.setattr(pipeline, "BATCH", 5)
    complete(sessions, new)
    assert state(sessions) == undisturbed


def test_another_file_does_not_go_on_with_a_dead_run(
    sessions: sessionmaker[Any], session: Session, files: tuple[Path, Path], database_url: str, tmp_path: Path
) -> None:
    old, new = files
    complete(sessions, old)
    assert run_and_die(new, database_url, tmp_path, 2) == -signal.SIGKILL
    newer = tmp_path / "newer.csv"
    newer.write_bytes(new.read_bytes().replace(b"Kilo", b"Kilos"))
    complete(sessions, newer)
    runs = session.scalars(sa.select(ImportRun).order_by(ImportRun.id)).all()
    assert sorted((run.state, run.error) for run in runs) == [("done", None), ("done", None), ("failed", "interrompu")]
    assert "Kilos 10" in session.scalars(sa.select(Structure.nom)).all()


def test_a_run_that_fails_says_so_and_keeps_what_was_done(
    do_import: Callable[..., Summary], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH", 10)
    real = structures.Applier.apply
    calls: list[int] = []

    def apply(self: Any, batch: Any) -> Any:
        calls.append(len(batch))
        if len(calls) == 3:
            raise OSError("disk full of jeanne.dupont@example.org")
        return real(self, batch)

    monkeypatch.setattr(structures.Applier, "apply", apply)
    with pytest.raises(OSError, match="disk full"):
        do_import(ROUBAIX_CSV)
    assert count(session, SourceRecord) == 20
    run = session.scalars(sa.select(ImportRun)).one()
    assert (run.state, run.summary["read"], run.cursor) == ("failed", 20, 20)
    assert (run.error, run.error_detail) == ("echec", {"error": "OSError"}), "the message may hold what a row says"
    session.commit()
    monkeypatch.undo()
    again = do_import(ROUBAIX_CSV)
    assert (again.unchanged, again.created + again.linked, again.facts["same_rows"]) == (20, 19, 20)


def test_two_complete_runs_of_the_same_file_say_the_same(do_import: Callable[..., Summary], session: Session) -> None:
    path = DATA / "roubaix-lieux_schema-1.0.json"
    do_import(path, complete=True)
    before = count(session, Change)
    session.commit()
    again = do_import(path, complete=True)
    assert (again.unchanged, again.absent, count(session, Change)) == (39, 0, before)
