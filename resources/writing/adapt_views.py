"""Adapting a resource, and following its original."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.view import view_config, view_defaults

from reseau.core.letters import Site
from reseau.members import places
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base.content import ContentError
from resources.base.models import State
from resources.base.routes import ResourceContext, path_of
from resources.files.errors import SENTENCES, UploadError
from resources.writing import adapting, sending
from resources.writing.origin_page import OriginPage

if TYPE_CHECKING:
    from pyramid.request import Request

_NO_ROOM = _("La copie n’est pas faite")


@view_config(
    route_name="writing.adapt", request_method="POST", permission=Permission.RESOURCE_CREATE, journal="resource.adapt"
)
def adapt(context: ResourceContext, request: Request) -> HTTPSeeOther:
    """Copy what readers see, as a draft of whoever asks, in the name of their place."""
    found, identity = context.published, request.identity
    if found.resource.state != State.PUBLISHED.value:
        raise HTTPNotFound
    structure_id = found.resource.structure_id
    named = places.structures_named(request.db, [structure_id]) if structure_id else {}
    whose = named[structure_id]["nom"] if structure_id in named else ""
    url = f"{Site.of(request.config).url}{path_of(found.resource)}"
    credits = adapting.credit(found.content.title, whose, found.version.number, url, found.content.credits)
    mine = next(iter(identity.refers_to or identity.places), None)
    try:
        copy = adapting.adapt(
            request.db,
            found,
            credits=credits,
            by=identity.person_id,
            structure_id=mine,
            now=request.registry["clock"](),
            quota=request.registry["files.limits"].quota,
        )
    except adapting.NotAllowed:
        raise HTTPForbidden from None
    except UploadError as error:
        raise _no_room(error, request.script_name + path_of(found.resource)) from None
    request.journal(copy.id, origin=str(found.resource.id))
    return HTTPSeeOther(f"{request.script_name}{path_of(copy)}/modifier?copie=1")


def _no_room(error: UploadError, back: str) -> HTTPUnprocessableEntity:
    raised = HTTPUnprocessableEntity()
    raised.words, raised.said = (_NO_ROOM, SENTENCES[error.code]), {"name": error.name, **error.values}
    raised.links = [(_("Retour"), back)]
    return raised


@view_defaults(route_name="writing.origin", permission=Permission.RESOURCE_EDIT, renderer="templates/origin.jinja2")
class OriginPages:
    """What changed in the original: take it, or keep one's own."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request
        if context.resource.origin_id is None:
            raise HTTPNotFound

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return {"page": OriginPage(self.request, self.context)}

    @view_config(request_method="POST", journal_exempt_reason="a draft changes nothing that others see")
    def decide(self) -> Any:
        page = OriginPage(self.request, self.context)
        answers = dict(sending.posted(self.request).pairs)
        if page.original is None or answers.get("version") != str(page.original.version.number):
            page.moved = True
            return refuse(self.request, page=page)
        given = {name.removeprefix("choix."): value for name, value in answers.items() if name.startswith("choix.")}
        try:
            count = adapting.decide(
                self.request.db, page.resource, page.original, given, by=self.request.identity.person_id, now=page.now
            )
        except (ContentError, adapting.NotThisWay) as error:
            page.refused(error)
            return refuse(self.request, page=page)
        base = f"{self.request.script_name}{self.context.path}"
        return HTTPSeeOther(f"{base}/original?fait={count}")
