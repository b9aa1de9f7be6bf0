"""``/valider``: anyone drops a file and is told what is wrong in it, in plain words. Nothing is kept.

What it is: the reading and the rules of the cartography (``national_rules``), the official models of data·inclusion v1
(``inclusion_rules``), in a process of its own with limits (``running``, ``child``); ``words`` says it. What it is not:
an import. No table, no copy, no word of the contents in a log. A count of how often, by network (``core.limits``).

Tables: none. Addresses: ``/valider``, ``/valider/tableau.csv``, ``/valider/modele.csv`` and ``.xlsx``. Permissions:
``directory:read``. The server takes bodies of 5 MB at ``/valider`` from anybody
(``resources.files.admission.FROM_ANYBODY``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views, the reading of a file before any transaction."""
    config.include("importers.checking.routes")
    config.include("importers.checking.views")
