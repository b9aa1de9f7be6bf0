"""Addresses of entering and of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.ids import UUID_PATTERN

if TYPE_CHECKING:
    from pyramid.config import Configurator

_SIGNED = "{token:[A-Za-z0-9._-]{1,2000}}"


def includeme(config: Configurator) -> None:
    """The routes."""
    for name, pattern in (
        ("members.sign_in", "/connexion"),
        ("members.sign_in.sent", "/connexion/envoye"),
        ("members.sign_in.link", "/connexion/lien/" + _SIGNED),
        ("members.sign_in.resume", "/connexion/reprendre"),
        ("members.sign_in.discard", "/connexion/reprendre/jeter"),
        ("members.account", "/compte"),
        ("members.account.session", "/compte/sessions/{id:" + UUID_PATTERN + "}/fermer"),
        ("members.sign_out", "/compte/deconnexion"),
        ("members.sign_out.everywhere", "/compte/deconnexion-partout"),
        ("members.account.address", "/compte/adresse"),
        ("members.account.address.link", "/compte/adresse/" + _SIGNED),
        ("members.account.data", "/compte/mes-donnees.json"),
        ("members.account.delete", "/compte/supprimer"),
        ("members.personal_data", "/donnees-personnelles"),
    ):
        config.add_route(name, pattern)
