"""Addresses of what people follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.syndication.following import keys, stops

if TYPE_CHECKING:
    from pyramid.config import Configurator

NAME, FORMAT = "{name:[a-z]{2,20}}", "{format:atom|json}"
ID = "{id:[0-9a-f-]{32,36}}"
SECRET = keys.PATH + "{secret:[A-Za-z0-9_-]{43}}"


def includeme(config: Configurator) -> None:
    """All routes."""
    for name, pattern in (
        ("following.search", "/suivre/{room:annuaire|ressources|echanges}"),
        ("following.saved", "/compte/recherches"),
        ("following.pace", f"/compte/recherches/{ID}/rythme"),
        ("following.end", f"/compte/recherches/{ID}/arreter"),
        ("following.keys", "/compte/flux"),
        ("following.revoke", f"/compte/flux/{ID}/revoquer"),
        ("following.opml", f"{SECRET}/flux.opml"),
        ("following.feed", f"{SECRET}/{NAME}.{FORMAT}"),
        ("following.archive", f"{SECRET}/{NAME}/archives/{{number:[0-9]{{1,9}}}}.{FORMAT}"),
        ("following.stop", stops.PATH + "{token:[A-Za-z0-9._-]{1,2000}}"),
    ):
        config.add_route(name, pattern)
