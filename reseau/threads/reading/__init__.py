"""The page of a thread, its permanent addresses, what readers do there, its panel on the page of its object.

What it is: a thread as its readers see it, on screen, on paper, as Markdown; how far each has read; "merci", follow,
bookmark, vote, the answer that helped, translations of posts.

What it is not: it writes no post (``threads.writing``), moderates none (``threads.moderating``), lists threads only
about one object (``threads.listing`` has the lists).

Tables (of ``base.models``): writes ``thread_read``, ``post_thank``, ``thread_bookmark``, ``poll_vote``,
``post_translation``, ``post_translation_wish``, ``post_version`` (former translations); reads the others. Addresses:
``/echanges/{slug}-{id}`` with ``.md``, ``/imprimer``, ``/suivre``, ``/favori``, ``/voter``;
``/echanges/messages/{id}`` with ``/merci``, ``/reponse``, ``/demander-traduction``, ``/traduire``,
``/traduire/retirer``; ``/echanges/objet/{kind}/{id}``, ``/echanges/suivre-objet``. Permissions: ``thread:read``,
``thread:write``, ``thread:answered``, ``thread:moderate``, ``account:own``, ``translation:write``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views; the panels of the pages of objects; the marks of readers."""
    from reseau.core.clock import utcnow
    from reseau.threads.reading import about
    from reseau.threads.reading.marks import Marks

    registry = config.registry
    registry.setdefault("clock", utcnow)
    registry["threads.marks"] = Marks(registry["write_sessions"])
    registry.setdefault("resource.actions", []).append(about.RESOURCE_ACTION)
    registry.setdefault("resource.panels", []).append(about.RESOURCE_PANEL)
    registry.setdefault("sheet.panels", []).append(about.PLACE_PANEL)
    registry.setdefault("sheet.stamps", []).append(about.stamp_of_place)
    config.add_request_method(about.object_threads, "object_threads")
    config.include("reseau.threads.reading.routes")
    for module in ("page_views", "action_views", "translate_views", "object_views"):
        config.scan(f"reseau.threads.reading.{module}")
