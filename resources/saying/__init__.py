"""What people say of a resource: opinions, uses by structures, reports; and collections.

What it is not: it changes no resource.

Addresses: ``/kits/{slug}/avis``, ``/collections``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
