"""What a dropped file is, and its rows, whatever it is written in. Runs in a process that may die of it (``child``).

A spreadsheet and a GeoJSON are written out again as CSV and JSON, so that one reader (the cartography's) sees all that
is of the national standard.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import ijson

from importers.cartographie.columns import FIELDS, normal_name
from importers.cartographie.formats import NotThisSchema
from importers.cartographie.nested import flattened, where_items_are
from importers.cartographie.streams import END, Lines, Utf8Bytes, open_bytes
from importers.shallow import Shallow, TooDeep

MAX_BYTES: Final = 60_000_000  # once unpacked
MAX_COLUMNS: Final = 500
MAX_ROWS: Final = 200_000
SAMPLE: Final = 50
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_STRUCTURES: Final = frozenset((
    "source", "id", "nom", "date_maj", "description", "lien_source", "siret", "commune", "code_postal", "code_insee",
    "adresse", "complement_adresse", "longitude", "latitude", "telephone", "courriel", "site_web", "horaires_accueil",
    "accessibilite_lieu", "reseaux_porteurs",
))  # fmt: skip
#: Names of v1 that the national standard has not, and the other way round: they decide.
_OF_V1: Final = frozenset((
    "lien_source", "siret", "courriel", "horaires_accueil", "accessibilite_lieu", "reseaux_porteurs", "description",
))  # fmt: skip
_OF_SERVICES: Final = frozenset(("structure_id", "thematiques", "modes_accueil", "publics", "modes_mobilisation"))
_NATIONAL: Final = frozenset(FIELDS) - _STRUCTURES | {"labels_nationaux", "publics_accueillis", "cle_ban"}


def format_of(path: Path) -> str:
    """``csv``, ``json``, ``geojson``, ``xlsx``, ``ods``, by the first bytes.

    :raises NotThisSchema: empty, a web page, something else.
    """
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotThisSchema("vide")
    if head.startswith(b"PK\x03\x04"):
        return "ods" if _ODS in head[:200] else "xlsx"
    if start.startswith(b"<"):
        raise NotThisSchema("html")
    if start.startswith(b"{"):
        if b'"FeatureCollection"' in head or where_items_are(head) == "features.item":
            return "geojson"
        raise NotThisSchema("objet")
    if head[:4] in (b"%PDF", b"\xd0\xcf\x11\xe0", b"PAR1", b"Rar!") or head[:2] == b"BM":
        raise NotThisSchema("autre-format")
    return "json" if start.startswith(b"[") else "csv"


def schema_of(names: set[str]) -> str:
    """``national``, ``structures``, ``services``, or "" when it is none of them."""
    if "structure_id" in names and len(_OF_SERVICES & names) >= 2:
        return "services"
    national, v1 = len(_NATIONAL & names), len(_OF_V1 & names)
    if max(national, v1) == 0 or not names & {"id", "nom"}:
        return ""
    return "national" if national >= v1 else "structures"


@dataclass(frozen=True, slots=True)
class Plain:
    """A file as CSV or JSON. ``sheet``: the one that is read, of a spreadsheet; ``others``: those that are not."""

    path: Path
    sheet: str = ""
    others: tuple[str, ...] = ()


def rewritten(path: Path, kind: str, folder: Path) -> Plain:
    """The same content as CSV or JSON. :raises NotThisSchema: it cannot be read, or is too much; ``inconnu``: of no
    sheet does the first line name columns that we know (details: ``columns`` of each, a line each)."""
    if kind in ("xlsx", "ods"):
        return _of_spreadsheet(path, folder)
    return Plain(_of_geojson(path, folder) if kind == "geojson" else path)


def _of_spreadsheet(path: Path, folder: Path) -> Plain:
    from python_calamine import CalamineError, CalamineWorkbook

    seen: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_BYTES:
                raise NotThisSchema("trop-gros")
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        for name in names[:20]:
            titles = _of_sheet(book.get_sheet_by_name(name), folder / "feuille.csv")
            if titles is None:
                return Plain(folder / "feuille.csv", name, tuple(one for one in names if one != name))
            seen += [title for title in titles if title and len(seen) < MAX_COLUMNS]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise error if isinstance(error, NotThisSchema) else NotThisSchema("tableur") from error
    raise NotThisSchema("inconnu", titles=seen)


def _of_sheet(sheet: Any, made: Path) -> list[str] | None:
    """Write a sheet as CSV. :return: None, or its first line: not of a table that we know."""
    with made.open("w", encoding="utf-8", newline="") as out:
        writer, found = csv.writer(out, delimiter=","), False
        for cells in islice(sheet.iter_rows(), MAX_ROWS + 1):
            if len(cells) > MAX_COLUMNS:
                raise NotThisSchema("trop-de-colonnes")
            texts = [_cell(cell) for cell in cells]
            if not found and not schema_of(set(map(normal_name, texts))):
                return texts  # a sheet of explanations, or of columns of one's own
            found = True
            writer.writerow(texts if any(texts) else [])  # an empty line is one for whoever counts them
    return None if found else []


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    return str(value).strip()


def _of_geojson(path: Path, folder: Path) -> Path:
    made = folder / "proprietes.json"
    with made.open("w", encoding="utf-8") as out:
        before = "["
        stream, opened = open_bytes(path, MAX_BYTES)
        try:
            for one in _json_items(Utf8Bytes(stream), "features.item", 2):
                row = flattened(one) if isinstance(one, dict) else one
                out.write(before + json.dumps(row, default=str))
                before = ","
        finally:
            if opened:
                opened.close()
        out.write("]" if before == "," else "[]")
    return made


def rows(path: Path, kind: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Number (``Row.number``) and record by normal name of column; None for one that cannot be read. CSV or JSON.

    :raises NotThisSchema: the file is cut, or no table at all.
    """
    stream, opened = open_bytes(path, MAX_BYTES)
    try:
        if stream.peek(3)[:3] == b"\xef\xbb\xbf":
            stream.read(3)
        if kind in ("json", "geojson"):
            for number, one in enumerate(_json_items(Utf8Bytes(stream), "item", 1), 1):
                known = isinstance(one, dict)
                yield number, {normal_name(name): value for name, value in one.items()} if known else None
        else:
            yield from _csv_rows(Lines(stream))
    finally:
        if opened:
            opened.close()


