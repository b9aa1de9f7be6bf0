"""Rows of a file of the cartography, streamed: CSV (any usual dialect), a JSON array, GeoJSON, gzipped or not.

Nothing is kept in memory but a row. A row that cannot be read is a ``BadRow`` and the reading goes on; a
file that is not what it should be raises ``NotThisSchema``. Truncation shows only at the end of a stream:
read the file once through before writing anything (opening it twice costs 0.3 s for the national file).

Sources: standard-mediation-num 1.0.2 and 0.1.0 for the columns; RFC 4180 and what mednum-cli (comma, quoted)
and the ANCT Data Space (``;`` and BOM) really write for the dialects.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import ijson

from importers.cartographie import columns, nested
from importers.cartographie.streams import (
    DEFAULT_MAX_BYTES,
    END,
    ByteReader,
    Lines,
    NotThisSchema,
    Utf8Bytes,
    open_bytes,
)
from importers.shallow import Shallow

__all__ = ["BadRow", "NotThisSchema", "Row", "Rows", "open_rows"]

# The csv module's own default. `csv.field_size_limit` is process-wide: left alone, and checked again here.
_MAX_FIELD: Final = 131_072
_MAX_DEPTH: Final = 10  # Real cells are texts, at most arrays of texts: a row that is deeper is refused.
_MAX_LEVELS: Final = 4_000  # A file that is deeper is: the parser would take gigabytes (here 40 MB).
_MAX_RECORD: Final = 4_000_000  # bytes of one record of JSON, which is made whole
_MAX_RAW: Final = 2_000
_DELIMITERS: Final = (",", ";", "\t", "|")
_JSON_SAMPLE: Final = 50  # Empty keys are omitted from JSON records: one record does not tell the schema.
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One record. ``number``: from 1, without the header, bad rows counted; of a CSV empty lines too, as a spreadsheet
    numbers them.
    ``values``: known columns only, by normal name (``columns.normal_name``); text from CSV, anything from JSON."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that cannot be read. ``reason``: ``ligne-illisible``, ``octet-nul``, ``champ-trop-long``,
    ``trop-de-colonnes``, ``colonnes-manquantes``, ``pas-un-objet``. ``raw``: its beginning, as text."""

    number: int
    reason: str
    raw: str


