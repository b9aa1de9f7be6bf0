"""Addresses of the checking of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes."""
    config.add_route("checking.page", "/valider")
    config.add_route("checking.table", "/valider/tableau.csv")
    config.add_route("checking.template", "/valider/modele.{kind:xlsx|csv}")
