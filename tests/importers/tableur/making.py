"""Spreadsheets as partners make them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from odfdo import Document, Table
from openpyxl import Workbook

TITLES = ["Nom de la structure", "N°", "Rue", "CP", "Ville", "Tél", "Mail", "Lundi", "Mardi", "Nom du médiateur"]
ECHO = ["Atelier du Galon", 12, "rue du Galon", 59100, "Roubaix", 320738561, "contact@galon.example.org", "9h-12h / 14h-17h",
        "fermé", "Une Personne"]  # fmt: skip
LAC = ["Maison du Lac", 1, "rue du Lac", 59100, "Roubaix", "03 20 00 11 22", None, None, "10h-12h", None]
ROWS: list[list[Any]] = [["Lieux de médiation – octobre"], [], TITLES, ECHO, [], LAC, ["Total", 2]]


def xlsx(*sheets: tuple[str, Sequence[Sequence[Any]]], merged: str = "") -> bytes:
    """A workbook of sheets (name, rows)."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        table = book.create_sheet(name)
        for row in rows:
            table.append(list(row))
        if merged:
            table.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of one sheet."""
    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Feuille 1")
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if value is not None:
                table.set_value((x, y), value)
    document.body.append(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def csv_of(rows: Sequence[Sequence[Any]], delimiter: str = ";", encoding: str = "cp1252") -> bytes:
    """As a spreadsheet program saves it in France."""
    lines = (delimiter.join("" if one is None else str(one) for one in row) for row in rows)
    return "\r\n".join(lines).encode(encoding)
