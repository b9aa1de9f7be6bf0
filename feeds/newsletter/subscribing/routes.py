"""Addresses of subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.ids import UUID_PATTERN

if TYPE_CHECKING:
    from pyramid.config import Configurator

#: Whatever comes after: mail programs lower, cut and decorate links, and each deserves a page that says so.
_LINK = "{token:[^/]{1,2000}}"
SUBSCRIBERS = "/gestion/lettre/abonnes"


def includeme(config: Configurator) -> None:
    """Fixed names before patterns."""
    for name, pattern in (
        ("subscribing.page", "/lettre"),
        ("subscribing.sent", "/lettre/envoye"),
        ("subscribing.confirm", f"/lettre/confirmer/{_LINK}"),
        ("subscribing.reader", f"/lettre/d/{_LINK}"),
        ("subscribing.own", "/compte/lettre"),
        ("subscribing.subscribers", SUBSCRIBERS),
        ("subscribing.subscribers.csv", f"{SUBSCRIBERS}.csv"),
        ("subscribing.invite", f"{SUBSCRIBERS}/inviter"),
        ("subscribing.subscriber", f"{SUBSCRIBERS}/{{id:{UUID_PATTERN}}}"),
    ):
        config.add_route(name, pattern)
