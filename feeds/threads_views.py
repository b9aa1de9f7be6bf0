"""Feeds of the exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds import atom, threads
from reseau.core.changes import current_seq
from reseau.web.caching import conditional
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.models import Topic


@view_defaults(permission=Permission.THREAD_READ, cache="public", request_method="GET")
class ThreadFeeds:
    """The same for everybody: what visitors read."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(route_name="feeds.threads")
    def all_topics(self) -> Response:
        """The newest threads of all public topics."""
        return self._answer()

    @view_config(route_name="feeds.topic")
    def one_topic(self) -> Response:
        """The newest threads of a public topic."""
        topic = threads.public_topic(self.request.db, self.request.matchdict["slug"])
        if topic is None:
            raise HTTPNotFound
        return self._answer(topic)

    def _answer(self, topic: Topic | None = None) -> Response:
        request = self.request
        conditional(request, current_seq(request.db))
        place = threads.Place(request.config.site_name, request.config.public_url.rstrip("/"), request.lang)
        feed = threads.feed(request.db, place, request.registry["clock"](), topic)
        return Response(atom.written(feed), content_type=atom.TYPE, charset="utf-8")
