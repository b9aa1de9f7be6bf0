"""Where the values of a sheet come from: what each source says, as it came, what rules made of it, what is shown.

What it is: one page that explains the projection of a place, and a link to it on its sheet (``sheet.panels``). What it
is not: it changes nothing; values are corrected on the sheet (``reseau.editing``).

Tables: ``source_record``, ``import_run`` (read). Addresses: ``/annuaire/{slug}-{id}/sources``. Permissions:
``sheet:history``; links to runs for ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

PANEL = "importers.records:templates/panel.jinja2"


def includeme(config: Configurator) -> None:
    """Route and view; the panel of the sheet."""
    config.include("importers.records.routes")
    config.registry.setdefault("sheet.panels", []).append(PANEL)
    config.scan("importers.records.views")
