"""Taking a resource away: ZIP of a kit, PDF of a tutorial or of a document, QR code.

What it is not: it keeps no file of what it makes but in a cache.

Addresses: ``/kits/{slug}.zip``, ``/kits/{slug}.pdf``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
