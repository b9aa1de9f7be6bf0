"""Every address of the desk and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

SHEET = "/annuaire/{slug}-{id}"
ROUTES = {
    "desk.home": ("/gestion", {"GET": Permission.DESK_READ}),
    "desk.stale": ("/gestion/a-verifier", {"GET": Permission.DESK_READ}),
    "desk.orphans": ("/gestion/sans-referent", {"GET": Permission.SHEET_COORDINATE}),
    "desk.unkept": ("/gestion/ressources/sans-auteur", {"GET": Permission.NETWORK_COORDINATE}),
    "desk.sheets": ("/gestion/fiches", {"GET": Permission.SHEET_COORDINATE, "POST": Permission.SHEET_COORDINATE}),
    "desk.create": ("/gestion/lieux/nouveau", {"GET": Permission.SHEET_CREATE, "POST": Permission.SHEET_CREATE}),
    "desk.merge": ("/gestion/fusionner", {"GET": Permission.SHEET_COORDINATE, "POST": Permission.SHEET_COORDINATE}),
    "desk.journal": ("/gestion/journal", {"GET": Permission.SITE_ADMINISTER}),
    "desk.outbox": ("/gestion/courriels", {"GET": Permission.SITE_ADMINISTER, "POST": Permission.SITE_ADMINISTER}),
    "desk.branch": (SHEET + "/antenne", {"GET": Permission.SHEET_EDIT, "POST": Permission.SHEET_EDIT}),
    "desk.close": (SHEET + "/fermer", {"GET": Permission.SHEET_EDIT, "POST": Permission.SHEET_EDIT}),
    "desk.reopen": (SHEET + "/rouvrir", {"POST": Permission.SHEET_COORDINATE}),
}
