"""What waits for the coordination, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from reseau.core.wording import Wording
from reseau.members import places
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import provided, services
from resources.base.models import Resource
from resources.base.routes import ResourceContext, path_of
from resources.base.shapes import KIND_LABELS
from resources.writing import adapting, reviewing, sending, telling
from resources.writing.forms import SendBackForm

if TYPE_CHECKING:
    from pyramid.request import Request


def shown(
    request: Request, form: SendBackForm | None = None, about: Resource | None = None, said: str = ""
) -> dict[str, Any]:
    """The list. :param form: refused, about a resource. :param said: why that one was not published: ``changed``,
    ``lacks``, or in words."""
    rows = reviewing.waiting(request.db)
    total = len(rows) if len(rows) < reviewing.SHOWN else reviewing.count_waiting(request.db)
    people = places.names(request.db, [one.asked.by for one in rows])
    held = [one.resource.structure_id for one in rows if one.resource.structure_id]
    structures = places.structures_named(request.db, held)
    forms = {one.resource.id: SendBackForm(request, None) for one in rows}
    if form is not None and about is not None:
        forms[about.id] = form
    return {"rows": rows, "total": total, "people": people, "structures": structures, "forms": forms,
            "labels": KIND_LABELS, "path_of": path_of, "about": about, "said": said}  # fmt: skip


@view_config(
    route_name="writing.reviews", request_method="GET", permission=Permission.NETWORK_COORDINATE,
    renderer="templates/reviews.jinja2",
)  # fmt: skip
def reviews(request: Request) -> dict[str, Any]:
    """Resources that wait to be published."""
    return shown(request)


@view_config(
    route_name="writing.decide", request_method="POST", permission=Permission.RESOURCE_REVIEW,
    journal="resource.review", renderer="templates/reviews.jinja2",
)  # fmt: skip
def decide(context: ResourceContext, request: Request) -> Any:
    """Publish what waits, or send it back with a reason."""
    resource, now, by = context.resource, request.registry["clock"](), request.identity.person_id
    sent = sending.posted(request)
    provided.lock(request.db, resource)
    home = f"{request.script_name}/gestion/ressources"
    if reviewing.asked(resource) is None:
        request.journal_nothing()
        return HTTPSeeOther(f"{home}?deja=1")
    if sent.has("publier"):
        if dict(sent.pairs).get("rev") != str(resource.draft_rev):
            return refuse(request, **shown(request, None, resource, "changed"))
        try:
            version = reviewing.accept(request.db, resource, by=by, now=now)
        except services.NotReady:
            return refuse(request, **shown(request, None, resource, "lacks"))
        except adapting.NotThisWay as error:
            return refuse(request, **shown(request, None, resource, error.said(Wording.of(request.lang))))
        if version:
            telling.tell_published(request.db, resource, version, by, request.config, now)
            request.journal(resource.id, answer="published", **reviewing.detail(version, resource.visibility))
        return HTTPSeeOther(f"{home}?publie=1")
    form = SendBackForm(request, sent.pairs)
    if not form.validate():
        return refuse(request, **shown(request, form, resource))
    reviewing.send_back(request.db, resource, form.raison.data)
    telling.tell_sent_back(request.db, resource, by, request.config, now)
    request.journal(resource.id, answer="sent-back")
    return HTTPSeeOther(f"{home}?renvoye=1")
