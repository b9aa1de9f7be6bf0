"""The cartography as a source of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from importers.cartographie import values
from importers.cartographie.formats import BadRow, NotThisSchema, Row, open_rows
from importers.cartographie.mapping import Rejected, map_row
from importers.locating import locate
from importers.pipeline.contract import Problem, Read, Refused
from importers.targets.structures import Structures
from reseau.core.contacts import without_people
from reseau.directory.apply import Incoming


class Cartographie:
    """Reads a file of the national standard; see :class:`importers.pipeline.Source`."""

    def __init__(self, name: str = "cartographie", options: Mapping[str, Any] | None = None) -> None:
        self.name, self.options, self.target = name, dict(options or {}), Structures()

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read all rows without mapping them: a truncated file shows only at its end."""
        try:
            with open_rows(path) as rows:
                for _ in rows:
                    pass
                return {"format": rows.format, "unknown_columns": dict(rows.unknown), "warnings": list(rows.warnings)}
        except NotThisSchema as error:
            raise Refused(error.code, **error.details) from error

    def read(self, path: Path) -> Iterator[Read]:
        """Mapped rows, located in their communes."""
        with open_rows(path) as rows:
            for row in rows:
                yield _unreadable(row) if isinstance(row, BadRow) else _mapped(row)


def _unreadable(row: BadRow) -> Read:
    return Read(row.number, None, (Problem(row.number, None, None, row.reason, without_people(row.raw)[0]),))


def _mapped(row: Row) -> Read:
    try:
        mapped = map_row(row.values)
    except Rejected as error:
        return _rejected(row, error)
    problems = tuple(Problem(row.number, mapped.id, issue.field, issue.reason, issue.value) for issue in mapped.issues)
    raw = {name: _plain(value) for name, value in row.values.items()}
    incoming = Incoming(mapped.id, mapped.parts, raw, locate(mapped.record))
    return Read(row.number, incoming, problems, mapped.parts)


def _rejected(row: Row, error: Rejected) -> Read:
    known, refused = values.identifier(row.values.get("id"))
    shown = str(row.values.get("id") or "")[:200] or None
    problem = Problem(row.number, shown, None, error.reason, f"{error.field} : {error.value}")
    return Read(row.number, None, (problem,), values.parts(known) if known and not refused else ())


def _plain(value: Any) -> Any:
    """A cell as JSON can hold it: PostgreSQL's has no NUL, and neither engine's has decimals nor lone surrogates."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()
