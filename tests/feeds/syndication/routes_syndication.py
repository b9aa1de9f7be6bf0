"""Every address of the feeds and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

_READ = {"GET": Permission.DIRECTORY_READ}
ROUTES = {
    "syndication.page": ("/flux", _READ),
    "syndication.opml": ("/flux.opml", _READ),
    "syndication.agenda": ("/flux/agenda.ics", _READ),
    "syndication.feed": ("/flux/{name}.{format}", _READ),
    "syndication.archive": ("/flux/{name}/archives/{number}.{format}", _READ),
}
