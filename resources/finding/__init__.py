"""Finding a resource: ``/ressources``, its filters and counts, what is indexed, and the requests for what is not there.

What it is not: it ranks no text itself (``reseau.search``), and shows no resource (``resources.reading``).

Tables: ``resource_request`` (``base.models``). Addresses: ``/ressources``, ``/ressources.json``,
``/ressources/demander``, ``/gestion/demandes-ressources``, ``/compte/demandes-ressources``. Permissions:
``resource:read``, ``report:create``, ``network:coordinate``, ``resource:create``; what is for the network only is
listed for ``network:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, the reader of facts, what the index holds of a resource, its group in the search for all."""
    from resources.base.models import KIND, WORDS_KIND
    from resources.finding.documents import documents, reread
    from resources.finding.drafts import named
    from resources.finding.facts import FactsReader
    from resources.finding.group import Resources

    registry = config.registry
    facts = registry["finding.facts"] = FactsReader(registry.settings_typed.search_interval)
    registry["warm"].append(facts.read)
    registry["search.sources"] |= {KIND: documents, WORDS_KIND: reread}
    registry["drafts.named"] = named
    registry.setdefault("search.groups", []).append(Resources)
    config.include("resources.finding.routes")
    for module in ("finding_views", "asking_views"):
        config.scan(f"resources.finding.{module}")
