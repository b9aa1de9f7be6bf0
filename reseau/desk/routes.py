"""Addresses of the desk. Those of one place have its context, so that roles there count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.directory.routes import SHEET, SheetContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes of the room."""
    for name, pattern in (
        ("desk.home", "/gestion"),
        ("desk.stale", "/gestion/a-verifier"),
        ("desk.orphans", "/gestion/sans-referent"),
        ("desk.unkept", "/gestion/ressources/sans-auteur"),
        ("desk.sheets", "/gestion/fiches"),
        ("desk.create", "/gestion/lieux/nouveau"),
        ("desk.merge", "/gestion/fusionner"),
        ("desk.journal", "/gestion/journal"),
        ("desk.outbox", "/gestion/courriels"),
    ):
        config.add_route(name, pattern)
    for name, suffix in (("desk.branch", "/antenne"), ("desk.close", "/fermer"), ("desk.reopen", "/rouvrir")):
        config.add_route(name, SHEET + suffix, factory=SheetContext)
