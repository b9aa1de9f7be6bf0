"""A partner's spreadsheet as a source of the pipeline."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importers.cartographie.mapping import Rejected, map_row
from importers.locating import locate
from importers.pipeline import rules
from importers.pipeline.contract import Adapter, Fetched, Problem, Read, Refused, Where
from importers.tableur import running, shaping
from importers.targets.structures import Structures
from reseau.core.contacts import without_people
from reseau.core.wording import _
from reseau.directory.apply import Incoming

if TYPE_CHECKING:
    from importers.fetch import Asker

RULES = ("importers.tableur", "importers.cartographie", "importers.cleaning", "importers.locating", "reseau.core")


class Tableur:
    """See :class:`importers.pipeline.contract.Source`.

    :param options: ``raw``: digest of the kept file that is read; ``mappings``: digest of a header → ``{"sheet": name,
        "columns": {rank: field}}``.
    """

    def __init__(self, name: str = "tableur", options: Mapping[str, Any] | None = None) -> None:
        self.name, self.options, self.target = name, dict(options or {}), Structures()
        self._found: tuple[Any, running.Rows] | None = None

    @cached_property
    def rules(self) -> str:
        """Version of the rules, and of what the columns mean: the same file with other columns is to be read again."""
        said = json.dumps(self._mappings, sort_keys=True)
        return hashlib.sha256(f"{rules.version(*RULES)}\n{said}".encode()).hexdigest()

    @property
    def _mappings(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.options.get("mappings") or {}
        return found

    def fetch(self, where: Where, asker: Asker, folder: Path) -> Fetched:
        """The kept file. :raises Refused: ``brut-absent``…"""
        path = folder / "depot"
        if where.raws is None:
            raise Refused("brut-absent")
        with where.raws.open(str(self.options.get("raw") or "")) as kept:
            shutil.copyfile(kept, path)
        return Fetched(path)

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read the whole table."""
        found = self._rows(path)
        return {"format": "tableur", **_facts(iter(found)), "rows": sum(1 for _one in found) - 1}

    def read(self, path: Path) -> Iterator[Read]:
        """Places, by the number of their line in the sheet."""
        found = self._rows(path)
        _facts(iter(found))
        alone = shaping.sirets(values for _number, values in islice(found, 1, None))
        for number, values in islice(found, 1, None):
            yield _read(number, shaping.row(values, alone))

    def _rows(self, path: Path) -> running.Rows:
        """What was found in that file; it is read once for ``check`` and ``read``."""
        about = path.stat()
        key = (str(path), about.st_ino, about.st_size, about.st_mtime_ns)
        if self._found is None or self._found[0] != key:
            self._found = (key, running.Rows(path, self._mappings))
        return self._found[1]


def _facts(found: Iterator[Any]) -> dict[str, Any]:
    facts: dict[str, Any] = next(found, {"refused": "sans-tableau"})
    if "refused" in facts:
        raise Refused(f"tableur-{facts['refused']}")
    return facts


def _read(number: int, row: dict[str, Any]) -> Read:
    raw = {name: without_people(value)[0] for name, value in row.items()}
    try:
        mapped = map_row(row)
    except Rejected as error:
        problem = Problem(number, row["id"][:200] or None, None, error.reason, f"{error.field} : {error.value}")
        return Read(number, None, (problem,), (row["id"],) if row["id"] else (), raw)
    problems = tuple(Problem(number, mapped.id, issue.field, issue.reason, issue.value) for issue in mapped.issues)
    incoming = Incoming(mapped.id, mapped.parts, raw, locate(mapped.record), mapped.repairs)
    return Read(number, incoming, problems, mapped.parts, raw)


ADAPTERS = (Adapter("tableur", _("Tableur d’un partenaire (CSV, XLSX, ODS)"), Tableur, address=False),)
