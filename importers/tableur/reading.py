"""A workbook or a CSV as lines of texts. Only used in the process with limits (``child``): files are strangers'.

XLSX and ODS by calamine (the value that the spreadsheet program computed for a formula; no formula is evaluated, no
link followed); CSV by the standard library, UTF-8, UTF-16 with a mark, or Windows-1252.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

MAX_SHEETS: Final = 30
MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 200
MAX_CELL: Final = 10_000  # characters
MAX_LINE: Final = 2_000_000  # bytes of one line of a CSV: 200 cells of 10,000 characters
MAX_UNPACKED: Final = 300_000_000  # bytes
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Line = tuple[int, list[str]]


class Unreadable(Exception):
    """``code`` of ``words.REFUSALS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sheet:
    """``name``: "" for a CSV. ``lines``: (number in the sheet from 1, texts); empty lines and ends are left out."""

    name: str
    lines: Iterator[Line]


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a file, by what it holds. Lines of one are to be read before the next is asked for.

    :raises Unreadable: here or while lines are read.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_OLE):
        raise Unreadable("ancien-ou-protege")
    return _of_book(path) if head.startswith(b"PK") else iter([Sheet("", _of_csv(path))])


def _of_book(path: Path) -> Iterator[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    _look_inside(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names[:MAX_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_width > MAX_COLUMNS * 10:
                raise Unreadable("trop-de-colonnes")
            yield Sheet(name, _of_sheet(sheet))
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable("illisible") from error


def _look_inside(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {one.filename for one in entries}
            if sum(one.file_size for one in entries) > MAX_UNPACKED:
                raise Unreadable("bombe")
            if any(name.endswith("vbaProject.bin") for name in names):
                raise Unreadable("macros")
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("illisible") from error
    if b"encryption-data" in manifest:
        raise Unreadable("ancien-ou-protege")
    if "xl/workbook.xml" not in names and "content.xml" not in names:
        raise Unreadable("pas-un-tableur")


def _of_sheet(sheet: Any) -> Iterator[Line]:
    """Cells merged over several lines say the same on each."""
    first = sheet.start[1] if sheet.start else 0  # calamine leaves out empty columns before the table, not lines
    down: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        if bottom > top and left >= first:
            down.setdefault(left - first, []).append((top, bottom))
    kept: dict[int, str] = {}
    for number, cells in enumerate(islice(sheet.iter_rows(), MAX_ROWS + 1)):
        texts = [text(cell) for cell in cells[: MAX_COLUMNS + 1]]
        for left, spans in down.items():
            for top, bottom in spans:
                if number == top and left < len(texts):
                    kept[left] = texts[left]
                elif top < number <= bottom and left < len(texts):
                    texts[left] = texts[left] or kept.get(left, "")
        yield from _line(number + 1, texts)


def _line(number: int, texts: list[str]) -> Iterator[Line]:
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MAX_COLUMNS:
        raise Unreadable("trop-de-colonnes")
    if number > MAX_ROWS:
        raise Unreadable("trop-de-lignes")
    if texts:
        yield number, texts


def text(cell: Any) -> str:
    """A cell as people read it: whole numbers without decimals, ISO dates, oui and non."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, datetime.time):
        return f"{cell:%H:%M}"
    return str(cell).replace("\x00", "").strip()[:MAX_CELL] if cell is not None else ""


def _of_csv(path: Path) -> Iterator[Line]:
    data = path.read_bytes()
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("pas-un-tableur")
    if data.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"{", b"%pdf")):
        raise Unreadable("pas-un-tableur")
    _look_at_lines(data)
    content = _decoded(data)
    sample = content[:20_000]
    delimiter = max(";\t,|", key=lambda one: _regular(sample, one))
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(content), delimiter=delimiter)
    before = 0
    try:
        for cells in reader:
            yield from _line(before + 1, [text(cell) for cell in cells])
            before = reader.line_num
    except csv.Error as error:
        raise Unreadable("illisible") from error


def _look_at_lines(data: bytes) -> None:
    """A file of one line becomes millions of cells, or one cell that no sheet can hold."""
    longest = max((len(line) for line in re.split(rb"[\r\n]+", data)), default=0) if len(data) > MAX_LINE else 0
    if longest > MAX_LINE:
        many = max(map(data.count, (b";", b"\t", b",", b"|"))) > MAX_COLUMNS
        raise Unreadable("trop-de-colonnes" if many else "pas-un-tableur")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _regular(sample: str, delimiter: str) -> int:
    """How much a character looks like what separates columns: the width that most lines share."""
    try:
        widths = [len(cells) for cells in csv.reader(io.StringIO(sample), delimiter=delimiter)]
    except csv.Error:
        return 0
    wide = [width for width in widths if width > 1]
    return max((width * wide.count(width) for width in set(wide)), default=0)
