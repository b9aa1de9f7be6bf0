"""Addresses of writing. Fixed names: they come before ``/echanges/{slug}-{id}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.threads.base.routes import POST, THREAD, PostContext, ThreadContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The routes."""
    config.add_route("threads.new", "/echanges/nouveau")
    config.add_route("threads.new.draft", "/echanges/nouveau/brouillon")
    config.add_route("threads.waiting", "/echanges/attente")
    config.add_route("threads.mentions", "/echanges/mentions.json")
    config.add_route("threads.reply", THREAD + "/repondre", factory=ThreadContext)
    config.add_route("threads.reply.draft", THREAD + "/repondre/brouillon", factory=ThreadContext)
    config.add_route("threads.post.edit", POST + "/modifier", factory=PostContext)
    config.add_route("threads.post.edit.draft", POST + "/modifier/brouillon", factory=PostContext)
    config.add_route("threads.post.delete", POST + "/supprimer", factory=PostContext)
