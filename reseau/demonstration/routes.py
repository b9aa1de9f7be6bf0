"""Addresses of the demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes of the room."""
    config.add_route("demo.home", "/demo")
    config.add_route("demo.enter", "/demo/entrer")
    config.add_route("demo.mails", "/demo/courriels")
    config.add_route("demo.mail", "/demo/courriels/{id}")
