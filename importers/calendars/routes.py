"""Addresses of the tray of the agenda."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    config.add_route("calendars.tray", "/gestion/agenda")
    config.add_route("calendars.list", "/gestion/agenda/agendas")
