"""Addresses of the feeds: fixed names, tried before those of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.threads.base.routes import TOPIC

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes."""
    config.add_route("feeds.threads", "/echanges/flux.atom")
    config.add_route("feeds.topic", f"{TOPIC}/flux.atom")
