"""Addresses of the review."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

ID = "{id:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}"


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, pattern in (
        ("review.queue", "/gestion/rapprochements"),
        ("review.joined", "/gestion/rapprochements/liens"),
        ("review.record", f"/gestion/rapprochements/liens/{ID}"),
        ("review.pair", f"/gestion/rapprochements/{ID}"),
        ("review.undo", f"/gestion/rapprochements/{ID}/annuler"),
    ):
        config.add_route(name, pattern)