class Rows(Iterator[Row | BadRow]):
    """The rows of one file, once. A context manager; it also closes its file at the end or on an error.

    ``format``: csv, json (also a page of an API) or geojson. ``delimiter``: of a CSV. ``columns``: normal names of the
    header (CSV).
    ``unknown``: columns that mean nothing here, with the number of records that had them.
    ``warnings``: machine codes: ``encodage-cp1252`` (not UTF-8 throughout), ``colonne-en-double``.
    ``read``: records read so far, bad ones included.
    """

    def __init__(self, stream: ByteReader, opened: IO[bytes] | None) -> None:
        self.format = ""
        self.delimiter: str | None = None
        self.columns: tuple[str, ...] = ()
        self.unknown: Counter[str] = Counter()
        self.warnings: list[str] = []
        self.read = 0
        self._items_at, self._bom, self._shows_whole = "item", False, True
        self._parsed = 0
        self._stream, self._opened = stream, opened
        self._rows: Iterator[Row | BadRow] = iter(())

    def start(self) -> None:
        """Look at the first bytes and choose the reader. Raises ``NotThisSchema``."""
        head = self._stream.peek(io.DEFAULT_BUFFER_SIZE)
        if head.startswith(_BOM):
            self._stream.read(len(_BOM))
            head, self._bom = head[len(_BOM) :], True
        first = head.lstrip()[:1]
        if not first:
            raise NotThisSchema("vide")
        if first == b"<":
            raise NotThisSchema("html")
        found = nested.where_items_are(head) if first == b"{" else "item"
        if found is None:
            # An error message, something else altogether.
            raise NotThisSchema("hors-schema", missing=", ".join(columns.REQUIRED))
        self._items_at = found
        self.format = "csv" if first not in b"[{" else "geojson" if found == "features.item" else "json"
        self._rows = self._csv_rows() if self.format == "csv" else self._json_rows()

    def __next__(self) -> Row | BadRow:
        try:
            row = next(self._rows)
        except NotThisSchema as error:
            self.close()
            if error.code == "tronque":
                error.details["row"] = max(self.read, self._parsed) + 1
            raise
        except StopIteration:
            self.close()
            if not self.read:
                raise NotThisSchema("vide") from None
            raise
        self.read += 1
        return row

    def close(self) -> None:
        """Close the file if it was opened here. May be called twice."""
        self._rows = iter(())
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _warn(self, code: str) -> None:
        if code not in self.warnings:
            self.warnings.append(code)

    # --- CSV ---

    def _csv_rows(self) -> Iterator[Row | BadRow]:
        lines = Lines(self._stream)
        header = self._header(lines)
        kept = self._kept_columns(header)
        reader = csv.reader(lines, delimiter=self.delimiter or ",")
        number = 0
        while True:
            record, reason = _next_record(reader)
            flags = lines.take_flags()
            if lines.not_utf8:
                self._warn("encodage-cp1252")
            if record == [END]:
                self.unknown = Counter(dict.fromkeys(self.unknown, self.read))
                return
            if record is None or (record and END in record[-1]):
                raise NotThisSchema("tronque")  # A quotation mark was still open.
            number += 1
            if not record and reason is None and not flags:
                continue  # An empty line.
            reason = reason or next(iter(sorted(flags)), None) or _wrong_shape(record, len(header))
            if reason == "colonnes-manquantes" and lines.unfinished:
                raise NotThisSchema("tronque")
            if reason:
                yield BadRow(number, reason, self._raw(record, lines))
            else:
                yield Row(number, self._identified({name: record[rank] for rank, name in kept}))

    def _raw(self, record: list[str], lines: Lines) -> str:
        # Cells of a row that is out of shape may be anywhere, and a column that means nothing here may hold the name
        # of a person, whatever it is called: then the first cell only is shown, if it is of a column that we know.
        if not self._shows_whole:
            return record[0][:_MAX_RAW] if record and columns.is_known(self.columns[0]) else ""
        return ((self.delimiter or ",").join(record) or lines.current)[:_MAX_RAW]

    def _identified(self, values: dict[str, Any]) -> dict[str, Any]:
        """A row of the Data Space (BOM, ``;``) may have an empty id; elsewhere that is an error of the row."""
        if self._bom and self.delimiter == ";" and not str(values.get("id", "-")).strip():
            values["id"] = nested.made_up_id(values) or ""
        return values

    def _header(self, lines: Lines) -> list[str]:
        text = next(lines)
        if lines.take_flags():
            raise NotThisSchema("illisible")  # NUL bytes or a line without end: a binary file.
        best: list[str] = []
        for delimiter in _DELIMITERS:
            try:
                names = [columns.normal_name(name) for name in next(csv.reader([text], delimiter=delimiter), [])]
            except csv.Error:
                continue
            if sum(map(columns.is_known, names)) > sum(map(columns.is_known, best)):
                best, self.delimiter = names, delimiter
        while best and not best[-1]:
            best.pop()  # A delimiter at the end of the lines is not a column.
        lacking = columns.missing(best)
        if lacking:
            raise NotThisSchema("hors-schema", missing=", ".join(lacking))
        self.columns = tuple(best)
        return best

    def _kept_columns(self, header: list[str]) -> list[tuple[int, str]]:
        kept: dict[str, int] = {}
        for rank, name in enumerate(header):
            if columns.is_known(name) and name in kept:
                self._warn("colonne-en-double")  # The first one stands.
            elif columns.is_known(name):
                kept[name] = rank
            elif name and not columns.is_ignored(name):
                self.unknown[name] = 0
                self._shows_whole = False
        return [(rank, name) for name, rank in kept.items()]

    # --- JSON ---

    def _json_rows(self) -> Iterator[Row | BadRow]:
        source = Utf8Bytes(self._stream)
        items = self._items(source)
        sample = list(islice(items, _JSON_SAMPLE))
        if not sample:
            raise NotThisSchema("vide")
        rows = (nested.flattened(item) for item in sample if isinstance(item, dict))
        names = {columns.normal_name(name) for row in rows for name in row}
        lacking = columns.missing(names)
        if lacking:
            raise NotThisSchema("hors-schema", missing=", ".join(lacking))
        for number, item in enumerate(chain(sample, items), start=1):
            if source.not_utf8:
                self._warn("encodage-cp1252")
            yield self._json_row(number, item)

    def _items(self, source: Utf8Bytes) -> Iterator[Any]:
        # Floats, not Decimal: only coordinates are numbers, and both engines store them as doubles.
        levels = self._items_at.count(".") + 1
        stream = Shallow(source, _MAX_LEVELS, records=levels, most_bytes=_MAX_RECORD)
        found = ijson.items(stream, self._items_at, use_float=True)
        try:
            for self._parsed, item in enumerate(found, start=1):
                yield item
        except NotThisSchema:
            raise
        except ijson.JSONError as error:
            message = str(error).lower()
            cut = "premature eof" in message or "incomplete" in message
            raise NotThisSchema("tronque" if cut else "illisible") from error
        except (ValueError, RecursionError, OverflowError) as error:
            raise NotThisSchema("illisible") from error  # An integer of 5,000 digits, a bottomless nesting.

    def _json_row(self, number: int, item: Any) -> Row | BadRow:
        if not isinstance(item, dict):
            return BadRow(number, "pas-un-objet", _shown(item))
        values: dict[str, Any] = {}
        for name, value in nested.flattened(item).items():
            normal = columns.normal_name(name)
            if columns.is_known(normal):
                values.setdefault(normal, value)
            elif normal and not columns.is_ignored(normal):
                self.unknown[normal] += 1
        if any(_is_bottomless(value) for value in values.values()):
            return BadRow(number, "ligne-illisible", _shown(values.get("id")))
        texts = [value for value in values.values() if isinstance(value, str)]
        if any("\0" in text for text in texts):
            return BadRow(number, "octet-nul", _shown(values.get("id")))
        if any(len(text) > _MAX_FIELD for text in texts):
            return BadRow(number, "champ-trop-long", _shown(values.get("id")))
        return Row(number, values)


