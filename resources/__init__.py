"""The knowledge base: kits, tutorials, experience sheets, tools, links, in several languages.

What it is: what people of the network share to work with. One package per use: ``base`` (what a resource is, versions,
translations), ``files`` (what is attached), ``finding``, ``reading``, ``taking`` (ZIP and PDF), ``writing``, ``saying``
(opinions, uses, collections), ``translating``; ``starter`` is content, in plain files.

What it is not: it stores nobody's name but those of accounts, knows nothing of the people who are helped, and fetches
nothing from elsewhere.

Tables: see ``base.models``. Addresses: ``/ressources``, ``/kits/{slug}``, ``/tutoriels/{slug}``, ``/experiences/…``,
``/fichiers/{sha256}/{name}``. Permissions: ``resource:*``, ``translation:*``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

PARTS = ("files", "finding", "reading", "taking", "writing", "saying", "translating")


def includeme(config: Configurator) -> None:
    """Each part by name, in the order in which their routes are tried."""
    from reseau.core.clock import utcnow
    from reseau.core.files import FileStore
    from resources.base import cards  # noqa: F401 (registers itself)
    from resources.base.tallies import Tallies

    registry = config.registry
    registry.setdefault("clock", utcnow)
    registry["files"] = FileStore(registry.settings_typed.files_dir)
    registry["resource.panels"] = []
    registry["tallies"] = Tallies(registry["write_sessions"])
    for part in PARTS:
        config.include(f"resources.{part}")
