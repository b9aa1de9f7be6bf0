"""Moderation of the exchanges: what is reported, hidden, closed, moved, joined, cut in two; and the topics themselves.

What it is: reports and what becomes of them, posts that wait for a look, the moves that a thread can make, the page on
which the coordination sets topics and delays, what is held of a person in the exchanges when they ask for it or leave.

What it is not: it suspends nobody (``reseau.members.suspending``), and tells nobody of a new message
(``reseau.notices``). Animators of a group do not moderate its topic yet: the coordination does.

Tables (of ``base.models``): ``post_report``, ``topic``, ``thread_setting``; it changes ``thread`` and ``post`` through
``base.services``.
Addresses: ``/echanges/messages/{id}/`` ``signaler``, ``masquer``, ``montrer``, ``garder``, ``historique``,
``accepter``, ``refuser``; ``/echanges/{slug}-{id}/`` ``moderer``, ``fermer``, ``rouvrir``, ``moderer/…``;
``/gestion/echanges``, ``/signalements``, ``/en-attente``, ``/questions``, ``/sujets/…``.
Permissions: ``report:create``, ``thread:answered`` (close one's own), ``thread:moderate``, ``network:coordinate``.
Jobs: ``questions-oubliees``, ``demandes-repondues``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    config.include("reseau.threads.moderating.routes")
    for module in ("posts_views", "moves_views", "desk_views", "topics_views"):
        config.scan(f"reseau.threads.moderating.{module}")
