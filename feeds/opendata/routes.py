"""Addresses of the open data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes."""
    config.add_route("opendata.page", "/flux/donnees/")
    config.add_route("opendata.file", "/flux/donnees/{name}")
