"""Open data: the directory in the national formats, with its date and licence; by command, and at ``/flux/donnees/``.

What it is: ``national`` (one place as standard-mediation-num 1.0.2) and ``inclusion`` (as data·inclusion v1), both
pure; ``reading`` (the places, a thousand at a time), ``writing`` and ``files`` (the files, in ``data_dir/donnees``, a
cache), ``jobs`` (makes them again when something changed; the ones before are served meanwhile), ``commands``,
``views``. What it is not: the JSON twins of the pages, an API.

Tables: none. Addresses: ``/flux/donnees/``, ``/flux/donnees/{name}``. Permissions: ``directory:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.opendata.files import Shelf

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, the shelf."""
    config.registry["opendata.shelf"] = Shelf(config.registry.settings_typed.data_dir / "donnees")
    config.include("feeds.opendata.routes")
    config.scan("feeds.opendata.views")
