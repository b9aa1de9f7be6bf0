"""Feeds, their archives, the calendar of the agenda. The same for everybody: what visitors read."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.syndication import answering, calendar, reading
from feeds.syndication.caching import Validators
from feeds.syndication.catalogue import FEEDS
from feeds.syndication.publishers import Place
from feeds.syndication.reading import Selection
from feeds.syndication.searches import Pairs, Tools
from reseau.core.clock import local_day
from reseau.web.i18n import chosen
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


def place_of(request: Request) -> Place:
    """Where and for whom: everybody."""
    config = request.config
    return Place(config.site_name, config.public_url.rstrip("/"), request.lang, config.timezone, config.country)


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class Feeds:
    """Documents of feeds."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.place = place_of(request)

    @cached_property
    def pairs(self) -> Pairs:
        """The parameters of the address."""
        return list(self.request.query_items)

    @view_config(route_name="syndication.feed")
    def feed(self) -> Response:
        """What to subscribe to."""
        return self.document(self.request.matchdict["name"], self.request.matchdict["format"], self.pairs)

    @view_config(route_name="syndication.archive")
    def archive(self) -> Response:
        """What is before it."""
        found = self.request.matchdict
        return self.document(found["name"], found["format"], self.pairs, int(found["number"]))

    @view_config(route_name="feeds.threads", permission=Permission.THREAD_READ)
    def threads(self) -> Response:
        """All public topics, at the address of before."""
        return self.document("echanges", "atom", [], here="/echanges/flux.atom")

    @view_config(route_name="feeds.topic", permission=Permission.THREAD_READ)
    def topic(self) -> Response:
        """One public topic, at the address of before."""
        slug = self.request.matchdict["slug"]
        return self.document("echanges", "atom", [("sujet", slug)], here=f"/echanges/sujets/{slug}/flux.atom")

    @view_config(route_name="syndication.agenda")
    def agenda(self) -> Response:
        """The agenda as a calendar."""
        request, now = self.request, self.request.registry["clock"]()
        known = reading.stamp(request.db, Selection(FEEDS["agenda"].published()))
        day = local_day(now, self.place.timezone)  # what is over leaves it day by day
        validators = Validators(request, f"{known.seq}/{day}", None)
        if validators.unchanged():
            return validators.on(Response(status=304))
        here = f"{self.place.url}/flux/agenda.ics"
        body = calendar.written(calendar.dates(request.db, now), self.place, here)
        return validators.on(Response(body, content_type=calendar.TYPE, charset="utf-8"))

    def document(self, name: str, extension: str, pairs: Pairs, number: int | None = None, here: str = "") -> Response:
        """One document. :raises HTTPNotFound: no such feed, or no such archive of it."""
        request, place = self.request, self.place
        lang = chosen(request) or ""
        now, tools = request.registry["clock"](), Tools.of(request.registry)
        one = answering.asked(request.db, tools, name, pairs, place, now, lang=lang)
        part = answering.part_of(request.db, one, number) if one else None
        if one is None or part is None:
            raise HTTPNotFound
        validators = Validators(request, part.mark, part.changed)
        if validators.unchanged():
            return validators.on(Response(status=304))
        own = f"{place.url}{here}" + (f"?langue={lang}" if lang else "") if here else ""
        body = answering.written(request.db, one, part, place, extension, own)
        return validators.on(Response(body, content_type=answering.TYPES[extension], charset="utf-8"))
