"""Finding a resource: ``/ressources``, its filters and counts, what is indexed, and the requests for what is not there.

What it is not: it ranks no text itself (``reseau.search``).

Addresses: ``/ressources``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
