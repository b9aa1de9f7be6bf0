"""Spreadsheets on their way in, on both engines, without pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from importers import conducting
from importers.conducting import Conducting
from importers.models import ImportRun, ImportSource, SheetUpload
from importers.pipeline.contract import COUNTS
from importers.pipeline.raws import RawStore
from importers.schedule import working
from importers.tableur import child, jobs, uploads
from importers.tableur.uploads import Wanted
from reseau.core.jobs import Tools
from reseau.directory.models import Structure
from tests.importers.tableur.making import ROWS, csv_of


def send(sessions: Any, settings: Any, clock: Any, path: Path, data: bytes) -> SheetUpload:
    path.write_bytes(data)
    raw = RawStore.of(settings).keep(path)
    with sessions.begin() as session:
        return uploads.add(session, raw, "lieux.csv", child.described(path)["sheets"], by=None, now=clock())


def test_a_table_on_both_engines(engine: Any, sessions: Any, settings: Any, clock: Any, tmp_path: Path) -> None:
    tools = Tools(sessions, settings, clock)
    sent = send(sessions, settings, clock, tmp_path / "t", csv_of(ROWS))
    assert jobs.try_all(tools) is None  # nobody has confirmed its columns
    with sessions.begin() as session:
        upload = session.get(SheetUpload, sent.id)
        source = uploads.new_partner(session, "Ville voisine", by=None, now=clock())
        assert uploads.new_partner(session, "Ville voisine", by=None, now=clock()) is source
        wanted = Wanted(0, upload.columns[0]["mapping"])
        uploads.confirm(session, upload, source, wanted, by=None, now=clock())
        assert not uploads.ask_import(session, upload, False, clock())
    assert jobs.try_all(tools) == "tableurs essayés : 1"
    with sessions.begin() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Structure)) == 0
        upload = session.get(SheetUpload, sent.id)
        assert {name: number for name, number in upload.trial["counts"].items() if number} == {"read": 2, "created": 2}
        assert {one["name"] for one in upload.trial["structures"]} == {"Atelier du Galon", "Maison du Lac"}
        assert uploads.ask_import(session, upload, False, clock())
        assert not uploads.ask_import(session, upload, False, clock())
        (name,) = session.scalars(sa.select(ImportSource.name))
    summary = conducting.conduct(Conducting(engine, sessions, settings, clock), name)
    assert (summary.read, summary.created) == (2, 2)
    with sessions.begin() as session:
        assert uploads.run_of(session, session.get(SheetUpload, sent.id)).id == summary.run_id
    again = conducting.replay(Conducting(engine, sessions, settings, clock), summary.run_id)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    second = send(sessions, settings, clock, tmp_path / "t", csv_of(ROWS))
    assert second.trial == {"state": "asked"}
    assert jobs.try_all(tools) == "tableurs essayés : 1"


def test_a_trial_says_what_the_run_then_does(
    engine: Any, sessions: Any, settings: Any, clock: Any, tmp_path: Path
) -> None:
    here = replace(settings, territory=("59512",))
    conducting_ = Conducting(engine, sessions, here, clock)
    columns = {"0": "id", "1": "nom", "2": "commune", "3": "code_postal", "4": "telephone"}
    titles = ["Identifiant", "Nom", "Ville", "CP", "Tél"]
    first = [["a", "Lieu qui part", "Roubaix", "59100", ""], ["b", "Lieu double", "Roubaix", "59100", ""]]
    moved = [["a", "Lieu qui part", "Lille", "59000", ""], ["c", "Lieu d’ailleurs", "Lille", "59000", ""],
             first[1], ["b", "Autre lieu", "Roubaix", "59100", "03 59"]]  # fmt: skip
    for rows in (first, moved):
        sent = send(sessions, here, clock, tmp_path / "t", csv_of([titles, *rows], encoding="utf-8"))
        with sessions.begin() as session:
            upload = session.get(SheetUpload, sent.id)
            source = uploads.new_partner(session, "Ville voisine", by=None, now=clock())
            uploads.confirm(session, upload, source, Wanted(0, columns), by=None, now=clock())
        jobs.try_all(Tools(sessions, here, clock))
        with sessions.begin() as session:
            upload = session.get(SheetUpload, sent.id)
            trial = upload.trial
            assert uploads.ask_import(session, upload, False, clock())
        (end,) = working.work(conducting_)
        assert trial["counts"] == {count: getattr(end.summary, count) for count in COUNTS}
    assert {name: number for name, number in trial["counts"].items() if number} == {
        "read": 4, "updated": 1, "unchanged": 1, "outside": 1, "rejected": 1,
    }  # fmt: skip
    told = [(one["field"], one["reason"]) for one in trial["problems"] if one["line"] == 5]
    assert told == [("telephone", "telephone-illisible"), (None, "identifiant-deja-lu")]


def samples(upload: SheetUpload) -> set[str]:
    return {text for sheet in upload.columns for column in sheet["columns"] for text in column["samples"]}


def tried(sessions: Any, settings: Any, clock: Any, path: Path, name: str) -> SheetUpload:
    """A file of the partner « Ville voisine » with one place, tried."""
    rows = [["Nom", "Ville", "Divers"], [name, "Roubaix", "secret"]]
    sent = send(sessions, settings, clock, path, csv_of(rows, encoding="utf-8"))
    with sessions.begin() as session:
        upload = session.get(SheetUpload, sent.id)
        assert name in samples(upload)
        source = uploads.new_partner(session, "Ville voisine", by=None, now=clock())
        uploads.confirm(session, upload, source, Wanted(0, {"0": "nom", "1": "commune"}), by=None, now=clock())
        assert samples(upload) == {name, "Roubaix"}, "none of what is not imported"
    assert jobs.try_all(Tools(sessions, settings, clock)) == "tableurs essayés : 1"
    return sent


def states(session: Any) -> list[str]:
    return [one.state for one in reversed(uploads.listed(session, 1).rows)]


def test_of_two_files_of_one_partner_the_second_waits(
    engine: Any, sessions: Any, settings: Any, clock: Any, tmp_path: Path
) -> None:
    tools, conducting_ = Tools(sessions, settings, clock), Conducting(engine, sessions, settings, clock)
    both = [tried(sessions, settings, clock, tmp_path / "t", name) for name in ("Lieu du nord", "Lieu du sud")]
    for sent in both:
        with sessions.begin() as session:
            upload = session.get(SheetUpload, sent.id)
            assert uploads.ask_import(session, upload, False, clock())
            assert samples(upload) == set()
    with sessions() as session:
        assert states(session) == ["asked", "waiting"]
    jobs.try_all(tools)
    with sessions() as session:
        assert states(session) == ["asked", "waiting"]
    assert [end.said for end in working.work(conducting_)] == ["Fait : 1 lignes lues."]
    with sessions() as session:
        assert states(session) == ["begun", "waiting"]
    jobs.try_all(tools)
    with sessions() as session:
        assert states(session) == ["begun", "asked"]
    assert [end.said for end in working.work(conducting_)] == ["Fait : 1 lignes lues."]
    with sessions() as session:
        assert states(session) == ["begun", "begun"]
        assert {run.raw for run in session.scalars(sa.select(ImportRun))} == {one.raw for one in both}
        assert set(session.scalars(sa.select(Structure.nom))) == {"Lieu du nord", "Lieu du sud"}
        assert session.scalars(sa.select(ImportSource.next_at)).all() == [None]


def test_a_file_that_never_began_says_that_it_was_replaced(
    sessions: Any, settings: Any, clock: Any, tmp_path: Path
) -> None:
    for name in ("Lieu du nord", "Lieu du sud"):
        sent = tried(sessions, settings, clock, tmp_path / "t", name)
        with sessions.begin() as session:
            assert uploads.ask_import(session, session.get(SheetUpload, sent.id), False, clock())
            session.scalars(sa.select(ImportSource)).one().next_at = None  # its reading failed before there was a run
    with sessions() as session:
        assert states(session) == ["replaced", "asked"]


def test_samples_are_kept_for_seven_days(sessions: Any, settings: Any, clock: Any, tmp_path: Path) -> None:
    sent = send(sessions, settings, clock, tmp_path / "t", csv_of(ROWS))
    for days, kept in ((6, True), (8, False)):
        jobs.forget(Tools(sessions, settings, lambda days=days: clock() + timedelta(days=days)))
        with sessions() as session:
            assert bool(samples(session.get(SheetUpload, sent.id))) is kept


def test_what_was_sent_long_ago_is_forgotten(sessions: Any, settings: Any, clock: Any, tmp_path: Path) -> None:
    send(sessions, settings, clock, tmp_path / "t", csv_of(ROWS))
    tools = Tools(sessions, settings, lambda: clock() + timedelta(days=89))
    assert jobs.forget(tools) is None
    tools = Tools(sessions, settings, lambda: clock() + timedelta(days=91))
    assert jobs.forget(tools) == "tableurs oubliés : 1"


def test_a_raw_file_that_is_gone_is_said(sessions: Any, settings: Any, clock: Any, tmp_path: Path) -> None:
    sent = send(sessions, settings, clock, tmp_path / "t", csv_of([*ROWS, ["x"]]))
    for kept in (settings.data_dir / "imports").glob("*.gz"):
        kept.unlink()
    with sessions.begin() as session:
        upload = session.get(SheetUpload, sent.id)
        source = uploads.new_partner(session, "Autre ville", by=None, now=clock())
        uploads.confirm(session, upload, source, Wanted(0, {"0": "nom", "4": "commune"}), by=None, now=clock())
    jobs.try_all(Tools(sessions, settings, clock))
    with sessions() as session:
        assert session.get(SheetUpload, sent.id).trial["error"] == "brut-absent"
