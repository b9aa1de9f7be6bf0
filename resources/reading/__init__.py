"""Reading a resource: its page in each language, its print page, its versions.

What it is not: it writes nothing.

Addresses: ``/kits/{slug}`` and the like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
