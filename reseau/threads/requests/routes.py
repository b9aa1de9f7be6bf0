"""Addresses of requests for a resource. Fixed names: they come before ``/echanges/{slug}-{id}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.ids import UUID_PATTERN
from reseau.threads.base.routes import THREAD, ThreadContext
from resources.finding.routes import AskedContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The routes."""
    config.add_route("threads.request", f"/echanges/demandes/{{id:{UUID_PATTERN}}}", factory=AskedContext)
    config.add_route("threads.resource", THREAD + "/ressource", factory=ThreadContext)
    config.add_route("threads.resource.no", THREAD + "/pas-cela", factory=ThreadContext)
