"""Addresses of relays, and who stands before them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound

from feeds.newsletter.models import Issue, Relay
from feeds.newsletter.relaying import services, taking
from reseau.settings import LANGUAGES
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

ID = "{id:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}"
RELAY = "/relais/{code:[A-Za-z0-9]{1,12}}"
TAKEN = RELAY + f"/{ID}/" + "{lang:[a-z]{2}}"


class RelayContext:
    """The relay of the address.

    :raises HTTPNotFound: when it is read and there is none, or it passes nothing on any more (the coordination sees it
        all the same). :raises HTTPForbidden: it is of a structure to which whoever asks does not belong.
    """

    def __init__(self, request: Request) -> None:
        self.request = request

    @cached_property
    def relay(self) -> Relay:
        """The relay."""
        request = self.request
        found = services.find(request.db, request.matchdict["code"])
        coordinates = request.allows(Permission.NETWORK_COORDINATE)
        if found is None or not (found.active or coordinates):
            raise HTTPNotFound
        if not coordinates and found.structure_id not in request.identity.places:
            raise HTTPForbidden
        return found

    @property
    def path(self) -> str:
        """Its address in the site."""
        return f"/relais/{self.relay.code}"

    @cached_property
    def issue(self) -> Issue:
        """The issue of the address, for those that name one. :raises HTTPNotFound: relays may not take it (yet)."""
        self.relay  # noqa: B018 (asked first: 403 before 404)
        found = taking.find(self.request.db, UUID(self.request.matchdict["id"]))
        if found is None:
            raise HTTPNotFound
        return found

    @property
    def lang(self) -> str:
        """The language of the address. :raises HTTPNotFound: the issue is not written in it."""
        lang = str(self.request.matchdict["lang"])
        if lang not in LANGUAGES or lang not in taking.written_in(self.issue):
            raise HTTPNotFound
        return lang


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    config.add_route("relays.desk", "/gestion/relais")
    config.add_route("relays.desk.one", f"/gestion/relais/{ID}")
    config.add_route("relays.home", "/relais")
    for name, pattern in (
        ("relays.relay", RELAY),
        ("relays.own", RELAY + "/presentation"),
        ("relays.reach", RELAY + "/diffusion"),
        ("relays.reach.one", RELAY + f"/diffusion/{ID}"),
        ("relays.mail", TAKEN + "/lettre.html"),
        ("relays.text", TAKEN + "/lettre.txt"),
        ("relays.paper", TAKEN + "/lettre.pdf"),
        ("relays.image", TAKEN + "/image.png"),
    ):
        config.add_route(name, pattern, factory=RelayContext)
