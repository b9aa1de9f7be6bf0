"""Every address of writing in the exchanges, and what one needs."""

from __future__ import annotations

from reseau.web.security import Permission

THREAD = "/echanges/{slug}-{id}"
POST = "/echanges/messages/{id}"
ROUTES = {
    # POST: titre, texte, sujet (slug of a topic), type; numero (a new id)
    "threads.new": ("/echanges/nouveau", {"GET": Permission.THREAD_WRITE, "POST": Permission.THREAD_WRITE}),
    "threads.new.draft": ("/echanges/nouveau/brouillon", {"POST": Permission.THREAD_WRITE}),
    "threads.waiting": ("/echanges/attente", {"GET": Permission.THREAD_WRITE}),
    "threads.mentions": ("/echanges/mentions.json", {"GET": Permission.NETWORK_READ}),
    # POST: texte; numero (a new id). The thread is open.
    "threads.reply": (THREAD + "/repondre", {"GET": Permission.THREAD_WRITE, "POST": Permission.THREAD_WRITE}),
    "threads.reply.draft": (THREAD + "/repondre/brouillon", {"POST": Permission.THREAD_WRITE}),
    # POST: texte (titre too for the first post). The post is shown, and of who asks.
    "threads.post.edit": (POST + "/modifier", {"GET": Permission.POST_EDIT, "POST": Permission.POST_EDIT}),
    "threads.post.edit.draft": (POST + "/modifier/brouillon", {"POST": Permission.POST_EDIT}),
    "threads.post.delete": (POST + "/supprimer", {"GET": Permission.POST_EDIT, "POST": Permission.POST_EDIT}),
}
