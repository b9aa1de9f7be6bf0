"""Addresses of the watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.ids import UUID_PATTERN

if TYPE_CHECKING:
    from pyramid.config import Configurator

ID = "{id:" + UUID_PATTERN + "}"


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, pattern in (
        ("veille.tray", "/gestion/veille"),
        ("veille.feeds", "/gestion/veille/flux"),
        ("veille.opml", "/gestion/veille/flux.opml"),
        ("veille.feed", f"/gestion/veille/flux/{ID}"),
        ("veille.link", f"/gestion/veille/{ID}/lien"),
    ):
        config.add_route(name, pattern)
