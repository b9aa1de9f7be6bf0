"""``/gestion/sources``: the sources, their form, their order, what is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from importers.adapters import ADAPTERS
from importers.schedule import runs, showing, sources
from importers.schedule.forms import form_of
from importers.schedule.options import has_secret
from importers.schedule.routes import SourceContext, asked_of
from reseau.core import territories
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

    from importers.models import ImportSource
    from importers.schedule.forms import SourceForm


#: What has a form of its own: where.
ELSEWHERE = {"veille": "/gestion/veille/flux#ajouter", "agenda": "/gestion/agenda/agendas#ajouter",
             "tableur": "/gestion/tableurs"}  # fmt: skip


def _shown(request: Request) -> dict[str, Any]:
    """What all of these pages say things with."""
    return {
        "now": request.registry["clock"](), "lasting": lambda span: showing.lasting(span, request.lang),
        "states": showing.STATES, "state_of": showing.state_of, "adapters": ADAPTERS, "address": showing.address,
        "counts": showing.counts,
    }  # fmt: skip


def _to(request: Request, route: str, done: str, **parts: str) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path(route, _query={"fait": done}, **parts))


@view_config(
    route_name="schedule.sources",
    permission=Permission.NETWORK_COORDINATE,
    request_method="GET",
    renderer="templates/sources.jinja2",
)
def source_list(request: Request) -> dict[str, Any]:
    """All sources, and which is believed first."""
    found = sources.listed(request.db, page_number(request), request.registry["clock"]())
    ranking = sources.ranking(request.db, request.config.sources)
    first = (found.number - 1) * sources.PAGE
    last = first + sources.PAGE if found.number < found.pages else len(ranking)
    return {
        "found": found, "ranking": ranking[first:last], "first": first, "ranked": len(ranking),
        "done": asked_of(request, "fait"), **_shown(request),
    }  # fmt: skip


@view_config(
    route_name="schedule.order",
    permission=Permission.NETWORK_COORDINATE,
    request_method="POST",
    journal="import.order",
)
def order(request: Request) -> HTTPSeeOther:
    """One source up or down in the order of trust."""
    up, down = request.POST.get("haut"), request.POST.get("bas")
    name = up or down
    if not isinstance(name, str) or (up and down):
        raise HTTPBadRequest
    moved = sources.shift(request.db, name, bool(up), request.config.sources)
    if not moved:
        request.journal_nothing()
        return _to(request, "schedule.sources", "rien", _anchor="confiance")
    request.journal(source=name)
    at_once = sources.follow_order(request.db, request.config, request.registry["clock"]())
    return _to(request, "schedule.sources", "ordre" if at_once else "ordre-bientot", _anchor="confiance")


@view_defaults(
    route_name="schedule.source.new", permission=Permission.NETWORK_COORDINATE, renderer="templates/source_form.jinja2"
)
class NewSourcePages:
    """How it is read first, then the rest."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.adapter = ADAPTERS.get(asked_of(request, "lecture"))

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        if self.adapter and self.adapter.code in ELSEWHERE:
            raise HTTPSeeOther(self.request.script_name + ELSEWHERE[self.adapter.code])
        made = form_of(self.request, self.adapter) if self.adapter else None
        return {"form": made, "adapter": self.adapter, "source": None, "kept": [], "elsewhere": ELSEWHERE,
                **_shown(self.request)}  # fmt: skip

    @view_config(request_method="POST", journal="import.source-create")
    def create(self) -> Any:
        request = self.request
        if self.adapter is None or self.adapter.code in ELSEWHERE:
            raise HTTPNotFound
        form = form_of(request, self.adapter)
        if form.validate() and _is_only(request, form):
            name = form.nom.data or sources.free_name(request.db, form.titre.data)
            by, now = request.actor.person_id, request.registry["clock"]()
            if sources.create(request.db, name, self.adapter.code, form.wanted(), by=by, now=now):
                request.journal(source=name)
                return _to(request, "schedule.source", "cree", name=name)
            form.nom.errors = [request.gettext(_("Une source porte déjà ce nom court."))]
        return refuse(request, form=form, adapter=self.adapter, source=None, kept=[], **_shown(request))


