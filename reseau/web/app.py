"""Puts the application together: the web floor, the engine, the rooms given by name."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyramid.config import Configurator

from reseau.settings import Settings

if TYPE_CHECKING:
    from pyramid.router import Router


def make_app(settings: Settings, rooms: Iterable[str]) -> Router:
    """The WSGI application.

    :param rooms: dotted names of packages with ``includeme``, in the order in which their routes are tried.
    """
    config = Configurator()
    config.registry.settings_typed = settings
    config.include("reseau.web.database")
    config.include("reseau.web")
    config.include("reseau.search")
    for room in rooms:
        config.include(room)
    app = config.make_wsgi_app()
    # What is alive now lives as long as the process: the collector need not look at it again (measured: p99 / 8).
    gc.collect()
    gc.freeze()
    return app
