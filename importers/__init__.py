"""What comes in: registers, Les Bases, feeds, calendars, spreadsheets of partners, by one pipeline.

What it is: sources (one package each), the pipeline that they share (``pipeline``), where records go (``targets``), the
schedule and its pages, the review of places that may be one, the trays. What it is not: it writes no table of a room,
it calls the room's services.

Tables: ``import_source``, ``import_run``, ``import_reject``, ``match_pair``, ``watch_item``, ``sheet_upload``,
``column_mapping``.
Addresses: ``/gestion/sources``, ``/gestion/imports``, ``/gestion/rapprochements``, ``/gestion/veille``,
``/gestion/agenda``, ``/gestion/tableurs``, ``/valider``. Permissions: ``network:coordinate``, ``directory:read``,
``resource:adopt``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

PARTS = ("schedule", "matching", "lesbases", "veille", "calendars", "tableur", "checking", "records")


def includeme(config: Configurator) -> None:
    """Each part with pages."""
    for part in PARTS:
        config.include(f"importers.{part}")
