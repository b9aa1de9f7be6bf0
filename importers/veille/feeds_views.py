"""The feeds that are watched: list, one feed, OPML in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults
from webob.multidict import MultiDict

from importers import fetch
from importers.veille import feeds, opml
from importers.veille.forms import FeedForm
from importers.veille.tray_views import theme_label
from importers.veille.words import FEEDS_DONE, OPML_EMPTY, OPML_REFUSED
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

LIST = "/gestion/veille/flux"


@view_defaults(route_name="veille.feeds", permission=Permission.NETWORK_COORDINATE, renderer="templates/feeds.jinja2")
class FeedsPages:
    """The list; a feed more; a list of feeds of another reader."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db

    def _page(self, form: FeedForm | None = None, **more: Any) -> dict[str, Any]:
        done = dict(self.request.query_items).get("fait", "")
        return {
            "found": feeds.listed(self.db, page_number(self.request)), "off": feeds.off(self.db),
            "form": form or FeedForm(self.request, actif=True),
            "done": FEEDS_DONE.get(done, ""), "theme_label": lambda code: theme_label(self.request, code),
            "same": None, "taken": None, "refusal": "", "address": fetch.shown,
            "now": self.request.registry["clock"](), **more,
        }  # fmt: skip

    @view_config(request_method="GET")
    def listed(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="watch.feed-add")
    def add(self) -> Any:
        form = FeedForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        if (same := feeds.same(self.db, form.wanted.url)) is not None:
            return refuse(self.request, **self._page(form, same=same))
        made = feeds.add(self.db, form.wanted, by=self.request.identity.person_id, now=self.request.registry["clock"]())
        self.request.journal(made.id)
        return HTTPSeeOther(f"{self.request.script_name}{LIST}?fait=ajoute")

    @view_config(request_method="POST", request_param="liste", journal="watch.feeds-import")
    def take(self) -> Any:
        blank = FeedForm(self.request, formdata=MultiDict(), actif=True)
        try:
            wanted = opml.read(self._file())
        except opml.NotOpml:
            return refuse(self.request, **self._page(blank, refusal=self.request.gettext(OPML_REFUSED)))
        except LookupError:
            return refuse(self.request, **self._page(blank, refusal=self.request.gettext(OPML_EMPTY)))
        by, now = self.request.identity.person_id, self.request.registry["clock"]()
        taken = feeds.take(self.db, wanted, by=by, now=now)
        if taken.added:
            self.request.journal(number=taken.added)
        else:
            self.request.journal_nothing()
        return self._page(blank, taken=taken)

    def _file(self) -> bytes:
        """:raises LookupError: there is none."""
        sent = self.request.POST.get("fichier")
        if sent is None or isinstance(sent, (str, bytes)):
            raise LookupError
        with sent.file as file:
            data: bytes = file.read(opml.MAX_BYTES + 1)
        if not data.strip():
            raise LookupError
        return data


@view_config(route_name="veille.opml", permission=Permission.NETWORK_COORDINATE, request_method="GET")
def export(request: Request) -> Response:
    """All feeds that are read, for another reader of feeds."""
    title = request.gettext(_("Veille – %(site)s"), site=request.config.site_name)
    body = opml.write(feeds.everything(request.db), title, request.registry["clock"]())
    response = Response(body, content_type="text/x-opml", charset="utf-8")
    response.content_disposition = 'attachment; filename="veille.opml"'
    return response


@view_defaults(route_name="veille.feed", permission=Permission.NETWORK_COORDINATE, renderer="templates/feed.jinja2")
class FeedPages:
    """One feed."""

    def __init__(self, request: Request) -> None:
        self.request = request
        found = feeds.find(request.db, UUID(request.matchdict["id"]))
        if found is None:
            raise HTTPNotFound
        self.feed = found

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        said = {name: str(self.feed.options.get(name) or "") for name in feeds.OPTIONS}
        form = FeedForm(
            self.request, adresse=self.feed.location, titre=self.feed.title, theme=said["theme"], garder=said["words"],
            ecarter=said["without"], langue=said["lang"], actif=self.feed.enabled,
        )  # fmt: skip
        return self._page(form)

    def _page(self, form: FeedForm, same: Any = None) -> dict[str, Any]:
        db = self.request.db
        return {
            "feed": self.feed, "form": form, "same": same, "why": feeds.last_failure(db, self.feed),
            "deletable": feeds.deletable(db, self.feed),
        }  # fmt: skip

    @view_config(request_method="POST", request_param="supprimer", journal="import.source-delete")
    def delete(self) -> HTTPSeeOther:
        """Only one from which nothing ever came; something may have come since the page was made."""
        name = self.feed.name
        done = feeds.delete(self.request.db, self.feed)
        if done:
            self.request.journal(source=name)
        else:
            self.request.journal_nothing()
        return HTTPSeeOther(f"{self.request.script_name}{LIST}?fait={'supprime' if done else 'garde'}")

    @view_config(request_method="POST", journal="watch.feed-edit")
    def save(self) -> Any:
        form = FeedForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        same = feeds.same(self.request.db, form.wanted.url, but=self.feed.id)
        if same is not None:
            return refuse(self.request, **self._page(form, same))
        now = self.request.registry["clock"]()
        if not feeds.change(self.request.db, self.feed, form.wanted, enabled=bool(form.actif.data), now=now):
            self.request.journal_nothing()
        else:
            self.request.journal(self.feed.id)
        return HTTPSeeOther(f"{self.request.script_name}{LIST}?fait=change")
