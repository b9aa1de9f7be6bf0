"""Réseau: the shared space of the people who help others with online health procedures in a city.

``main`` is the WSGI application: settings, then each room by name, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.router import Router

ROOMS = ("reseau.home", "reseau.directory", "reseau.members")


def main(global_config: dict[str, str] | None = None, **ini: Any) -> Router:
    """Build the application (``paste.app_factory``).

    :param ini: the ``[app:main]`` section; see :mod:`reseau.settings`.
    :raises reseau.settings.SettingsError: a setting is missing or wrong.
    """
    from reseau import settings
    from reseau.web.app import make_app

    return make_app(settings.load(ini), ROOMS)
