"""Addresses of sources and runs, and what one needs to see them."""

from __future__ import annotations

from reseau.web.security import Permission

_BY = Permission.NETWORK_COORDINATE
SOURCES, RUN = "/gestion/sources", "/gestion/imports/{run}"
ROUTES = {
    "schedule.sources": (SOURCES, {"GET": _BY}),
    "schedule.source.new": (SOURCES + "/nouvelle", {"GET": _BY, "POST": _BY}),
    "schedule.order": (SOURCES + "/ordre", {"POST": _BY}),
    "schedule.source": (SOURCES + "/{name}", {"GET": _BY}),
    "schedule.source.edit": (SOURCES + "/{name}/modifier", {"GET": _BY, "POST": _BY}),
    "schedule.source.now": (SOURCES + "/{name}/lancer", {"POST": _BY}),
    "schedule.source.switch": (SOURCES + "/{name}/activer", {"POST": _BY}),
    "schedule.source.delete": (SOURCES + "/{name}/supprimer", {"POST": _BY}),
    "schedule.runs": ("/gestion/imports", {"GET": _BY}),
    "schedule.run": (RUN, {"GET": _BY}),
    "schedule.run.rejects": (RUN + "/refus", {"GET": _BY}),
    "schedule.run.changes": (RUN + "/changements", {"GET": _BY}),
    "schedule.run.places": (RUN + "/fiches", {"GET": _BY}),
    "schedule.run.decide": (RUN + "/decision", {"POST": _BY}),
    "schedule.run.replay": (RUN + "/rejouer", {"POST": _BY}),
    "schedule.run.raw": (RUN + "/fichier", {"GET": _BY}),
}
