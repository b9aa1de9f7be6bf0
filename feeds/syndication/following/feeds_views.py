"""Feeds of the network at a personal address: what its owner may read today. No cookie is read for them, nor set."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from pyramid.httpexceptions import HTTPGone, HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.syndication import answering, opml
from feeds.syndication.following import keys, readers
from feeds.syndication.publishers import Place
from feeds.syndication.searches import Tools
from reseau.web.i18n import _, chosen
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

TITLE = _("Flux du réseau – %(site)s")
#: Whoever asks is to ask again: rights change without a row in the log.
KEPT = "private, no-cache"


@view_defaults(permission=Permission.DIRECTORY_READ, request_method="GET")
class PrivateFeeds:
    """Documents at a personal address."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        request.add_response_callback(_discreet)
        self.secret = request.matchdict["secret"]
        self.place = self._place()

    def _place(self) -> Place:
        """:raises HTTPGone: revoked. :raises HTTPNotFound: unknown, or its owner is not of the network today."""
        found = keys.find(self.db, self.secret)
        if found is None:
            raise HTTPNotFound
        key, person = found
        if key.revoked_at is not None:
            raise HTTPGone
        place = readers.place_for(self.db, person, self.request.config, chosen(self.request) or "")
        if place is None or not place.network:
            raise HTTPNotFound
        return place

    @view_config(route_name="following.feed")
    def feed(self) -> Response:
        """What to subscribe to."""
        return self._document(None)

    @view_config(route_name="following.archive")
    def archive(self) -> Response:
        """What is before it."""
        return self._document(int(self.request.matchdict["number"]))

    @view_config(route_name="following.opml")
    def opml(self) -> Response:
        """All of them as a list."""
        groups, say = keys.offered(self.db, self.secret, self.place), self.request.gettext
        title = say(TITLE, site=self.place.site_name)
        body = opml.written(groups, title, self.place, chosen(self.request) or "")
        response = Response(body, content_type=opml.TYPE, charset="utf-8")
        response.headers["Cache-Control"] = KEPT
        return response

    def _document(self, number: int | None) -> Response:
        request, place, found = self.request, self.place, self.request.matchdict
        root, name = f"{keys.PATH}{self.secret}", found["name"]
        one = answering.asked(self.db, Tools.of(request.registry), name, request.query_items, place,
                              request.registry["clock"](), lang=chosen(request) or "", root=root)  # fmt: skip
        part = answering.part_of(self.db, one, number) if one else None
        if one is None or part is None:
            raise HTTPNotFound
        etag = self._etag(part.mark)
        response = Response(status=304)
        if not (etag and etag in request.if_none_match and "If-None-Match" in request.headers):
            # It is another feed than the one of everybody, and another for each reader.
            one = replace(one, id=f"urn:uuid:{uuid5(NAMESPACE_URL, f'{one.id} {place.person_id}')}")
            body = answering.written(self.db, one, part, place, found["format"])
            response = Response(body, content_type=answering.TYPES[found["format"]], charset="utf-8")
        response.headers["Cache-Control"] = KEPT
        if etag:
            response.headers["ETag"] = f'W/"{etag}"'
        return response

    def _etag(self, mark: str) -> str:
        version = self.request.registry.get("reseau.deployment")
        if version is None:  # the code changes under the process
            return ""
        seen = (str(version), self.place.lang, self.request.path_qs, mark, readers.rights(self.db, self.place))
        return hashlib.sha256("\x00".join(seen).encode()).hexdigest()[:32]


def _discreet(_request: Request, response: Response) -> None:
    """On errors too: the address is a secret."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.pop("Set-Cookie", None)
