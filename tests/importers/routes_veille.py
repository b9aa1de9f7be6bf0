"""Every address of the watch and of the calendars, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

READ = {"GET": Permission.NETWORK_COORDINATE}
BOTH = {"GET": Permission.NETWORK_COORDINATE, "POST": Permission.NETWORK_COORDINATE}
ROUTES = {
    "veille.tray": ("/gestion/veille", BOTH),
    "veille.feeds": ("/gestion/veille/flux", BOTH),
    "veille.opml": ("/gestion/veille/flux.opml", READ),
    "veille.feed": ("/gestion/veille/flux/{id}", BOTH),
    "veille.link": ("/gestion/veille/{id}/lien", BOTH),
    "calendars.tray": ("/gestion/agenda", BOTH),
    "calendars.list": ("/gestion/agenda/agendas", BOTH),
}
