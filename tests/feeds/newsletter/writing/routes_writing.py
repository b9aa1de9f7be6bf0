"""Every address of the letter's writing and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

_WHO = Permission.NETWORK_COORDINATE
_AT = "/gestion/lettre/{id}"
_READ, _WRITE, _BOTH = {"GET": _WHO}, {"POST": _WHO}, {"GET": _WHO, "POST": _WHO}
ROUTES = {
    "letter.home": ("/gestion/lettre", _BOTH),
    "letter.calendar": ("/gestion/lettre/calendrier", _BOTH),
    "letter.issue": (_AT, _BOTH),
    "letter.update": (_AT + "/mettre-a-jour", _WRITE),
    "letter.delete": (_AT + "/supprimer", _WRITE),
    "letter.lines": (_AT + "/lignes", _WRITE),
    "letter.line.new": (_AT + "/lignes/nouvelle", _BOTH),
    "letter.line": (_AT + "/lignes/{line}", _BOTH),
    "letter.segments": (_AT + "/destinataires", _BOTH),
    "letter.preview": (_AT + "/apercu", _READ),
    "letter.preview.mail": (_AT + "/apercu/courriel", _READ),
    "letter.plan": (_AT + "/envoyer", _BOTH),
    "letter.test": (_AT + "/essai", _WRITE),
    "letter.launch": (_AT + "/lancer", _BOTH),
    "letter.approve": (_AT + "/approuver", _BOTH),
    "letter.back": (_AT + "/reprendre", _WRITE),
    "letter.follow": (_AT + "/suivi", _BOTH),
    "letter.proof": (_AT + "/preuve.csv", _READ),
}
