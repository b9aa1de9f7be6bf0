"""What concerns us in the national files: one bundle, small enough to be kept and run again.

The open files hold 66,000 structures and 87,000 services (336 MB, August 2025). What is kept raw is the rows of the
territory whose services are about our themes, as they came, one JSON document a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importers.inclusion.mapping import wanted
from importers.locating import locate
from importers.pipeline.contract import Refused
from importers.pipeline.runs import storable

#: Rows of the cartography, which is a source of its own here; importing them twice would make two records of one.
OURS = frozenset({"mediation-numerique"})


@dataclass(slots=True)
class Selection:
    """What was looked at and kept."""

    structures: dict[str, dict[str, Any]] = field(default_factory=dict)
    themes: dict[str, list[str]] = field(default_factory=dict)
    services: dict[str, tuple[dict[str, Any], list[str]]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=lambda: {"structures": 0, "services": 0})
    columns: set[str] = field(default_factory=set)


def select(
    structures: Iterable[dict[str, Any]],
    services: Iterable[dict[str, Any]],
    themes: Sequence[str],
    territory: frozenset[str] | None,
) -> Selection:
    """Structures of the territory with at least one service of the themes, and these services.

    A page of the API may shift while it is read: the first row of an id stands. :param territory: None: everywhere.
    """
    found = Selection()
    inside: dict[str, dict[str, Any]] = {}
    for row in structures:
        found.seen["structures"] += 1
        found.columns.update(row)
        if row.get("source") not in OURS and _inside(row, territory):
            inside.setdefault(str(row.get("id")), storable(row))
    for row in services:
        found.seen["services"] += 1
        place, kept = str(row.get("structure_id")), wanted(row.get("thematiques"), themes)
        if kept and place in inside:
            found.services.setdefault(str(row.get("id")), (storable(row), kept))
            found.structures[place] = inside[place]
            found.themes.setdefault(place, []).extend(kept)
    return found


def _inside(row: Mapping[str, Any], territory: frozenset[str] | None) -> bool:
    if territory is None:
        return True
    said = {name: row.get(name) for name in ("code_insee", "commune", "code_postal")}
    texts = {name: value if isinstance(value, str) else None for name, value in said.items()}
    return locate(texts)["code_insee"] in territory


def write(found: Selection, path: Path) -> None:
    """The bundle: what it is, then structures, then services, each sorted by id: the same files give the same bytes."""
    with path.open("w", encoding="utf-8") as out:

        def line(**document: Any) -> None:
            out.write(json.dumps(document, ensure_ascii=False, sort_keys=True, default=str) + "\n")

        line(kind=ABOUT, columns=sorted(found.columns), seen=found.seen)
        for id_ in sorted(found.structures):
            line(kind=STRUCTURE, row=found.structures[id_], themes=sorted(set(found.themes[id_])))
        for id_ in sorted(found.services):
            row, themes = found.services[id_]
            line(kind=SERVICE, row=row, themes=themes)
        line(kind=END, structures=len(found.structures), services=len(found.services))


ABOUT, STRUCTURE, SERVICE, END = "data-inclusion-v1", "structure", "service", "fin"


def is_bundle(path: Path) -> bool:
    """Whether a file is what :func:`write` made: for who runs a kept raw file again."""
    with path.open("rb") as lines:
        return f'"kind": "{ABOUT}"'.encode() in lines.readline(100_000)


def documents(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a bundle. :raises Refused: it is not one, or it is cut."""
    last: dict[str, Any] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                last = json.loads(line)
            except (ValueError, RecursionError):
                raise Refused("hors-schema" if number == 1 else "tronque", missing="structures", row=number) from None
            if number == 1 and (not isinstance(last, dict) or last.get("kind") != ABOUT):
                raise Refused("hors-schema", missing="structures, services")
            yield last
    if not last:
        raise Refused("vide")
    if last.get("kind") != END:
        raise Refused("tronque", row=number)
