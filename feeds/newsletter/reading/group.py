"""Issues of the letter among the results of the search for all (``reseau.home``)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from feeds.newsletter.models import KIND
from feeds.newsletter.reading import services
from reseau.directory.models import KIND as PLACE
from reseau.home.groups import SHOWN, Group
from reseau.search.protocol import Ranking
from reseau.web.i18n import _
from resources.base.models import KIND as RESOURCE

if TYPE_CHECKING:
    from pyramid.request import Request


class Letters(Group):
    """The issues that have all the words, best first. Some of the words are no answer: a letter tells of everything."""

    name = "lettre"
    title = _("La lettre du réseau")
    template = "feeds.newsletter.reading:templates/group.jinja2"
    route = "letters.archive"

    def __init__(self, request: Request, words: str) -> None:
        super().__init__(request, words)
        self.script = request.script_name

    @property
    def stamp(self) -> tuple[str, ...]:
        """Nothing more than the cursor of the index: no issue leaves without the log, which the index reads."""
        return ()

    @cached_property
    def _ranking(self) -> Ranking:
        engine = self.request.registry["search.engine"]
        found: Ranking = engine.rank(self.words, KIND, also=(PLACE, RESOURCE))
        return found

    @property
    def total(self) -> int:
        """How many answer."""
        return len(self._ranking)

    @cached_property
    def items(self) -> list[Any]:
        """The first ones."""
        ranking = self._ranking
        order = np.argsort(-ranking.scores, kind="stable")[:SHOWN]
        ids = ranking.universe[ranking.positions[order]].tolist()
        rows = services.shown(self.request.db, ids, self.request.lang)
        return [rows[id_] for id_ in ids if id_ in rows]

    @property
    def worth_seeing(self) -> bool:
        """Other rooms' lists do not send to the letter: what it tells is theirs."""
        return False

    @property
    def vague(self) -> bool:
        """What rooms answer themselves comes before what the letter once told of it."""
        return True

    @property
    def address(self) -> str:
        """The archive has no search of its own."""
        return str(self.request.route_path(self.route))
