"""Réseau: the shared space of the people who help others with online health procedures in a city.

``main`` is the WSGI application: settings, then each room by name, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.router import Router

    from reseau.settings import Settings

ROOMS = (
    "reseau.home", "reseau.directory", "reseau.members", "reseau.editing", "reseau.desk", "resources",
    "reseau.notices", "reseau.groups", "reseau.label", "reseau.indicators", "feeds", "reseau.threads", "importers",
)  # fmt: skip


def rooms_of(settings: Settings) -> tuple[str, ...]:
    """The rooms of a site: one more in a demonstration."""
    return (*ROOMS, "reseau.demonstration") if settings.demo else ROOMS


def main(global_config: dict[str, str] | None = None, **ini: Any) -> Router:
    """Build the application (``paste.app_factory``).

    :param ini: the ``[app:main]`` section; see :mod:`reseau.settings`.
    :raises reseau.settings.SettingsError: a setting is missing or wrong.
    """
    from reseau import settings
    from reseau.web.app import make_app

    loaded = settings.load(ini)
    return make_app(loaded, rooms_of(loaded))
