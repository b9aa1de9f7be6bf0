"""Translating, section by section: the translator's page, help for easy French, glossary, segment memory, queue, what
readers ask for.

What it is not: it translates nothing itself. Machine translation is a protocol (``machine.py``), and the engine of the
site is one that does nothing unless ``registry["translation.engine"]`` is another. What readers see of a translation is
``base.translations``.

Tables: ``translation_unit`` (with ``base``), ``translation_ask``, ``glossary_term``, ``segment``.

Addresses: ``/traductions``, ``/glossaire``, ``/kits/{slug}/traduire/{lang}``, ``/kits/{slug}/demander-langue``.

Permissions: everyone reads the glossary and asks for a language; the network translates, reviews, proposes words
(``translation:write``); the coordination agrees on words (``network:coordinate``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, the panel of a resource's page, the engine that does nothing."""
    from resources.translating.machine import NullEngine
    from resources.translating.panel import TEMPLATE, languages_panel

    config.include("resources.translating.routes")
    config.registry.setdefault("translation.engine", NullEngine())
    config.registry["resource.panels"].append(TEMPLATE)
    config.add_request_method(languages_panel, "languages_panel")
    config.scan()
