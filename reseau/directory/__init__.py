"""The directory: every place and offer that helps with online health procedures, found, shown and kept true.

What it is: structures and their services as a projection of what registers say and of what people correct; search by
need, place and hours; sheet, map, print, JSON; history, verification and suggestions as services.

What it is not: it does not fetch registers (``importers``), nor rank text (``reseau.search``), nor know who signs in.
The pages with which sheets are corrected are ``reseau.editing``.

Tables: ``structure``, ``service``, ``source_record``, ``source_part``, ``override``, ``field_change``,
``suggestion``.
Addresses: ``/annuaire``, ``/annuaire.json``, ``/annuaire/carte``, ``/annuaire/{slug}-{id}`` and its twins.
Permissions: ``directory:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request


def includeme(config: Configurator) -> None:
    """Routes, views, the reader of facts, and what the search index holds of a structure."""
    from reseau.core.clock import utcnow
    from reseau.core.communes import communes
    from reseau.directory import cards  # noqa: F401 (registers itself)
    from reseau.directory.documents import documents
    from reseau.directory.facts import FactsReader
    from reseau.directory.models import KIND

    settings = config.registry.settings_typed
    config.registry.setdefault("clock", utcnow)
    facts = config.registry["directory.facts"] = FactsReader(
        settings.timezone, settings.country, settings.search_interval
    )
    config.registry["warm"].append(facts.read)
    config.registry["search.sources"][KIND] = documents
    config.add_request_method(_sources, "sources", reify=True)
    communes()  # 0.2 s, once: not in the first visitor's request
    config.include("reseau.directory.routes")
    for module in ("views", "sheet_views"):
        config.scan(f"reseau.directory.{module}")


def _sources(request: Request) -> tuple[str, ...]:
    """The order of sources, best first: one statement, when a page computes sheets."""
    from reseau.directory.priorities import order

    return order(request.db, request.config.sources)
