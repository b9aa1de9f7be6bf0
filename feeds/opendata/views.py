"""The page of the open data, and its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPServiceUnavailable
from pyramid.response import FileIter, Response
from pyramid.view import view_config, view_defaults

from feeds.opendata.files import BY_NAME
from feeds.opendata.inclusion import Publisher
from feeds.opendata.jobs import EVERY
from feeds.opendata.offering import LOV2, Offer, newest
from reseau.web.caching import add_vary, conditional
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class OpenData:
    """The same for everybody."""

    def __init__(self, request: Request) -> None:
        self.request = request
        config, shelf = request.config, request.registry["opendata.shelf"]
        self.offer = Offer(request.db, shelf, config.territory, Publisher.of(config))

    @view_config(route_name="opendata.page", renderer="templates/opendata.jinja2")
    def page(self) -> dict[str, Any]:
        """What there is, from when, under which licence."""
        config = self.request.config
        licence = (config.data_licence, config.data_licence_url) if config.data_licence else LOV2
        seq, changed = newest(self.request.db)
        places = self.offer.places()
        files = self.offer.all(places)
        conditional(self.request, seq, *(one.made and one.made.version for one in files), *licence)
        return {
            "places": places, "files": files, "changed": changed, "licence": licence,
            "registers": self.offer.registers(), "source": self.offer.by.source,
        }  # fmt: skip

    @view_config(route_name="opendata.file")
    def file(self) -> Response:
        """One file, from the disk; compressed as it lies there for whoever reads that."""
        request, kind = self.request, BY_NAME.get(self.request.matchdict["name"])
        if kind is None:
            raise HTTPNotFound
        packed = bool(request.accept_encoding and request.accept_encoding.acceptable_offers(["gzip"]))
        found = self.offer.open(kind.name, packed)
        if found is None:
            raise HTTPServiceUnavailable(headers={"Retry-After": str(int(EVERY.total_seconds()))})
        made, content = found
        try:
            conditional(request, made.version)
        except BaseException:
            content.close()
            raise
        response = Response(content_type=kind.media_type, charset="utf-8")
        response.app_iter = FileIter(content, 256 * 1024)
        response.content_length = os.fstat(content.fileno()).st_size if packed else made.size
        if packed:
            response.content_encoding = "gzip"
        add_vary(response, "Accept-Encoding")
        response.last_modified = made.changed
        response.content_disposition = f'attachment; filename="{kind.name}"'
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
