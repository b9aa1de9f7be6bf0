"""Les Bases du numérique d’intérêt général (ANCT): resources of others, as links with a summary.

What it is: a visitor of ``lesbases.anct.gouv.fr`` (list, search pages, Markdown, page; see ``fetching``), and a maker
of links of ours (``making``), with their provenance; who keeps them is ``resources.base.provided``.

What it is not: a copy. It takes no text without a licence, downloads no file, and keeps no slug of what is private, nor
any name or address of an author.

Tables: none of its own. Addresses: none. Permissions: none (``resource:adopt`` is of ``resources.writing``).

Source: betagouv/la-base f423629d (2026-03-06), routes and markup read as facts; the site itself was not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from importers.lesbases.fetching import SITE as SITE
from importers.lesbases.source import LesBases
from importers.pipeline.contract import Adapter
from reseau.core.wording import _

if TYPE_CHECKING:
    from pyramid.config import Configurator

ADAPTERS = (
    Adapter("lesbases", _("Les Bases du numérique d’intérêt général"), LesBases, complete=True, kind="resource"),
)


def includeme(config: Configurator) -> None:
    """No page: those of a resource that comes from there are in the rooms of resources."""
