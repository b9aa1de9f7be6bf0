"""The page that says which feeds there are and how to use them, and the same as OPML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.syndication import catalogue, opml, reading
from feeds.syndication.caching import Validators
from feeds.syndication.reading import Selection
from feeds.syndication.searches import Tools
from feeds.syndication.views import place_of
from reseau.core.changes import current_seq
from reseau.web.caching import conditional
from reseau.web.i18n import _, chosen
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

TITLE = _("Flux – %(site)s")


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class FeedPages:
    """Page and OPML offer the same feeds."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.place = place_of(request)

    @view_config(route_name="syndication.page", renderer="templates/feeds.jinja2")
    def page(self) -> dict[str, Any]:
        """All feeds in plain words."""
        request = self.request
        conditional(request, current_seq(request.db))
        return {"groups": self._groups(), "place": self.place, "lang": self._lang()}

    @view_config(route_name="syndication.opml")
    def opml(self) -> Response:
        """All feeds for a reader."""
        request = self.request
        known = reading.stamp(request.db, Selection(("structure", "resource", "topic")))
        validators = Validators(request, str(known.seq), known.at)
        if validators.unchanged():
            return validators.on(Response(status=304))
        title = request.gettext(TITLE, site=self.place.site_name)
        body = opml.written(self._groups(), title, self.place, chosen(request) or "")
        return validators.on(Response(body, content_type=opml.TYPE, charset="utf-8"))

    def _groups(self) -> list[catalogue.Group]:
        return catalogue.offered(self.request.db, Tools.of(self.request.registry), self.place)

    def _lang(self) -> str:
        """What the addresses of the page say: a feed is read in the language in which it was found."""
        default = self.request.config.default_language
        return "" if self.request.lang == default else str(self.request.lang)
