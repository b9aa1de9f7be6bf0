"""Les Bases as a source of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from importers.fetch import Asker
from importers.lesbases import bundle, fetching, making
from importers.pipeline import rules
from importers.pipeline.contract import Fetched, Problem, Read, Where
from importers.targets.resources import Resources

#: Enums of their search: digital health, procedures, accessibility; then disability and people learning French.
THEMES = ("NumeriqueEnSante", "AidesAuxDemarchesAdministratives", "Accessibilite")
PUBLICS = ("PersonneSituationHandicapOuPerteAutonomie", "PersonneAllophoneOuRefugiesDemandeursAsile")


class LesBases:
    """See :class:`importers.pipeline.contract.Source`.

    :param options: ``themes`` and ``publics``: enums of ``taxonomies.toml``; a resource of any of them is chosen.
    """

    pace = 0.25
    """Seconds."""

    def __init__(self, name: str = "lesbases", options: Mapping[str, Any] | None = None) -> None:
        self.name, self.options, self.target = name, dict(options or {}), Resources()

    @property
    def rules(self) -> str:
        """Of the readers and of the table of words: what was read by others is read again, some each night."""
        return rules.version("importers.lesbases", packages=("lxml",))

    def fetch(self, where: Where, asker: Asker, folder: Path) -> Fetched:
        """The list, the searches, what changed. :raises Refused: nothing is to be changed."""
        visit = fetching.Session(asker, fetching.site_of(where.location))
        options = {**self.options, **where.options}
        themes, publics = _words(options, "themes", THEMES), _words(options, "publics", PUBLICS)
        return fetching.fetch(where, visit, folder, themes, publics, self.rules)

    def check(self, path: Path) -> Mapping[str, Any]:
        """Facts of the list and how many were read. :raises Refused: it is another file, or cut."""
        top = bundle.header(path)
        fetched = sum(1 for line in bundle.lines(path) if line.doc is not None)
        return {"format": bundle.FORMAT, "columns": top.get("columns", []), "listed": top.get("rows"),
                "public": top.get("public"), "chosen": top.get("lines"), "fetched": fetched,
                "unknown_columns": {}, "warnings": []}  # fmt: skip

    def read(self, path: Path) -> Iterator[Read]:
        """One record for each chosen resource: one that could not be read is still named, so that it stays."""
        read_by = str(bundle.header(path).get("rules") or "")
        for line in bundle.lines(path):
            yield _read(line, read_by)


def _read(line: bundle.Line, read_by: str) -> Read:
    id_ = line.entry["id"]
    if line.failed == "page-absente":  # nobody can open it: not named, so that it is withdrawn
        return Read(line.number, None, (Problem(line.number, id_, None, line.failed, line.entry["url"]),))
    try:
        if line.failed:
            raise making.Unusable(line.failed, line.entry["url"])
        incoming, unknown = making.incoming(line.entry, line.doc, read_by)
    except making.Unusable as error:
        return Read(line.number, None, (Problem(line.number, id_, None, error.reason, error.value),), (id_,))
    return Read(line.number, incoming, making.problems(line.number, id_, unknown), incoming.parts)


def _words(options: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Enums that an option lists; words that Les Bases does not know are passed over."""
    asked = options.get(name)
    if not isinstance(asked, list | tuple):
        return default
    known = making.taxonomies()[name]
    return tuple(dict.fromkeys(word for word in asked if isinstance(word, str) and word in known and word.isascii()))
