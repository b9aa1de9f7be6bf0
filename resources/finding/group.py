"""The resources among the results of the search for all (``reseau.home``), and what that shares with the list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reseau.directory.models import KIND as PLACE
from reseau.home.groups import SHOWN, Group
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.finding import items, params
from resources.finding.facts import Facts, Moment
from resources.finding.listing import CardView, Listing
from resources.finding.search import Found, ResourceSearch

if TYPE_CHECKING:
    from pyramid.request import Request


def network_reader(request: Request) -> bool:
    """Whether whoever asks reads what is for the network. A visitor costs no statement."""
    return bool(request.allows(Permission.NETWORK_READ))


def found_for(
    request: Request, facts: Facts, criteria: params.Criteria, size: int = params.PAGE_SIZE, also: Sequence[str] = ()
) -> Found:
    """The answer to a question, for whoever asks. :param size: resources a page. :param also: see ``Engine.rank``."""
    engine = request.registry["search.engine"]
    useful = items.useful(request.db) if criteria.sort == "utile" else None
    return ResourceSearch(facts, engine, network=network_reader(request), also=also).find(criteria, size, useful)


class Resources(Group):
    """The first resources that answer."""

    name = "ressources"
    title = _("Ressources")
    template = "resources.finding:templates/group.jinja2"
    route = "finding.list"

    @cached_property
    def _moment(self) -> Moment:
        moment: Moment = self.request.registry["finding.facts"].moment(self.request.db)
        return moment

    @property
    def stamp(self) -> tuple[str, ...]:
        """Changes when the answer may."""
        return self._moment.stamp

    @cached_property
    def _criteria(self) -> params.Criteria:
        return params.read([("q", self.words)])

    @cached_property
    def _found(self) -> Found:
        return found_for(self.request, self._moment.facts, self._criteria, SHOWN, (PLACE,))

    @property
    def total(self) -> int:
        """How many answer."""
        return self._found.total

    @cached_property
    def items(self) -> list[Any]:
        """The first ones, as cards."""
        request, found = self.request, self._found
        spoken = found.criteria.filters.get("langue_contenu", ())
        rows = items.load(request.db, found.ids, request.lang, request.config.timezone, found.marks, spoken)
        return [CardView(request, row, found.marks, spoken) for row in rows]

    @property
    def notes(self) -> list[str]:
        """How the words were understood."""
        return Listing(self.request, self._found.criteria, self._found, ()).notes

    @property
    def named(self) -> bool:
        """Whether the words name a language or a kind of resource, and something is found."""
        return bool(self._found.total and self._found.criteria.understood)

    @property
    def vague(self) -> bool:
        """Whether no resource has all the words."""
        return self._found.loosened