def open_rows(source: str | Path | IO[bytes], *, max_bytes: int = DEFAULT_MAX_BYTES) -> Rows:
    """Open a file of the cartography and return its rows, read as they are asked for.

    ``source``: a path, or a binary stream (left open). ``max_bytes``: cap on the uncompressed size.
    Raises ``OSError`` when the path cannot be opened; ``NotThisSchema`` here for what shows at once (empty,
    HTML, not an array), while iterating for the rest (columns, truncation, size).
    """
    opened: IO[bytes] | None = None
    try:
        stream, opened = open_bytes(source, max_bytes)
        rows = Rows(stream, opened)
        rows.start()
    except BaseException:
        if opened is not None:
            opened.close()
        raise
    return rows


def _next_record(reader: Iterator[list[str]]) -> tuple[list[str] | None, str | None]:
    try:
        return next(reader), None
    except StopIteration:
        return None, None
    except csv.Error as error:
        too_long = "field larger" in str(error)
        return [], "champ-trop-long" if too_long else "ligne-illisible"


def _wrong_shape(record: list[str], width: int) -> str | None:
    while len(record) > width and not record[-1]:
        record.pop()  # A delimiter at the end of the line.
    if len(record) > width:
        return "trop-de-colonnes"
    if len(record) < width:
        # Not padded: half of a line broken in two looks exactly so, and its first cell is not an id.
        return "colonnes-manquantes"
    return "champ-trop-long" if any(len(field) > _MAX_FIELD for field in record) else None


def _is_bottomless(value: Any) -> bool:
    # Level by level, never by recursion: whoever writes such a value out (repr, json) would exhaust the stack.
    level = [value]
    for _ in range(_MAX_DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, list | dict):
                inner.extend(item.values() if isinstance(item, dict) else item)
        if not inner:
            return False
        level = inner
    return True


def _shown(value: Any) -> str:
    # No repr of containers: a bottomless nesting would exhaust the stack.
    return str(value)[:_MAX_RAW] if isinstance(value, str | int | float) else type(value).__name__
