"""Addresses of the room and what one needs to see them."""

from __future__ import annotations

from reseau.web.security import Permission
from tests.editing.keeping_routes import ROUTES as KEEPING_ROUTES

EDIT = Permission.SHEET_EDIT
EDIT_ROUTES = {
    "editing.edit": ("/annuaire/{slug}-{id}/modifier", {"GET": EDIT, "POST": EDIT}),
    "editing.draft": ("/annuaire/{slug}-{id}/modifier/brouillon", {"POST": EDIT}),
    "editing.draft.drop": ("/annuaire/{slug}-{id}/modifier/brouillon/effacer", {"POST": EDIT}),
    "editing.offer.new": ("/annuaire/{slug}-{id}/offres/nouvelle", {"GET": EDIT, "POST": EDIT}),
    "editing.offer": ("/annuaire/{slug}-{id}/offres/{service}", {"GET": EDIT, "POST": EDIT}),
    "editing.offer.remove": ("/annuaire/{slug}-{id}/offres/{service}/retirer", {"GET": EDIT, "POST": EDIT}),
}
ROUTES = {**EDIT_ROUTES, **KEEPING_ROUTES}
