"""Contributing: a title and a file, then blocks; drafts, co-authors, review, publication, adaptation.

What it is: what people do to write a resource. Each change is made to the draft as it is now, under a lock; whoever
overwrites what they have not seen is told.

What it is not: it decides nothing of what readers see before ``base.services.publish``, and stores no file itself
(``resources.files``). It has no table of its own.

Addresses: ``/ressources/nouvelle``, ``/compte/ressources``, ``/gestion/ressources``, and below a resource
(``/kits/{slug}``): ``/modifier``, ``/publier``, ``/auteurs``, ``/adapter``, ``/adopter``…; see
``routes``, ``adopting_routes``. Permissions: ``resource:create``, ``resource:edit``, ``resource:adopt``,
``resource:review``, ``account:own``, ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views; the panel of a resource."""
    from reseau.core.clock import utcnow
    from resources.writing import adopting_panel, panel

    config.registry.setdefault("clock", utcnow)
    config.include("resources.writing.routes")
    config.include("resources.writing.adopting_routes")
    config.registry.setdefault("resource.panels", []).append(panel.TEMPLATE)
    config.add_request_method(panel.writing_panel, "writing_panel")
    config.registry["resource.panels"].append(adopting_panel.TEMPLATE)
    config.add_request_method(adopting_panel.provided_panel, "provided_panel")
    for module in ("contribute_views", "block_views", "publish_views", "review_views", "adapt_views", "adopting_views"):
        config.scan(f"resources.writing.{module}")
