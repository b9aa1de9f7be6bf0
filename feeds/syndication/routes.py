"""Addresses of the feeds. Those of the exchanges were there first; they come before the addresses of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

NAME, FORMAT = "{name:[a-z]{2,20}}", "{format:atom|json}"


def includeme(config: Configurator) -> None:
    """All routes."""
    config.add_route("syndication.page", "/flux")
    config.add_route("syndication.opml", "/flux.opml")
    config.add_route("syndication.agenda", "/flux/agenda.ics")
    config.add_route("syndication.feed", f"/flux/{NAME}.{FORMAT}")
    config.add_route("syndication.archive", f"/flux/{NAME}/archives/{{number:[0-9]{{1,9}}}}.{FORMAT}")
