"""The address of one resource, ``/{kits|tutoriels|…}/{slug}``, and who stands before it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPForbidden, HTTPGone, HTTPNotFound

from reseau.core.wording import _
from resources.base import services
from resources.base.addresses import KINDS, NOWHERE, path_of
from resources.base.content import Content
from resources.base.models import Resource, State, Visibility
from resources.base.services import Published

if TYPE_CHECKING:
    from pyramid.request import Request

__all__ = ["NOWHERE", "RESOURCE", "ResourceContext", "path_of"]

#: Pattern of the address of a resource; a suffix follows.
RESOURCE = "/{plural:kits|tutoriels|experiences|outils|liens}/{slug:[a-z0-9-]{1,100}}"

GONE_TITLE = _("Ressource retirée")
GONE = _("Cette ressource a été retirée par les personnes qui l’ont partagée.")
GONE_NAMED = _("« %(title)s » a été retirée par les personnes qui l’ont partagée.")
GONE_LINK = _("Voir toutes les ressources")


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
        found = services.find(self._request.db, KINDS[matched["plural"]], matched["slug"])
        if found is None:
            raise HTTPNotFound
        return found

    @property
    def structure_id(self) -> UUID:
        """The structure in which the roles of whoever asks count."""
        return self.present_place or NOWHERE

    @cached_property
    def present_place(self) -> UUID | None:
        """The structure that shares it, as it is today: the one that it was merged into. None: no structure."""
        return services.present_place(self._request.db, self.resource.structure_id)

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

        :raises HTTPNotFound: never published. :raises HTTPGone: withdrawn (its authors still read it).
        :raises HTTPForbidden: for the network only.
        """
        resource = self.resource
        found = services.current(self._request.db, resource)
        if found is None:
            raise HTTPNotFound
        hidden = resource.visibility == Visibility.NETWORK.value
        seen = not hidden or self._request.allows("network:read") or self.may_edit
        if resource.state != State.PUBLISHED.value and not self.may_edit:
            raise self._gone(found.content.title if seen else "")
        if not seen:
            raise HTTPForbidden
        return found

    def _gone(self, title: str) -> HTTPGone:
        """410. :param title: "" for who was never allowed to read it: what it was called is not said either."""
        error = HTTPGone()
        error.words, error.said = (GONE_TITLE, GONE_NAMED if title else GONE), {"title": title}
        error.links = [(GONE_LINK, f"{self._request.script_name}/ressources")]
        return error

    @cached_property
    def working(self) -> Content:
        """What its authors are writing."""
        return services.working(self._request.db, self.resource)

    @property
    def path(self) -> str:
        """Its address in the site."""
        return path_of(self.resource)
