"""Addresses of the list of resources, and of the requests for what is not there."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from resources.base.models import ResourceRequest
from resources.finding import asking

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request


class AskedContext:
    """The request of the address, read when a view asks for it.

    :raises HTTPNotFound: when it is read and there is none.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def asked(self) -> ResourceRequest:
        """What somebody did not find."""
        id_ = parse_id(self._request.matchdict["id"])
        found = asking.find(self._request.db, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, pattern in (
        ("finding.list", "/ressources"),
        ("finding.list.json", "/ressources.json"),
        ("finding.suggestions", "/ressources/suggestions.json"),
        ("finding.ask", "/ressources/demander"),
        ("finding.desk", "/gestion/demandes-ressources"),
        ("finding.own", "/compte/demandes-ressources"),
    ):
        config.add_route(name, pattern)
    for name, folder, suffix in (
        ("finding.desk.one", "gestion", ""),
        ("finding.desk.answer", "gestion", "/repondre"),
        ("finding.desk.decline", "gestion", "/refuser"),
        ("finding.own.one", "compte", ""),
        ("finding.own.answer", "compte", "/repondre"),
    ):
        pattern = f"/{folder}/demandes-ressources/{{id:{UUID_PATTERN}}}{suffix}"
        config.add_route(name, pattern, factory=AskedContext)
