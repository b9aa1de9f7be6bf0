"""Addresses of adoption, and who stands before them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from resources.base import provided
from resources.base.models import Resource, ResourceSource, State
from resources.base.routes import RESOURCE, ResourceContext
from resources.writing.routes import WritingContext

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request


class AdoptContext:
    """A resource that comes from elsewhere. A member of any place adopts it: there is no ``structure_id`` here, in
    which alone roles would count."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.of = ResourceContext(request)

    @cached_property
    def row(self) -> ResourceSource:
        """Where it comes from. :raises HTTPNotFound: it was written here, or readers do not see it."""
        resource = self.resource
        found = provided.of(self._request.db, resource.id)
        if found is None or resource.state != State.PUBLISHED.value:
            raise HTTPNotFound
        return found

    @property
    def resource(self) -> Resource:
        """The resource, if whoever asks may read it (see ``ResourceContext.published``)."""
        return self.of.published.resource


def includeme(config: Configurator) -> None:
    """Below a resource."""
    config.add_route("writing.adopt", f"{RESOURCE}/adopter", factory=AdoptContext)
    config.add_route("writing.adopt.seen", f"{RESOURCE}/adopter/vu", factory=WritingContext)
