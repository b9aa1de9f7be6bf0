"""From the file of a partner to the directory, through the pages, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from importers.models import ColumnMapping, ImportRun, ImportSource, SheetUpload
from importers.pipeline.raws import RawStore
from reseau.directory.models import SourceRecord
from tests.importers.tableur.conftest import LIST, Sheets
from tests.importers.tableur.making import ROWS, TITLES, csv_of, xlsx
from tests.members.conftest import ECHO, post_form

SMALL = [["Nom", "Adresse", "CP", "Ville"]]


def table(name: str, *rows: list[str]) -> bytes:
    """One place of that name in Roubaix, and others."""
    return csv_of([*SMALL, [name, "3 rue de Nulle Part", "59100", "Roubaix"], *rows], encoding="utf-8")


def test_only_the_coordination(sheets: Sheets) -> None:
    member = sheets.browser("personne")
    for path in (LIST, f"{LIST}/modele.xlsx", f"{LIST}/modele.csv"):
        member.get(path, status=403)


def test_from_the_file_to_the_directory(sheets: Sheets) -> None:
    browser = sheets.app
    page = sheets.send(browser, xlsx(("Lieux", ROWS)), "Nos lieux.xlsx").follow()
    assert "titres à la ligne 3" in page
    assert "Une Personne" not in page
    form = post_form(page, "/colonnes")
    street = "Adresse (numéro et rue)"
    assert (form["c1"].value, form["c2"].value, form["c9"].value) == (street, street, "")
    page = form.submit(status=422)
    assert "Dites qui a fait ce tableau" in page
    form = post_form(page, "/colonnes")
    form["nouveau"] = "Ville voisine"
    page = form.submit().follow()
    assert "essai est en cours" in page
    assert page.headers["Refresh"] == "4"
    before = len(sheets.site.rows())
    assert sheets.work() == "tableurs essayés : 1"
    assert sheets.work() is None
    page = browser.get(page.request.path)
    assert "Refresh" not in page.headers
    assert "Atelier du Galon" in page
    assert len(sheets.site.rows()) == before  # nothing yet
    summary = sheets.bring(page)
    assert (summary.created, summary.rejected) == (2, 0)
    assert len(sheets.site.rows()) == before + 2
    page = browser.get(page.request.path)
    (run,) = sheets.rows(ImportRun)
    assert f"/gestion/imports/{run.id}" in page
    (source,) = sheets.rows(ImportSource)
    assert (source.title, source.adapter, run.location) == ("Ville voisine", "tableur", "tableur:Nos lieux.xlsx")
    browser.get(f"/gestion/imports/{run.id}")
    browser.get(f"/gestion/sources/{source.name}")


def test_twice_the_same_changes_nothing_and_the_second_skips_to_the_trial(sheets: Sheets) -> None:
    browser, data = sheets.app, table("Lieu envoyé deux fois")
    assert sheets.bring(sheets.confirmed(browser, data)).created == 1
    page = sheets.send(browser, data).follow()
    assert "Ces colonnes sont déjà connues" in page
    sheets.work()
    page = browser.get(page.request.path)
    assert "Sans changement" in page
    assert sheets.bring(page).same  # the very same file, by the same rules
    page = sheets.send(browser, data + b"\r\n").follow()
    sheets.work()
    summary = sheets.bring(browser.get(page.request.path))
    assert (summary.unchanged, summary.created, summary.updated) == (1, 0, 0)


def test_other_columns_for_the_same_file_are_read_again(sheets: Sheets) -> None:
    browser = sheets.app
    data = csv_of([["Nom", "Ville", "Divers"], ["Lieu relu", "Roubaix", "bienvenue"]], encoding="utf-8")
    sheets.bring(sheets.confirmed(browser, data))
    page = sheets.send(browser, data).follow()
    form = post_form(browser.get(page.request.path + "/colonnes"), "/colonnes")
    form["c2"] = "presentation_resume"
    page = form.submit().follow()
    sheets.work()
    page = browser.get(page.request.path)
    assert "bienvenue" in page
    assert sheets.bring(page).updated == 1
    assert sheets.site.named("Lieu relu")["presentation_resume"] == "bienvenue"


def test_a_place_that_is_known_is_linked_and_said(sheets: Sheets) -> None:
    known = sheets.site.named(ECHO)
    row = [ECHO, known["adresse"], known["code_postal"], known["commune"]]
    page = sheets.confirmed(sheets.app, csv_of([*SMALL, row], encoding="utf-8"))
    assert f"/annuaire/-{known['id']}" in page
    assert sheets.bring(page).created == 0


def test_refused_lines_are_said_by_their_number(sheets: Sheets) -> None:
    page = sheets.confirmed(sheets.app, table("Lieu juste", ["", "5 rue Sans Nom", "59100", "Roubaix"]))
    (row,) = [one for one in page.lxml.xpath("//tbody/tr") if "sans nom" in one.text_content()]
    assert row[0].text_content() == "3"


def test_complete_marks_what_is_gone(sheets: Sheets) -> None:
    browser = sheets.app
    rows = [[f"Lieu {n}", f"{n} rue de la Suite", "59100", "Roubaix"] for n in range(1, 7)]
    sheets.bring(sheets.confirmed(browser, csv_of([*SMALL, *rows], encoding="utf-8")))
    page = sheets.send(browser, csv_of([*SMALL, *rows[:-1]], encoding="utf-8")).follow()
    form = post_form(browser.get(page.request.path + "/colonnes"), "/colonnes")
    form["complet"] = True
    page = form.submit().follow()
    sheets.work()
    page = browser.get(page.request.path)
    assert "Plus dans ce tableau" in page
    assert "Lieu 6" in page
    assert sheets.bring(page).absent == 1
    (gone,) = sheets.rows(SourceRecord, SourceRecord.not_seen_since.is_not(None))
    assert gone.mapped["nom"] == "Lieu 6"
    assert sheets.site.named("Lieu 6")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"%PDF-1.7 bonjour", "lieux.csv", "Ce fichier n’est pas un tableur."),
        (csv_of([["Nom", "Ville", "NIR"], ["A", "Roubaix", "1"]]), "lieux.csv", "le fichier n’a pas été gardé"),
        (b"rien", "lieux.csv", "Nous ne trouvons pas de tableau"),
    ],
)
def test_refused_files(sheets: Sheets, data: bytes, name: str, said: str) -> None:
    page = sheets.send(sheets.app, data, name, status=422)
    assert said in page.lxml.text_content()
    assert not sheets.rows(SheetUpload)


def test_nothing_sent(sheets: Sheets) -> None:
    page = post_form(sheets.app.get(LIST), LIST).submit(status=422)
    assert "Choisissez un fichier." in page


def test_errors_of_columns(sheets: Sheets) -> None:
    page = sheets.send(sheets.app, table("Un lieu")).follow()
    form = post_form(page, "/colonnes")
    form["nouveau"], form["c0"] = "Quelqu’un", ""
    page = form.submit(status=422)
    assert "quelle colonne donne le nom" in page
    form = post_form(page, "/colonnes")
    assert form["nouveau"].value == "Quelqu’un"
    form["c0"], form["c3"] = "nom", "nom"
    page = form.submit(status=422)
    assert "une seule peut y aller" in page
    form = post_form(page, "/colonnes")
    form["c2"] = form["c3"] = ""
    assert "quelle colonne donne la commune" in form.submit(status=422)
    assert not sheets.rows(ColumnMapping)


def test_import_is_asked_once_and_never_before_a_trial(sheets: Sheets) -> None:
    browser = sheets.app
    page = sheets.confirmed(browser, table("Une seule fois"))
    form = post_form(page, "/importer")
    form.submit()
    assert "C’était déjà demandé" in form.submit().follow()
    sent = sheets.send(browser, table("Pas encore essayé"))
    token = form["csrf_token"].value
    path = sent.follow().request.path
    browser.post(f"{path}/importer", {"csrf_token": token}, status=303)
    assert (sheets.rows(SheetUpload, SheetUpload.filename == "lieux.csv")[-1].trial or {}).get("asked") is None


def test_withdrawn(sheets: Sheets) -> None:
    browser = sheets.app
    page = sheets.confirmed(browser, table("Retiré"))
    (upload,) = sheets.rows(SheetUpload)
    assert RawStore.of(sheets.site.settings).has(upload.raw)
    assert "Le fichier est retiré." in post_form(page, "/retirer").submit().follow()
    browser.get(f"{LIST}/{upload.id}", status=404)


def test_pages_ask_little_of_the_database_and_stay_light(sheets: Sheets) -> None:
    browser = sheets.app
    rows: list[list[Any]] = [[f"Lieu {n}", f"{n} rue des Nombres", "59100", "Roubaix"] for n in range(120)]
    page = sheets.confirmed(browser, csv_of([*SMALL, *rows], encoding="utf-8"))
    for _ in range(25):
        sheets.send(browser, csv_of([TITLES, ["x"]], encoding="utf-8"))
    for path in (LIST, page.request.path, f"{page.request.path}/colonnes"):
        with sheets.site.statements() as seen:
            answer = browser.get(path)
        assert len(seen) <= 10, path
        assert len(answer.body) < 60_000, path


def test_templates(sheets: Sheets) -> None:
    browser = sheets.app
    assert browser.get(f"{LIST}/modele.xlsx").body.startswith(b"PK")
    assert browser.get(f"{LIST}/modele.csv").text.startswith("\ufeffIdentifiant du partenaire;Nom du lieu;")
    browser.get(f"{LIST}/modele.exe", status=404)
