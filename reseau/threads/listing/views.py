"""The lists of threads, as pages and as data; following a topic, "tout marquer comme lu"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.changes import current_seq
from reseau.notices import following
from reseau.threads.base import finding
from reseau.threads.base.addresses import path_of, topic_path
from reseau.threads.base.models import TOPIC_KIND, Topic, TopicSeen
from reseau.threads.base.shapes import MAX_TITLE
from reseau.threads.listing import params, queries, services
from reseau.threads.listing.page import ThreadsPage, when
from reseau.web.caching import conditional
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import TopicContext


def not_modified(request: Request, words: str = "") -> None:
    """:raises HTTPNotModified: nothing was said since, in the same minute: pages say how long ago things were.

    :param words: that are looked for: what answers them changes with the index.
    """
    if not request.page_cache.public:
        return
    minute = request.registry["clock"]().replace(second=0, microsecond=0)
    index = request.registry["search.engine"].cursor() if words else 0
    conditional(request, current_seq(request.db), minute, index)


def page_of(request: Request, topic: Topic | None = None) -> ThreadsPage:
    """The page that the address asks for."""
    reader, engine = request.reader, request.registry["search.engine"]
    slugs = None if topic else {one.slug for one in reader.topics}
    asked = params.read(request.query_items, slugs, signed_in=reader.person_id is not None)
    not_modified(request, asked.q)
    now = request.registry["clock"]()
    found = queries.listed(request.db, engine, reader, asked, now, topic)
    aside = queries.Aside() if asked.q and not topic else queries.aside(request.db, reader, topic)
    return ThreadsPage(request, asked, found, aside, topic)


@view_defaults(permission=Permission.THREAD_READ, cache="public", request_method="GET")
class ListPages:
    """Page and JSON show the same list."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(route_name="threads.list", renderer="templates/list.jinja2")
    def list_page(self) -> dict[str, Any]:
        page = page_of(self.request)
        also = self.request.see_also("echanges", page.asked.q) if page.found.total == 0 else []
        return {"page": page, "topic": None, "also": also, "done": self.request.GET.get("fait")}

    @view_config(route_name="threads.list.json", renderer="json")
    def list_json(self) -> dict[str, Any]:
        return page_of(self.request).as_data()

    @view_config(route_name="threads.topics", renderer="templates/topics.jinja2")
    def topics(self) -> dict[str, Any]:
        not_modified(self.request)
        reader = self.request.reader
        known = queries.activity(self.request.db, reader.topic_ids)
        mine = following.followed(self.request.db, reader.person_id, [TOPIC_KIND]) if reader.person_id else []
        return {"topics": reader.topics, "known": known, "when": when(self.request), "Seen": TopicSeen,
                "followed": {one.object_id for one in mine}}  # fmt: skip

    @view_config(route_name="threads.similar", renderer="json")
    def similar(self) -> list[dict[str, Any]]:
        """ "Déjà demandé ?": threads that look like the title that somebody writes."""
        request = self.request
        title = " ".join(str(dict(request.query_items).get("titre", "")).split())[:MAX_TITLE]
        engine = request.registry["search.engine"]
        found = finding.similar(request.db, engine, request.reader, title) if title else []
        return [
            {"titre": one.title, "langue": one.lang, "adresse": request.script_name + path_of(one),
             "reponses": one.replies, "resolu": one.solved}
            for one in found
        ]  # fmt: skip


@view_defaults(route_name="threads.topic")
class TopicPages:
    """The threads of one topic."""

    def __init__(self, context: TopicContext, request: Request) -> None:
        self.topic, self.request = context.topic, request

    @view_config(
        permission=Permission.THREAD_READ, cache="public", request_method="GET", renderer="templates/list.jinja2"
    )
    def topic_page(self) -> dict[str, Any]:
        page = page_of(self.request, self.topic)
        return {"page": page, "topic": self.topic, "also": [], "done": self.request.GET.get("fait")}

    @view_config(
        route_name="threads.topic.follow", permission=Permission.ACCOUNT_OWN, request_method="POST",
        journal="topic.follow",
    )  # fmt: skip
    def follow(self) -> HTTPSeeOther:
        request = self.request
        wanted = request.POST.get("suivre") == "1"
        say = following.follow if wanted else following.unfollow
        say(request.db, request.identity.person_id, (TOPIC_KIND, self.topic.id), request.registry["clock"]())
        request.journal(self.topic.id, suivre=wanted)
        return HTTPSeeOther(f"{request.script_name}{topic_path(self.topic)}?fait={'suivi' if wanted else 'non-suivi'}")


@view_config(
    route_name="threads.read-all", permission=Permission.ACCOUNT_OWN, request_method="POST", journal="thread.read-all"
)
def read_all(request: Request) -> HTTPSeeOther:
    """All that was written before now is read."""
    services.read_all(request.db, request.identity.person_id, request.registry["clock"]())
    return HTTPSeeOther(f"{request.script_name}/echanges?fait=tout-lu")