def _is_only(request: Request, form: SourceForm, but: UUID | None = None) -> bool:
    """Whether no other source has that title; else the form says so."""
    if sources.titled(request.db, form.titre.data, but) is None:
        return True
    form.titre.errors = [request.gettext(_("Une source porte déjà ce nom. Choisissez-en un autre."))]
    return False


@view_defaults(permission=Permission.NETWORK_COORDINATE)
class SourcePages:
    """One source."""

    def __init__(self, context: SourceContext, request: Request) -> None:
        self.source, self.request = context.source, request
        self.now = request.registry["clock"]()

    @view_config(route_name="schedule.source", request_method="GET", renderer="templates/source.jinja2")
    def show(self) -> dict[str, Any]:
        request = self.request
        found = runs.page(request.db, page_number(request), source=self.source.name)
        last = sources.last_run(request.db, self.source) if self.source.failures else None
        return {
            "why": showing.why(last) if last else "", "deletable": sources.nothing_came(request.db, self.source),
            "line": sources.line(request.db, self.source, self.now), "source": self.source, "found": found,
            "territory": _names(self.source), "done": asked_of(request, "fait"), **_shown(request),
        }  # fmt: skip

    def _form(self) -> SourceForm:
        """:raises HTTPNotFound: it is read by something that is not there."""
        adapter = sources.adapter_of(self.source)
        if adapter is None:
            raise HTTPNotFound
        return form_of(self.request, adapter, self.source)

    def _values(self, form: SourceForm) -> dict[str, Any]:
        kept = [one.name for one, _field in form.option_fields if has_secret(one, self.source.options)]
        return {
            "form": form, "adapter": form.adapter, "source": self.source, "kept": kept, **_shown(self.request)
        }  # fmt: skip

    @view_config(route_name="schedule.source.edit", request_method="GET", renderer="templates/source_form.jinja2")
    def edit_form(self) -> dict[str, Any]:
        return self._values(self._form())

    @view_config(
        route_name="schedule.source.edit", request_method="POST", renderer="templates/source_form.jinja2",
        journal="import.source-edit",
    )  # fmt: skip
    def edit(self) -> Any:
        form = self._form()
        if not form.validate() or not _is_only(self.request, form, self.source.id):
            return refuse(self.request, **self._values(form))
        wanted = form.wanted(self.source)
        lost = any(has_secret(one, self.source.options) and not has_secret(one, wanted.options)
                   for one, _field in form.option_fields)  # fmt: skip
        changed = sources.change(self.request.db, self.source, wanted)
        return self._done(("sans-cle" if lost else "modifie") if changed else "rien")

    @view_config(route_name="schedule.source.now", request_method="POST", journal="import.ask")
    def ask(self) -> HTTPSeeOther:
        """The worker does it, as soon as it can."""
        adapter = sources.adapter_of(self.source)
        if adapter is None or not (adapter.address and self.source.location):
            raise HTTPNotFound
        return self._done("demande" if sources.ask_now(self.request.db, self.source, self.now) else "attend")

    @view_config(route_name="schedule.source.switch", request_method="POST", journal="import.source-switch")
    def switch(self) -> HTTPSeeOther:
        wanted = self.request.POST.get("etat")
        if wanted not in ("oui", "non"):
            raise HTTPBadRequest
        self.request.journal(on=wanted == "oui")
        done = sources.switch(self.request.db, self.source, wanted == "oui", self.now)
        return self._done(("active" if wanted == "oui" else "arrete") if done else "rien")

    @view_config(route_name="schedule.source.delete", request_method="POST", journal="import.source-delete")
    def delete(self) -> HTTPSeeOther:
        name = self.source.name
        if not sources.delete(self.request.db, self.source):
            return self._done("garde")
        self.request.journal(source=name)
        return _to(self.request, "schedule.sources", "supprime")

    def _done(self, done: str) -> HTTPSeeOther:
        if done in ("rien", "attend", "garde"):
            self.request.journal_nothing()
        else:
            self.request.journal(source=self.source.name)
        return _to(self.request, "schedule.source", done, name=self.source.name)


def _names(source: ImportSource) -> tuple[str, ...]:
    try:
        return territories.describe(source.territory)
    except territories.UnknownTerritory:  # codes of another year
        return tuple(source.territory)
