"""Taking a resource away: one ZIP that opens offline, PDFs to print, a QR code.

What it is: what a mediator prints or copies on a key twenty minutes before the session. PDFs are drawn by typst in a
process of their own (``typesetter``), from data (``sheets``, ``tree``), ahead by the worker (``jobs``) or when first
asked for; archives are laid out before they are sent (``archive``, ``offline``), so that they resume.

What it is not: it keeps nothing of what it makes but in a cache (``var/cache/pdf``), and counts what is taken by
version, language and structure, never by person.

Tables: none; counts go to ``registry["tallies"]``. Addresses: ``/kits/{slug}.zip``, ``.pdf``, ``/telecharger``,
``/qr.svg``, ``/documents/{key}.pdf``. Permissions: ``resource:read``, and what the resource itself allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

ARCHIVES_BYTES = 32 * 1024**2
"""Memory of the archives that were laid out last: pages, not files."""
SHEETS = 500


def includeme(config: Configurator) -> None:
    """Routes, views, the panel of a resource's page, and who draws PDFs."""
    from resources.taking import panel
    from resources.taking.remembered import Remembered
    from resources.taking.typesetter import Typesetter

    registry = config.registry
    registry["typesetter"] = Typesetter.of(registry.settings_typed)
    registry["taking.archives"] = Remembered(ARCHIVES_BYTES)
    registry["taking.sheets"] = Remembered(SHEETS)
    registry["resource.panels"].append(panel.TEMPLATE)
    config.add_request_method(panel.take_panel, "take_panel")
    config.include("resources.taking.routes")
    config.scan("resources.taking", ignore="resources.taking.worker")
