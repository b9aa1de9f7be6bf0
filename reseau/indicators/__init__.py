"""The counts of the plan: what each means in words, how much it is today, month by month.

What it is not: it counts places, documents, letters; never what one person did. Rooms register how theirs are counted
(``core.counting``); those of rooms that were there before are in ``counts``.

Table: ``indicator_month``. Job: ``indicateurs``. Addresses: ``/indicateurs``, ``/indicateurs.csv``.
Permissions: ``network:read``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views, the counts (also in ``reseau.registered``)."""
    from reseau.indicators import counts  # noqa: F401

    config.add_route("indicators", "/indicateurs")
    config.add_route("indicators.csv", "/indicateurs.csv")
    config.scan("reseau.indicators.views")
