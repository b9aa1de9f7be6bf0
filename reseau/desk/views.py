"""The desk: what awaits whoever looks, and the lists of sheets that have their own page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape
from pyramid.view import view_config, view_defaults

from reseau.core.wording import Wording
from reseau.desk import awaiting, lists, services
from reseau.desk.life_views import today_of
from reseau.directory.words import CRITERIA_TITLES, SUGGESTION_TITLES
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.base.addresses import path_of
from resources.base.shapes import KIND_LABELS
from resources.saying.reports import REASONS

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(request_method="GET")
class DeskPages:
    """Numbers, and what is behind them."""

    def __init__(self, request: Request) -> None:
        self.request, self.today = request, today_of(request)
        self.viewer = services.Viewer.of(request.identity, request.config.territory)

    @view_config(route_name="desk.home", permission=Permission.DESK_READ, renderer="templates/desk.jinja2")
    def home(self) -> dict[str, Any]:
        found = services.desk(self.request.db, self.viewer, self.today)
        return {
            "desk": found,
            "viewer": self.viewer,
            "reasons": {**SUGGESTION_TITLES, **REASONS},
            "others": self._others(found.counts),
        }

    def _others(self, counts: list[services.Count]) -> dict[str, tuple[str, Markup, str]]:
        """Of the kinds that other packages register: kind → words, words with the number set off, path."""
        say, made = Wording.of(self.request.lang), {}
        for one in counts:
            if other := awaiting.kinds().get(one.kind):
                words, number = other.label(say, one.number), str(one.number)
                shown = escape(words).replace(number, Markup("<strong>%s</strong>") % number, 1)
                made[one.kind] = (words, shown, other.path)
        return made

    @view_config(route_name="desk.stale", permission=Permission.DESK_READ, renderer="templates/sheets_list.jinja2")
    def stale(self) -> dict[str, Any]:
        found = lists.stale_sheets(self.request.db, self.viewer, self.today, page_number(self.request))
        return self._list("verifier", found)

    @view_config(
        route_name="desk.orphans", permission=Permission.SHEET_COORDINATE, renderer="templates/sheets_list.jinja2"
    )
    def orphans(self) -> dict[str, Any]:
        found = lists.orphan_sheets(self.request.db, self.viewer, self.today, page_number(self.request))
        return self._list("orphelins", found)

    @view_config(route_name="desk.unkept", permission=Permission.NETWORK_COORDINATE, renderer="templates/unkept.jinja2")
    def unkept(self) -> dict[str, Any]:
        found = lists.unkept(self.request.db, page_number(self.request))
        return {"found": found, "kinds": KIND_LABELS, "path": path_of}

    def _list(self, kind: str, found: Any) -> dict[str, Any]:
        return {"found": found, "kind": kind, "viewer": self.viewer, "missing": CRITERIA_TITLES}
