"""Every address of what is read of the exchanges and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

THREAD, POST = "/echanges/{slug}-{id}", "/echanges/messages/{id}"
ROUTES = {
    "threads.follow-object": ("/echanges/suivre-objet", {"POST": Permission.ACCOUNT_OWN}),
    "threads.of-object": ("/echanges/objet/{kind}/{id}", {"GET": Permission.THREAD_READ}),
    "threads.post": (POST, {"GET": Permission.THREAD_READ}),
    "threads.thank": (POST + "/merci", {"POST": Permission.ACCOUNT_OWN}),
    "threads.answer": (POST + "/reponse", {"POST": Permission.THREAD_ANSWERED}),
    "threads.wish": (POST + "/demander-traduction", {"POST": Permission.ACCOUNT_OWN}),
    "threads.translate": (
        POST + "/traduire",
        {"GET": Permission.TRANSLATION_WRITE, "POST": Permission.TRANSLATION_WRITE},
    ),
    "threads.untranslate": (POST + "/traduire/retirer", {"POST": Permission.THREAD_MODERATE}),
    "threads.markdown": (THREAD + ".md", {"GET": Permission.THREAD_READ}),
    "threads.thread": (THREAD, {"GET": Permission.THREAD_READ}),
    "threads.print": (THREAD + "/imprimer", {"GET": Permission.THREAD_READ}),
    "threads.follow": (THREAD + "/suivre", {"POST": Permission.ACCOUNT_OWN}),
    "threads.bookmark": (THREAD + "/favori", {"POST": Permission.ACCOUNT_OWN}),
    "threads.vote": (THREAD + "/voter", {"POST": Permission.THREAD_WRITE}),
}
