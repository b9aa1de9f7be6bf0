"""All sheets, worst first, and what can be done to several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.desk import bulk, lists, services, words
from reseau.desk.life_views import today_of
from reseau.directory.words import CRITERIA_TITLES
from reseau.web.forms import refuse
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(route_name="desk.sheets", permission=Permission.SHEET_COORDINATE)
class SheetsPages:
    """One address: the list, what an action would do, its result."""

    def __init__(self, request: Request) -> None:
        self.request, self.asked = request, dict(request.query_items)
        self.viewer = services.Viewer.of(request.identity, request.config.territory)
        self.order = bulk.read_order("", (), "")
        if request.method == "POST":
            posted = request.POST
            ticked = [str(value) for value in posted.getall("lieu")]
            self.order = bulk.read_order(str(posted.get("action", "")), ticked, str(posted.get("courriel", "")))

    def _list(self, refusal: str = "") -> dict[str, Any]:
        filters = lists.read_filters(self.asked)
        page, today = page_number(self.request), today_of(self.request)
        return {
            "found": lists.sheets(self.request.db, self.viewer, filters, today, page),
            "filters": filters, "viewer": self.viewer, "order": self.order, "missing": CRITERIA_TITLES,
            "actions": words.ACTIONS, "refusal": self.request.gettext(words.REFUSALS[refusal]) if refusal else "",
            "commune": self.asked.get("commune", ""), **self._done(),
        }  # fmt: skip

    def _done(self) -> dict[str, Any]:
        """What was just done, for the page that follows."""
        done = self.asked.get("fait", "")
        number = 0 if self.asked.get("nombre") == "0" else page_number(self.request, "nombre")
        invited = bulk.last_invited(self.request.db, self.request.identity.person_id) if done == "inviter" else ""
        return {"done": done if done in bulk.AUDITED else "", "number": number, "invited": invited}

    @view_config(request_method="GET", renderer="templates/sheets.jinja2")
    def worst_first(self) -> dict[str, Any]:
        return self._list()

    @view_config(
        request_method="POST",
        renderer="templates/sheets.jinja2",
        journal_exempt_reason="says what would happen, changes nothing",
    )
    def ask(self) -> Any:
        planned = bulk.plan(self.request.db, self.order, self.request.config)
        if planned.refusal:
            return refuse(self.request, **self._list(planned.refusal))
        self.request.override_renderer = "reseau.desk:templates/confirm.jinja2"
        return {"plan": planned, "order": self.order, "actions": words.ACTIONS}

    @view_config(
        request_method="POST", request_param="confirmer=1", renderer="templates/sheets.jinja2", journal="sheets.bulk"
    )
    def do(self) -> Any:
        now, settings = self.request.registry["clock"](), self.request.config
        done = bulk.carry_out(self.request.db, self.order, self.request.actor, settings, now)
        if isinstance(done, bulk.Plan):
            return refuse(self.request, **self._list(done.refusal))
        self.request.journal(what=done.action, number=done.number)
        return HTTPSeeOther(self.request.address(fait=done.action, nombre=done.number))
