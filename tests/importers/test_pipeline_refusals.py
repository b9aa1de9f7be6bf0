"""What is refused changes nothing, and every refusal and reason has a sentence."""

from __future__ import annotations

import ast
import gzip
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers import sentences
from importers.models import ImportReject, ImportRun
from importers.pipeline import Held, Refused, Summary
from reseau.directory.models import SourceRecord, Structure
from tests.directory.site import DATA, ROUBAIX_CSV, csv_of, dump, row

Import = Callable[..., Summary]
ROOT = Path(sentences.__file__).parent

CSV = ROUBAIX_CSV.read_bytes()
JSON = (DATA / "roubaix-lieux_schema-1.0.json").read_bytes()
REFUSED = {
    "empty": (b"", "vide"),
    "blank": (b"\xef\xbb\xbf \n\n", "vide"),
    "header alone": (CSV.split(b"\n")[0] + b"\n", "vide"),
    "empty list": (b"[]", "vide"),
    "html": (b"<!doctype html><html><body>404</body></html>", "html"),
    "html after blanks": (b"\n\n  <html>", "html"),
    "csv in a quote": (CSV[: CSV.rindex(b'"') - 3], "tronque"),
    "json": (JSON[:-40], "tronque"),
    "gzip": (gzip.compress(CSV)[:-400], "tronque"),
    "other columns": (b"nom,adresse,ville\nA,B,C\n", "hors-schema"),
    "other json": (b'[{"name": "A"}]', "hors-schema"),
    "geojson": (b'{"type": "FeatureCollection", "features": []}', "vide"),
    "text": (b"une phrase, et rien d'autre", "hors-schema"),
    "not json": (b"[{'id': 'A'}]", "illisible"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, None),
    "broken gzip": (gzip.compress(CSV)[:200] + b"\xff" * 400, None),
    "zip": (b"PK\x03\x04" + bytes(range(256)) * 40, None),
}


def without_runs(engine: sa.Engine) -> dict[str, list[str]]:
    """All that is there, but the runs."""
    return {name: rows for name, rows in dump(engine).items() if name != "import_run"}


def test_a_file_that_is_not_one_changes_nothing(do_import: Import, engine: sa.Engine, tmp_path: Path) -> None:
    do_import(ROUBAIX_CSV)
    before = without_runs(engine)
    path = tmp_path / "file"
    for name, (content, code) in REFUSED.items():
        path.write_bytes(content)
        for options in ({}, {"complete": True}, {"dry_run": True}):
            with pytest.raises(Refused) as refused:
                do_import(path, **options)
            assert refused.value.code in ({code} if code else {"illisible", "hors-schema", "tronque"}), name
            sentence = sentences.refusal(refused.value)
            assert sentence.endswith("."), name
            assert "{" not in sentence, name
    assert without_runs(engine) == before
    with engine.connect() as connection:
        runs = connection.execute(sa.select(ImportRun.state, ImportRun.error).order_by(ImportRun.id)).all()
    assert len(runs) == 1 + 2 * len(REFUSED), "a trial leaves no row, a refused file leaves one"
    assert {state for state, _ in runs[1:]} == {"refused"}
    assert {code for _, code in runs[1:]} <= set(sentences.REFUSALS)


