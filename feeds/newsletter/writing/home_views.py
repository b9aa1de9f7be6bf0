"""The issues, the next one to prepare, and the calendar."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config, view_defaults

from feeds.newsletter.sending import ledger
from feeds.newsletter.writing import calendar, drafting, services
from feeds.newsletter.writing.base_views import HOME, Page
from feeds.newsletter.writing.forms import DateForm
from feeds.newsletter.writing.words import DONE, STATES
from reseau.core.ids import parse_id
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission

NEXT = 3


@view_defaults(route_name="letter.home", permission=Permission.NETWORK_COORDINATE)
class HomePages(Page):
    """All issues."""

    @view_config(request_method="GET", renderer="templates/home.jinja2")
    def listed(self) -> dict[str, Any]:
        found = services.issues(self.db, page_number(self.request))
        left = [one for one in found.rows if one.state not in services.OPEN]
        return {
            "open": [one for one in found.rows if one.state in services.OPEN], "left": left, "states": STATES,
            "found": found,
            "counts": ledger.counts_of(self.db, [one.id for one in left]) if left else {},
            "days": calendar.to_come(self.db, self.today, NEXT), "done": DONE.get(self.asked.get("fait", ""), ""),
            "nothing": self.asked.get("fait") == "rien",
        }  # fmt: skip

    @view_config(request_method="POST", journal="letter.prepare")
    def prepare(self) -> Any:
        by = self.request.identity.person_id
        if (there := drafting.open_draft(self.db)) is not None:
            self.request.journal_nothing()
            return self.go(f"{HOME}/{there.id}?fait=ouvert")
        try:
            issue = drafting.prepare(
                self.db, self.settings, by, self.now, even_empty=self.request.POST.get("vide") == "1"
            )
        except drafting.NothingNew:
            self.request.journal_nothing()
            return self.go(f"{HOME}?fait=rien")
        self.request.journal(issue.id)
        return self.go(f"{HOME}/{issue.id}?fait=prepare")


@view_defaults(
    route_name="letter.calendar", permission=Permission.NETWORK_COORDINATE, renderer="templates/calendar.jinja2"
)
class CalendarPages(Page):
    """The days of the year."""

    def _page(self, form: DateForm) -> dict[str, Any]:
        days = calendar.to_come(self.db, self.today)
        return {"days": days, "form": form, "states": STATES, "done": DONE.get(self.asked.get("fait", ""), "")}

    @view_config(request_method="GET")
    def listed(self) -> dict[str, Any]:
        return self._page(DateForm(self.request))

    @view_config(request_method="POST", journal="letter.calendar")
    def change(self) -> Any:
        if self.request.POST.get("retirer"):
            id_ = parse_id(str(self.request.POST["retirer"]))
            if id_ is None or not calendar.remove(self.db, id_):
                self.request.journal_nothing()
            return self.go(f"{HOME}/calendrier?fait=retire")
        form = DateForm(self.request)
        if form.validate() and form.jour.data < self.today:
            form.jour.errors = [form.jour.gettext(_("Ce jour est passé : choisissez un jour à venir."))]
        if form.errors or form.refused:
            return refuse(self.request, **self._page(form))
        calendar.add(self.db, form.jour.data, form.titre.data or "")
        self.request.journal(day=form.jour.data.isoformat())
        return self.go(f"{HOME}/calendrier?fait=ajoute")
