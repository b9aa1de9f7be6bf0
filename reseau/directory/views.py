"""Pages of the directory: find, see on a map, print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pyramid.view import view_config, view_defaults

from reseau.core.changes import current_seq
from reseau.directory import params, present, services
from reseau.directory.facts import Facts
from reseau.directory.listing import Listing
from reseau.directory.models import KIND
from reseau.directory.search import DirectorySearch, Found
from reseau.web.caching import conditional
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

PRINTED_AT_MOST = 200
ON_MAP_AT_MOST = 1_000  # 0.4 MB and 40 ms; more points than that on a telephone are a stain
SUGGESTIONS = 8


@dataclass
class Search:
    """One search of one request: criteria, snapshot, answer. The page is answered 304 before any of the work."""

    request: Request

    @cached_property
    def now(self) -> datetime:
        """The request's moment."""
        now: datetime = self.request.registry["clock"]()
        return now

    @cached_property
    def criteria(self) -> params.Criteria:
        """What is asked."""
        return params.read(self.request.query_items)

    @cached_property
    def facts(self) -> Facts:
        """The snapshot of the directory."""
        facts: Facts = self.request.registry["directory.facts"].read(self.request.db)
        return facts

    def not_modified(self, *more: object) -> None:
        """:raises HTTPNotModified: nothing changed: the log, the index, nor any place's open/closed state.

        :param more: what else the page shows.
        """
        index = self.request.registry["search.engine"].cursor() if self.criteria.q else 0
        # Another request may have made facts that are newer than what this transaction sees: what it shows is as old as
        # the older of the two, and must not be taken for the newer.
        seen = min(self.facts.seq, current_seq(self.request.db))
        conditional(self.request, seen, index, self.facts.stable_since(self.now), *more)

    def found(self, page_size: int = params.PAGE_SIZE) -> Found:
        """The answer."""
        engine = self.request.registry["search.engine"]
        return DirectorySearch(self.facts, engine, self.now).find(self.criteria, page_size)

    def rows(self, found: Found, *columns: str) -> Iterator[tuple[Mapping[str, Any], float | None]]:
        """The places of the page asked for, and how far they are in metres (None: not known, or from nowhere)."""
        ids = [self.facts.places[row].id for row in found.rows]
        known = {row["id"]: row for row in services.listed(self.request.db, ids, *([columns] if columns else []))}
        for position, id_ in zip(found.rows, ids, strict=True):
            far = math.nan if found.distances is None else float(found.distances[position])
            if id_ in known:  # it may have gone since the facts were made
                yield known[id_], None if math.isnan(far) else far

    def items(self, found: Found) -> list[dict[str, Any]]:
        """The same as list and JSON show them."""
        settings = self.request.config
        zone = ZoneInfo(settings.timezone)
        return [present.item(row, self.now, zone, settings.country, far) for row, far in self.rows(found)]

    def points(self, found: Found) -> Any:
        """The same as GeoJSON."""
        settings = self.request.config
        rows = self.rows(found, *present.POINT)
        return present.geojson(rows, self.now, ZoneInfo(settings.timezone), settings.country)

    def page(self, page_size: int = params.PAGE_SIZE, *more: object) -> dict[str, Any]:
        """What list, map and print pages show. :param more: what else they show."""
        self.not_modified(*more)
        found = self.found(page_size)
        listing = Listing(self.request, self.criteria, found, self.items(found))
        return {"listing": listing, "found": found, "now": self.now, "on_map": ON_MAP_AT_MOST}


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class DirectoryPages:
    """List, map and print show the same search."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.search = Search(request)

    @view_config(route_name="directory.list", renderer="templates/list.jinja2")
    def list_page(self) -> dict[str, Any]:
        also = self.request.see_also("lieux", self.search.criteria.q)
        stamps = (part for group in also for part in group.stamp)
        return {**self.search.page(params.PAGE_SIZE, *stamps), "also": also}

    @view_config(route_name="directory.map", renderer="templates/map.jinja2")
    def map_page(self) -> dict[str, Any]:
        return self.search.page()

    @view_config(route_name="directory.print", renderer="templates/print_list.jinja2")
    def print_page(self) -> dict[str, Any]:
        return self.search.page(PRINTED_AT_MOST)

    @view_config(route_name="directory.list.json", renderer="json")
    def list_json(self) -> dict[str, Any]:
        self.search.not_modified()
        found = self.search.found()
        return {
            "total": found.total,
            "page": found.page,
            "pages": found.pages,
            "par_page": params.PAGE_SIZE,
            "tri": found.sort,
            "items": self.search.items(found),
            "facettes": found.facets,
            "ignores": [
                {"parametre": name, "valeur": value} for name, value in (*self.search.criteria.ignored, *found.unused)
            ],
            "corrections": [{"ecrit": typed, "compris": understood} for typed, understood in found.corrections],
            "mots_partiels": found.loosened,
            "demarche_comprise": found.procedure.code if found.procedure else None,
            "precis": found.precise,
            "sans_horaires": found.without_hours,
        }

    @view_config(route_name="directory.map.json", renderer="json")
    def map_json(self) -> Any:
        self.search.not_modified()
        found = self.search.found(ON_MAP_AT_MOST)
        self.request.response.content_type = "application/geo+json"
        return self.search.points(found)

    @view_config(route_name="directory.suggestions", renderer="json")
    def suggestions(self) -> list[str]:
        """A plain list of whole queries, as a ``<datalist>`` needs them: what was typed, its last word completed."""
        typed = self.search.criteria.q
        before = typed[: typed.rfind(" ") + 1]
        engine = self.request.registry["search.engine"]
        conditional(self.request, engine.cursor())
        return [before + word for word in engine.suggest(typed, KIND, SUGGESTIONS)] if typed else []
