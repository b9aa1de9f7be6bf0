"""Rows of the open files of data·inclusion: JSON array, CSV, or Parquet where ``pyarrow`` is installed; streamed.

Source: data·inclusion schema v1 (Licence Ouverte 2.0), published each Monday on data.gouv.fr, dataset
6233723c2c1e4a54af2f6b2d.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import ijson
from data_inclusion.schema import v1

from importers.pipeline.contract import Refused
from importers.shallow import Shallow, TooDeep

MAX_FILE, MAX_LINE, MAX_CELL = 2 * 1024**3, 1_000_000, 20_000  # bytes; a description has 10,000 characters at most
BATCH, MAX_BATCH = 50, 64 * 1024**2
#: Without these a file is something else.
REQUIRED = {"structures": ("id", "nom", "source"), "services": ("id", "structure_id", "nom")}
#: Columns that hold several values: a JSON array in JSON and CSV, ``{a,b}`` where a database wrote it.
LISTS = frozenset(
    {"reseaux_porteurs", "thematiques", "publics", "modes_accueil", "modes_mobilisation", "mobilisable_par",
     "zone_eligibilite"}
)  # fmt: skip
#: Of people: never read.
PERSONAL = frozenset({"contact_nom_prenom"})


def rows(path: Path, kind: str) -> Iterator[dict[str, Any]]:
    """The rows of a file, as they came but for what names people.

    :param kind: ``structures`` or ``services``. :raises Refused: not such a file, cut, unreadable, or Parquet without
        ``pyarrow``.
    """
    head = _head(path)
    if not head.strip():
        raise Refused("vide")
    if head.lstrip()[:1] == b"<":
        raise Refused("html")
    reader = _parquet(path) if head[:4] == b"PAR1" else _json(path) if head.lstrip()[:1] in b"[{" else _csv(path)
    checked = False
    for row in reader:
        if not checked:
            lacking = [name for name in REQUIRED[kind] if name not in row]
            if lacking:
                raise Refused("hors-schema", missing=", ".join(lacking))
            checked = True
        yield {name: value for name, value in row.items() if name not in PERSONAL}
    if not checked:
        raise Refused("vide")


def _head(path: Path) -> bytes:
    try:
        with _opened(path) as stream:
            return stream.read(64).removeprefix(b"\xef\xbb\xbf")
    except (OSError, EOFError) as error:
        raise Refused("illisible") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as plain:
        zipped = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        yield cast("IO[bytes]", gzip.GzipFile(fileobj=plain)) if zipped else plain


def _json(path: Path) -> Iterator[Mapping[str, Any]]:
    number = 0
    try:
        with _opened(path) as stream:
            # The API wraps its pages in {"items": […]}, the file is a bare array.
            wrapped = stream.read(1) == b"{"
            stream.seek(0)
            levels = 2 if wrapped else 1
            for item in ijson.items(
                Shallow(stream, records=levels), "items.item" if wrapped else "item", use_float=True
            ):
                number += 1
                if isinstance(item, dict):
                    yield item
    except ijson.JSONError as error:
        cut = any(word in str(error).lower() for word in ("premature", "incomplete"))
        raise Refused("tronque" if cut else "illisible", row=number + 1) from error
    except (TooDeep, UnicodeDecodeError) as error:
        raise Refused("illisible") from error
    except (EOFError, ValueError, RecursionError, OSError) as error:
        raise Refused("tronque", row=number + 1) from error


def _csv(path: Path) -> Iterator[Mapping[str, Any]]:
    number = 0
    try:
        with _opened(path) as stream:
            lines = (line.decode("utf-8-sig" if rank == 0 else "utf-8") for rank, line in enumerate(_lines(stream)))
            for number, row in enumerate(csv.DictReader(lines, strict=True), 1):
                if None in row or None in row.values():
                    raise Refused("tronque", row=number)
                yield {name: _cell(name, value) for name, value in row.items()}
    except (csv.Error, EOFError, OSError) as error:
        raise Refused("tronque", row=number + 1) from error
    except UnicodeDecodeError as error:
        raise Refused("illisible") from error


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines of at most ``MAX_LINE`` bytes, ``MAX_FILE`` in all. :raises Refused: longer ones."""
    left = MAX_FILE
    while line := stream.readline(MAX_LINE):
        left -= len(line)
        if left < 0:
            raise Refused("trop-gros")
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            raise Refused("illisible")
        yield line


def _cell(name: str, value: str) -> Any:
    """A cell of a CSV: empty is unknown; lists are JSON arrays, ``{a,b}`` or separated by commas."""
    if value == "":
        return None
    if name not in LISTS:
        return value
    if value.startswith("["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
        return found if isinstance(found, list) else [found]
    bare = value[1:-1] if value.startswith("{") and value.endswith("}") else value
    return [part.strip().strip('"') for part in bare.replace("|", ",").split(",") if part.strip()]


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ImportError:
        raise Refused("sans-pyarrow") from None
    known = {*v1.Structure.model_fields, *v1.Service.model_fields} - PERSONAL
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if name in known]
            texts = [name for name in columns if pyarrow.types.is_string(file.schema_arrow.field(name).type)]
        # As dictionaries: a value that is written once and meant a thousand times stays one until it is looked at.
        with pyarrow.parquet.ParquetFile(path, read_dictionary=texts) as file:
            for batch in file.iter_batches(batch_size=BATCH, columns=columns):
                if batch.nbytes > MAX_BATCH or any(_too_long(column) for column in batch.columns):
                    raise Refused("illisible")
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise Refused("illisible") from error


def _too_long(column: Any) -> bool:
    values = getattr(column, "dictionary", None)
    if values is None or not len(values):
        return False
    import pyarrow.compute  # type: ignore[import-untyped]

    return bool(pyarrow.compute.max(pyarrow.compute.binary_length(values)).as_py() > MAX_CELL)
