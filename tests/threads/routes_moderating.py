"""The addresses of moderation and what one needs for them."""

from __future__ import annotations

from reseau.web.security import Permission as P

_POST, _THREAD, _DESK = "/echanges/messages/{id}", "/echanges/{slug}-{id}", "/gestion/echanges"
_TOPIC = _DESK + "/sujets/{id}"
_BOTH = {"GET": P.THREAD_MODERATE, "POST": P.THREAD_MODERATE}
_COORDINATE = {"GET": P.NETWORK_COORDINATE, "POST": P.NETWORK_COORDINATE}

ROUTES = {
    "threads.report": (_POST + "/signaler", {"GET": P.REPORT_CREATE, "POST": P.REPORT_CREATE}),
    "threads.hide": (_POST + "/masquer", _BOTH),
    "threads.show": (_POST + "/montrer", {"POST": P.THREAD_MODERATE}),
    "threads.keep": (_POST + "/garder", {"POST": P.THREAD_MODERATE}),
    "threads.history": (_POST + "/historique", {"GET": P.THREAD_MODERATE}),
    "threads.accept": (_POST + "/accepter", {"POST": P.THREAD_MODERATE}),
    "threads.refuse": (_POST + "/refuser", _BOTH),
    "threads.close": (_THREAD + "/fermer", {"POST": P.THREAD_ANSWERED}),
    "threads.reopen": (_THREAD + "/rouvrir", {"POST": P.THREAD_ANSWERED}),
    "threads.moderate": (_THREAD + "/moderer", {"GET": P.THREAD_MODERATE}),
    "threads.pin": (_THREAD + "/moderer/epingler", {"POST": P.THREAD_MODERATE}),
    "threads.move": (_THREAD + "/moderer/deplacer", {"POST": P.THREAD_MODERATE}),
    "threads.kind": (_THREAD + "/moderer/genre", {"POST": P.THREAD_MODERATE}),
    "threads.title": (_THREAD + "/moderer/titre", {"POST": P.THREAD_MODERATE}),
    "threads.merge": (_THREAD + "/moderer/reunir", {"POST": P.THREAD_MODERATE}),
    "threads.split": (_THREAD + "/moderer/couper", {"POST": P.THREAD_MODERATE}),
    "threads.bring": (_THREAD + "/moderer/relancer", {"POST": P.NETWORK_COORDINATE}),
    "threads.desk": (_DESK, _COORDINATE),
    "threads.desk.reports": (_DESK + "/signalements", {"GET": P.NETWORK_COORDINATE}),
    "threads.desk.waiting": (_DESK + "/en-attente", {"GET": P.NETWORK_COORDINATE}),
    "threads.desk.questions": (_DESK + "/questions", {"GET": P.NETWORK_COORDINATE}),
    "threads.topic.create": (_DESK + "/sujets/nouveau", _COORDINATE),
    "threads.topic.edit": (_TOPIC, _COORDINATE),
    "threads.topic.move": (_TOPIC + "/place", {"POST": P.NETWORK_COORDINATE}),
    "threads.topic.delete": (_TOPIC + "/supprimer", {"POST": P.NETWORK_COORDINATE}),
    "threads.topic.archive": (_TOPIC + "/archiver", {"POST": P.NETWORK_COORDINATE}),
}
