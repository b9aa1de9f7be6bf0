"""The watch: feeds of partners and institutions, sorted in a tray.

What it is: a source of the pipeline (RSS, Atom, JSON Feed), rules of what is kept of each feed, a tray where one press
of a button keeps, drops, marks for the newsletter or makes a link of an entry, the list of feeds, OPML in and out. What
it is not: it copies no text (a title, an extract of 500 characters, the address), shows nothing to the public, sends
nothing: the newsletter asks ``tray.for_letter`` and says ``tray.told``.

Tables: ``watch_item``; feeds are rows of ``import_source`` (adapter ``veille``). Addresses: ``/gestion/veille`` and
what is below. Permission: ``network:coordinate``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from importers.pipeline.contract import Adapter
from importers.veille.source import Veille
from reseau.core.wording import _

if TYPE_CHECKING:
    from pyramid.config import Configurator

ADAPTER = "veille"
ADAPTERS = (Adapter(ADAPTER, _("Flux de veille (RSS, Atom, JSON)"), Veille, every=timedelta(hours=6), kind="watch"),)


def includeme(config: Configurator) -> None:
    """Routes and views, what awaits the coordination."""
    from importers.veille import awaiting  # noqa: F401 (registers itself)

    config.include("importers.veille.routes")
    for module in ("tray_views", "feeds_views"):
        config.scan(f"importers.veille.{module}")
