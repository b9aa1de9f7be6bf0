"""The local label: which structures hold it, from when to when, under which version of the criteria, by whose decision.

What it is not (yet): how a structure asks for it; a badge that others can check. Of persons it
holds only the id of who wrote a decision down.

Tables: ``label_criteria``, ``label``; ``structure.label_until`` follows them. Job: ``label-echeances``.
Addresses: ``/label`` (``.json``, ``.csv``), ``/label/criteres``, ``/label/criteres/{version}``, ``/gestion/label``,
``/gestion/label/`` ``donner``, ``criteres``, ``{id}``, ``{id}/renouveler``, ``{id}/retirer``.
Permissions: ``directory:read``, ``label:decide``; the reason of a withdrawal: also ``team:read`` of the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views; what others know of it (also in ``reseau.registered``)."""
    from reseau.label import awaiting, cards, personal  # noqa: F401

    config.include("reseau.label.routes")
    for module in ("views", "desk_views"):
        config.scan(f"reseau.label.{module}")
