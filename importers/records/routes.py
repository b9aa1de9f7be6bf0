"""Address of the sources of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.directory.routes import SHEET, SheetContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The one route."""
    config.add_route("records.sheet", SHEET + "/sources", factory=SheetContext)
