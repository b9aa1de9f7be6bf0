"""The home page: one question, "de quoi avez-vous besoin ?", and short ways in for the four people of every day.

What it is not: a showcase. No table of its own. Address: ``/``. Permission: ``directory:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """One route, one view."""
    config.add_route("home", "/")
    config.scan("reseau.home.views")
