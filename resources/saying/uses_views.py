"""Uses: a place says that it used a resource; the network reads which, everyone how many."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.db import site_day
from reseau.core.limits import Limit, allow
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.saying import uses
from resources.saying.forms import UseForm
from resources.saying.routes import UseContext, UsesContext, page_number
from resources.saying.services import counts

if TYPE_CHECKING:
    from pyramid.request import Request

LIMIT = Limit("resource-use", 30, timedelta(hours=1))
TOO_MANY = 429
BAD_DAY = _("Choisissez un jour entre 2015 et aujourd’hui.")


class _Pages:
    def __init__(self, context: UsesContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource = context.resource
        self.now = request.registry["clock"]()
        self.here = request.script_name + context.of.path

    @property
    def places(self) -> list[uses.MyPlace]:
        """Those of whoever asks."""
        identity = self.request.identity
        return uses.my_places(self.request.db, self.resource.id, identity.places) if identity else []

    def form(self, places: list[uses.MyPlace], said: uses.Said | None = None) -> UseForm:
        """The form, filled with today, or with what was said."""
        return UseForm(self.request, places, site_day(self.request.db, self.now), said)

    def good(self, form: UseForm) -> bool:
        """Whether it can be kept."""
        if not form.validate():
            return False
        try:
            uses.check_day(self.request.db, form.jour.data, self.now)
        except uses.BadDay:
            form.jour.errors = [self.request.gettext(BAD_DAY)]
            return False
        if form.said.structure_id not in self.request.identity.places:
            raise HTTPForbidden
        return True

    def back(self, done: str) -> HTTPSeeOther:
        """To the list."""
        return HTTPSeeOther(f"{self.here}/utilisations?fait={done}")


@view_defaults(route_name="saying.uses")
class UsesPages(_Pages):
    """All uses of a resource, and the form to say one."""

    def _page(self, form: UseForm | None, places: list[uses.MyPlace], too_many: bool = False) -> dict[str, Any]:
        request, session = self.request, self.request.db
        network = request.allows("network:read")
        found = uses.page(session, self.resource.id, page_number(request)) if network else None
        return {
            "form": form, "places": places, "resource": self.resource, "here": self.here, "found": found,
            "counts": counts(session, [self.resource.id])[self.resource.id], "too_many": too_many,
            "mine": set(request.identity.places) if request.identity else set(), "done": request.GET.get("fait"),
        }  # fmt: skip

    @view_config(
        request_method="GET", permission=Permission.RESOURCE_READ, cache="public", renderer="templates/uses.jinja2"
    )
    def show(self) -> dict[str, Any]:
        places = self.places
        return self._page(self.form(places) if places else None, places)

    @view_config(
        request_method="POST", permission=Permission.RESOURCE_USE, journal="resource.use",
        renderer="templates/uses.jinja2",
    )  # fmt: skip
    def say(self) -> Any:
        request, places = self.request, self.places
        form = self.form(places)
        if not self.good(form):
            return refuse(request, **self._page(form, places))
        person = request.identity.person_id
        if not allow(request.db, LIMIT, str(person), self.now):
            request.response.status_int = TOO_MANY  # returned, not raised: what was typed is kept
            return self._page(form, places, too_many=True)
        request.journal(self.resource.id, place=str(form.said.structure_id))
        if not uses.add(request.db, form.nonce, self.resource, form.said, by=person, now=self.now):
            request.journal_nothing()
        return self.back("dit")


@view_defaults(permission=Permission.RESOURCE_USE)
class UsePages(_Pages):
    """One use, for the people of its place."""

    context: UseContext

    def _page(self, form: UseForm, places: list[uses.MyPlace], clash: bool = False) -> dict[str, Any]:
        return {"form": form, "places": places, "resource": self.resource, "here": self.here,
                "use": self.context.use, "said": self.context.said, "clash": clash}  # fmt: skip

    @view_config(route_name="saying.use", request_method="GET", renderer="templates/use.jinja2")
    def show(self) -> dict[str, Any]:
        said, places = self.context.said, self.places
        return self._page(self.form(places, said), places)

    @view_config(
        route_name="saying.use", request_method="POST", renderer="templates/use.jinja2",
        journal="resource.use.change",
    )  # fmt: skip
    def change(self) -> Any:
        use, places = self.context.use, self.places
        form = self.form(places, self.context.said)
        if not self.good(form):
            return refuse(self.request, **self._page(form, places))
        self.request.db.refresh(use, with_for_update=True)
        if form.vu.data != self.context.said.digest:
            form.vu.data = self.context.said.digest
            return refuse(self.request, **self._page(form, places, clash=True))
        uses.change(self.request.db, use, form.said, self.now)
        self.request.journal(self.resource.id, place=str(use.structure_id))
        return self.back("change")

    @view_config(route_name="saying.use.remove", request_method="POST", journal="resource.use.remove")
    def remove(self) -> HTTPSeeOther:
        use = self.context.use
        self.request.journal(self.resource.id, place=str(use.structure_id))
        if not uses.remove(self.request.db, use):
            self.request.journal_nothing()
        return self.back("retire")
