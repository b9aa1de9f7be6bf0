"""The commands as they are typed, on a data folder of their own."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from importers import commands, pipeline, sentences
from reseau.cli import main
from reseau.core.ids import new_id
from reseau.core.locks import exclusive
from reseau.settings import Settings
from tests.directory.site import DATA, ROUBAIX_CSV, csv_of, dump, row
from tests.importers.test_pipeline_refusals import without_runs

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``reseau …`` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("RESEAU_SECRET", "RESEAU_DATABASE_URL", "RESEAU_CONFIG", "RESEAU_SEARCH"):
        monkeypatch.delenv(name, raising=False)
    runner = CliRunner(env={"RESEAU_DATA_DIR": str(tmp_path / "var"), "COLUMNS": "200"})

    def invoke(*arguments: str, code: int = 0) -> Result:
        result = runner.invoke(main, list(arguments))
        assert result.exit_code == code, (result.output, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), "a sentence, not a traceback"
        return result

    return invoke


@pytest.fixture
def ready(run: Run) -> Run:
    """The same, after ``reseau init``."""
    run("init")
    return run


def figures(result: Result) -> dict[str, int]:
    """The table of a summary."""
    pairs = re.findall(r"│\s*([^│]+?)\s*│\s*(\d+)\s*│", result.output)
    return {label: int(number) for label, number in pairs}


def test_init_twice_keeps_secret_and_data(run: Run, tmp_path: Path) -> None:
    assert str(tmp_path / "var") in run("init").output
    secret = tmp_path / "var" / "secret"
    first = secret.read_text()
    assert len(first.strip()) >= 32
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    run("import", "cartographie", str(ROUBAIX_CSV))
    run("init")
    assert secret.read_text() == first
    assert "Rien de nouveau" in run("import", "cartographie", str(ROUBAIX_CSV)).output
    assert figures(run("import", "cartographie", str(ROUBAIX_CSV), "--force"))["Inchangés"] == 39


def test_the_demonstration_is_loaded_once(ready: Run) -> None:
    first = ready("demo").output
    assert re.findall(r"Lignes lues\s+│\s+(\d+)", first) == ["39", "49"], "Roubaix, then the communes around"
    assert "déjà chargée" in ready("demo").output
    again = ready("demo", "--encore").output
    assert re.findall(r"Créés\s+│\s+(\d+)", again) == ["0", "0"]


def test_the_summary_of_an_import(ready: Run, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    rows = [row("A"), row("B", services="Inconnu au bataillon"), row("B"), row("C", nom="")]
    path.write_text(csv_of(rows), encoding="utf-8", newline="")
    tried = ready("import", "cartographie", str(path), "--dry-run")
    assert "rien n'a été changé" in tried.output
    result = ready("import", "cartographie", str(path))
    expected = {"Lignes lues": 4, "Créés": 2, "Modifiés": 0, "Inchangés": 0, "Lignes refusées": 2}
    assert expected.items() <= figures(result).items()
    assert expected.items() <= figures(tried).items()
    for code in ("identifiant-deja-lu", "nom-manquant"):
        assert figures(result)[f"Lignes refusées : {sentences.reason(code)}"] == 1
    assert figures(result)[f"Valeurs signalées : {sentences.reason('valeur-inconnue')}"] == 1
    assert "Rien de nouveau" in ready("import", "cartographie", str(path)).output
    assert figures(ready("import", "cartographie", str(path), "--dry-run"))["Inchangés"] == 2


def test_territory_and_complete(ready: Run, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    rows = [row(f"R{n}") for n in range(10)]
    path.write_text(
        csv_of([*rows, row("L", commune="Lille", code_insee="59350", code_postal="59000")]), encoding="utf-8"
    )
    result = figures(ready("import", "cartographie", str(path), "--territoire", "59512, 59599"))
    assert (result["Créés"], result["Hors du territoire"]) == (10, 1)
    path.write_text(csv_of(rows[:9]), encoding="utf-8")
    result = figures(ready("import", "cartographie", str(path), "--territoire", "59512", "--complet"))
    assert (result["Inchangés"], result["Plus vus dans la source"]) == (9, 1)
    path.write_text(csv_of(rows[:5]), encoding="utf-8")
    held = ready("import", "cartographie", str(path), "--territoire", "59512", "--complet", code=3)
    assert "5 lieux pour 9" in held.output
    run_id = re.search(r"import accept ([0-9a-f-]{36})", held.output)
    assert run_id
    assert figures(ready("import", "accept", run_id[1]))["Plus vus dans la source"] == 4
    assert "déjà" in ready("import", "accept", run_id[1], code=1).output
    assert "déjà" in ready("import", "drop", run_id[1], code=1).output
    assert figures(ready("import", "replay", run_id[1]))["Inchangés"] == 5
    assert "numéro" in ready("import", "replay", "../../etc", code=2).output
    assert "Il n’y a pas d’import" in ready("import", "replay", str(new_id()), code=1).output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"<html>", "page web"),
        (b"a,b\n1,2\n", "schéma national"),
        (ROUBAIX_CSV.read_bytes()[:-20], "coupé avant la fin"),
        (b"[{'a'", "ne peut pas être lu"),
    ],
)
def test_a_refused_file_ends_with_its_sentence_and_code_1(
    ready: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'var' / 'reseau.sqlite3'}", poolclass=sa.NullPool)
    before = without_runs(engine)
    result = ready("import", "cartographie", str(path), code=1)
    assert words in " ".join(result.output.split())
    assert without_runs(engine) == before
    assert "n’existe pas" in ready("import", "cartographie", "absent.csv", code=1).output


def test_a_source_that_nobody_knows_and_addresses(ready: Run) -> None:
    ready("import", "annuaire-rose", str(ROUBAIX_CSV), code=2)
    assert "réseau privé" in ready("import", "cartographie", "http://127.0.0.1:9/f.csv", code=1).output


def test_before_init_a_sentence_says_what_to_do(run: Run) -> None:
    assert "init" in run("import", "cartographie", str(ROUBAIX_CSV), code=1).output


def test_index_status_and_rebuild(ready: Run, tmp_path: Path) -> None:
    ready("import", "cartographie", str(ROUBAIX_CSV))
    before = ready("index", "status", code=1)
    assert "absent" in before.output
    assert re.search(r"36 fiches", ready("index", "rebuild").output)
    after = ready("index", "status")
    assert "à jour" in after.output
    assert re.search(r"curseur\s+(\d+) sur \1\b", after.output)
    path = tmp_path / "f.csv"
    path.write_text(csv_of([row("A")]), encoding="utf-8")
    ready("import", "cartographie", str(path))
    assert "en retard" in ready("index", "status", code=1).output


# --- two at once ------------------------------------------------------------------------------------------


def fake_app(engine: sa.Engine, settings: Settings) -> Any:
    return SimpleNamespace(engine=engine, settings=settings)


def test_a_second_import_at_the_same_time_is_refused_and_changes_nothing(
    engine: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fake_app(engine, settings)
    said: list[str] = []
    real = pipeline.Pipeline._apply_all

    def apply_all(self: Any, *arguments: Any) -> None:
        before = dump(engine)
        with pytest.raises(click.ClickException) as refused:
            commands.run_import(app, "cartographie", str(DATA / "roubaix-lieux_schema-1.0.json"))
        assert refused.value.exit_code == 75
        said.append(refused.value.message)
        assert dump(engine) == before
        real(self, *arguments)

    monkeypatch.setattr(pipeline.Pipeline, "_apply_all", apply_all)
    made = commands.run_import(app, "cartographie", str(ROUBAIX_CSV))
    assert made.created + made.linked == 39
    assert said == [sentences.REFUSALS["deja-en-cours"]]


def test_the_lock_is_let_go_whatever_happened(engine: sa.Engine, settings: Settings, tmp_path: Path) -> None:
    app = fake_app(engine, settings)
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(click.ClickException, match="vide"):
        commands.run_import(app, "cartographie", str(tmp_path / "empty"))
    with (
        exclusive(engine, settings.data_dir, "import-cartographie"),
        pytest.raises(click.ClickException, match="en cours"),
    ):
        commands.run_import(app, "cartographie", str(ROUBAIX_CSV))
    made = commands.run_import(app, "cartographie", str(ROUBAIX_CSV))
    assert made.created + made.linked == 39
