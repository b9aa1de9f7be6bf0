"""What all pages stand on: language, security, CSRF, headers, caching, errors, forms, layout, static files.

What it is not: it knows no room and no table but the journal's. A page of error must come out when the database is
down, so what makes one (``errors``, ``headers``, the layout on such a page) asks it nothing. Other pages do: the layout
asks who is signed in, once a request and only with a session cookie; ``journal`` writes a row for each change. Rooms
extend ``layout.jinja2``, import ``macros.jinja2``, and say three things of each view: ``permission`` (forgotten =
nobody may see it), ``cache="public"`` when the page is the same for every visitor (forgotten = ``private,
no-store``), and, when it changes something, ``journal`` (forgotten = the application refuses to start; likewise
``csrf_exempt_reason`` for the rare one without CSRF check).

Needs ``config.registry.settings_typed`` (:class:`reseau.settings.Settings`) before it is included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

DOMAIN = "reseau"  # of the message catalogues
PARTS = ("i18n", "addresses", "assets", "security", "csrf", "journal", "caching", "headers", "errors", "rendering")


def includeme(config: Configurator) -> None:
    """Include every part. Order is free except that ``rendering`` reads what the others have put in place."""
    config.add_request_method(lambda request: request.registry.settings_typed, "config", reify=True)
    for part in PARTS:
        config.include(f"reseau.web.{part}")
