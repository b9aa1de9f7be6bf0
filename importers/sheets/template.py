"""The official template: a table with our names of columns, what each wants, an example, lists of the vocabularies.

Names and helps are in French, as the national standard is. What is in a cell is text: no formula.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from importers.sheets.fields import DAYS, FIELDS, LISTS
from importers.sheets.naming import EXAMPLE, HELP
from reseau.core.vocabularies import for_field

TYPES: Final = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
SHEET, VALUES = "Lieux", "Listes"
LINES: Final = 2_000  # lines with drop-down lists
SEVERAL: Final = "Plusieurs valeurs : séparez-les par |."
HELPS: Final = {
    "id": f"{HELP} un code à vous, qui ne change jamais. Sans lui, renommer un lieu en fait un nouveau.",
    "nom": "Obligatoire. Le nom que les habitants connaissent.",
    "commune": "Obligatoire, ou le code postal.",
    "code_postal": "5 chiffres.", "code_insee": "5 caractères, si vous l’avez.",
    "adresse": "Numéro et rue, sans la ville.", "pivot": "14 chiffres (SIRET), ou W et 9 caractères (RNA).",
    "telephone": "Celui du lieu, pas d’une personne.", "courriels": "Celui du lieu, pas d’une personne.",
    "horaires": "Par exemple : lundi 9h-12h ; mardi 14h-17h.", "latitude": "En degrés : 50.69.",
    "longitude": "En degrés : 3.17.", "date_maj": "Par exemple 24/11/2026.",
    "presentation_resume": "280 caractères au plus.",
    **dict.fromkeys(LISTS, SEVERAL),
}  # fmt: skip
#: Plainly fictional: the telephone is of those kept for fiction (ARCEP), the domain of those kept for examples.
EXAMPLES: Final = {
    "id": EXAMPLE, "nom": "Exemple : la Maison imaginaire", "adresse": "1 rue de l’Exemple", "code_postal": "59100",
    "commune": "Roubaix", "telephone": "03 53 01 00 00", "courriels": "accueil@exemple.example",
    "horaires": "lundi 9h-12h ; mardi 14h-17h", "services": "Aide aux démarches administratives",
    "frais_a_charge": "Gratuit",
}  # fmt: skip
#: The id first: its cells tell the lines of help and example from places.
COLUMNS: Final = ("id", *(name for name in FIELDS if name not in (*DAYS, "id", "source")))


def make(kind: str, *, standard: bool = False) -> bytes:
    """:param kind: of ``TYPES``. :param standard: names of the national standard instead of French labels."""
    return _xlsx(standard) if kind == "xlsx" else _csv(standard)


def _rows(standard: bool) -> tuple[list[str], ...]:
    return (
        [name if standard else FIELDS[name] for name in COLUMNS], [HELPS.get(name, "") for name in COLUMNS],
        [EXAMPLES.get(name, "") for name in COLUMNS],
    )  # fmt: skip


def _csv(standard: bool) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter="," if standard else ";").writerows(_rows(standard))
    return ("\ufeff" + out.getvalue()).encode()


@cache
def _xlsx(standard: bool) -> bytes:
    book = Workbook()
    table: Any = book.active
    table.title = SHEET
    for row in _rows(standard):
        table.append(row)
    for rank in range(1, len(COLUMNS) + 1):
        letter = get_column_letter(rank)
        table.column_dimensions[letter].width = 26
        table.cell(1, rank).font = Font(bold=True)
        table.cell(2, rank).font = Font(italic=True)
        table.cell(2, rank).alignment = Alignment(wrap_text=True, vertical="top")
        for line in range(2, 4):
            table.cell(line, rank).number_format = "@"
        table.column_dimensions[letter].number_format = "@"  # text: a postcode keeps its zero
    table.freeze_panes = "A2"
    _lists(book, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lists(book: Workbook, table: Any) -> None:
    values: Any = book.create_sheet(VALUES)
    names = [name for name in COLUMNS if for_field(name)]
    for rank, name in enumerate(names, start=1):
        known = for_field(name)
        terms = [term.national for term in known.terms] if known else []
        for line, text in enumerate([FIELDS[name], *terms], start=1):
            values.cell(line, rank, text)
        letter, of = get_column_letter(rank), get_column_letter(COLUMNS.index(name) + 1)
        # "information": several values joined by | are not in the list, and are right.
        rule = DataValidation(
            type="list", formula1=f"{VALUES}!${letter}$2:${letter}${len(terms) + 1}", allow_blank=True,
            errorStyle="information", error=SEVERAL, errorTitle="Hors de la liste", showErrorMessage=True,
        )  # fmt: skip
        rule.add(f"{of}3:{of}{LINES}")
        table.add_data_validation(rule)
