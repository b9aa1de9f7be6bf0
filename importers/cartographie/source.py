"""The cartography as a source of the pipeline."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from pathlib import Path
from typing import Any

from importers.cartographie import columns, values
from importers.cartographie.formats import BadRow, NotThisSchema, Row, open_rows
from importers.cartographie.mapping import Rejected, map_row
from importers.pipeline import rules
from importers.pipeline.contract import Problem, Read, Refused
from importers.targets.structures import Structures
from reseau.core.contacts import mails_without_people, without_people
from reseau.directory.apply import Incoming

#: What reads and cleans a row: when any of it changes, rows are read again.
RULES = ("importers.cartographie", "importers.cleaning", "importers.locating", "reseau.core")
#: Problems that time alone may solve: such a row is read again each night.
PASSING = frozenset({"date-invalide"})
MAILS = frozenset(columns.sources("courriels"))


class Cartographie:
    """Reads a file of the national standard; see :class:`importers.pipeline.Source`."""

    def __init__(self, name: str = "cartographie", options: Mapping[str, Any] | None = None) -> None:
        self.name, self.options, self.target = name, dict(options or {}), Structures()

    @cached_property
    def rules(self) -> str:
        """Version of the rules."""
        return rules.version(*RULES)

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read all rows without mapping them: a truncated file shows only at its end."""
        found: Counter[str] = Counter()
        try:
            with open_rows(path) as rows:
                for row in rows:
                    if isinstance(row, Row):
                        found.update(row.values.keys())
                return {
                    "format": rows.format, "unknown_columns": dict(rows.unknown), "warnings": list(rows.warnings),
                    "columns": sorted(found), "filled": _filled(rows.format, found, rows.read),
                }  # fmt: skip
        except NotThisSchema as error:
            raise Refused(error.code, **error.details) from error

    def read(self, path: Path) -> Iterator[Read]:
        """Mapped rows, located in their communes."""
        return self.reread(path, frozenset())

    def reread(self, path: Path, known: Set[bytes]) -> Iterator[Read]:
        """The same; rows that are known as they are, are not mapped."""
        with open_rows(path) as rows:
            for row in rows:
                yield _unreadable(row) if isinstance(row, BadRow) else self._one(row, known)

    def _one(self, row: Row, known: Set[bytes]) -> Read:
        digest = rules.row_digest(self.rules, row.values)
        if bytes.fromhex(digest) in known and (parts := _parts(row)):
            return Read(row.number, None, parts=parts, same=True)
        return _mapped(row, digest)


def _filled(form: str, found: Counter[str], rows: int) -> dict[str, int]:
    """Per cent of the rows that have each column, of a format that leaves out what is empty."""
    return {name: 100 * count // rows for name, count in sorted(found.items())} if form != "csv" and rows else {}


def _unreadable(row: BadRow) -> Read:
    shown = without_people(row.raw)[0]
    return Read(row.number, None, (Problem(row.number, None, None, row.reason, shown),), raw={"ligne": shown})


def _mapped(row: Row, digest: str) -> Read:
    try:
        mapped = map_row(row.values)
    except Rejected as error:
        return _rejected(row, error)
    problems = tuple(Problem(row.number, mapped.id, issue.field, issue.reason, issue.value) for issue in mapped.issues)
    raw = _raw(row)
    kept = "" if any(issue.reason in PASSING for issue in mapped.issues) else digest
    incoming = Incoming(mapped.id, mapped.parts, raw, mapped.record, mapped.repairs, kept)
    return Read(row.number, incoming, problems, mapped.parts)


def _rejected(row: Row, error: Rejected) -> Read:
    shown = str(row.values.get("id") or "")[:200] or None
    problem = Problem(row.number, shown, None, error.reason, f"{error.field} : {error.value}")
    return Read(row.number, None, (problem,), _parts(row), _shown(row))


def _parts(row: Row) -> tuple[str, ...]:
    known, refused = values.identifier(row.values.get("id"))
    return values.parts(known) if known and not refused else ()


def _raw(row: Row) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.values.items()}


def _shown(row: Row) -> dict[str, Any]:
    """The row for people: arrays as one text, no one's mail address."""
    found = {name: cell if isinstance(cell, str) else values.said(cell) for name, cell in _raw(row).items()}
    return {name: mails_without_people(text) if name in MAILS else text for name, text in found.items()}


def _plain(value: Any) -> Any:
    """A cell as JSON can hold it: PostgreSQL's has no NUL nor infinity, neither engine's has lone surrogates."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list):  # never deep: ``formats`` refuses such a row
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {_plain(str(name)): _plain(one) for name, one in value.items()}
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()
