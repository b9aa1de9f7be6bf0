"""What the schema lets pass: each doubt by a file made by hand; what is said of columns, sheets and people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from odfdo import Document, Row, Table

from importers.checking import child, packing, words
from importers.checking.findings import Finding, Report
from importers.sheets import template
from tests.importers.checking.test_checking import COLUMNS, FR, GOOD, TODAY, report, table

TWO = "03 20 81 57 57 / 03 20 81 57 58"


def told(one: Report) -> list[tuple[str, str, str]]:
    return [(f.level, f.field, f.reason) for f in one.errors + one.warnings]


@pytest.mark.parametrize(("cells", "expected"), [
    ({"horaires": "du lundi au vendredi de 9h à 12h"}, ("warning", "horaires", "horaires-lus")),
    ({"site_web": "www.exemple-roubaix.fr"}, ("warning", "site_web", "repare")),
    ({"adresse": "null Grande Rue"}, ("warning", "adresse", "repare")),
    ({"typologie": "SALON_DE_THE"}, ("warning", "typologie", "valeur-inconnue")),
    ({"services": ""}, ("warning", "services", "services-vides")),
    ({"code_insee": "59100"}, ("error", "code_insee", "code-insee-d-ailleurs")),
    ({"code_insee": "59999"}, ("error", "code_insee", "code-insee-inconnu")),
    ({"commune": "Lille", "code_postal": "59000", "code_insee": "59512"}, ("error", "code_insee", "code-insee-d-ailleurs")),
    ({"latitude": "43.3", "longitude": "5.4"}, ("warning", "latitude", "position-hors-departement")),
    ({"presentation_resume": "=1+1"}, ("warning", "presentation_resume", "formule")),
    ({"telephone": "3960"}, ("warning", "telephone", "telephone-court")),
    ({"telephone": TWO}, ("error", "telephone", "telephone-autre")),
    ({"telephone": "03.20.81.57.57"}, ("error", "telephone", "format")),
    ({"presentation_detail": "1 85 05 78 006 084 91"}, ("error", "presentation_detail", "nir")),
])  # fmt: skip
def test_each_doubt_once(tmp_path: Path, cells: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert told(report(tmp_path, table(cells))) == [expected]


def test_what_the_import_makes_of_it_is_said(tmp_path: Path) -> None:
    one = report(
        tmp_path, table({"adresse": "null Grande Rue", "horaires": "lundi 9h-12h", "telephone": "03.20.81.57.57"})
    )
    said = {f.field: (f.example, f.after) for f in one.findings}
    assert said == {
        "adresse": ("null Grande Rue", "Grande Rue"), "horaires": ("lundi 9h-12h", "Mo 09:00-12:00"),
        "telephone": ("03.20.81.57.57", "+33320815757"),
    }  # fmt: skip
    (repaired,) = [f for f in one.findings if f.reason == "repare"]
    assert words.told(repaired, "csv", FR, TODAY).what == "Mot « null » devant l’adresse : retiré."
    assert "Mo 09:00-12:00" in words.as_csv(one, FR, TODAY)


def test_a_point_far_from_the_other_places_of_its_commune(tmp_path: Path) -> None:
    points = [("50.69", "3.17"), ("50.70", "3.18"), ("50.05", "3.90")]  # Avesnois: 80 km away, the same département
    one = report(tmp_path, table(*({"latitude": a, "longitude": b} for a, b in points)))
    assert [(f.reason, f.ranges) for f in one.findings] == [("position-loin", [[3, 3]])]
    assert told(report(tmp_path, table(*({"latitude": a, "longitude": b} for a, b in points[1:])))) == []


@pytest.mark.parametrize(("delimiter", "name"), [(";", ";"), ("\t", "tabulation")])
def test_what_separates_the_columns(tmp_path: Path, delimiter: str, name: str) -> None:
    one = report(tmp_path, table({}, delimiter=delimiter))
    assert [(f.level, f.reason, f.detail, f.count) for f in one.findings] == [
        ("warning", "separateur-de-colonnes", name, 0)
    ]
    assert words.where(one.findings[0], "csv", FR) == "tout le fichier"


def test_columns_of_people_are_an_error_and_their_values_are_nowhere(tmp_path: Path) -> None:
    content = table({}, {}).decode().replace("fiche_acces_libre", "Prénom").replace("prise_rdv", "date_naissance")
    lines = content.splitlines()
    one = report(tmp_path, "\n".join([lines[0], *(f"{line[:-2]},Odile,1951-02-03" for line in lines[1:])]).encode())
    assert {(f.level, f.reason, f.values) for f in one.errors} == {("error", "personnes", 2)}
    assert len(one.errors) == 2
    assert "Odile" not in json.dumps(one.as_dict())
    own = report(tmp_path, b"nom,prenom,nir\nx,y,z\n")
    assert (own.refused, own.details["people"]) == ("inconnu", "prenom\nnir")


def test_old_columns_and_their_values_in_the_same_round(tmp_path: Path) -> None:
    head = "id,pivot,nom,commune,code_postal,adresse,date_maj,services,publics_accueillis,courriel,cle_ban"
    line = ('A_1,00000000000000,Lieu,Roubaix,59100,1 rue du Lieu,2024-01-02,"Aide aux démarches administratives;foo",'
            '"Seniors;bar",pas une adresse,x')  # fmt: skip
    one = report(tmp_path, f"{head}\n{line}\n".encode())
    said = {(f.reason, f.field, f.detail or f.example) for f in one.findings}
    assert said >= {
        ("colonne-renommee", "courriel", "courriels"), ("colonne-inutile", "cle_ban", ""),
        ("colonne-renommee", "publics_accueillis", "publics_specifiquement_adresses, prise_en_charge_specifique"),
        ("separateur", "services", "Aide aux démarches administratives;foo"), ("valeur-inconnue", "services", "foo"),
        ("separateur", "publics_accueillis", "Seniors;bar"), ("valeur-inconnue", "publics_accueillis", "bar"),
    }  # fmt: skip
    assert any(f.field == "courriels" and f.level == "error" for f in one.findings)


def test_columns_of_ones_own(tmp_path: Path) -> None:
    one = report(tmp_path, b"nom,ville,cp,adresse,tel\nLieu,Roubaix,59100,1 rue,03\n")
    assert one.refused == "inconnu"
    assert one.details["columns"].split("\n") == ["nom", "ville", "cp", "adresse", "tel"]
    assert one.details["means"].split("\n") == ["ville\tcommune", "cp\tcode_postal", "tel\ttelephone"]


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Report:
    book = openpyxl.Workbook()
    book.active.append(["Lisez-moi"])  # type: ignore[union-attr]
    sheet = book.create_sheet("Lieux")
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return child.checked(path, path.parent)


def test_sheets_formulas_and_columns_of_a_workbook(tmp_path: Path) -> None:
    own = workbook(tmp_path / "a.xlsx", [["nom", "ville", "cp"], ["Lieu", "Roubaix", 59100]])
    assert (own.refused, own.details["means"]) == ("inconnu", "ville\tcommune\ncp\tcode_postal")
    cells = [GOOD.get(name, "") for name in COLUMNS]
    formula = ['="Source_"&2' if name == "presentation_detail" else GOOD.get(name, "") for name in COLUMNS]
    formula[0] = "Source_2"
    one = workbook(tmp_path / "b.xlsx", [COLUMNS, cells, formula])
    assert [(f.reason, f.ranges) for f in one.findings] == [("formule-calculee", [[2, 2]])]
    assert (one.details["sheet"], one.details["others"]) == ("Lieux", "Sheet")


def test_an_ods(tmp_path: Path) -> None:
    document = Document("spreadsheet")
    document.body.clear()
    sheet = Table("Lieux")
    for row in (COLUMNS, [{**GOOD, "services": "foo"}.get(name, "") for name in COLUMNS]):
        made = Row()
        made.set_values(list(row))
        sheet.append_row(made)
    document.body.append(sheet)
    document.save(str(tmp_path / "lieux.ods"))
    one = child.checked(tmp_path / "lieux.ods", tmp_path)
    assert (one.format, one.refused, told(one)) == ("ods", "", [("error", "services", "valeur-inconnue")])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_of_the_standard(tmp_path: Path, kind: str) -> None:
    one = report(tmp_path, template.make(kind, standard=True))
    assert (one.schema, one.refused, one.rows) == ("national", "", 2)
    assert told(one) == [("warning", "", "ligne-du-modele")]


def test_json_that_is_too_deep_has_its_sentence(tmp_path: Path) -> None:
    one = report(tmp_path, b'[{"id":' + b"[" * 2_000 + b"]" * 2_000 + b',"nom":"x","pivot":"y"}]')
    assert one.refused == "trop-profond"
    assert "emboîte" in words.refusal(one, FR)


def test_the_table_holds_every_line() -> None:
    one = Report("national", "csv")
    for number in range(1, 40_000, 2):
        one.note("error", number, "obligatoire", "nom")
    again = packing.unpacked(packing.packed(one))
    rows = list(csv.reader(io.StringIO(words.as_csv(again, FR, TODAY)), delimiter=";"))
    assert len(rows) == 20_001
    assert (rows[1][3], rows[-1][3]) == ("ligne 2", "ligne 40000")
    assert words.where(one.findings[0], "csv", FR).endswith("80 et 19960 autres")
    for wrong in ("", "x", "eA=="):
        with pytest.raises(ValueError, match=r"."):
            packing.unpacked(wrong)


def test_several_values_of_one_row_are_counted() -> None:
    finding = Finding("error", "services", "valeur-inconnue")
    for row in (1, 1, 2):
        finding.add(row)
    assert (finding.values, finding.count) == (3, 2)


def test_no_date_of_an_example_is_to_come() -> None:
    one = words.told(Finding("error", "date_maj", "format"), "csv", FR, TODAY)
    assert one.advice.endswith(": 2026-11-24")
