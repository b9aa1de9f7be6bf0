"""What goes out: feeds (``syndication``), the letter (``newsletter``), open data (``opendata``); federation will too.

What it is not: it shows nothing that its reader may not read, and no room knows it.

Addresses: ``/echanges/flux.atom``, ``/echanges/sujets/{slug}/flux.atom`` (``thread:read``; made by ``syndication``),
those of its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    config.include("feeds.routes")
    config.include("feeds.opendata")
    config.include("feeds.syndication")
    config.include("feeds.newsletter")
