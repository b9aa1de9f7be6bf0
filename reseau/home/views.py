"""The home page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from reseau.directory.entry import Entry, entry
from reseau.web.caching import conditional
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="home",
    permission=Permission.DIRECTORY_READ,
    cache="public",
    request_method="GET",
    renderer="templates/home.jinja2",
)
def home(request: Request) -> dict[str, Any]:
    """The question, and the directory in figures."""
    found: Entry = entry(
        request.registry["directory.facts"].read(request.db), request.registry["clock"](), request.config.territory_name
    )
    conditional(request, found.seq, found.period)
    return {"entry": found}
