"""Every address of translating and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

RESOURCE = "/{plural}/{slug}"
PAGE = RESOURCE + "/traduire/{lang}"
WRITE = Permission.TRANSLATION_WRITE
ROUTES = {
    "translating.queue": ("/traductions", {"GET": WRITE}),
    "translating.falc": ("/traductions/falc.json", {"POST": WRITE}),
    "glossary": ("/glossaire", {"GET": Permission.RESOURCE_READ, "POST": WRITE}),
    "glossary.csv": ("/glossaire.csv", {"GET": Permission.RESOURCE_READ}),
    "glossary.review": ("/glossaire/{term}/relire", {"POST": Permission.NETWORK_COORDINATE}),
    "glossary.delete": ("/glossaire/{term}/supprimer", {"POST": Permission.NETWORK_COORDINATE}),
    "translating.ask": (
        RESOURCE + "/demander-langue",
        {"GET": Permission.RESOURCE_READ, "POST": Permission.RESOURCE_READ},
    ),
    "translating.choose": (RESOURCE + "/traduire", {"GET": WRITE}),
    "translating.page": (PAGE, {"GET": WRITE}),
    "translating.send_all": (PAGE + "/tout-envoyer", {"POST": WRITE}),
    "translating.publish_all": (PAGE + "/tout-publier", {"POST": WRITE}),
    "translating.draft": (PAGE + "/{section}/brouillon", {"POST": WRITE}),
    #: ``verb``: enregistrer, envoyer, publier, renvoyer, relire, confirmer, machine, moteur (404 without an engine), retirer.
    "translating.unit": (PAGE + "/{section}/{verb}", {"POST": WRITE}),
}
