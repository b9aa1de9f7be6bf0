"""The text of a list of people and places, as a spreadsheet writes it: its rows, or why it cannot be read."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reseau.core.ids import UUID_PATTERN
from reseau.core.vocabularies import fold

MAX_BYTES, MAX_ROWS, MAX_COLUMNS, MAX_CELL = 60_000, 500, 40, 300
ID = re.compile(UUID_PATTERN)
_HEADERS = {
    "courriel": ("courriel", "mail", "email", "e mail", "adresse mail", "adresse email", "adresse e mail",
                 "adresse courriel", "adresse electronique", "courriel professionnel", "mel"),
    "nom": ("nom", "nom complet", "nom et prenom", "nom prenom", "prenom nom", "prenom et nom", "personne"),
    "prenom": ("prenom",),
    "role": ("role", "fonction"),
    "lieu": ("lieu", "structure", "nom du lieu", "nom de la structure", "organisme", "fiche", "adresse de la fiche"),
    "commune": ("commune", "ville"),
}  # fmt: skip
_COLUMN = {spelling: name for name, spellings in _HEADERS.items() for spelling in spellings}


class Unreadable(ValueError):
    """The text is not a list that can be read. ``code``: ``empty``, ``large``, ``binary``, ``columns``, ``rows``,
    ``header``, ``quotes``; ``detail``: what is missing.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Line:
    """One row as read. ``number``: of the file, the header is 1."""

    number: int
    email: str
    name: str
    role: str
    place: str


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with its mark, else UTF-8, else Windows-1252.

    :raises Unreadable: too large, or not a text.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("large")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("binary")


def read(text: str) -> list[Line]:
    """The rows of a list. :raises Unreadable: says why nothing of it can be used."""
    text = text.removeprefix("\ufeff")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Unreadable("large")
    if any(ord(char) < 32 and char not in "\t\r\n" for char in text):
        raise Unreadable("binary")
    if not text.strip():
        raise Unreadable("empty")
    rows = _rows(text)
    if not rows:
        raise Unreadable("empty")
    columns = _columns(rows[0][1])
    lines = [_line(number, dict(zip(columns, cells, strict=False))) for number, cells in rows[1:]]
    if not lines:
        raise Unreadable("empty")
    return lines


def _rows(text: str) -> list[tuple[int, list[str]]]:
    head = text.lstrip().splitlines()[0]
    delimiter = max(";,\t", key=head.count)
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMNS:
                raise Unreadable("columns")
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, [" ".join(cell.split())[:MAX_CELL] for cell in cells]))
            if len(found) > MAX_ROWS + 1:
                raise Unreadable("rows")
    except csv.Error:
        raise Unreadable("quotes") from None
    return found


def _columns(header: Sequence[str]) -> list[str]:
    columns = [_COLUMN.get(fold(cell), "") for cell in header]
    if twice := [name for name, times in Counter(columns).items() if name and times > 1]:
        raise Unreadable("header", ", ".join(twice))
    if missing := [name for name in ("courriel", "lieu") if name not in columns]:
        raise Unreadable("header", ", ".join(missing))
    return columns


def _line(number: int, cells: Mapping[str, str]) -> Line:
    # A cell that a spreadsheet would take for a formula: no name begins that way.
    name = f"{cells.get('prenom', '')} {cells.get('nom', '')}".strip().lstrip("=+-@ ")[:120]
    place = cells.get("lieu", "")
    if place and cells.get("commune") and not ID.search(place.lower()):
        place = f"{place}, {cells['commune']}"
    return Line(number, cells.get("courriel", ""), name, cells.get("role", ""), place)
