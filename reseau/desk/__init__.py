"""The desk: what awaits coordinators, référents and administrators, and the life of sheets.

What it is: one list of who waits for an answer, oldest first, then old sheets and places without référent; the lists
behind its numbers (sheets to verify, without référent, worst first); actions on many sheets; a sheet made, closed,
opened again, branched, joined with another; the journal; the outbox. What awaits of resources is counted here and done
in ``resources``.

What it is not: it decides no request (``reseau.members``), edits no sheet and judges no suggestion
(``reseau.editing``).

Tables: none; it reads those of the others. Job: ``bilan``.
Addresses: ``/gestion``, ``/gestion/a-verifier``, ``/gestion/sans-referent``,
``/gestion/ressources/sans-auteur``, ``/gestion/fiches``,
``/gestion/lieux/nouveau``, ``/gestion/fusionner``, ``/gestion/journal``, ``/gestion/courriels``;
``/annuaire/{slug}-{id}/`` ``antenne``, ``fermer``, ``rouvrir``.
Permissions: ``desk:read``, ``sheet:create``, ``sheet:edit``, ``sheet:coordinate``,
``network:coordinate``, ``site:administer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    config.include("reseau.desk.routes")
    for module in ("views", "sheets_views", "life_views", "journal_views"):
        config.scan(f"reseau.desk.{module}")
