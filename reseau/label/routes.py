"""Addresses of the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.ids import UUID_PATTERN
from reseau.label.criteria import VERSION

if TYPE_CHECKING:
    from pyramid.config import Configurator

_VERSION = "{version:" + VERSION + "}"
_ID = "{id:" + UUID_PATTERN + "}"


def includeme(config: Configurator) -> None:
    """All routes of the room; fixed names first."""
    for name, pattern in (
        ("label.register", "/label"),
        ("label.register.json", "/label.json"),
        ("label.register.csv", "/label.csv"),
        ("label.criteria", "/label/criteres"),
        ("label.criteria.one", f"/label/criteres/{_VERSION}"),
        ("label.desk", "/gestion/label"),
        ("label.grant", "/gestion/label/donner"),
        ("label.criteria.new", "/gestion/label/criteres"),
        ("label.criteria.edit", f"/gestion/label/criteres/{_VERSION}"),
        ("label.decision", f"/gestion/label/{_ID}"),
        ("label.renew", f"/gestion/label/{_ID}/renouveler"),
        ("label.withdraw", f"/gestion/label/{_ID}/retirer"),
    ):
        config.add_route(name, pattern)
