"""The exchanges among the results of the search for all (``reseau.home``)."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reseau.core.vocabularies import fold
from reseau.home.groups import SHOWN, Group
from reseau.search.protocol import Match
from reseau.threads.base import finding
from reseau.threads.listing import queries
from reseau.threads.listing.lines import Line, lines
from reseau.threads.listing.page import LOOSENED, just_read, when
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

_WORD = re.compile(r"\w{2,}")


class Threads(Group):
    """The first threads that answer."""

    name = "echanges"
    title = _("Échanges")
    template = "reseau.threads.listing:templates/group.jinja2"
    route = "threads.list"

    def __init__(self, request: Request, words: str) -> None:
        super().__init__(request, words)
        self.when = when(request)

    @property
    def stamp(self) -> tuple[str, ...]:
        """Nothing more than the cursor of the index, which every page that searches asks for anyway: no thread changes
        without the log, which the index reads."""
        return ()

    def _matching(self, match: Match) -> finding.Found:
        request = self.request
        reader = request.reader if request.identity else None  # a visitor's search does without reading the topics
        return finding.matching(request.db, request.registry["search.engine"], reader, self.words, match)

    @cached_property
    def _exact(self) -> finding.Found:
        return self._matching("all")

    @cached_property
    def _found(self) -> finding.Found:
        return self._exact if self._exact.ids else self._matching("any")

    @property
    def total(self) -> int:
        """How many answer."""
        return len(self._found.ids)

    @cached_property
    def items(self) -> list[Any]:
        """The first ones, as lines."""
        reader = self.request.reader
        rows = queries.by_ids(self.request.db, reader, self._found.ids[:SHOWN])
        found: list[Line] = lines(self.request.db, reader, rows, just_read(self.request))
        return found

    @property
    def named(self) -> bool:
        """Whether a thread whose title has all the words was answered: it comes before what helps in general."""
        wanted = set(_WORD.findall(fold(self.words)))
        if not wanted or not self._exact.ids:
            return False
        titles = (_WORD.findall(fold(line.thread.title)) for line in self.items if line.thread.solved)
        return any(wanted.issubset(title) for title in titles)

    @property
    def worth_seeing(self) -> bool:
        """Whether some thread has all the words."""
        return bool(self._exact.ids)

    @property
    def notes(self) -> list[str]:
        """How the words were understood."""
        return [self.request.gettext(LOOSENED)] if self._found.loosened else []

    @property
    def vague(self) -> bool:
        """Whether no thread has all the words."""
        return self._found.loosened
