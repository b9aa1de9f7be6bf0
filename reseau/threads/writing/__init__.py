"""Writing in the exchanges: a new thread, an answer, a change, taking one's own message away.

What it is: forms that work without a script, with a preview, files, mentions, drafts. What is sent twice is there once;
what is refused comes back whole.

What it is not: it decides nothing of what a thread is (``base.services``), shows no thread (``reading``), and moderates
nothing. A request for a resource is written at ``/ressources/demander``.

Tables: none of its own. Addresses: ``/echanges/nouveau``, ``/echanges/{slug}-{id}/repondre``,
``/echanges/messages/{id}/modifier``, ``…/supprimer``, ``/echanges/attente``, ``/echanges/mentions.json``; drafts at
``…/brouillon``. Permissions: ``thread:write``, ``post:edit``, ``network:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, the form that the page of a thread shows, how drafts are called."""
    from datetime import timedelta

    from reseau.threads.base.limits import Pace
    from reseau.threads.writing.enclosed import OWNER, readers
    from reseau.threads.writing.naming import after
    from reseau.threads.writing.reply_page import reply_form

    registry = config.registry
    registry["threads.mentions.pace"] = Pace(120, timedelta(hours=1))
    registry["drafts.named"] = after(registry.get("drafts.named"))
    registry.setdefault("files.owners", {}).setdefault(OWNER, readers)
    config.add_request_method(reply_form, "reply_form")
    config.include("reseau.threads.writing.routes")
    for name in ("new_views", "reply_views", "post_views", "small_views"):
        config.scan(f"reseau.threads.writing.{name}")
