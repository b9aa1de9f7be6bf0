"""Who receives the letter: subscribing with a mail to confirm, choosing, leaving; lists to invite; labelled members.

What it is: the rows of subscribers, their journal of consent, the addresses that are never written to again (by keyed
hash). What it is not: it sends no letter, reads no bounce, follows nobody. Nobody is subscribed by a list or by a click
of a mail scanner: opening a page changes nothing.

Tables: ``subscriber``, ``consent_event``, ``suppression``. Addresses: ``/lettre``, ``/lettre/envoye``,
``/lettre/confirmer/{token}``, ``/lettre/d/{token}``, ``/compte/lettre``, ``/gestion/lettre/abonnes``. Permissions:
``letter:subscribe``, ``account:own``, ``network:coordinate``. Jobs: ``lettre-abonnes-labellises``, ``lettre-menage``.

``registry["letter.visited"]``: functions of (request, code), called when ``/lettre?r=CODE`` is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""
    from feeds.newsletter.subscribing import counts, holding  # noqa: F401 (register themselves)

    config.registry.setdefault("letter.visited", [])
    config.include("feeds.newsletter.subscribing.routes")
    for module in ("page_views", "stop_views", "account_views", "desk_views"):
        config.scan(f"feeds.newsletter.subscribing.{module}")
