"""Groups of results of the search for all. Each room adds its own to ``registry["search.groups"]``: a class that is
made from (request, words), so that the home page imports nobody's views.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from reseau.directory import params, present, services
from reseau.directory.facts import Facts
from reseau.directory.listing import ItemView
from reseau.directory.notes import LOOSENED, notes
from reseau.directory.search import DirectorySearch, Found
from reseau.web.i18n import _
from resources.base.models import KIND as RESOURCE
from resources.finding.understanding import language_in

if TYPE_CHECKING:
    from pyramid.request import Request

SHOWN = 5
"""Results of each group; a link leads to all of them."""
GENERAL = 2
"""Of these, places that only help with paperwork in general."""
ASK_LANGUAGE = _(
    "Aucun lieu ne dit qu’il répond à tous les mots. En voici qui répondent à une partie des mots : "
    "appelez pour savoir si l’on y parle cette langue."
)


class Group:
    """What one room answers to some words. A group does nothing before it is asked: its ``stamp`` is read first.

    :cvar name: code, and anchor. :cvar title: as a French msgid. :cvar template: asset that shows ``group``.
    :cvar route: of the whole list, which takes ``q``.
    """

    name = ""
    title = ""
    template = ""
    route = ""

    def __init__(self, request: Request, words: str) -> None:
        self.request, self.words = request, words

    @property
    def stamp(self) -> tuple[str, ...]:
        """Changes when the answer may."""
        raise NotImplementedError

    @property
    def total(self) -> int:
        """How many answer."""
        raise NotImplementedError

    @cached_property
    def items(self) -> list[Any]:
        """The first ones, for the template."""
        raise NotImplementedError

    @property
    def notes(self) -> list[str]:
        """How the words were understood, one sentence for each thing."""
        return []

    @property
    def vague(self) -> bool:
        """Whether nothing answers all that was asked: a group that does comes before."""
        return False

    @property
    def named(self) -> bool:
        """Whether the words name what this room has: it comes first."""
        return False

    @property
    def worth_seeing(self) -> bool:
        """Whether another room's list says how many answer here."""
        return bool(self.total and not self.vague)

    @property
    def address(self) -> str:
        """The whole list with the same words."""
        return f"{self.request.route_path(self.route)}?{urlencode({'q': self.words})}"


Maker = Callable[["Request", str], Group]


class Places(Group):
    """The first places of the directory that answer."""

    name = "lieux"
    title = _("Lieux et aides")
    template = "reseau.home:templates/places.jinja2"
    route = "directory.list"

    @cached_property
    def _facts(self) -> Facts:
        facts: Facts = self.request.registry["directory.facts"].read(self.request.db)
        return facts

    @property
    def stamp(self) -> tuple[str, ...]:
        return str(self._facts.seq), self._facts.stable_since(self.request.registry["clock"]())

    @cached_property
    def _criteria(self) -> params.Criteria:
        return params.read([("q", self.words)])

    @cached_property
    def _found(self) -> Found:
        engine, now = self.request.registry["search.engine"], self.request.registry["clock"]()
        return DirectorySearch(self._facts, engine, now, (RESOURCE,)).find(self._criteria, SHOWN)

    @property
    def total(self) -> int:
        return self._found.total

    @cached_property
    def items(self) -> list[Any]:
        request, settings = self.request, self.request.config
        now, zone = request.registry["clock"](), self._facts.timezone
        # Places that help with paperwork in general are no answer to "doctolib": two of them say that there are more.
        shown = self._found.precise + GENERAL if self._found.procedure else SHOWN
        ids = [self._facts.places[row].id for row in self._found.rows[:shown]]
        rows = {row["id"]: row for row in services.listed(request.db, ids)}
        known = (present.item(rows[id_], now, zone, settings.country, None) for id_ in ids if id_ in rows)
        return [ItemView(request, item, self._found.marks, ()) for item in known]

    @property
    def notes(self) -> list[str]:
        said = notes(self.request, self._criteria, self._found)
        if not (self._found.loosened and language_in(self.words)):
            return said
        loosened, ask = self.request.gettext(LOOSENED), self.request.gettext(ASK_LANGUAGE)
        return [ask if sentence == loosened else sentence for sentence in said]

    @property
    def worth_seeing(self) -> bool:
        return bool(self.total and not self._found.loosened)

    @property
    def vague(self) -> bool:
        return self._found.loosened or (self._found.procedure is not None and not self._found.precise)


def see_also(request: Request, own: str, words: str) -> list[Group]:
    """What the other rooms answer to the words of a room's list. Nothing is looked for before it is asked.

    :param own: name of the group of that room. :param words: none: no group.
    """
    makers: list[Maker] = request.registry["search.groups"] if words else []
    return [group for make in makers if (group := make(request, words)).name != own]
