"""Feeds of all that is published: readers of the log, in Atom, JSON Feed and, for the agenda, iCalendar.

What it is: publishers (``publishers``, ``of_*``: what an object is to readers), the engine (``reading``: windows of the
log as documents), any search as a feed (``searches``), formats (``feeds.atom``, ``jsonfeed``, ``calendar``, ``opml``).
What it is not: it writes nothing but keys of network feeds and searches that people follow, and tells no visitor what
they may not read.

Tables: ``feed_key``, ``saved_search``. Addresses: ``/flux``, ``/flux.opml``, ``/flux/{name}.atom|json``,
``/flux/{name}/archives/{number}.atom|json``, ``/flux/agenda.ics``. Permissions: ``directory:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

PUBLISHERS = ("of_agenda", "of_directory", "of_label", "of_resources", "of_threads")


def includeme(config: Configurator) -> None:
    """Routes and views; the publishers of the rooms."""
    for name in PUBLISHERS:
        config.maybe_dotted(f"feeds.syndication.{name}")
    config.include("feeds.syndication.routes")
    config.scan("feeds.syndication.views")
    config.scan("feeds.syndication.page_views")
    config.include("feeds.syndication.following")
