"""Every address of the label, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

PUBLIC = {"GET": Permission.DIRECTORY_READ}
READ = {"GET": Permission.LABEL_DECIDE}
BOTH = {"GET": Permission.LABEL_DECIDE, "POST": Permission.LABEL_DECIDE}
ROUTES = {
    "label.register": ("/label", PUBLIC),
    "label.register.json": ("/label.json", PUBLIC),
    "label.register.csv": ("/label.csv", PUBLIC),
    "label.criteria": ("/label/criteres", PUBLIC),
    "label.criteria.one": ("/label/criteres/{version}", PUBLIC),
    "label.desk": ("/gestion/label", READ),
    "label.grant": ("/gestion/label/donner", BOTH),
    "label.criteria.new": ("/gestion/label/criteres", BOTH),
    "label.criteria.edit": ("/gestion/label/criteres/{version}", BOTH),
    "label.decision": ("/gestion/label/{id}", READ),
    "label.renew": ("/gestion/label/{id}/renouveler", BOTH),
    "label.withdraw": ("/gestion/label/{id}/retirer", BOTH),
}
