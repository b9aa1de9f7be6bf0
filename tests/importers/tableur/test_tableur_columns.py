"""The form of columns: one shared list, what is written in it, many columns, another line of titles."""

from __future__ import annotations

from typing import Any

import pytest

from importers.models import ColumnMapping, SheetUpload
from importers.sheets.fields import FIELDS
from tests.importers.tableur.conftest import Sheets
from tests.importers.tableur.making import csv_of, xlsx
from tests.members.conftest import post_form

SMALL = [["Nom", "Adresse", "CP", "Ville", "Divers"], ["Lieu", "3 rue de Nulle Part", "59100", "Roubaix", "bienvenue"]]


def wide(number: int, empty: int = 0) -> bytes:
    """A table of so many columns with long samples, of which the first ``empty`` hold nothing."""
    titles = [f"Rubrique numéro {n} avec un titre plutôt long" for n in range(number)]
    titles[-2:] = ["Nom", "Ville"]
    rows = [["" if n < empty else f"{row} « é » " + "x" * 60 for n in range(number)] for row in range(3)]
    return csv_of([titles, *([*row[:-2], f"Lieu {n}", "Roubaix"] for n, row in enumerate(rows))], encoding="utf-8")


def columns_of(form: Any) -> dict[str, str]:
    """Rank → what the form says of it."""
    return {name[1:]: form[name].value for name in form.fields if name and name[1:].isdigit() and name[0] == "c"}


def test_one_list_for_all_columns_and_a_light_page(sheets: Sheets) -> None:
    page = sheets.send(sheets.app, wide(60)).follow()
    assert len(page.body) <= 60_000
    (shared,) = page.lxml.xpath("//main//datalist")
    assert [one.get("value") for one in shared] == list(FIELDS.values())
    assert len(page.lxml.xpath(f"//input[@list='{shared.get('id')}'][@type='text']")) == 60
    assert not page.lxml.xpath("//ul[@class='sheet-columns']//select")


def test_what_is_written_is_a_label_in_any_case_or_a_code(sheets: Sheets) -> None:
    form = post_form(sheets.send(sheets.app, csv_of(SMALL, encoding="utf-8")).follow(), "/colonnes")
    form["c0"], form["c1"], form["c2"] = "NOM DU LIEU", "adresse", "code  postal"
    form["c3"], form["c4"], form["nouveau"] = "commune", "Ne pas importer", "Ville voisine"
    form.submit(status=303)
    (known,) = sheets.rows(ColumnMapping)
    assert known.mapping["columns"] == {"0": "nom", "1": "adresse", "2": "code_postal", "3": "commune"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("Tél", "« Tél » n’est pas dans la liste. Vouliez-vous dire « Téléphone du lieu » ?"),
     ("Courriel du lieux", "Vouliez-vous dire « Courriel du lieu » ?"),
     ("zzz", "« zzz » n’est pas dans la liste. Choisissez"), ("???", "« ??? » n’est pas dans la liste."),
     ("<script>", "« <script> » n’est pas dans la liste.")],
)  # fmt: skip
def test_what_is_no_label_is_said_at_its_column_and_nothing_is_lost(sheets: Sheets, text: str, said: str) -> None:
    form = post_form(sheets.send(sheets.app, csv_of(SMALL, encoding="utf-8")).follow(), "/colonnes")
    form["c4"], form["c2"], form["nouveau"], form["complet"] = text, "", "Ville voisine", True
    page = form.submit(status=422)
    (error,) = page.lxml.xpath("//*[@id='c4-erreur']")
    assert said in error.text_content()
    (field,) = page.lxml.xpath("//input[@id='c4']")
    assert (field.get("aria-invalid"), "c4-erreur" in field.get("aria-describedby")) == ("true", True)
    form = post_form(page, "/colonnes")
    assert (form["c4"].value, form["c2"].value, form["nouveau"].value, form["complet"].checked) == (
        text, "", "Ville voisine", True,
    )  # fmt: skip
    assert not sheets.rows(ColumnMapping)