def test_the_sentence_of_a_cut_file_says_where(do_import: Import, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(CSV[: CSV.index(b"CPAM")])
    with pytest.raises(Refused) as refused:
        do_import(path)
    number = refused.value.details["row"]
    assert f"enregistrement {number}" in sentences.refusal(refused.value)
    assert 10 < number < 20, "the CPAM is the fifteenth place of the file"


# --- dry run, territory -----------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing_at_all_and_says_what_would(do_import: Import, engine: sa.Engine) -> None:
    before = dump(engine)
    tried = do_import(ROUBAIX_CSV, dry_run=True)
    assert (tried.read, tried.created + tried.linked) == (39, 39)
    assert dump(engine) == before
    done = do_import(ROUBAIX_CSV)
    assert tried.as_dict() | {"seconds": {}} == done.as_dict() | {"seconds": {}}
    before = dump(engine)
    assert do_import(ROUBAIX_CSV, dry_run=True).unchanged == 39
    assert dump(engine) == before


def test_a_dry_run_of_a_complete_file_changes_nothing_either(
    do_import: Import, engine: sa.Engine, tmp_path: Path
) -> None:
    do_import(ROUBAIX_CSV)
    path = tmp_path / "f.csv"
    path.write_bytes(CSV[: CSV.rindex(b"\n", 0, -1) + 1])
    before = dump(engine)
    tried = do_import(path, dry_run=True, complete=True)
    assert (tried.read, tried.unchanged, tried.absent) == (38, 38, 1)
    assert dump(engine) == before


def test_a_territory_keeps_its_communes_and_counts_the_others(do_import: Import, session: Session) -> None:
    path = DATA / "hdf-lieux_schema-1.0.csv.gz"
    summary = do_import(path, territory=frozenset({"59512", "59599"}))
    codes = session.scalars(sa.select(Structure.code_insee)).all()
    assert set(codes) == {"59512", "59599"}
    assert codes.count("59512") >= 36, "some are there twice"
    known_rows = summary.created + summary.linked
    assert (summary.read, summary.created, summary.outside) == (1741, len(codes), 1741 - known_rows)
    rows = session.scalars(sa.select(ImportReject.source_id)).all()
    known = session.scalars(sa.select(SourceRecord.source_id)).all()
    assert set(rows) <= set(known), "what is outside is none of our business"


# --- complete ---------------------------------------------------------------------------------------------


@pytest.fixture
def complete(do_import: Import, tmp_path: Path) -> Callable[..., Summary]:
    def run(*names: str, **options: Any) -> Summary:
        path = tmp_path / "f.csv"
        cells = {"Croix": {"commune": "Croix", "code_insee": "59163", "code_postal": "59170"}}
        rows = [row(name, **cells.get(name.split("-")[0], {})) for name in names]
        path.write_text(csv_of(rows), encoding="utf-8", newline="")
        return do_import(path, **{"complete": True, **options})

    return run


TEN = [f"R{n}" for n in range(10)]


def absent(session: Session) -> list[str]:
    found = session.scalars(sa.select(SourceRecord.source_id).where(SourceRecord.not_seen_since.is_not(None))).all()
    session.commit()
    return sorted(found)


def test_a_file_given_as_complete_must_be_nearly_so(complete: Any, session: Session, engine: sa.Engine) -> None:
    complete(*TEN)
    before = without_runs(engine)
    with pytest.raises(Held) as held:
        complete(*TEN[:7])
    assert sentences.refusal(held.value).startswith(sentences.REFUSALS["trop-peu"].split("{")[0])
    assert "7 lieux pour 10" in sentences.refusal(held.value)
    assert without_runs(engine) == before
    assert complete(*TEN[:8]).absent == 2, "80 % is enough"
    assert absent(session) == ["R8", "R9"]


def test_coming_back_is_seen_and_a_one_off_file_never_removes(complete: Any, session: Session) -> None:
    complete(*TEN)
    assert complete(*TEN[:8], complete=False).absent == 0
    assert absent(session) == []
    complete(*TEN[:8])
    assert complete(*TEN[:8]).absent == 0, "marked once, from the first time"
    since = session.scalars(sa.select(SourceRecord.not_seen_since).where(SourceRecord.source_id == "R8")).one()
    assert since is not None
    session.commit()
    back = complete("R8", complete=False)
    assert (back.updated, back.unchanged) == (0, 1)
    assert absent(session) == ["R9"]


def test_complete_means_complete_in_the_territory(complete: Any, session: Session) -> None:
    complete(*TEN, "Croix-1", "Croix-2", complete=False)
    summary = complete(*TEN[:9], "Croix-1", territory=frozenset({"59512"}))
    assert (summary.absent, summary.outside) == (1, 1)
    assert absent(session) == ["R9"]
    with pytest.raises(Held):
        complete(*TEN, territory=frozenset({"59163"}))


def test_rows_refused_do_not_make_a_file_complete(complete: Any, session: Session) -> None:
    complete(*TEN)
    with pytest.raises(Held):
        complete(*TEN[:5], *TEN[:5])


# --- words ------------------------------------------------------------------------------------------------


CLEANERS = ("cartographie", "cleaning", "contacts.py")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in [*ROOT.rglob("*.py"), ROOT.parent / "reseau" / "core" / "contacts.py"]:
        if path.name != "sentences.py" and path.parent.name != "checking":  # that part has words of its own
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def texts(*nodes: ast.AST) -> set[str]:
    return {
        n.value for node in nodes for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def emitted() -> tuple[set[str], set[str], set[str]]:
    """(reasons of rows and values, codes of refused files, warnings) that the code can give, read from its text."""
    reasons, refusals, warnings = set(), set(), set()
    for path, module in modules():
        cleans = any(part in CLEANERS for part in path.parts)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and called(node) in ("Refused", "Held", "NotThisSchema") and node.args:
                refusals |= texts(node.args[0]) if isinstance(node.args[0], ast.Constant | ast.IfExp) else set()
            elif isinstance(node, ast.Call) and called(node) == "_warn":
                warnings |= texts(*node.args)
            elif isinstance(node, ast.Call) and called(node) in ("Rejected", "Cleaned", "BadRow", "_issue"):
                reasons |= {text for text in texts(*node.args) if is_code(text)}
            elif isinstance(node, ast.Call) and called(node) == "Problem" and len(node.args) > 3:
                reasons |= {text for text in texts(node.args[3]) if is_code(text)}
            elif isinstance(node, ast.Return) and node.value is not None and cleans:
                reasons |= {text for text in texts(node.value) if is_code(text)}
    return reasons, refusals, warnings


def is_code(text: str) -> bool:
    return "-" in text and set(text) <= {*string.ascii_lowercase, "-"} and not text.startswith("-")


NOT_REASONS = {"utf-8", "espace-dans-le-domaine", "reseau-import-", "virgule-decimale"}
GUARD = {"trop-peu", "trop-de-rejets", "schema-change"}


def test_every_code_has_words() -> None:
    reasons, refusals, warnings = emitted()
    assert {"identifiant-deja-lu", "valeur-inconnue", "telephone-etranger", "octet-nul", "date-invalide"} <= reasons
    # Names of rules are no reasons: they look alike, and have words of their own.
    known = set(sentences.REASONS) | NOT_REASONS | rule_names()
    assert reasons - known == set()
    assert refusals - set(sentences.REFUSALS) == set()
    assert warnings - set(sentences.WARNINGS) == set()
    assert set(sentences.REFUSALS) >= GUARD


def rule_names() -> set[str]:
    """Names of what mends values, as rules are written: the first argument of a rule."""
    found: set[str] = set()
    for _, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and called(node).lower().endswith(("rule", "_sub", "repair")):
                found |= {text for text in texts(*node.args) if is_code(text)}
    return found


def test_no_words_without_a_code() -> None:
    """Each code is written somewhere in the code, besides its words; those of spreadsheets after ``tableur-``."""
    written: set[str] = set()
    for _, module in modules():
        written |= texts(module)
    for words in (sentences.REASONS, sentences.REFUSALS, sentences.WARNINGS):
        missing = set(words) - written - {"deja-en-cours"}
        assert {code for code in missing if code.removeprefix("tableur-") not in written} == set()


# --- personal data ----------------------------------------------------------------------------------------


def test_a_persons_address_is_kept_apart(do_import: Import, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    person = "jeanne.dupont@mairie-roubaix.fr"
    path.write_text(csv_of([row("A", courriels=f"{person}|contact@mairie-roubaix.fr")]), encoding="utf-8", newline="")
    do_import(path)
    assert session.scalars(sa.select(Structure.courriels)).one() == ["contact@mairie-roubaix.fr"]
    (reject,) = session.scalars(sa.select(ImportReject))
    assert (reject.reason, reject.value) == ("courriel-nominatif", "…@mairie-roubaix.fr")
    runs = session.scalars(sa.select(ImportRun.summary)).all()
    assert "jeanne" not in str(runs)
