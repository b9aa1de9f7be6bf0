"""The home page: one question, "de quoi avez-vous besoin ?", and short ways in for the four people of every day; and
the search for all, whose results are grouped by room.

What it is not: a showcase. No table of its own. Addresses: ``/``, ``/recherche``. Permissions: ``directory:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, and the group of the directory."""
    from reseau.home.groups import Places, see_also

    config.registry.setdefault("search.groups", []).append(Places)
    config.add_request_method(see_also)
    config.add_route("home", "/")
    config.add_route("home.search", "/recherche")
    config.add_route("home.suggestions", "/recherche/suggestions.json")
    config.scan("reseau.home.views")
