"""Every address of spreadsheets, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

READ = {"GET": Permission.NETWORK_COORDINATE}
WRITE = {"POST": Permission.NETWORK_COORDINATE}
BOTH = {**READ, **WRITE}
ROUTES = {
    "tableur.list": ("/gestion/tableurs", BOTH),
    "tableur.template": ("/gestion/tableurs/modele.{kind}", READ),
    "tableur.one": ("/gestion/tableurs/{id}", READ),
    "tableur.columns": ("/gestion/tableurs/{id}/colonnes", BOTH),
    "tableur.import": ("/gestion/tableurs/{id}/importer", WRITE),
    "tableur.withdraw": ("/gestion/tableurs/{id}/retirer", WRITE),
}
