"""From a file to the end of a run: kept, replayed, held, accepted, dropped; once, whoever asks twice. Both engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers import conducting, sentences
from importers.conducting import Conducting, conduct
from importers.models import ImportReject, ImportRun, ImportSource
from importers.pipeline import Held, Options, Refused, Summary
from reseau.core.audit import Audit
from reseau.core.ids import new_id
from reseau.core.locks import Locked, exclusive
from reseau.directory.models import SourceRecord, Structure
from reseau.settings import Settings
from tests.conftest import StillClock
from tests.directory.site import csv_of, dump, row

WORDS = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett")
TEN = [row(word, nom=f"{word} services", adresse=f"{n} rue {word}") for n, word in enumerate(WORDS)]
#: Tables that a run which changes nothing may write.
OF_RUNS = ("import_run", "import_source")


@pytest.fixture
def tools(engine: sa.Engine, sessions: sessionmaker[Any], settings: Settings, clock: StillClock) -> Conducting:
    """With what runs are conducted."""
    return Conducting(engine, sessions, settings, clock)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Writes rows; always the same file."""

    def write(rows: list[dict[str, str]], name: str = "f.csv") -> str:
        path = tmp_path / name
        path.write_text(csv_of(rows), encoding="utf-8", newline="")
        return str(path)

    return write


def runs(session: Session) -> list[ImportRun]:
    session.commit()
    session.expire_all()
    found = list(session.scalars(sa.select(ImportRun).order_by(ImportRun.id)))
    session.commit()  # a writing session holds the lock of SQLite
    return found


def rest(engine: sa.Engine) -> dict[str, list[str]]:
    """All that is there, but what tells of runs."""
    return {name: rows for name, rows in dump(engine).items() if name not in OF_RUNS}


def test_the_same_file_again_writes_nothing_but_that_it_was_looked_at(
    tools: Conducting, session: Session, engine: sa.Engine, file: Any
) -> None:
    path = file(TEN)
    assert conduct(tools, "cartographie", path).created == 10
    before = rest(engine)
    again = conduct(tools, "cartographie", path)
    assert (again.same, again.read) == (True, 0)
    assert rest(engine) == before
    assert [run.state for run in runs(session)] == ["done", "same"]
    forced = conduct(tools, "cartographie", path, Options(force=True))
    assert (forced.same, forced.unchanged, forced.facts["same_rows"]) == (False, 10, 10)
    assert conduct(tools, "cartographie", path, Options(complete=True)).same is False, "asked for in another way"
    assert conduct(tools, "cartographie", file(TEN[:9])).same is False, "another file"
    assert conduct(tools, "cartographie", path, Options(territory=frozenset({"59512"}))).unchanged == 9


def test_a_row_that_changed_is_the_only_one_that_is_read(tools: Conducting, session: Session, file: Any) -> None:
    conduct(tools, "cartographie", file(TEN))
    changed = [*reversed(TEN[1:]), TEN[0] | {"telephone": "0320815757"}]
    summary = conduct(tools, "cartographie", file(changed))
    assert (summary.updated, summary.unchanged, summary.facts["same_rows"]) == (1, 9, 9)
    spelled = [one | {"commune": one["commune"].upper()} for one in changed]
    assert conduct(tools, "cartographie", file(spelled)).facts["same_rows"] == 0
    again = conduct(tools, "cartographie", file(spelled[::-1]))
    assert (again.unchanged, again.facts["same_rows"]) == (10, 10), "said in other words, known at sight the next time"


def test_a_refused_file_leaves_a_run_that_says_why(
    tools: Conducting, session: Session, engine: sa.Engine, tmp_path: Path
) -> None:
    before = rest(engine)
    (tmp_path / "page").write_text("<html>")
    with pytest.raises(Refused):
        conduct(tools, "cartographie", str(tmp_path / "page"))
    with pytest.raises(Refused):
        conduct(tools, "cartographie", str(tmp_path / "nowhere"))
    with pytest.raises(Refused, match="source-inconnue"):
        conduct(tools, "annuaire-rose", str(tmp_path / "page"))
    found = runs(session)
    assert [(run.state, run.error, run.raw is None) for run in found] == [
        ("refused", "html", False), ("refused", "absent", True),
    ]  # fmt: skip
    assert "nowhere" in sentences.said(found[1].error or "", found[1].error_detail)
    assert rest(engine) == before, "not even the journal"


