"""Lists of threads: all of them, those of a topic, those that answer words; what the search index knows of a thread.

What it is not: it shows no thread (``reading``), and ranks no text itself (``reseau.search``).

Tables: it writes ``read_all`` and, through ``notices.following``, ``subscription``. Addresses: ``/echanges``,
``/echanges.json``, ``/echanges/semblables.json``, ``/echanges/tout-lu``, ``/echanges/sujets``,
``/echanges/sujets/{slug}`` and ``/suivre``. Permissions: ``thread:read``, ``account:own``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, what the index holds of threads, their group in the search for all, the panel of a group."""
    import reseau.threads.base.cards  # noqa: F401 (what a thread is called elsewhere)
    from reseau.threads.listing.documents import SOURCES
    from reseau.threads.listing.group import Threads
    from reseau.threads.listing.panel import TEMPLATE, group_threads

    registry = config.registry
    registry["search.sources"] |= SOURCES
    registry.setdefault("search.groups", []).append(Threads)
    registry.setdefault("group.panels", []).append(TEMPLATE)
    config.add_request_method(group_threads)
    config.include("reseau.threads.listing.routes")
    config.scan("reseau.threads.listing.views")
