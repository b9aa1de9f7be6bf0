"""Addresses of one resource, for who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resources.base.routes import RESOURCE, ResourceContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, suffix in (
        ("resource.json", ".json"),
        ("resource.print", "/imprimer"),
        ("resource.versions", "/versions"),
        ("resource.page", ""),
    ):
        config.add_route(name, RESOURCE + suffix, factory=ResourceContext)
