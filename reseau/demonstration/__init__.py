"""The demonstration: its people, and two pages that exist nowhere else.

What it is: made-up people who sign in with one click, their mails to read on the site, and a little life for the desk.

What it is not: part of a real site. It is included only when ``reseau.demo`` is true, and the settings refuse that
together with a public host name.

Tables: none. Addresses: ``/demo``, ``/demo/entrer``, ``/demo/courriels``. Permission: ``demo:play``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

NAME = "reseau.demonstration"


def includeme(config: Configurator) -> None:
    """Routes and views. :raises RuntimeError: this is no demonstration."""
    if not config.registry.settings_typed.demo:
        raise RuntimeError("the pages of the demonstration belong to a demonstration")
    config.include("reseau.demonstration.routes")
    config.scan("reseau.demonstration.views")
