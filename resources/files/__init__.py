"""What is attached to resources: uploads, storage, pictures and words of files, downloads, quotas.

What it is not: it decides nothing of what a resource says.

Addresses: ``/fichiers/{sha}/{name}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
