"""The page of the open data, and its files."""

from __future__ import annotations

import gzip
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileIter, Response
from pyramid.view import view_config, view_defaults

from feeds.opendata.files import BY_NAME, Made
from feeds.opendata.inclusion import Publisher
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
        self.seq, self.changed = newest(request.db)

    @cached_property
    def offer(self) -> Offer:
        """The files of this site."""
        config, registry = self.request.config, self.request.registry
        by = Publisher(config.site_name, config.public_url.rstrip("/"))
        seen = f"{registry.get('reseau.deployment')}-{self.seq}"
        return Offer(self.request.db, registry["opendata.shelf"], config.territory, by, seen)

    @view_config(route_name="opendata.page", renderer="templates/opendata.jinja2")
    def page(self) -> dict[str, Any]:
        """What there is, from when, under which licence."""
        config = self.request.config
        licence = (config.data_licence, config.data_licence_url) if config.data_licence else LOV2
        conditional(self.request, self.seq, *licence)
        places = self.offer.places()
        return {
            "places": places, "files": self.offer.all(places), "changed": self.changed, "licence": licence,
            "registers": self.offer.registers(), "source": self.offer.by.source,
        }  # fmt: skip

    @view_config(route_name="opendata.file")
    def file(self) -> Response:
        """One file, from the disk; compressed as it lies there for whoever reads that."""
        request, kind = self.request, BY_NAME.get(self.request.matchdict["name"])
        if kind is None:
            raise HTTPNotFound
        conditional(request, self.seq)
        made = self.offer.file(kind.name)
        response = Response(content_type=kind.media_type, charset="utf-8")
        packed = bool(request.accept_encoding and request.accept_encoding.acceptable_offers(["gzip"]))
        response.app_iter = FileIter(_opened(made, packed), 256 * 1024)
        response.content_length = made.path.stat().st_size if packed else made.size
        if packed:
            response.content_encoding = "gzip"
        add_vary(response, "Accept-Encoding")
        response.last_modified = self.changed
        response.content_disposition = f'attachment; filename="{kind.name}"'
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _opened(made: Made, packed: bool) -> IO[bytes]:
    return made.path.open("rb") if packed else gzip.open(made.path, "rb")  # type: ignore[return-value]
