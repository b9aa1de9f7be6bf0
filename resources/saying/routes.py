"""Addresses of what people say, and who stands before them."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from resources.base.models import Resource, ResourceReport, ResourceUse
from resources.base.routes import RESOURCE, ResourceContext
from resources.saying import collecting, opinions, reports, uses
from resources.saying.collecting import Found, Item, Reader
from resources.saying.panel import reader_of

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

_ONE = "/collections/{secret:[A-Za-z0-9_-]{20,40}}"


def page_number(request: Request) -> int:
    """The page that is asked for."""
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1


class UsesContext:
    """The uses of the resource of the address. A member of any place says them: there is no ``structure_id`` here, in
    which alone roles would count."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.of = ResourceContext(request)

    @property
    def resource(self) -> Resource:
        """The resource, if whoever asks may read it (see ``ResourceContext.published``)."""
        return self.of.published.resource


class UseContext(UsesContext):
    """One use, that a member of its place may change.

    :raises HTTPNotFound: when it is read and there is none. :raises HTTPForbidden: it is another place's.
    """

    @cached_property
    def _found(self) -> tuple[ResourceUse, UUID]:
        id_ = parse_id(self._request.matchdict["use"])
        found = uses.find(self._request.db, self.resource.id, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        if found[1] not in self._request.identity.places:
            raise HTTPForbidden
        return found

    @property
    def use(self) -> ResourceUse:
        """The use."""
        return self._found[0]

    @property
    def said(self) -> uses.Said:
        """What it says, of the place that it is today."""
        use, place = self._found
        return uses.Said(place, date.fromisoformat(use.on_day), use.people, use.note)


class CommentContext(ResourceContext):
    """A comment about the resource of the address."""

    @cached_property
    def comment(self) -> opinions.Comment:
        """The comment. :raises HTTPNotFound: there is none."""
        id_ = parse_id(self._request.matchdict["person"])
        found = opinions.comment(self._request.db, self.resource.id, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found


class ReportContext(ResourceContext):
    """A report about the resource of the address."""

    @cached_property
    def report(self) -> ResourceReport:
        """The report. :raises HTTPNotFound: there is none."""
        id_ = parse_id(self._request.matchdict["report"])
        found = reports.find(self._request.db, self.resource.id, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found


class CollectionContext:
    """The collection of a secret address."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def reader(self) -> Reader:
        """Who asks."""
        return reader_of(self._request)

    @cached_property
    def found(self) -> Found:
        """The collection. :raises HTTPNotFound: none, or not for whoever asks."""
        found = collecting.find(self._request.db, self._request.matchdict["secret"])
        if found is None or not found.may_read(self.reader):
            raise HTTPNotFound
        return found

    @property
    def owned(self) -> Found:
        """The collection, for those who may change it. :raises HTTPForbidden: it is somebody else's."""
        if not self.found.may_edit(self.reader):
            raise HTTPForbidden
        return self.found

    @cached_property
    def items(self) -> tuple[list[Item], int]:
        """(what whoever asks can read of it, how many are left out)."""
        return collecting.items(self._request.db, self.found.collection.id, self.reader.network)


def includeme(config: Configurator) -> None:
    """Fixed names before patterns."""
    config.add_route("saying.desk.reports", "/gestion/ressources/signalements")
    config.add_route("saying.collections", "/collections")
    config.add_route("saying.collections.public.json", "/collections/publiques.json")
    config.add_route("saying.collections.public", "/collections/publiques")
    config.add_route("saying.collection.json", _ONE + ".json", factory=CollectionContext)
    for name, suffix in (
        ("", ""),
        (".print", "/imprimer"),
        (".edit", "/modifier"),
        (".items", "/ressources"),
        (".renew", "/nouvelle-adresse"),
        (".delete", "/supprimer"),
        (".withdraw", "/depublier"),
    ):
        config.add_route(f"saying.collection{name}", _ONE + suffix, factory=CollectionContext)
    config.add_route("saying.opinions", RESOURCE + "/avis", factory=ResourceContext)
    config.add_route("saying.opinion.remove", RESOURCE + "/avis/retirer", factory=ResourceContext)
    comment = RESOURCE + "/avis/{person:" + UUID_PATTERN + "}"
    config.add_route("saying.opinion.hide", comment + "/masquer", factory=CommentContext)
    config.add_route("saying.opinion.show", comment + "/montrer", factory=CommentContext)
    config.add_route("saying.uses", RESOURCE + "/utilisations", factory=UsesContext)
    use = RESOURCE + "/utilisations/{use:" + UUID_PATTERN + "}"
    config.add_route("saying.use", use, factory=UseContext)
    config.add_route("saying.use.remove", use + "/retirer", factory=UseContext)
    config.add_route("saying.report", RESOURCE + "/signaler", factory=ResourceContext)
    config.add_route("saying.reports", RESOURCE + "/signalements", factory=ResourceContext)
    report = RESOURCE + "/signalements/{report:" + UUID_PATTERN + "}"
    config.add_route("saying.report.answer", report, factory=ReportContext)
    config.add_route("saying.report.reply", report + "/reponse", factory=ReportContext)
    config.add_route("saying.collect", RESOURCE + "/collections", factory=ResourceContext)
