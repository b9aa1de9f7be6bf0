"""The raw file of a run: JSON lines, the first about the list, then one for each resource of the chosen themes.

Neither the list, the pages nor the texts are kept as they came: they hold slugs of private resources, addresses of
authors and texts that nobody licensed. What is kept is what this source reads, so that a run can be replayed offline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importers.pipeline.contract import Refused

FORMAT = "lesbases-1"
MAX_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """A resource. ``entry``: its row in the list. ``doc``: what was read of it, None: nothing, since nothing changed.
    ``failed``: code of why it could not be read."""

    number: int
    entry: Mapping[str, str]
    doc: Mapping[str, Any] | None
    failed: str


def dumped(line: Mapping[str, Any]) -> str:
    """One line of the file."""
    return json.dumps(line, ensure_ascii=True, sort_keys=True) + "\n"


def header(path: Path) -> dict[str, Any]:
    """The first line. :raises Refused: it is another file."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        first = _parsed(lines.readline(MAX_LINE))
    if not isinstance(first, dict) or first.get("format") != FORMAT:
        raise Refused("forme-inattendue", what="ce n’est pas un fichier brut des Bases")
    return first


def lines(path: Path) -> Iterator[Line]:
    """The others. :raises Refused: the file is cut."""
    wanted = header(path).get("lines")
    number = 0
    with path.open(encoding="utf-8", errors="replace") as rows:
        rows.readline(MAX_LINE)
        for number, text in enumerate(rows, 1):
            found = _parsed(text)
            entry = found.get("entry") if isinstance(found, dict) else None
            if not isinstance(found, dict) or not _is_entry(entry):
                raise Refused("tronque", row=number)
            doc = found.get("doc")
            yield Line(number, entry or {}, doc if isinstance(doc, dict) else None, str(found.get("failed") or ""))
    if number != wanted:
        raise Refused("tronque", row=number)


def left(path: Path, rules: str) -> dict[str, dict[str, Any]]:
    """The documents that a visit which was cut short had read: id → line. Nothing for no file, for another, or for what
    other rules had read."""
    if not path.is_file() or not _is_of(path, rules):
        return {}
    found: dict[str, dict[str, Any]] = {}
    with path.open(encoding="utf-8", errors="replace") as rows:
        for text in rows:
            line = _parsed(text)
            if isinstance(line, dict) and isinstance(line.get("doc"), dict) and _is_entry(line.get("entry")):
                found[line["entry"]["id"]] = line
    return found


def _is_of(path: Path, rules: str) -> bool:
    try:
        return header(path).get("rules") == rules
    except Refused:
        return False


def _is_entry(entry: Any) -> bool:
    names = ("id", "slug", "title", "url", "updated", "published")
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in names)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
