"""Addresses of sources and runs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from importers.models import ImportRun
from importers.schedule import runs, sources
from reseau.core.ids import UUID_PATTERN, parse_id

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

    from importers.models import ImportSource

SOURCES, RUNS = "/gestion/sources", "/gestion/imports"
SOURCE = SOURCES + "/{name:[a-z][a-z0-9-]{0,39}}"
RUN = RUNS + f"/{{run:{UUID_PATTERN}}}"


class SourceContext:
    """The source of an address. :raises HTTPNotFound: when it is read and there is none."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def source(self) -> ImportSource:
        """Its row."""
        found = sources.by_name(self._request.db, self._request.matchdict["name"])
        if found is None:
            raise HTTPNotFound
        return found


class RunContext:
    """The run of an address. :raises HTTPNotFound: when it is read and there is none."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def run(self) -> ImportRun:
        """Its row."""
        id_ = parse_id(self._request.matchdict["run"])
        found = self._request.db.get(ImportRun, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        run: ImportRun = found
        return run

    @cached_property
    def found(self) -> runs.Run:
        """It, and what its page says."""
        return runs.run_of(self._request.db, self.run)


def asked_of(request: Request, name: str) -> str:
    """A parameter of an address; "" when it is not there, and no error for one that is no text."""
    return str(dict(request.query_items).get(name, ""))


def includeme(config: Configurator) -> None:
    """All of them. Fixed names come before those of sources."""
    for name, pattern in (
        ("schedule.sources", SOURCES),
        ("schedule.source.new", f"{SOURCES}/nouvelle"),
        ("schedule.order", f"{SOURCES}/ordre"),
        ("schedule.runs", RUNS),
    ):
        config.add_route(name, pattern)
    for name, suffix in (
        ("schedule.source", ""),
        ("schedule.source.edit", "/modifier"),
        ("schedule.source.now", "/lancer"),
        ("schedule.source.switch", "/activer"),
        ("schedule.source.delete", "/supprimer"),
    ):
        config.add_route(name, SOURCE + suffix, factory=SourceContext)
    for name, suffix in (
        ("schedule.run", ""),
        ("schedule.run.rejects", "/refus"),
        ("schedule.run.changes", "/changements"),
        ("schedule.run.places", "/fiches"),
        ("schedule.run.decide", "/decision"),
        ("schedule.run.replay", "/rejouer"),
        ("schedule.run.raw", "/fichier"),
    ):
        config.add_route(name, RUN + suffix, factory=RunContext)
