"""The list of resources, as a page and as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config, view_defaults

from reseau.web.caching import conditional
from reseau.web.security import Permission
from resources.base.models import KIND
from resources.finding import items, params
from resources.finding.facts import Moment
from resources.finding.group import found_for
from resources.finding.listing import Listing
from resources.finding.search import Found

if TYPE_CHECKING:
    from pyramid.request import Request

SUGGESTIONS = 8


@dataclass
class Search:
    """One search of one request. The page is answered 304 before any of the work."""

    request: Request

    @cached_property
    def criteria(self) -> params.Criteria:
        """What is asked."""
        return params.read(self.request.query_items)

    @cached_property
    def moment(self) -> Moment:
        """The snapshot of the resources."""
        moment: Moment = self.request.registry["finding.facts"].moment(self.request.db)
        return moment

    def not_modified(self, *more: object) -> None:
        """:raises HTTPNotModified: nothing changed: the log, the index, nor what readers said.

        :param more: what else the page shows.
        """
        index = self.request.registry["search.engine"].cursor() if self.criteria.q else 0
        conditional(self.request, *self.moment.stamp, index, *more)

    @cached_property
    def found(self) -> Found:
        """The answer."""
        return found_for(self.request, self.moment.facts, self.criteria)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The resources of the page asked for."""
        request, found = self.request, self.found
        spoken = found.criteria.filters.get("langue_contenu", ())
        return items.load(request.db, found.ids, request.lang, request.config.timezone, found.marks, spoken)


@view_defaults(permission=Permission.RESOURCE_READ, cache="public", request_method="GET")
class FindingPages:
    """Page and JSON show the same search."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.search = Search(request)

    @view_config(route_name="finding.list", renderer="templates/list.jinja2")
    def list_page(self) -> dict[str, Any]:
        also = self.request.see_also("ressources", self.search.criteria.q)
        self.search.not_modified(*(part for group in also for part in group.stamp))
        found = self.search.found
        return {
            "listing": Listing(self.request, found.criteria, found, self.search.items),
            "found": found,
            "also": also,
        }

    @view_config(route_name="finding.list.json", renderer="json")
    def list_json(self) -> dict[str, Any]:
        self.search.not_modified()
        found = self.search.found
        ignored = (*found.criteria.ignored, *found.unused)
        return {
            "total": found.total,
            "page": found.page,
            "pages": found.pages,
            "par_page": params.PAGE_SIZE,
            "tri": found.sort,
            "items": [items.as_data(one) for one in self.search.items],
            "facettes": found.facets,
            "ignores": [{"parametre": name, "valeur": value} for name, value in ignored],
            "corrections": [{"ecrit": typed, "compris": understood} for typed, understood in found.corrections],
            "mots_partiels": found.loosened,
            "compris": [{"parametre": name, "valeur": code} for name, code in found.criteria.understood],
        }

    @view_config(route_name="finding.suggestions", renderer="json")
    def suggestions(self) -> list[str]:
        """A plain list of whole queries, as a ``<datalist>`` needs them: what was typed, its last word completed. Words
        of what only the network reads are in no visitor's list, nor in a member's: this answer is kept by browsers."""
        typed = self.search.criteria.typed
        before = typed[: typed.rfind(" ") + 1]
        engine = self.request.registry["search.engine"]
        conditional(self.request, engine.cursor())
        return [before + word for word in engine.suggest(typed, KIND, SUGGESTIONS)] if typed else []
