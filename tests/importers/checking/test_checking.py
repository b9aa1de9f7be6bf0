"""What is found in a file, by hand-made files: which schema, which rows, which words; and files made to harm."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importers.checking import child, reasons, running, words
from importers.checking.findings import Finding, Report, joined, read_report
from importers.checking.tables import schema_of
from reseau.core.wording import Wording
from tests.conftest import DATA, ROUBAIX_CSV

FR = Wording.of("fr")
TODAY = date(2026, 11, 24)
COLUMNS = ROUBAIX_CSV.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
GOOD = {
    "id": "Source_1", "pivot": "26590512500018", "nom": "CCAS", "commune": "Roubaix", "code_postal": "59100",
    "adresse": "9 rue Pellart", "date_maj": "2024-05-06", "services": "Aide aux démarches administratives",
}  # fmt: skip
STRUCTURE = {"source": "a", "id": "a--1", "nom": "Le lieu", "date_maj": "2024-05-06", "lien_source": "https://a.fr/1"}
SERVICE = {**STRUCTURE, "structure_id": "a--1", "description": "Une aide.", "thematiques": [], "modes_accueil": []}


def table(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows({**GOOD, "id": f"Source_{number}", **row} for number, row in enumerate(rows))
    return out.getvalue().encode()


def report(tmp_path: Path, content: bytes, name: str = "f") -> Report:
    path = tmp_path / name
    path.write_bytes(content)
    return child.checked(path, tmp_path)


def found(one: Report) -> list[tuple[str, str, str, list[list[int]]]]:
    return [(f.level, f.field, f.reason, f.ranges) for f in one.errors + one.warnings]


@pytest.mark.parametrize("name", ["exemple-valide-v1.0.2.csv", "roubaix-lieux_schema-1.0.json"])
def test_good_files_have_no_error(name: str) -> None:
    one = child.checked(DATA / name, DATA)
    assert (one.schema, one.refused, one.errors) == ("national", "", [])


@pytest.mark.parametrize(("cells", "expected"), [
    ({"telephone": "03 59"}, ("error", "telephone", "telephone-illisible")),
    ({"code_postal": "591"}, ("error", "code_postal", "code-postal-invalide")),
    ({"adresse": ""}, ("error", "adresse", "obligatoire")),
    ({"nom": ""}, ("error", "nom", "nom-manquant")),
    ({"date_maj": "06/05/2024"}, ("error", "date_maj", "format")),
    ({"services": "Aide aux démarches administratives;Loisirs et créations numériques"}, ("error", "services", "separateur")),
    ({"services": "Accompagner les démarches de santé"}, ("error", "services", "autre-ecriture")),
    ({"frais_a_charge": "foo|Gratuit"}, ("error", "frais_a_charge", "valeur-inconnue")),
    ({"presentation_resume": "x" * 281}, ("error", "presentation_resume", "trop-long")),
    ({"latitude": "50,69", "longitude": "3.17"}, ("error", "latitude", "format")),
    ({"courriels": "jean.dupont@ccas.fr"}, ("warning", "courriels", "courriel-nominatif")),
    ({"horaires": "quand il fait beau"}, ("warning", "horaires", "horaires-non-lus")),
])  # fmt: skip
def test_each_rule_of_the_standard(tmp_path: Path, cells: dict[str, str], expected: tuple[str, str, str]) -> None:
    (one,) = found(report(tmp_path, table(cells)))
    assert one == (*expected, [[1, 1]])


@pytest.mark.parametrize("label", ["Étapes numériques (La Poste)", "Étapes numériques(La Poste)"])
def test_both_spellings_of_one_label_are_right(tmp_path: Path, label: str) -> None:
    assert not found(report(tmp_path, table({"formations_labels": f"{label}|ORDI 3.0"})))


def test_rows_are_grouped_in_ranges_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    wrong = {1, 2, 3, 7}
    one = report(tmp_path, table(*({"telephone": "03 59"} if n in wrong else {} for n in range(1, 9))))
    (finding,) = one.errors
    assert (one.rows, finding.count, finding.ranges) == (8, 4, [[1, 3], [7, 7]])
    assert words.where(finding, "csv", FR) == "lignes 2 à 4, 8"
    assert words.where(finding, "json", FR) == "éléments 1 à 3, 7"
    assert joined([[3, 3]], 2) == [(4, 4)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_empty_line_is_one_as_a_spreadsheet_numbers_them(tmp_path: Path, kind: str) -> None:
    lines = table({}, {"code_postal": "XX", "adresse": "=1+1"}).decode().splitlines()
    lines.insert(2, "")
    structures = [",".join(STRUCTURE), ",".join(STRUCTURE.values()), "", ",".join(STRUCTURE.values())]
    for texts in (lines, structures):
        path = tmp_path / "f"
        if kind == "csv":
            path.write_text("\n".join(texts), encoding="utf-8")
        else:
            book = openpyxl.Workbook()
            for cells in csv.reader(texts):
                book.active.append(cells)  # type: ignore[union-attr]
            book.save(path)
        one = child.checked(path, tmp_path)
        places = {finding.reason: words.where(finding, kind, FR) for finding in one.errors + one.warnings}
        assert (one.format, one.rows) == (kind, 2)
        if texts is lines:
            assert places["code-postal-invalide"] == "ligne 4"
            assert places["formule" if kind == "csv" else "formule-calculee"] == "ligne 4"
        else:
            assert places["identifiant-deja-lu"] == "ligne 4"


def test_an_id_given_twice_and_a_mail_of_a_person_masked(tmp_path: Path) -> None:
    one = report(tmp_path, table({"id": "A_1"}, {"id": "A_1", "courriels": "jean.dupont@ccas.fr"}))
    assert ("error", "id", "identifiant-deja-lu", [[2, 2]]) in found(one)
    assert "dupont" not in json.dumps(one.as_dict())


def test_dialects_and_old_columns(tmp_path: Path) -> None:
    semicolons = report(tmp_path, b"\xef\xbb\xbf" + table({}, delimiter=";"))
    assert (semicolons.schema, semicolons.errors) == ("national", [])
    old = child.checked(DATA / "exemple-valide-v0.1.0.csv", DATA)
    assert old.details["old"] == "0.1.0"
    assert {"labels_nationaux", "courriel"} <= {one.field for one in old.errors if one.reason == "colonne-renommee"}
    assert "modalites_acces" in old.details["missing"]
    assert "courriels" not in old.details["missing"]
    strange = report(tmp_path, table({}).replace(b"prise_rdv", b"couleur"))
    assert strange.details["unknown"] == "couleur"


def test_a_geojson_is_read_as_the_import_reads_it(tmp_path: Path) -> None:
    properties = {name: value for name, value in GOOD.items() if name != "id"}
    point = {"type": "Point", "coordinates": [3.17, 50.69]}
    features = [
        {"type": "Feature", "id": "Source_1", "geometry": point, "properties": properties},
        {"type": "Feature", "id": "Source_2", "geometry": point, "properties": {**properties, "latitude": "abc"}},
        {"type": "Feature", "geometry": None, "properties": None},
    ]
    geo = report(tmp_path, json.dumps({"features": features}).encode())
    assert (geo.format, geo.schema, geo.refused, geo.rows) == ("geojson", "national", "", 3)
    said = {(one.reason, one.field): one.ranges for one in geo.errors}
    assert (said["coordonnees-invalides", "latitude"], said["id-manquant", "id"]) == ([[2, 2]], [[3, 3]])
    assert not any(first == 1 for ranges in said.values() for first, _ in ranges)


def test_a_geojson_and_a_spreadsheet_are_read_as_the_rest(tmp_path: Path) -> None:
    features = [{"type": "Feature", "geometry": None, "properties": {**GOOD, "services": "foo"}}]
    geo = report(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert (geo.format, found(geo)) == ("geojson", [("error", "services", "valeur-inconnue", [[1, 1]])])
    book = openpyxl.Workbook()
    book.active.append(["Lisez-moi"])  # type: ignore[union-attr]
    sheet = book.create_sheet("Lieux")
    sheet.append(COLUMNS)
    sheet.append([{**GOOD, "code_postal": 59100, "services": "foo"}.get(name, "") for name in COLUMNS])
    book.save(tmp_path / "lieux.xlsx")
    excel = child.checked(tmp_path / "lieux.xlsx", tmp_path)
    assert (excel.format, found(excel)) == ("xlsx", [("error", "services", "valeur-inconnue", [[1, 1]])])


# --- data·inclusion -------------------------------------------------------------------------------------------------


def json_report(tmp_path: Path, *rows: Any) -> Report:
    return report(tmp_path, json.dumps(rows).encode())


@pytest.mark.parametrize(("base", "schema"), [(STRUCTURE, "structures"), (SERVICE, "services")])
def test_good_files_of_v1(tmp_path: Path, base: dict[str, Any], schema: str) -> None:
    one = json_report(tmp_path, base)
    assert (one.schema, found(one)) == (schema, [])


@pytest.mark.parametrize(("changes", "expected"), [
    ({"nom": "AB"}, ("error", "nom", "trop-court")),
    ({"nom": "Le lieu."}, ("warning", "nom", "conseil")),
    ({"siret": "123"}, ("error", "siret", "trop-court")),
    ({"courriel": "pas une adresse"}, ("error", "courriel", "format")),
    ({"lien_source": "ici"}, ("error", "lien_source", "format")),
    ({"date_maj": "1999-01-01"}, ("error", "date_maj", "date-impossible")),
    ({"reseaux_porteurs": ["inconnu"]}, ("error", "reseaux_porteurs", "valeur-inconnue")),
    ({"id": "1"}, ("warning", "id", "identifiant-sans-source")),
    ({"source": None}, ("error", "source", "obligatoire")),
])  # fmt: skip
def test_each_rule_of_v1(tmp_path: Path, changes: dict[str, Any], expected: tuple[str, str, str]) -> None:
    (one,) = found(json_report(tmp_path, {**STRUCTURE, **changes}))
    assert one == (*expected, [[1, 1]])


def test_a_csv_of_v1_and_everybody_with_others(tmp_path: Path) -> None:
    head = ",".join(SERVICE)
    line = 'a,a--1,Le lieu,2024-05-06,https://a.fr/1,a--1,Une aide.,numerique--acquerir-un-equipement,"a-distance|ici"'
    one = report(tmp_path, f"{head}\n{line}\n".encode())
    assert (one.schema, found(one)) == ("services", [("error", "modes_accueil", "valeur-inconnue", [[1, 1]])])
    both = json_report(tmp_path, {**SERVICE, "publics": ["tous-publics", "femmes"]})
    assert found(both) == [("error", "publics", "tous-publics-seul", [[1, 1]])]


def test_which_schema_a_file_is_of() -> None:
    assert schema_of(set(COLUMNS)) == "national"
    assert schema_of(set(STRUCTURE)) == "structures"
    assert schema_of(set(SERVICE)) == "services"
    assert schema_of({"id", "nom", "prix"}) == ""


# --- hostile files, in the process that has limits ------------------------------------------------------------------


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 80_000_000)
    return out.getvalue()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        xml = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><workbook><sheets>&l11;</sheets></workbook>'
        archive.writestr("xl/workbook.xml", xml)
        archive.writestr("[Content_Types].xml", "<Types/>")
    return out.getvalue()


HOSTILE = {
    "empty": (b"", "vide"),
    "blank": (b" \n\n", "vide"),
    "page": (b"<!doctype html><p>non", "html"),
    "object": (b'{"error": "non"}', "objet"),
    "pdf": (b"%PDF-1.7 x", "autre-format"),
    "binary": (bytes(range(256)) * 40, "illisible"),
    "cut": (json.dumps([STRUCTURE] * 3).encode()[:-20], "tronque"),
    "open quote": (table({})[:-2] + b'"', None),
    "zip bomb": (bomb(), "trop-gros"),
    "laughs": (laughs(), "tableur"),
    "columns": (b",".join(b"id" for _ in range(1_000_000)) + b"\n1\n", None),
    "names": (b",".join(b"c%d" % n for n in range(300_000)) + b"\n", None),
    "deep": (b'[{"id":' + b"[" * 200_000 + b"]" * 200_000 + b',"nom":"x","pivot":"y"}]', None),
    "digits": (b'[{"id":"A_1","nom":"x","commune":"Lille","pivot":' + b"9" * 10_000 + b"}]", None),
    "nul": (table({}).replace(b"CCAS", b"CC\x00AS"), None),
    "lines": (table({}) + b"\n" * 4_000_000, None),
    "commas": (table({}) + b"," * 4_000_000, None),
}


def test_a_folder_of_waiting_files_may_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``data_dir`` is ``var`` by default."""
    monkeypatch.chdir(tmp_path)
    book = openpyxl.Workbook()
    for cells in csv.reader(io.StringIO(table({}).decode())):
        book.active.append(cells)
    book.save("f.xlsx")
    one = running.check(Path("f.xlsx"), Path("var/tmp"))
    assert (one.refused, one.rows) == ("", 1)