def test_the_raw_file_is_kept_and_replayed_without_the_file(
    tools: Conducting, session: Session, engine: sa.Engine, file: Any
) -> None:
    path = Path(file(TEN))
    first = conduct(tools, "cartographie", str(path))
    (run,) = runs(session)
    assert run.size == path.stat().st_size
    path.unlink()
    before = rest(engine)
    again = conducting.replay(tools, run.id)
    assert (again.unchanged, again.run_id != first.run_id) == (10, True)
    assert {name: rows for name, rows in rest(engine).items() if name != "audit"} == {
        name: rows for name, rows in before.items() if name != "audit"
    }
    assert [run.trigger for run in runs(session)] == ["command", "replay"]
    tried = conducting.replay(tools, run.id, dry_run=True)
    assert (tried.unchanged, len(runs(session))) == (10, 2)
    with pytest.raises(Refused, match="import-inconnu"):
        conducting.replay(tools, new_id())


def test_an_old_complete_file_says_nothing_of_what_came_later(tools: Conducting, session: Session, file: Any) -> None:
    conduct(tools, "cartographie", file(TEN[:9]), Options(complete=True))
    old = runs(session)[0].id
    conduct(tools, "cartographie", file(TEN), Options(complete=True))
    assert conducting.replay(tools, old).absent == 0
    assert session.scalars(sa.select(sa.func.count(SourceRecord.not_seen_since))).one() == 0


def hold(tools: Conducting, file: Any) -> Held:
    conduct(tools, "cartographie", file(TEN), Options(complete=True))
    fewer = [TEN[0] | {"telephone": "0320815757"}, *TEN[1:6], row("New", nom="Nouveau lieu")]
    with pytest.raises(Held) as held:
        conduct(tools, "cartographie", file(fewer), Options(complete=True))
    return held.value


def test_a_held_run_shows_what_it_would_change_and_changes_nothing(
    tools: Conducting, session: Session, engine: sa.Engine, file: Any
) -> None:
    held = hold(tools, file)
    assert (held.code, held.details) == ("trop-peu", {"incoming": 7, "known": 10})
    run = runs(session)[1]
    assert (run.id, run.state, run.error) == (held.run_id, "held", "trop-peu")
    preview = run.preview
    assert preview is not None
    assert {name: n for name, n in preview["counts"].items() if n} == {
        "read": 7, "created": 1, "updated": 1, "unchanged": 5, "absent": 4,
    }  # fmt: skip
    assert [(one["name"], one["op"], one["fields"]) for one in preview["structures"]] == [
        ("Alpha services", "update", [["telephone", None, "+33320815757"]]), ("Nouveau lieu", "create", []),
    ]  # fmt: skip
    assert [one["name"] for one in preview["absent"]] == [
        "Golf services",
        "Hotel services",
        "India services",
        "Juliett services",
    ]
    assert session.scalars(sa.select(Structure.telephone).where(Structure.nom == "Alpha services")).one() is None
    assert "Nouveau lieu" not in session.scalars(sa.select(Structure.nom)).all()


def test_accepted_once_whoever_asks_twice(tools: Conducting, session: Session, file: Any, tmp_path: Path) -> None:
    held, person = hold(tools, file), new_id()
    (tmp_path / "f.csv").unlink()
    assert held.run_id
    with exclusive(tools.engine, tools.settings.data_dir, "import-cartographie"), pytest.raises(Locked):
        conducting.accept(tools, held.run_id, person)
    assert conducting.accepted(session) == [held.run_id], "it stays accepted, and is run later"
    session.commit()
    summary = conducting.accept(tools, held.run_id)
    assert (summary.created, summary.updated, summary.absent, summary.run_id) == (1, 1, 4, held.run_id)
    run = runs(session)[1]
    assert (run.state, run.trigger, run.decided_by) == ("done", "accept", person)
    for decide in (lambda: conducting.accept(tools, held.run_id), lambda: conducting.resume(tools, held.run_id)):
        with pytest.raises(Refused, match="deja-decide"):
            decide()
    assert not conducting.drop(session, held.run_id, person, tools.clock())


def test_dropped_once_and_the_same_file_asks_again_only_if_it_is_another(
    tools: Conducting, session: Session, file: Any, tmp_path: Path
) -> None:
    held, person = hold(tools, file), new_id()
    with pytest.raises(Held) as again:
        conduct(tools, "cartographie", str(tmp_path / "f.csv"), Options(complete=True))
    assert again.value.run_id == held.run_id, "the same file is not a second question"
    assert len(runs(session)) == 2
    assert held.run_id
    assert conducting.drop(session, held.run_id, person, tools.clock())
    assert not conducting.approve(session, held.run_id, person, tools.clock())
    session.commit()
    with pytest.raises(Refused, match="deja-decide"):
        conducting.accept(tools, held.run_id, person)
    assert runs(session)[1].state == "dropped"


def test_a_good_run_makes_what_was_held_before_it_a_thing_of_the_past(
    tools: Conducting, session: Session, file: Any
) -> None:
    hold(tools, file)
    conduct(tools, "cartographie", file(TEN[:9]), Options(complete=True))
    assert [run.state for run in runs(session)] == ["done", "dropped", "done"]


