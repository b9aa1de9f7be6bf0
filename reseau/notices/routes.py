"""Addresses of notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core import stopping

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The routes."""
    for name, pattern in (
        ("notices.list", "/compte/avis"),
        ("notices.seen", "/compte/avis/vus"),
        ("notices.choices", "/compte/avis/reglages"),
        ("notices.off", "/compte/avis/arreter"),
        ("notices.on", "/compte/avis/reprendre"),
        ("notices.unfollow", "/compte/avis/ne-plus-suivre"),
        ("notices.follow", "/compte/avis/suivre"),
        ("notices.stop", stopping.PATH + "{token:[A-Za-z0-9._-]{1,2000}}"),
    ):
        config.add_route(name, pattern)