def test_over_60_columns_those_that_hold_something_come_first(sheets: Sheets) -> None:
    page = sheets.send(sheets.app, wide(200, empty=150)).follow()
    assert len(page.body) <= 60_000
    visible = [one.get("name") for one in page.lxml.xpath("//ul[@class='sheet-columns']//input")]
    assert visible == [*(f"c{n}" for n in range(150, 200)), *(f"c{n}" for n in range(10))]
    form = post_form(page, "/colonnes")
    form["c150"], form["nouveau"] = "Services proposés", "Ville voisine"
    page = form.submit("suite", value="2")
    assert len(page.body) <= 60_000
    visible = [one.get("name") for one in page.lxml.xpath("//ul[@class='sheet-columns']//input")]
    assert visible == [f"c{n}" for n in range(10, 70)]
    form = post_form(page, "/colonnes")
    assert (form["c150"].value, form["nouveau"].value) == ("Services proposés", "Ville voisine")
    form["c150"] = "n’importe quoi"
    page = form.submit(status=422)
    assert page.lxml.xpath("//ul[@class='sheet-columns']//input[@id='c150']"), "the page of the column that is wrong"
    form = post_form(page, "/colonnes")
    form["c150"], form["c11"] = "services", "Horaires d’ouverture"
    form.submit(status=303)
    (known,) = sheets.rows(ColumnMapping)
    assert known.mapping["columns"] == {"150": "services", "11": "horaires", "198": "nom", "199": "commune"}


TWO = [
    ["Nom", "Ville", "Adresse"],
    ["Nom", "Ville", "Téléphone"],
    *([f"Lieu {n}", "Roubaix", f"03200011{n}"] for n in (22, 33)),
]


def test_another_line_of_titles(sheets: Sheets) -> None:
    browser = sheets.app
    page = sheets.send(browser, xlsx(("Nord", SMALL), ("Sud", [[], [], *TWO])), "deux.xlsx").follow()
    page = browser.get(f"{page.request.path}?feuille=1")
    form = post_form(page, "/colonnes")
    assert form["ligne"].value == "3"
    form["ligne"] = "4"
    page = form.submit("relire").follow()
    assert "Le fichier est relu" in page
    assert page.headers["Refresh"] == "4"
    sheets.work()
    page = browser.get(page.request.path).follow()
    form = post_form(page, "/colonnes")
    assert (form["feuille"].value, form["ligne"].value, form["c2"].value) == ("1", "4", "Téléphone du lieu")
    form["nouveau"] = "Ville du sud"
    page = form.submit().follow()
    sheets.work()
    page = browser.get(page.request.path)
    summary = sheets.bring(page)
    assert (summary.read, summary.created) == (2, 2)
    assert sheets.site.named("Lieu 22")["telephone"] == "+33320001122"


def test_a_line_far_below_is_found_again_by_the_import(sheets: Sheets) -> None:
    browser, above = sheets.app, [["un mot", f"et {n}"] for n in range(70)]
    page = sheets.send(browser, csv_of([*above, *SMALL], encoding="utf-8")).follow()
    form = post_form(page, "/colonnes")
    form["ligne"] = "71"
    page = form.submit().follow()  # Enter in the field: the first button
    sheets.work()
    form = post_form(browser.get(page.request.path).follow(), "/colonnes")
    form["nouveau"] = "Ville loin"
    page = form.submit().follow()
    sheets.work()
    assert sheets.bring(browser.get(page.request.path)).read == 1


@pytest.mark.parametrize(
    ("line", "status"), [("0", 422), ("x", 422), ("-3", 422), ("201", 422), ("9" * 9, 422), ("5", 303)]
)
def test_lines_that_are_none(sheets: Sheets, line: str, status: int) -> None:
    form = post_form(sheets.send(sheets.app, csv_of(SMALL, encoding="utf-8")).follow(), "/colonnes")
    form["ligne"], form["c4"] = line, "Horaires d’ouverture"
    page = form.submit("relire", status=status)
    if status == 422:
        assert "Écrivez le numéro d’une ligne" in page
        assert post_form(page, "/colonnes")["c4"].value == "Horaires d’ouverture"
        return
    sheets.work()
    page = page.follow().follow()
    assert "La ligne 5 n’est pas une ligne de titres" in page
    assert post_form(page, "/colonnes")["c0"].value == "Nom du lieu"


def test_people_helped_under_another_line_of_titles(sheets: Sheets) -> None:
    rows = [["Nom", "Ville", "Adresse"], ["Structure", "Commune", "NIR"], ["Lieu", "Roubaix", "x"]]
    form = post_form(sheets.send(sheets.app, csv_of(rows, encoding="utf-8")).follow(), "/colonnes")
    form["ligne"] = "2"
    page = form.submit("relire").follow()
    sheets.work()
    page = sheets.app.get(page.request.path)
    assert "« NIR » semble parler des personnes aidées" in page
    (upload,) = sheets.rows(SheetUpload)
    assert upload.raw == "0" * 64
