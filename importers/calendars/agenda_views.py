"""The tray of the agenda, and the calendars that fill it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from importers import fetch
from importers.calendars import following
from importers.calendars.forms import CalendarForm
from reseau.agenda import services
from reseau.agenda.models import Event, EventState
from reseau.agenda.services import View
from reseau.core.clock import local_day
from reseau.core.ids import parse_id
from reseau.web.formats import format_date, format_datetime, format_time
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

VIEWS = {View.TRAY: _("À trier"), View.KEPT: _("Gardées"), View.DROPPED: _("Écartées"), View.GONE: _("Retirées")}
DONE = {
    "garder": _("Date gardée."),
    "ecarter": _("Date écartée."),
    "tout-garder": _("Toutes les dates de la page sont gardées."),
    "tout-ecarter": _("Toutes les dates de la page sont écartées."),
    "serie-garder": _("Toutes les dates de la série sont gardées."),
    "serie-ecarter": _("Toutes les dates de la série sont écartées."),
    "annuler": _("C’est annulé."),
    "deja": _("Quelqu’un d’autre l’a déjà fait, ou la date n’est plus là : rien n’a changé."),
    "ajoute": _("Agenda ajouté. Il sera lu dans les minutes qui viennent."),
}
UNKNOWN_PLACE = _("Nous ne trouvons pas cette fiche. Copiez son adresse depuis l’annuaire, ou laissez vide.")


def _ids(texts: Any) -> list[UUID]:
    return [id_ for text in list(texts)[: services.MOST_AT_ONCE] if (id_ := parse_id(str(text)))]


@view_defaults(route_name="calendars.tray", permission=Permission.NETWORK_COORDINATE)
class TrayPages:
    """Dates to sort."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.now, asked = request.registry["clock"](), dict(request.query_items)
        self.view = View(asked["etat"]) if asked.get("etat") in list(View) else View.TRAY
        self.source = asked.get("agenda", "")[:40].replace("\x00", "")

    @view_config(request_method="GET", renderer="templates/agenda.jinja2")
    def listed(self) -> dict[str, Any]:
        asked = self.request.query_items
        did = dict(asked).get("fait", "")
        calendars = following.listed(self.db)
        found = services.listed(self.db, self.view, self.now, page_number(self.request), self.source)
        return {
            "found": found, "series": services.series(self.db, found.rows, self.now), "end_of": self._end,
            "counts": services.counts(self.db, self.now), "views": VIEWS, "view": self.view, "source": self.source,
            "calendars": calendars, "titles": {one.name: one.title for one in calendars},
            "done": DONE.get(did, ""), "did": did, "ids": _ids(value for name, value in asked if name == "sur"),
        }  # fmt: skip

    def _end(self, event: Event) -> str:
        """When it ends, if that says something more: an hour of the same day, or another day."""
        zone, last = self.request.config.timezone, event.ends_at
        if last is None or last <= event.starts_at:
            return ""
        if event.all_day:
            last -= timedelta(microseconds=1)  # it ends when the next day begins
        same = local_day(last, zone) == local_day(event.starts_at, zone)
        if event.all_day:
            return "" if same else format_date(last, self.request.lang, zone)
        return format_time(last, self.request.lang, zone) if same else format_datetime(last, self.request.lang, zone)

    @view_config(request_method="POST", journal="agenda.sort")
    def sort(self) -> HTTPSeeOther:
        posted, by = self.request.POST, self.request.identity.person_id
        for name, act in (("garder", services.keep), ("ecarter", services.drop)):
            if ids := _ids(posted.getall(name)):
                return self._there(name, ids, act(self.db, ids, by=by, now=self.now))
            if ids := _ids(posted.getall(f"serie-{name}")):
                ids = services.series_of(self.db, ids[0], self.now)
                return self._there(f"serie-{name}", ids, act(self.db, ids, by=by, now=self.now))
            if posted.get("tout") == name:
                ids = _ids(posted.getall("vu"))
                return self._there(f"tout-{name}", ids, act(self.db, ids, by=by, now=self.now))
        if ids := _ids(posted.getall("annuler")):
            back = {View.KEPT: EventState.KEPT, View.DROPPED: EventState.DROPPED}.get(self.view, EventState.TRAY)
            return self._there("annuler", ids, services.undo(self.db, ids, back, by=by, now=self.now))
        return self._there("deja", [], 0)

    def _there(self, done: str, ids: list[UUID], changed: int) -> HTTPSeeOther:
        if not changed:
            self.request.journal_nothing()
            return HTTPSeeOther(self.request.address(fait="deja", sur=None))
        self.request.journal(ids[0], what=done, number=changed)
        shown = [] if done == "annuler" else [str(id_) for id_ in ids]
        return HTTPSeeOther(self.request.address(fait=done, sur=shown))


@view_defaults(
    route_name="calendars.list", permission=Permission.NETWORK_COORDINATE, renderer="templates/calendars.jinja2"
)
class CalendarsPages:
    """The calendars that are read."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.form = CalendarForm(request)

    def _page(self, refusal: str = "", same: Any = None) -> dict[str, Any]:
        done = DONE.get(dict(self.request.query_items).get("fait", ""), "")
        calendars = following.listed(self.db)
        return {"calendars": calendars, "form": self.form, "done": done, "same": same, "refusal": refusal,
                "address": fetch.shown}  # fmt: skip

    @view_config(request_method="GET")
    def listed(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="agenda.calendar-add")
    def add(self) -> Any:
        if not self.form.validate():
            return refuse(self.request, **self._page())
        url, said = following.clean_address(self.form.adresse.data), self.form.lieu.data or ""
        if same := following.same(self.db, url):
            return refuse(self.request, **self._page(same=same))
        place = following.place_of(self.db, said) if said else None
        if said and place is None:
            self.form.lieu.errors = [self.request.gettext(UNKNOWN_PLACE)]
            return refuse(self.request, **self._page())
        by, now = self.request.identity.person_id, self.request.registry["clock"]()
        made = following.add(
            self.db, url, self.form.titre.data or "", place, timezone=self.request.config.timezone, by=by, now=now
        )
        self.request.journal(made.id)
        return HTTPSeeOther(self.request.address(fait="ajoute"))