def _json_items(source: Utf8Bytes, prefix: str, level: int) -> Iterator[Any]:
    try:
        yield from islice(ijson.items(Shallow(source, records=level), prefix, use_float=True), MAX_ROWS)
    except NotThisSchema:
        raise
    except TooDeep as error:
        raise NotThisSchema("trop-profond") from error
    except (ijson.JSONError, ValueError, RecursionError, OverflowError) as error:
        cut = any(words in str(error).lower() for words in ("premature eof", "incomplete"))
        raise NotThisSchema("tronque" if cut else "json") from error


def _csv_rows(lines: Lines) -> Iterator[tuple[int, dict[str, Any] | None]]:
    first = next(lines)
    if lines.take_flags():
        raise NotThisSchema("illisible")
    delimiter = delimiter_of(first)
    try:
        names = [normal_name(name) for name in next(csv.reader([first], delimiter=delimiter), [])]
    except csv.Error as error:
        raise NotThisSchema("illisible") from error
    if len(names) > MAX_COLUMNS:
        raise NotThisSchema("trop-de-colonnes")
    reader = csv.reader(lines, delimiter=delimiter)
    for number in range(1, MAX_ROWS + 1):
        try:
            cells = next(reader, [END])
        except csv.Error:
            yield number, None
            continue
        if cells == [END]:
            return
        if cells and END in cells[-1]:
            raise NotThisSchema("tronque")
        flagged = lines.take_flags()
        if cells:
            whole = len(cells) == len(names) and not flagged
            yield number, dict(zip(names, cells, strict=True)) if whole else None


def titles_of(path: Path, kind: str) -> list[str]:
    """The columns as they are written, of the header or of the first records."""
    if kind in ("json", "geojson"):
        return list({name: None for _, row in islice(rows(path, kind), SAMPLE) if row for name in row})
    head = _head(path)
    try:
        return next(csv.reader([head], delimiter=delimiter_of(head)), [])[:MAX_COLUMNS]
    except csv.Error as error:
        raise NotThisSchema("illisible") from error


def delimiter_of(head: str) -> str:
    """What separates the columns, by the line of their titles."""
    return max(",;\t|", key=head.count)


def delimiter_in(path: Path) -> str:
    """As :func:`delimiter_of`, of a CSV."""
    return delimiter_of(_head(path))


def _head(path: Path) -> str:
    stream, opened = open_bytes(path, MAX_BYTES)
    try:
        lines = Lines(stream)
        head = next(lines)
    finally:
        if opened:
            opened.close()
    if lines.take_flags():
        raise NotThisSchema("illisible")  # NUL bytes or a line without end
    return head.removeprefix("\ufeff").rstrip("\r\n")
