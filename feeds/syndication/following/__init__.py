"""Following: a search whose news come by mail, and the personal addresses of the feeds of the network.

What it is: the page that says how to follow a search, searches that people follow and their alerts (``alerting``, a
reader of the log with a ``seq`` for each search), keys by which a feed reader reads what a person may read today.
What it is not: it makes no feed (``feeds.syndication`` does), and is no notice of the exchanges (``reseau.notices``).

Tables: ``feed_key``, ``saved_search`` (``feeds.syndication.models``). Addresses: ``/suivre/{room}`` (all; by mail
``account:own``), ``/compte/recherches…``, ``/compte/flux…`` (``account:own``; to make a key ``network:read``),
``/flux/prive/{secret}/…`` (whoever has the key), ``/avis/stop/recherches/{token}`` (``notice:stop``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

VIEWS = ("account_views", "feeds_views", "follow_views", "keeping_views", "stop_views")


def includeme(config: Configurator) -> None:
    """Routes and views; what is held of people."""
    config.maybe_dotted("feeds.syndication.following.holding")
    config.include("feeds.syndication.following.routes")
    for name in VIEWS:
        config.scan(f"feeds.syndication.following.{name}")
