"""Relays: structures (CPTS, URPS, CPAM…) that pass the letter on, and say to how many.

What it is: ``/relais``, where a relay takes each issue in the forms that it needs (mail to paste, text, PDF, picture,
QR code), with its own words and logo on top; what it declares, and sums by its code. ``/gestion/relais``, where the
coordination makes relays. What it is not: it follows nobody; nothing that is passed on holds a link of a person.

Tables: ``relay``, ``relay_reach``, ``relay_visit``. Addresses: ``/relais…``, ``/gestion/relais…``. Permissions:
``relay:forward`` (relays for their structures, coordinators for all), ``network:coordinate``. Decision 036.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, counts of visits, who reads the logos."""
    from feeds.newsletter.relaying import counts, own  # noqa: F401 (register themselves)
    from feeds.newsletter.visits import REGISTRY, Visits, opened

    registry = config.registry
    registry[REGISTRY] = Visits(registry["write_sessions"])
    registry.setdefault("letter.visited", []).append(opened)
    registry.setdefault("files.owners", {})[own.OWNER] = lambda _request, _ids: "public"
    config.include("feeds.newsletter.relaying.routes")
    config.scan("feeds.newsletter.relaying.desk_views")
    config.scan("feeds.newsletter.relaying.page_views")
    config.scan("feeds.newsletter.relaying.taking_views")
