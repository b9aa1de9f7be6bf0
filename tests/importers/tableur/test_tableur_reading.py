"""What is read of spreadsheets, and what each column is taken for. No database."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from importers.pipeline.contract import Read, Refused
from importers.sheets import template
from importers.sheets.fields import FIELDS
from importers.tableur import child, recognising, running, shaping
from importers.tableur.source import Tableur
from tests.importers.tableur.making import LAC, ROWS, TITLES, csv_of, ods, xlsx


def described(tmp_path: Path, data: bytes) -> dict[str, Any]:
    path = tmp_path / "tableau"
    path.write_bytes(data)
    return child.described(path)


def read(tmp_path: Path, data: bytes, **changes: str) -> list[Read]:
    """Places as the pipeline gets them, by the columns that are recognised and ``changes``."""
    found = described(tmp_path, data)["sheets"][0]
    mapping = {**found["mapping"], **changes}
    mappings = {found["digest"]: {"sheet": found["name"], "columns": mapping}}
    source = Tableur("x", {"mappings": mappings})
    source.check(tmp_path / "tableau")
    return list(source.read(tmp_path / "tableau"))


@pytest.mark.parametrize("data", [xlsx(("Lieux", ROWS)), ods(ROWS), csv_of(ROWS), csv_of(ROWS, ",", "utf-8-sig")],
                         ids=["xlsx", "ods", "csv-fr", "csv-utf8"])  # fmt: skip
def test_a_real_table_in_each_format(tmp_path: Path, data: bytes) -> None:
    (sheet,) = described(tmp_path, data)["sheets"]
    assert (sheet["line"], sheet["rows"]) == (3, 2)
    assert sheet["mapping"] == {
        "0": "nom", "1": "adresse", "2": "adresse", "3": "code_postal", "4": "commune", "5": "telephone",
        "6": "courriels", "7": "lundi", "8": "mardi",
    }  # fmt: skip
    (people,) = [one for one in sheet["columns"] if one["why"]]
    assert (people["name"], people["why"], people["samples"]) == ("Nom du médiateur", "personne", ())
    first, second = read(tmp_path, data)
    assert (first.row, second.row) == (4, 6)
    place = first.incoming.mapped
    assert (place["nom"], place["adresse"], place["code_insee"]) == ("Atelier du Galon", "12 rue du Galon", "59512")
    assert place["telephone"] == "+33320738561"
    assert place["horaires"] == "Mo 09:00-12:00,14:00-17:00; Tu off"
    assert "Une Personne" not in str(first)


def test_the_same_header_in_another_case_has_the_same_digest() -> None:
    assert recognising.digest(["Tél.", "CP"]) == recognising.digest(["TEL", "cp"])
    assert recognising.digest(["CP", "Tél."]) != recognising.digest(["Tél.", "CP"])


@pytest.mark.parametrize(
    ("name", "field"),
    [("Nom de la structure", "nom"), ("CP", "code_postal"), ("Tél", "telephone"), ("Horaires d’ouverture", "horaires"),
     ("Site internet", "site_web"), ("N° SIRET", "pivot"), ("Code-postal", "code_postal"), ("Budget", "")],
)  # fmt: skip
def test_names(name: str, field: str) -> None:
    assert recognising.by_name(name) == field


def test_columns_without_a_telling_name_are_told_by_what_they_hold() -> None:
    rows = [["Lieu A", "03 20 11 22 33", "59100", "https://a.example.org", "50.69", "Gratuit"],
            ["Lieu B", "0320112234", "59200", "https://b.example.org", "50,71", "Payant"]]  # fmt: skip
    found = recognising.columns(["Nom", "a", "b", "c", "d", "e"], rows)
    assert [one.field for one in found] == ["nom", "telephone", "code_postal", "site_web", "latitude", "frais_a_charge"]


def test_numbers_of_lines_are_not_ids() -> None:
    found = recognising.columns(["N°", "Nom", "Ville"], [["1", "A", "Roubaix"], ["2", "B", "Roubaix"]])
    assert [one.field for one in found] == ["", "nom", "commune"]


@pytest.mark.parametrize("name", ["Nom du bénéficiaire", "Date de naissance", "N° de sécurité sociale", "NIR"])
def test_people_helped_refuse_the_whole_file(tmp_path: Path, name: str) -> None:
    found = described(tmp_path, csv_of([["Nom du lieu", "Ville", name], ["A", "Roubaix", "x"]], encoding="utf-8"))
    assert found == {"refused": "personnes-aidees", "column": name}


def test_a_column_of_social_security_numbers_refuses_whatever_its_name(tmp_path: Path) -> None:
    found = described(tmp_path, csv_of([["Nom", "Ville", "Code"], ["A", "Roubaix", "2 84 05 59 512 123 45"]]))
    assert found["refused"] == "personnes-aidees"


def test_counts_of_people_helped_are_no_people() -> None:
    assert not recognising.is_of_people_helped("Nombre de bénéficiaires")
    assert not recognising.is_of_people_helped("Publics bénéficiaires")


def test_cells_merged_over_lines_and_two_sheets(tmp_path: Path) -> None:
    rows = [["Ville", "Nom", "CP"], ["Roubaix", "A", "59100"], [None, "B", "59100"]]
    data = xlsx(("Notice", [["Lisez-moi"]]), ("Nord", rows), ("Sud", rows), merged="A2:A3")
    found = described(tmp_path, data)["sheets"]
    assert [one["name"] for one in found] == ["Nord", "Sud"]
    assert [one.incoming.mapped["commune"] for one in read(tmp_path, data)] == ["Roubaix", "Roubaix"]


def test_ids_column_then_siret_then_digest() -> None:
    values = {"nom": ["Maison"], "commune": ["Roubaix"], "pivot": ["21590512400018"]}
    assert shaping.siret(values) is None or shaping.siret(values) == "21590512400018"
    assert shaping.row({**values, "id": ["p-1"]}, frozenset())["id"] == "p-1"
    alone = frozenset({"35600000000048"})
    assert shaping.row({"nom": ["La Poste"], "pivot": ["356 000 000 00048"]}, alone)["id"] == "35600000000048"
    first = shaping.row({"nom": ["Maison du Lac"], "commune": ["Roubaix"]}, frozenset())["id"]
    assert first == shaping.row({"nom": ["MAISON DU LAC"], "commune": ["roubaix"]}, frozenset())["id"]
    assert first != shaping.row({"nom": ["Maison du Lac"], "commune": ["Tourcoing"]}, frozenset())["id"]


def test_a_siret_that_two_lines_have_is_no_id() -> None:
    post = {"pivot": ["35600000000048"]}
    assert shaping.sirets([post]) == {"35600000000048"}
    assert shaping.sirets([post, post]) == frozenset()


def test_a_date_as_a_number(tmp_path: Path) -> None:
    assert shaping.row({"nom": ["A"], "date_maj": ["45292"]}, frozenset())["date_maj"] == "2024-01-01"


def test_lines_that_are_refused_keep_their_number(tmp_path: Path) -> None:
    found = read(tmp_path, csv_of([["Nom", "Ville"], ["A", "Roubaix"], ["", "Roubaix"]]))
    assert [(one.row, [p.reason for p in one.problems if not p.field]) for one in found] == [
        (2, []), (3, ["nom-manquant"]),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_filled_is_recognised_whole(tmp_path: Path, kind: str) -> None:
    empty = described(tmp_path, template.make(kind))
    assert empty == {"refused": "sans-tableau"}  # the line of help and the example are no places
    titles = [FIELDS[name] for name in template.COLUMNS]
    values = {"id": "p1", "nom": "Maison du Lac", "commune": "Roubaix", "code_postal": "59100"}
    rows = [titles, *[[one.get(name, "") for name in template.COLUMNS] for one in (template.EXAMPLES, values)]]
    (sheet,) = described(tmp_path, csv_of(rows, encoding="utf-8") if kind == "csv" else xlsx(("Lieux", rows)))["sheets"]
    assert sheet["mapping"] == {str(rank): name for rank, name in enumerate(template.COLUMNS)}
    assert sheet["rows"] == 1


def zip_bomb(tmp_path: Path) -> bytes:
    with zipfile.ZipFile(tmp_path / "b", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", b"<a/>")
        out.writestr("xl/worksheets/sheet1.xml", b"0" * 310_000_000)
    return (tmp_path / "b").read_bytes()


def entities(tmp_path: Path) -> bytes:
    """Billion laughs in the sheet of a real workbook (openpyxl writes its strings there)."""
    source, made = tmp_path / "s", tmp_path / "t"
    source.write_bytes(xlsx(("Lieux", ROWS)))
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(made, "w") as out:
        for one in old.infolist():
            data = old.read(one)
            if one.filename.endswith("sheet1.xml"):
                data = (
                    f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>'.encode() + data.split(b"?>", 1)[-1]
                )
                assert b"Atelier du Galon" in data
                data = data.replace(b"Atelier du Galon", b"&l9;")
            out.writestr(one.filename, data)
    return made.read_bytes()


def test_hostile_files_say_why(tmp_path: Path) -> None:
    cases = {
        "bombe": zip_bomb(tmp_path), "ancien-ou-protege": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "trop-de-colonnes": ";".join(f"c{n}" for n in range(1_000_000)).encode(), "pas-un-tableur": b"%PDF-1.7 abc",
        "illisible": b"PK\x03\x04 half of a zip", "sans-tableau": b"bonjour",
    }  # fmt: skip
    for code, data in cases.items():
        path = tmp_path / "tableau"
        path.write_bytes(data)
        assert running.describe(path)["refused"] == code, code
    path.write_bytes(entities(tmp_path))
    found = running.describe(path)
    assert "lollollol" not in str(found)


def test_too_long_to_read_is_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "tableau"
    path.write_bytes(csv_of(ROWS))
    assert running.describe(path, timeout=0.001) == {"refused": "trop-lourd-a-lire"}


def test_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tableau"
    path.write_bytes(csv_of([["Nom", "Ville"], LAC[:2]]))
    with pytest.raises(Refused) as refused:
        Tableur("x", {"mappings": {recognising.digest(TITLES): {"sheet": "", "columns": {"0": "nom"}}}}).check(path)
    assert refused.value.code == "tableur-entete-inconnu"
