"""The home page, and the search for all."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config, view_defaults

from reseau.directory.entry import Entry, entry
from reseau.directory.models import KIND as PLACE
from reseau.home.groups import Group, Maker
from reseau.web.caching import conditional
from reseau.web.security import Permission
from resources.base.models import KIND as RESOURCE
from resources.finding.entry import entry as entry_of_resources
from resources.finding.params import read as read_words

if TYPE_CHECKING:
    from pyramid.request import Request

SUGGESTIONS = 8


@view_config(
    route_name="home",
    permission=Permission.DIRECTORY_READ,
    cache="public",
    request_method="GET",
    renderer="templates/home.jinja2",
)
def home(request: Request) -> dict[str, Any]:
    """The question, the directory in figures, what to take to a workshop."""
    found: Entry = entry(
        request.registry["directory.facts"].read(request.db), request.registry["clock"](), request.config.territory_name
    )
    resources = request.registry["finding.facts"].moment(request.db)
    conditional(request, found.seq, found.period, *resources.stamp)
    return {
        "entry": found,
        "resources": entry_of_resources(request.db, resources, request.lang, request.config.timezone),
    }


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class SearchForAll:
    """One box for everything: what each room answers to the same words."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.words = read_words(request.query_items).typed

    @view_config(route_name="home.search", renderer="templates/search.jinja2")
    def results(self) -> dict[str, Any]:
        request = self.request
        makers: list[Maker] = request.registry["search.groups"]
        groups: list[Group] = [make(request, self.words) for make in makers] if self.words else []
        cursor = request.registry["search.engine"].cursor()
        conditional(request, cursor, *(part for group in groups for part in group.stamp))
        # A room that only has some of the words must not hide the one that answers.
        groups.sort(key=lambda group: (not group.total, not group.named, group.vague))
        return {"words": self.words, "groups": groups, "total": sum(group.total for group in groups)}

    @view_config(route_name="home.suggestions", renderer="json")
    def suggestions(self) -> list[str]:
        """Whole queries, as a ``<datalist>`` needs them: the words of each room in turn."""
        engine = self.request.registry["search.engine"]
        conditional(self.request, engine.cursor())
        if not self.words:
            return []
        before = self.words[: self.words.rfind(" ") + 1]
        lists = (engine.suggest(self.words, kind, SUGGESTIONS) for kind in (PLACE, RESOURCE))
        words = (word for pair in zip_longest(*lists) for word in pair if word)
        return [before + word for word in dict.fromkeys(words)][:SUGGESTIONS]
