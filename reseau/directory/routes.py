"""Addresses of the directory. Order matters: fixed names before ``{slug}-{id}``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPMovedPermanently, HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.directory import services

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

SHEET = "/annuaire/{slug:[a-z0-9-]{0,80}}-{id:" + UUID_PATTERN + "}"


class SheetContext:
    """One structure of the address, read when a view asks for it: not before the CSRF check (a forged POST must not
    take the write lock of SQLite).

    :raises HTTPNotFound: when it is read and there is none.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def sheet(self) -> services.Sheet:
        """The structure with all that its page shows."""
        id_ = parse_id(self._request.matchdict["id"])
        found = services.sheet(self._request.db, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found

    @property
    def row(self) -> Mapping[str, Any]:
        """Its columns."""
        return self.sheet.row

    @property
    def structure_id(self) -> UUID:
        """The structure in which the roles of whoever asks count: where the place is now."""
        return self.present[0]

    @property
    def present(self) -> tuple[UUID, str]:
        """(id, slug) of where it is now: itself, or the structure it was merged into."""
        return self.sheet.moved_to or (self.row["id"], self.row["slug"])

    def settle(self) -> None:
        """An old name, or a place that was merged into another, leads to the present address; for pages that are read,
        a redirection would lose what was written.

        :raises HTTPMovedPermanently: with the rest of the address kept.
        """
        request, row = self._request, self.row
        id_, slug = self.present
        if request.method in ("GET", "HEAD") and (str(id_), slug) != (str(row["id"]), request.matchdict["slug"]):
            parts = {**request.matchdict, "id": str(id_), "slug": slug}
            target = request.route_path(request.matched_route.name, **parts)
            query = request.query_string
            raise HTTPMovedPermanently(location=f"{target}?{query}" if query else target)


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
        ("directory.sheet", ""),
    ):
        config.add_route(name, SHEET + suffix, factory=SheetContext)
