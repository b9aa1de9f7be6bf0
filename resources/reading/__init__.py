"""Reading a resource: its page in each language, its print page, its JSON, its versions.

What it is not: it writes nothing but counts of views (``base.tallies``).

Addresses: ``/kits/{slug}`` and its like, with ``/imprimer``, ``/versions``, ``.json``. ``?contenu=`` is the language of
the content. Permission: ``resource:read``; drafts and what is for the network refuse themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    config.include("resources.reading.routes")
    config.scan("resources.reading.reading_views")