@pytest.mark.parametrize("name", list(HOSTILE))
def test_files_made_to_harm_get_a_sentence_in_little_time(tmp_path: Path, name: str) -> None:
    content, expected = HOSTILE[name]
    path = tmp_path / "f"
    path.write_bytes(content)
    began = time.monotonic()
    one = running.check(path, tmp_path / "attente")
    assert time.monotonic() - began < running.LIMITS.timeout
    assert one.refused or one.findings or one.rows
    if expected:
        assert one.refused == expected
    if one.refused:
        assert words.refusal(one, FR).endswith(".")
    assert not list((tmp_path / "attente").iterdir()), "nothing is kept"


def test_a_check_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(table({}))
    assert running.check(path, tmp_path, timeout=0.01).refused == "trop-long"


def test_two_at_once_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(table({}))
    taken = [running._places.acquire(blocking=False) for _ in range(running.AT_ONCE)]
    try:
        assert all(taken)
        assert running.check(path, tmp_path).refused == "occupe"
    finally:
        for _ in taken:
            running._places.release()
    assert running.check(path, tmp_path).refused == ""


# --- words ----------------------------------------------------------------------------------------------------------


def test_a_report_of_another_process_is_believed_no_further_than_its_shape() -> None:
    one = Report(schema="national", format="csv", rows=3)
    one.note("error", 2, "obligatoire", "nom")
    assert read_report(json.loads(json.dumps(one.as_dict()))).as_dict() == one.as_dict()
    for wrong in ({}, {**one.as_dict(), "rows": "x"}, {**one.as_dict(), "findings": [1]}):
        with pytest.raises(ValueError, match=r"."):
            read_report(wrong)


