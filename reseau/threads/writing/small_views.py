"""Whom one may mention, as one types; what is said to whose first message waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPTooManyRequests
from pyramid.view import view_config

from reseau.core.ids import parse_id
from reseau.threads.base import mentions
from reseau.threads.base.text import handle
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

#: Letters before anybody is named: the list of the network is not to be drawn out of here.
LEAST = 2


@view_config(route_name="threads.mentions", request_method="GET", permission=Permission.NETWORK_READ, renderer="json")
def offered(request: Request) -> list[dict[str, str]]:
    """At most eight people or places. :raises HTTPTooManyRequests: asked too often."""
    begun = request.GET.get("q", "")[:80]
    if len(handle(begun)) < LEAST:
        return []
    if not request.registry["threads.mentions.pace"].allow(request.identity.person_id, request.registry["clock"]()):
        raise HTTPTooManyRequests
    return [{"poignee": one.handle, "nom": one.name, "lieu": one.where} for one in mentions.offered(request.db, begun)]


@view_config(
    route_name="threads.waiting", request_method="GET", permission=Permission.THREAD_WRITE,
    renderer="templates/waiting.jinja2",
)  # fmt: skip
def waiting(request: Request) -> dict[str, Any]:
    """A first message waits for somebody to read it."""
    id_ = parse_id(request.GET.get("message", ""))
    return {"post_url": f"{request.script_name}/echanges/messages/{id_}" if id_ else ""}
