"""Every address of what people say, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

RESOURCE = "/{plural}/{slug}"
COLLECTION = "/collections/{secret}"
_READ, _SAY, _USE = Permission.RESOURCE_READ, Permission.RESOURCE_SAY, Permission.RESOURCE_USE
_EDIT, _REPORT = Permission.RESOURCE_EDIT, Permission.REPORT_CREATE

ROUTES = {
    "saying.desk.reports": ("/gestion/ressources/signalements", {"GET": Permission.NETWORK_COORDINATE}),
    "saying.collections": ("/collections", {"GET": _SAY, "POST": _SAY}),
    "saying.collections.public": ("/collections/publiques", {"GET": _READ}),
    "saying.collections.public.json": ("/collections/publiques.json", {"GET": _READ}),
    "saying.collection": (COLLECTION, {"GET": _READ}),
    "saying.collection.json": (COLLECTION + ".json", {"GET": _READ}),
    "saying.collection.print": (COLLECTION + "/imprimer", {"GET": _READ}),
    "saying.collection.edit": (COLLECTION + "/modifier", {"GET": _SAY, "POST": _SAY}),
    "saying.collection.items": (COLLECTION + "/ressources", {"POST": _SAY}),
    "saying.collection.renew": (COLLECTION + "/nouvelle-adresse", {"POST": _SAY}),
    "saying.collection.delete": (COLLECTION + "/supprimer", {"GET": _SAY, "POST": _SAY}),
    "saying.collection.withdraw": (COLLECTION + "/depublier", {"POST": Permission.NETWORK_COORDINATE}),
    "saying.opinions": (RESOURCE + "/avis", {"GET": _READ, "POST": _SAY}),
    "saying.opinion.remove": (RESOURCE + "/avis/retirer", {"POST": _SAY}),
    "saying.opinion.hide": (RESOURCE + "/avis/{person}/masquer", {"GET": _EDIT, "POST": _EDIT}),
    "saying.opinion.show": (RESOURCE + "/avis/{person}/montrer", {"POST": _EDIT}),
    "saying.uses": (RESOURCE + "/utilisations", {"GET": _READ, "POST": _USE}),
    "saying.use": (RESOURCE + "/utilisations/{use}", {"GET": _USE, "POST": _USE}),
    "saying.use.remove": (RESOURCE + "/utilisations/{use}/retirer", {"POST": _USE}),
    "saying.report": (RESOURCE + "/signaler", {"GET": _REPORT, "POST": _REPORT}),
    "saying.reports": (RESOURCE + "/signalements", {"GET": _EDIT}),
    "saying.report.reply": (RESOURCE + "/signalements/{report}/reponse", {"GET": Permission.RESOURCE_READ}),
    "saying.report.answer": (RESOURCE + "/signalements/{report}", {"GET": _EDIT, "POST": _EDIT}),
    "saying.collect": (RESOURCE + "/collections", {"GET": _SAY, "POST": _SAY}),
}
