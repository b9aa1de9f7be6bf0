"""Puts the application together: the web floor, the engine, the rooms given by name."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.exc import SQLAlchemyError

from reseau.search.protocol import SearchError
from reseau.settings import Settings

if TYPE_CHECKING:
    from pyramid.registry import Registry
    from pyramid.router import Router

log = logging.getLogger(__name__)


class ReseauRequest(Request):  # type: ignore[misc]
    """Forms are kept in memory: WebOb puts those over 10 kB into a temporary file that nobody closes. The server
    refuses larger bodies than this (``cli.MAX_BODY``).
    """

    request_body_tempfile_limit = 1024 * 1024


def make_app(settings: Settings, rooms: Iterable[str]) -> Router:
    """The WSGI application.

    :param rooms: dotted names of packages with ``includeme``, in the order in which their routes are tried.
    """
    config = Configurator(request_factory=ReseauRequest)
    config.registry.settings_typed = settings
    config.registry["warm"] = []
    config.include("reseau.web.database")
    config.include("reseau.web")
    config.include("reseau.search")
    for room in rooms:
        config.include(room)
    app = config.make_wsgi_app()
    _warm(app.registry)
    # What is alive now lives as long as the process: the collector need not look at it again, nor as often at the rest
    # (both together: p99 / 8, measured before building).
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    return app


def _warm(registry: Registry) -> None:
    """Read ahead what the first visitor would wait for; a database that is not ready yet is no reason not to start."""
    try:
        with registry["read_sessions"]() as session:
            for read in registry["warm"]:
                read(session)
        registry["search.engine"].warm()
    except (SQLAlchemyError, SearchError):
        log.warning("not everything could be read ahead", exc_info=True)
