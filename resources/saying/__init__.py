"""What people say of a resource: opinions, uses by structures, reports; and collections.

What it is not: it changes no resource, and never asks with whom a resource was used.

Tables (of ``base.models``): ``opinion``, ``resource_use``, ``resource_report``, ``collection``, ``collection_item``.
Addresses: ``/kits/{slug}/avis``, ``/utilisations``, ``/signaler``, ``/signalements``,
``/signalements/{id}/reponse``, ``/collections`` (of one resource); ``/collections``, ``/collections/publiques``,
``/collections/{secret}``; ``/gestion/ressources/signalements``. Permissions: ``resource:read``, ``resource:say``,
``resource:use``, ``resource:edit``, ``report:create``, ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views; the panel of the page of a resource."""
    from resources.saying import panel

    config.include("resources.saying.routes")
    config.registry.setdefault("resource.panels", []).append(panel.TEMPLATE)
    config.add_request_method(panel.saying_panel, "saying_panel")
    for module in ("opinions_views", "uses_views", "reports_views", "collections_views"):
        config.scan(f"resources.saying.{module}")