def test_too_many_refused_rows_are_held_with_their_rows(tools: Conducting, session: Session, file: Any) -> None:
    bad = [row(f"B{n}", nom="", courriels="jeanne.dupont@exemple-mairie.fr") for n in range(4)]
    more = [row(f"C{n}", nom=f"{word} {word}", adresse=f"{n} bd {word}") for n, word in enumerate(WORDS)]
    assert conduct(tools, "cartographie", file([*TEN, *more[:8], *bad[:2]])).rejected == 2, "10 % is not over 10 %"
    with pytest.raises(Held) as held:
        conduct(tools, "cartographie", file([*TEN, *more, *bad]))
    assert (held.value.code, held.value.details) == ("trop-de-rejets", {"rejected": 4, "rows": 24})
    rejects = session.scalars(sa.select(ImportReject).where(ImportReject.run_id == held.value.run_id)).all()
    assert [(one.row_number, one.reason) for one in rejects] == [(n, "nom-manquant") for n in range(21, 25)]
    assert rejects[0].raw == {
        "id": "B0", "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512", "date_maj": "2024-05-06",
        "source": "Registre", "courriels": "…@exemple-mairie.fr",
    }  # fmt: skip
    session.commit()
    assert held.value.run_id
    assert conducting.accept(tools, held.value.run_id).rejected == 4


# --- a source with a row of its own -----------------------------------------------------------------------


@pytest.fixture
def source(session: Session, file: Any) -> ImportSource:
    """A register whose address is a file."""
    row_ = ImportSource(
        name="region", adapter="cartographie", title="Région", location=file(TEN), complete=True, keep_raw=2,
        territory=["59512"],
    )  # fmt: skip
    session.add(row_)
    session.commit()
    return row_


def test_the_row_of_the_source_tells_how_it_went(
    tools: Conducting, session: Session, source: ImportSource, file: Any, tmp_path: Path
) -> None:
    summary = conduct(tools, "region")
    session.refresh(source)
    session.commit()
    assert (summary.created, source.last_run_id, source.last_good_at) == (10, summary.run_id, tools.clock())
    assert (source.facts["format"], "telephone" in source.facts["columns"], source.failures) == ("csv", True, 0)
    (run,) = runs(session)
    assert (run.source, run.source_id, run.options["territory"], run.options["complete"]) == (
        "region", source.id, ["59512"], True,
    )  # fmt: skip
    assert session.scalars(sa.select(SourceRecord.source).distinct()).all() == ["region"]
    session.commit()
    (tmp_path / "f.csv").unlink()
    for failures in (1, 2):
        with pytest.raises(Refused):
            conduct(tools, "region")
        session.refresh(source)
        session.commit()
        assert (source.failures, source.digest) == (failures, run.raw)
    file(TEN)
    assert conduct(tools, "region").same
    session.commit()
    session.refresh(source)
    assert source.failures == 0


def test_another_schema_is_held(tools: Conducting, session: Session, source: ImportSource, tmp_path: Path) -> None:
    conduct(tools, "region")
    path = tmp_path / "f.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("telephone", "appel", 1), encoding="utf-8")
    with pytest.raises(Held) as held:
        conduct(tools, "region")
    assert (held.value.code, held.value.details) == ("schema-change", {"gone": "telephone", "new": "aucune"})
    assert held.value.run_id
    conducting.accept(tools, held.value.run_id)
    assert conduct(tools, "region").same


def test_only_the_last_raw_files_are_kept(tools: Conducting, session: Session, source: ImportSource, file: Any) -> None:
    import os

    for end in (10, 9, 8):
        file(TEN[:end])
        conduct(tools, "region")
        for path in tools.folder.glob("*.gz"):
            os.utime(path, (0, 0))  # older than the hour for which a file is left alone
    file(TEN)
    conduct(tools, "region")
    kept = {run.raw for run in runs(session)[-2:]} | {runs(session)[0].raw}
    assert {path.name.removesuffix(".gz") for path in tools.folder.glob("*.gz")} == kept


def test_a_run_that_is_made_leaves_one_row_in_the_journal(tools: Conducting, session: Session, file: Any) -> None:
    path = file(TEN)
    summary: Summary = conduct(tools, "cartographie", path)
    conduct(tools, "cartographie", path)
    (row_,) = session.scalars(sa.select(Audit).where(Audit.action == "import.run"))
    assert (row_.object_id, row_.detail) == (summary.run_id, {"source": "cartographie", "read": 10, "created": 10})


def test_a_second_one_is_told_that_somebody_is_at_it(tools: Conducting, file: Any, engine: sa.Engine) -> None:
    path = file(TEN)
    before = dump(engine)
    with exclusive(engine, tools.settings.data_dir, "import-cartographie"), pytest.raises(Locked):
        conduct(tools, "cartographie", path)
    assert dump(engine) == before
