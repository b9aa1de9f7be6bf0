"""Addresses of the directory. Order matters: fixed names before ``{slug}-{id}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.directory import services

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

SHEET = "/annuaire/{slug:[a-z0-9-]{0,80}}-{id:" + UUID_PATTERN + "}"


class SheetContext:
    """One structure of the address.

    :raises HTTPNotFound: there is none.
    """

    def __init__(self, request: Request) -> None:
        id_ = parse_id(request.matchdict["id"])
        found = services.sheet(request.db, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        self.sheet = found
        self.id: UUID = found.row["id"]
        self.row: Any = found.row


def includeme(config: Configurator) -> None:
    """All routes of the room."""
    for name, pattern in (
        ("directory.list", "/annuaire"),
        ("directory.list.json", "/annuaire.json"),
        ("directory.map", "/annuaire/carte"),
        ("directory.map.json", "/annuaire/carte.json"),
        ("directory.print", "/annuaire/imprimer"),
        ("directory.suggestions", "/annuaire/suggestions.json"),
    ):
        config.add_route(name, pattern)
    for name, suffix in (
        ("directory.sheet.json", ".json"),
        ("directory.sheet.qr", "/qr.svg"),
        ("directory.sheet.print", "/imprimer"),
        ("directory.report", "/signaler"),
        ("directory.sheet", ""),
    ):
        config.add_route(name, SHEET + suffix, factory=SheetContext)
