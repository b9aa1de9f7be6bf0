"""What goes out: for now, Atom feeds of the exchanges; syndication, newsletter and federation come here too.

What it is not: it writes nothing, and shows nothing that a visitor may not read.

Addresses: ``/echanges/flux.atom``, ``/echanges/sujets/{slug}/flux.atom``. Permissions: ``thread:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    config.include("feeds.routes")
    config.scan("feeds.threads_views")
    config.include("feeds.opendata")
    config.include("feeds.syndication")
    config.include("feeds.newsletter")
