"""Editing: those who belong to a place, and the coordination, keep its sheet true.

What it is: the form of a sheet and of its offers, drafts, clashes between two people, history, conflicts with the
registers, verification, suggestions.

What it is not: it decides no value (``directory.projection``), keeps no table of its own (``directory.models``,
``members.drafts``), and does not open, close or merge places (``reseau.desk``).

Addresses: under ``/annuaire/{slug}-{id}``: ``/modifier``, ``/offres/…``; see ``routes`` and ``keeping_routes``.
Permissions: ``sheet:edit``, ``sheet:verify``, ``sheet:history``, ``report:create``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views; the panel of the sheet for those who keep it."""
    from reseau.core.clock import utcnow
    from reseau.editing import panel

    config.registry.setdefault("clock", utcnow)
    config.include("reseau.editing.routes")
    config.include("reseau.editing.keeping_routes")
    config.registry.setdefault("sheet.panels", []).append(panel.TEMPLATE)
    config.add_request_method(panel.keep_panel, "keep_panel")
    for module in ("edit_views", "offers_views", "history_views", "verify_views", "suggest_views"):
        config.scan(f"reseau.editing.{module}")
