"""Feeds of all that is published: readers of the log.

What it is not: it writes nothing but keys of network feeds and searches that people follow.

Tables: ``feed_key``, ``saved_search``. Addresses: ``/flux``, ``/flux/….atom|json|ics``, ``/flux.opml``,
``/compte/flux``. Permissions: ``directory:read``, ``account:own``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
