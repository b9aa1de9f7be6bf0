"""Addresses of the room, fixed names before patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resources.base.routes import RESOURCE, ResourceContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The routes."""
    for name, suffix in (
        ("resource.zip", ".zip"),
        ("resource.pdf", ".pdf"),
        ("resource.take", "/telecharger"),
        ("resource.qr", "/qr.svg"),
        ("resource.document", "/documents/{key:[a-z0-9-]{1,40}}.pdf"),
    ):
        config.add_route(name, RESOURCE + suffix, factory=ResourceContext)
