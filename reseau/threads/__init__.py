"""The exchanges: topics, threads on a topic or on any object of the site, posts, polls.

What it is: what the people of the network ask and tell each other. One package per use: ``base`` (what a thread is, who
reads it, how it is written), ``telling`` (who is to hear of it), ``listing`` (lists, search), ``reading`` (the page of
a thread, on paper, as Markdown, and on the page of its object), ``writing`` (forms), ``requests`` (requests for a
resource, as threads), ``moderating``, ``answering`` (answers by mail).

What it is not: it sends no mail (``reseau.notices``), keeps no file itself (``resources.files``), and holds nothing
about the people who are helped.

Tables: see ``base.models``. Addresses: ``/echanges``, ``/echanges/{slug}-{id}``, ``/echanges/sujets/{slug}``,
``/echanges/messages/{id}``, ``/gestion/echanges``. Permissions: ``thread:*``, ``post:edit``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

PARTS = ("requests", "writing", "moderating", "listing", "reading")


def includeme(config: Configurator) -> None:
    """Each part by name, in the order in which their routes are tried: fixed names before ``{slug}-{id}``."""
    from reseau.threads import telling  # noqa: F401 (what people are told, and what they may follow)
    from reseau.threads.base import topics
    from reseau.threads.base.routes import reader

    config.add_request_method(reader, "reader", reify=True)
    config.registry.setdefault("group.created", []).append(topics.of_group)
    for part in PARTS:
        config.include(f"reseau.threads.{part}")
