"""Where a spreadsheet computes: what is read is the last value that it computed. Runs in ``child``, with its limits."""

from __future__ import annotations

import contextlib
import zipfile
from itertools import islice
from pathlib import Path
from typing import Final

MAX_LINES: Final = 5_000


def of_spreadsheet(path: Path, kind: str, sheet: str) -> tuple[bool, list[int]]:
    """Whether it has formulas, and the lines of ``sheet`` that have some (from 1, the first 5,000 lines; XLSX only)."""
    with zipfile.ZipFile(path) as archive:
        if kind == "ods":
            return b"table:formula" in archive.read("content.xml"), []
        pages = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f>" in text or b"<f " in text for text in map(archive.read, pages)):
            return False, []
    found: list[int] = []
    with contextlib.suppress(Exception):  # a file that calamine reads and openpyxl does not: no reason to refuse it
        import openpyxl

        # The bytes: of a path, openpyxl wants a name that ends in .xlsx, which no uploaded file has here.
        with path.open("rb") as file, contextlib.closing(openpyxl.load_workbook(file, read_only=True)) as book:
            for line, cells in enumerate(islice(book[sheet].iter_rows(), MAX_LINES), 1):
                found += [line] if any(cell.data_type == "f" for cell in cells) else []
    return bool(found), found
