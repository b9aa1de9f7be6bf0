"""Translating, section by section: the translator's page, glossary, segment memory, queue, requests.

What it is not: machine translation is a protocol with an engine that does nothing.

Addresses: ``/traductions``, ``/kits/{slug}/traduire/{lang}``, ``/glossaire``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Nothing yet."""
