"""The address of one resource, ``/{kits|tutoriels|…}/{slug}``, and who stands before it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound

from resources.base import services
from resources.base.content import Content
from resources.base.models import Resource, State, Visibility
from resources.base.services import Published
from resources.base.shapes import PLURALS, Kind

if TYPE_CHECKING:
    from pyramid.request import Request

#: Pattern of the address of a resource; a suffix follows.
RESOURCE = "/{plural:kits|tutoriels|experiences|outils|liens}/{slug:[a-z0-9-]{1,100}}"
_KINDS = {plural: kind for kind, plural in PLURALS.items()}
#: Where nobody belongs: the "structure" of a resource that has none. With None, roles held anywhere would count.
NOWHERE = UUID(int=0)


def path_of(resource: Resource) -> str:
    """The address of a resource in the site, without ``script_name``: ``/kits/mon-kit``."""
    return f"/{PLURALS[Kind(resource.kind)]}/{resource.slug}"


class ResourceContext:
    """The resource of the address, read when a view asks for it.

    :raises HTTPNotFound: when it is read and there is none, or when whoever asks may not know that there is.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def resource(self) -> Resource:
        """The resource, whatever its state."""
        matched = self._request.matchdict
        found = services.find(self._request.db, _KINDS[matched["plural"]], matched["slug"])
        if found is None:
            raise HTTPNotFound
        return found

    @property
    def structure_id(self) -> UUID:
        """The structure in which the roles of whoever asks count."""
        return self.resource.structure_id or NOWHERE

    @cached_property
    def author_ids(self) -> frozenset[UUID]:
        """Who may write it by name."""
        return frozenset(services.author_ids(self._request.db, self.resource.id))

    @cached_property
    def may_edit(self) -> bool:
        """Whether whoever asks may write it."""
        return bool(self._request.has_permission("resource:edit", self))

    @cached_property
    def published(self) -> Published:
        """What readers see, if whoever asks may.

        :raises HTTPNotFound: never published, or withdrawn (its authors see those too, once published).
        :raises HTTPForbidden: for the network only.
        """
        resource = self.resource
        found = services.current(self._request.db, resource)
        if found is None or (resource.state != State.PUBLISHED.value and not self.may_edit):
            raise HTTPNotFound
        hidden = resource.visibility == Visibility.NETWORK.value
        if hidden and not (self._request.allows("network:read") or self.may_edit):
            raise HTTPForbidden
        return found

    @cached_property
    def working(self) -> Content:
        """What its authors are writing."""
        return services.working(self._request.db, self.resource)

    @property
    def path(self) -> str:
        """Its address in the site."""
        return path_of(self.resource)
