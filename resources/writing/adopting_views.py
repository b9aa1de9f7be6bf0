"""Adopting a resource that comes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.wording import Wording
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base import provided, services
from resources.base.content import ContentError
from resources.base.routes import ResourceContext, path_of
from resources.base.sentences import sentence
from resources.writing import adopting, reviewing
from resources.writing.adopting import Worth
from resources.writing.adopting_forms import AdoptForm
from resources.writing.adopting_routes import AdoptContext
from resources.writing.forms import complain
from resources.writing.page import my_places

if TYPE_CHECKING:
    from pyramid.request import Request

_NOTE = _("Ce que ça vaut, pour qui : des mots du réseau.")
_FIRST = _(
    "Quelqu’un d’autre vient d’adopter cette ressource. Votre texte est encore là : copiez-le, et donnez-le comme avis "
    "sur la page de la ressource."
)
_WRITTEN = _(
    "Quelqu’un est en train de modifier cette ressource. Votre texte est encore là : réessayez quand ce sera publié."
)


@view_defaults(
    route_name="writing.adopt", permission=Permission.RESOURCE_ADOPT, renderer="templates/adopt.jinja2"
)  # fmt: skip
class AdoptPages:
    """What it is worth, for whom, a kit to put it in."""

    def __init__(self, context: AdoptContext, request: Request) -> None:
        self.context, self.request = context, request
        self.row, self.resource = context.row, context.resource
        self.kits = adopting.kits(request.db, request.identity)
        self.form = AdoptForm(request, my_places(request), self.kits)

    def _shown(self) -> dict[str, Any]:
        place = services.present_structure(self.request.db, self.resource.structure_id)
        return {"form": self.form, "row": self.row, "resource": self.resource, "place": place,
                "here": self.request.script_name + path_of(self.resource)}  # fmt: skip

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._shown()

    @view_config(request_method="POST", journal="resource.adopt")
    def adopt(self) -> Any:
        if not self.form.validate():
            return refuse(self.request, **self._shown())
        try:
            with self.request.db.begin_nested():
                done = self._adopt()
        except adopting.AlreadyAdopted:
            return self._refused("valeur", self.request.gettext(_FIRST))
        except adopting.BeingWritten:
            return self._refused("valeur", self.request.gettext(_WRITTEN))
        except ContentError as error:
            return self._refused(error.where or "valeur", sentence(error, Wording.of(self.request.lang)))
        if done:
            self.request.journal(self.resource.id, source=self.row.source)
        else:
            self.request.journal_nothing()
        return HTTPSeeOther(f"{self.request.script_name}{path_of(self.resource)}?adoptee=1")

    def _refused(self, field: str, text: str) -> Any:
        self.request.db.refresh(self.row)
        complain(self.form, field if field in self.form else "valeur", text)
        return refuse(self.request, **self._shown())

    def _adopt(self) -> bool:
        request, form = self.request, self.form
        how = {"by": request.identity.person_id, "now": request.registry["clock"]()}
        value, audience = form.words
        worth = Worth(value, audience, _NOTE)
        at_once = reviewing.may_publish(request.identity, request.config)
        done = adopting.adopt(
            request.db, self.resource, worth, structure_id=form.structure_id, at_once=at_once, **how
        )  # fmt: skip
        kit = next((one for one in self.kits if one.id == form.kit_id), None)
        if done and kit is not None:
            try:
                adopting.put_into(request.db, kit, self.resource, **how)
            except ContentError as error:
                raise ContentError(error.code, "kit", **error.values) from None
        return done


@view_config(
    route_name="writing.adopt.seen", request_method="POST", permission=Permission.RESOURCE_EDIT,
    journal_exempt_reason="a mark of those who write it: it changes nothing that others see",
)  # fmt: skip
def seen(context: ResourceContext, request: Request) -> HTTPSeeOther:
    """Its authors have looked at what changed at the source."""
    if provided.of(request.db, context.resource.id) is None:
        raise HTTPNotFound
    adopting.seen(request.db, context.resource.id)
    return HTTPSeeOther(request.script_name + context.path)
