"""Every address of requests for a resource in the exchanges, and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

ROUTES = {
    # id: of an open ``resource_request`` without a thread. POST: sujet (id of a topic), titre, texte (all required)
    "threads.request": (
        "/echanges/demandes/{id}", {"GET": Permission.THREAD_MODERATE, "POST": Permission.THREAD_MODERATE},
    ),
    # of an open thread of kind ``demande``. POST: adresse (/tutoriels/…) or ressource (id), message, numero (a new id)
    "threads.resource": (
        "/echanges/{slug}-{id}/ressource", {"GET": Permission.THREAD_WRITE, "POST": Permission.THREAD_WRITE},
    ),
    "threads.resource.no": ("/echanges/{slug}-{id}/pas-cela", {"POST": Permission.THREAD_ANSWERED}),
}  # fmt: skip