def test_there_are_never_too_many_groups() -> None:
    one = Report()
    for number in range(1, 1_000):
        one.note("error", number, "autre-ecriture", "services", "x", str(number))
    assert (len(one.findings), one.more) == (200, 799)


def test_long_lists_of_rows_say_how_many_more() -> None:
    finding = Finding("error", "nom", "obligatoire")
    for number in range(1, 200, 2):
        finding.add(number)
    assert len(finding.ranges) == 100
    assert words.where(finding, "csv", FR).endswith("80 et 60 autres")


def test_every_sentence_can_be_said_in_each_language() -> None:
    for lang in ("fr", "en", "ar"):
        say = Wording.of(lang)
        for reason in [*reasons.REASONS, "inconnue"]:
            one = words.told(Finding("error", "date_maj", reason, count=1, ranges=[[1, 1]]), "csv", say, TODAY)
            assert one.what
        for code in [*reasons.REFUSALS, "autre"]:
            assert words.refusal(Report(refused=code), say)


def test_the_table_for_a_spreadsheet_runs_no_formula(tmp_path: Path) -> None:
    one = report(tmp_path, table({"frais_a_charge": "=HYPERLINK(1)"}))
    rows = list(csv.reader(io.StringIO(words.as_csv(one, FR, TODAY)), delimiter=";"))
    assert rows[0] == ["Gravité", "Colonne", "Ce qui ne va pas", "Où", "Exemple", "Quoi écrire"]
    assert rows[1][:5] == [
        "Erreur",
        "frais_a_charge",
        "Valeur que le schéma ne connaît pas",
        "ligne 2",
        "'=HYPERLINK(1)",
    ]
