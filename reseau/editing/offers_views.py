"""The forms of the offers of a place: a new one, another content, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.directory import offers
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.editing.offer_forms import OfferForm
from reseau.editing.offer_page import OfferPage
from reseau.editing.routes import OfferContext, canonical
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(permission=Permission.SHEET_EDIT, renderer="templates/offer.jinja2")
class OfferPages:
    """Offers of one place."""

    def __init__(self, context: OfferContext, request: Request) -> None:
        self.context, self.request = context, request
        canonical(context, request)
        self.how = (Because(Cause.OFFER, request.actor), request.sources, request.registry["clock"]())

    def _page(self, form: OfferForm, theirs: Any = None) -> dict[str, Any]:
        return {"page": OfferPage(self.request, self.context.row, form, theirs)}

    def _done(self, **detail: Any) -> HTTPSeeOther:
        id_, slug = self.context.present
        self.request.journal(id_, **detail)
        return HTTPSeeOther(
            self.request.route_path("directory.sheet", id=str(id_), slug=slug, _query={"enregistre": "offre"})
        )

    @view_config(route_name="editing.offer.new", request_method="GET")
    def new(self) -> dict[str, Any]:
        return self._page(OfferForm(self.request))

    @view_config(route_name="editing.offer.new", request_method="POST", journal="offer.create")
    def add(self) -> Any:
        form = OfferForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        return self._done(offer=str(offers.add(self.request.db, self.context.structure_id, form.values, *self.how)))

    @view_config(route_name="editing.offer", request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page(OfferForm(self.request, self.context.offer))

    @view_config(route_name="editing.offer", request_method="POST", journal="offer.edit")
    def change(self) -> Any:
        form, id_ = OfferForm(self.request, self.context.offer), self.context.offer.id
        if not form.validate():
            return refuse(self.request, **self._page(form))
        try:
            offers.change(self.request.db, self.context.structure_id, id_, form.values, form.seen_rev, *self.how)
        except offers.Stale as stale:
            return refuse(self.request, **self._page(form, stale.offer))
        except LookupError:
            raise HTTPNotFound from None
        return self._done(offer=str(id_))

    @view_config(route_name="editing.offer.remove", request_method="GET", renderer="templates/offer_remove.jinja2")
    def confirm(self) -> dict[str, Any]:
        return {"row": self.context.row, "offer": self.context.offer}

    @view_config(route_name="editing.offer.remove", request_method="POST", journal="offer.remove")
    def remove(self) -> Any:
        try:
            offers.remove(self.request.db, self.context.structure_id, self.context.offer.id, *self.how)
        except LookupError:
            raise HTTPNotFound from None
        return self._done(offer=self.request.matchdict["service"])
