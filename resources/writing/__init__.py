"""Contributing: a title and a file, then blocks; drafts, co-authors, review, publication, adaptation.

What it is not: it decides nothing of what readers see before ``base.services.publish``.

Addresses: ``/ressources/nouvelle``, ``/kits/{slug}/modifier``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
