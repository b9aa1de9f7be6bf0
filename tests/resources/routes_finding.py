"""Every address of the list of resources and of the search for all, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    "finding.list": ("/ressources", {"GET": Permission.RESOURCE_READ}),
    "finding.list.json": ("/ressources.json", {"GET": Permission.RESOURCE_READ}),
    "finding.suggestions": ("/ressources/suggestions.json", {"GET": Permission.RESOURCE_READ}),
    # POST: mots (required), details, langue_voulue, theme, contact, numero
    "finding.ask": ("/ressources/demander", {"GET": Permission.RESOURCE_READ, "POST": Permission.REPORT_CREATE}),
    "finding.desk": ("/gestion/demandes-ressources", {"GET": Permission.NETWORK_COORDINATE}),
    "finding.desk.one": ("/gestion/demandes-ressources/{id}", {"GET": Permission.NETWORK_COORDINATE}),
    # POST: adresse (required: /tutoriels/…), message
    "finding.desk.answer": ("/gestion/demandes-ressources/{id}/repondre", {"POST": Permission.NETWORK_COORDINATE}),
    # POST: motif (required)
    "finding.desk.decline": ("/gestion/demandes-ressources/{id}/refuser", {"POST": Permission.NETWORK_COORDINATE}),
    "finding.own": ("/compte/demandes-ressources", {"GET": Permission.RESOURCE_CREATE}),
    # These two answer 403 to who has published nothing on the theme of the request.
    "finding.own.one": ("/compte/demandes-ressources/{id}", {"GET": Permission.RESOURCE_CREATE}),
    "finding.own.answer": ("/compte/demandes-ressources/{id}/repondre", {"POST": Permission.RESOURCE_CREATE}),
    "home.search": ("/recherche", {"GET": Permission.DIRECTORY_READ}),
    "home.suggestions": ("/recherche/suggestions.json", {"GET": Permission.DIRECTORY_READ}),
}
