"""Killed midway, run twice at once: nothing is doubled, nothing is half done."""

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
from sqlalchemy.orm import Session

from bench import grow
from importers.models import ImportRun
from importers.pipeline import BATCH, Summary
from importers.pipeline import running as pipeline
from importers.targets import structures
from reseau.core.changes import Change, LogClock
from reseau.directory.models import SourcePart, SourceRecord, Structure
from tests.directory.site import DATA, ROUBAIX_CSV

ROOT = Path(__file__).parents[2]
ROWS = 2_000
KILLED = """
import os, signal, sys
from importers.pipeline import running as pipeline
from reseau.cli import main
real, done = pipeline._close, 0
def close(session, dry_run):
    global done
    done += 1
    if done == int(sys.argv[2]):
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)  # all is written, nothing is committed
    real(session, dry_run)
pipeline._close = close
main(["import", "cartographie", sys.argv[1]])
"""


def count(session: Session, model: Any) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("grown") / "grown.csv"
    grow.write(path, ROWS)
    return path


def run_and_die(path: Path, url: str, folder: Path, at: int) -> int:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RESEAU_DATABASE_URL": url, "RESEAU_SECRET": "s" * 40,
        "RESEAU_DATA_DIR": str(folder / "var"),
    }  # fmt: skip
    command = [sys.executable, "-c", KILLED, str(path), str(at)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60, check=False).returncode


def test_killed_in_the_third_batch_then_run_again(
    do_import: Callable[..., Summary], session: Session, database_url: str, grown: Path, tmp_path: Path
) -> None:
    assert run_and_die(grown, database_url, tmp_path, 4) == -signal.SIGKILL  # the run itself, and two batches
    kept = 2 * BATCH
    for model in (Structure, SourceRecord, Change):
        assert count(session, model) == kept, "whole batches, nothing of the third"
    assert session.scalars(sa.select(LogClock.seq)).one() == kept
    assert session.scalars(sa.select(ImportRun.state)).all() == ["running"]
    session.commit()

    summary = do_import(grown)
    assert (summary.read, summary.created, summary.updated, summary.unchanged) == (ROWS, ROWS - kept, 0, kept)
    for model in (Structure, SourceRecord, Change):
        assert count(session, model) == ROWS
    assert count(session, SourcePart) >= ROWS
    assert session.scalars(sa.select(sa.func.count(SourceRecord.source_id.distinct()))).one() == ROWS
    states = session.scalars(
        sa.select(ImportRun.state).order_by(ImportRun.id), execution_options={"populate_existing": True}
    )
    assert states.all() == ["failed", "done"], "the dead run does not stay 'running' for ever"


def test_a_run_that_fails_says_so_and_keeps_what_was_done(
    do_import: Callable[..., Summary], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH", 10)
    real = structures.Applier.apply
    calls: list[int] = []

    def apply(self: Any, batch: Any) -> Any:
        calls.append(len(batch))
        if len(calls) == 3:
            raise OSError("disk full")
        return real(self, batch)

    monkeypatch.setattr(structures.Applier, "apply", apply)
    with pytest.raises(OSError, match="disk full"):
        do_import(ROUBAIX_CSV)
    assert count(session, Structure) == count(session, Change) == 20
    run = session.scalars(sa.select(ImportRun)).one()
    assert (run.state, run.summary["created"]) == ("failed", 20)
    session.commit()
    monkeypatch.undo()
    assert do_import(ROUBAIX_CSV).created == 19


def test_two_complete_runs_of_the_same_file_say_the_same(do_import: Callable[..., Summary], session: Session) -> None:
    path = DATA / "roubaix-lieux_schema-1.0.json"
    do_import(path, complete=True)
    again = do_import(path, complete=True)
    assert (again.unchanged, again.absent, count(session, Change)) == (39, 0, 39)
