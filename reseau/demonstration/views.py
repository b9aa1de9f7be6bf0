"""Pages of the demonstration: who to be, and the mails that would have left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from reseau.core.ids import parse_id
from reseau.demonstration import services
from reseau.demonstration.people import PLAYED
from reseau.members.signin import enter, first_page
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="demo.home", permission=Permission.DEMO_PLAY, request_method="GET", renderer="templates/demo.jinja2"
)
def home(_request: Request) -> dict[str, Any]:
    """Everybody one can be."""
    return {"people": PLAYED}


@view_config(route_name="demo.enter", permission=Permission.DEMO_PLAY, request_method="POST", journal="demo.enter")
def be_somebody(request: Request) -> Any:
    """Sign in as one of them, with one click."""
    now = request.registry["clock"]()
    person = services.played(request.db, request.POST.get("courriel"), now)
    if person is None:
        raise HTTPNotFound
    request.journal(person.id)
    where = request.script_name + first_page(request.db, person, now)
    return enter(request, person, HTTPSeeOther(where))


@view_config(
    route_name="demo.mails", permission=Permission.DEMO_PLAY, request_method="GET", renderer="templates/mails.jinja2"
)
def mails(request: Request) -> dict[str, Any]:
    """The last mails, the newest first."""
    return {"mails": services.last_mails(request.db)}


@view_config(
    route_name="demo.mail", permission=Permission.DEMO_PLAY, request_method="GET", renderer="templates/mail.jinja2"
)
def mail(request: Request) -> dict[str, Any]:
    """One mail, as its text."""
    id_ = parse_id(request.matchdict["id"])
    found = services.mail(request.db, id_) if id_ else None
    if found is None:
        raise HTTPNotFound
    return {"mail": found, "lines": services.with_links(found.text)}
