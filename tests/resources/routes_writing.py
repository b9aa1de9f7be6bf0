"""The addresses with which resources are written and what one needs to see them: merged into ``tests/test_app.py``."""

from __future__ import annotations

from reseau.web.security import Permission as P

R = "/{plural}/{slug}"
_EDIT = {"GET": P.RESOURCE_EDIT, "POST": P.RESOURCE_EDIT}
_DO = {"POST": P.RESOURCE_EDIT}

ROUTES = {
    "writing.new": ("/ressources/nouvelle", {"GET": P.RESOURCE_CREATE, "POST": P.RESOURCE_CREATE}),
    "writing.mine": ("/compte/ressources", {"GET": P.ACCOUNT_OWN}),
    "writing.reviews": ("/gestion/ressources", {"GET": P.NETWORK_COORDINATE}),
    "writing.edit": (f"{R}/modifier", _EDIT),
    "writing.put_back": (f"{R}/remettre", _DO),
    "writing.discard": (f"{R}/abandonner", _DO),
    "writing.delete": (f"{R}/supprimer", _DO),
    "writing.preview": (f"{R}/apercu", {"GET": P.RESOURCE_EDIT}),
    "writing.authors": (f"{R}/auteurs", _EDIT),
    "writing.authors.remove": (f"{R}/auteurs/retirer", _DO),
    "writing.authors.leave": (f"{R}/auteurs/quitter", _DO),
    "writing.place": (f"{R}/lieu", _DO),
    "writing.publish": (f"{R}/publier", _EDIT),
    "writing.withdraw": (f"{R}/retirer", _EDIT),
    "writing.verify": (f"{R}/verifier", _EDIT),
    "writing.decide": (f"{R}/relecture", {"POST": P.RESOURCE_REVIEW}),
    "writing.adapt": (f"{R}/adapter", {"POST": P.RESOURCE_CREATE}),
    "writing.origin": (f"{R}/original", _EDIT),
    "writing.add": (R + "/blocs/{part}/{kind}", _EDIT),
    "writing.add.draft": (R + "/blocs/{part}/{kind}/brouillon", _DO),
    "writing.block.draft": (R + "/modifier/{key}/brouillon", _DO),
    "writing.block.move": (R + "/modifier/{key}/deplacer", _DO),
    "writing.block.remove": (R + "/modifier/{key}/supprimer", _DO),
    "writing.block.duplicate": (R + "/modifier/{key}/dupliquer", _DO),
    "writing.block": (R + "/modifier/{key}", _EDIT),
}
#: Name of the route → what its form must hold to be taken.
FIELDS = {"writing.decide": {"raison": "À revoir."}}
