"""The tray of the watch, and the page on which an entry becomes a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from importers.models import WatchState
from importers.veille import feeds, tray, turning
from importers.veille.forms import LinkForm, themes
from importers.veille.words import DONE, VIEWS
from reseau.core.ids import parse_id
from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.base.addresses import path_of
from resources.base.content import ContentError
from resources.base.sentences import sentence

if TYPE_CHECKING:
    from pyramid.request import Request

DECISIONS = {"garder": WatchState.KEPT, "ecarter": WatchState.DROPPED}
#: What "undo" gives back, by the list where one is.
BEFORE = {
    tray.View.NEW: WatchState.NEW, tray.View.KEPT: WatchState.KEPT, tray.View.LETTER: WatchState.KEPT,
    tray.View.DROPPED: WatchState.DROPPED,
}  # fmt: skip


def theme_label(request: Request, code: str) -> str:
    """The name of a theme, "" for none."""
    term = vocabulary("themes").get(code)
    return term.label(request.lang) if term else ""


@view_defaults(route_name="veille.tray", permission=Permission.NETWORK_COORDINATE)
class TrayPages:
    """The list, and the buttons of its news."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.filters = tray.read_filters(dict(request.query_items))

    @view_config(request_method="GET", renderer="templates/tray.jinja2")
    def listed(self) -> dict[str, Any]:
        asked = self.request.query_items
        done = dict(asked).get("fait", "")
        ids = [value for name, value in asked if name == "sur"][: tray.MOST_AT_ONCE]
        found = tray.page(self.db, self.filters, page_number(self.request))
        made = parse_id(dict(asked).get("lien", ""))
        links = tray.links(self.db, [news.item.id for news in found.rows] + ([made] if made else []))
        return {
            "found": found, "counts": tray.counts(self.db), "links": {id_: path_of(one) for id_, one in links.items()},
            "made": path_of(links[made]) if made in links and done in ("lien", "brouillon") else "",
            "filters": self.filters, "views": VIEWS, "feeds": feeds.names(self.db),
            "themes": themes(self.request, self.request.gettext(_("Tous les thèmes"))),
            "theme_label": lambda code: theme_label(self.request, code),
            "done": DONE.get(done, ""), "did": done, "ids": [id_ for id_ in ids if parse_id(id_)],
            "undoable": self.filters.view in BEFORE,
        }  # fmt: skip

    def _ids(self, name: str) -> list[UUID]:
        return [id_ for value in self.request.POST.getall(name) if (id_ := parse_id(str(value)))]

    def _there(self, done: str, ids: list[UUID]) -> HTTPSeeOther:
        return HTTPSeeOther(self.request.address(fait=done, sur=[str(id_) for id_ in ids]))

    @view_config(request_method="POST", journal="watch.sort")
    def sort(self) -> HTTPSeeOther:
        now, by = self.request.registry["clock"](), self.request.identity.person_id
        for name, state in DECISIONS.items():
            if ids := self._ids(name):
                return self._sorted(name, ids, tray.decide(self.db, ids, state, by=by, now=now))
        if ids := self._ids("lettre"):
            marked = tray.mark(self.db, ids[0], by=by, now=now)
            return self._sorted("lettre" if marked else "sans-lettre", ids[:1], int(marked is not None))
        if self.request.POST.get("tout") == "ecarter":
            ids = self._ids("vu")
            return self._sorted("tout", ids, tray.decide(self.db, ids, WatchState.DROPPED, by=by, now=now))
        self.request.journal_nothing()
        return HTTPSeeOther(self.request.address(fait=None, sur=None))

    def _sorted(self, done: str, ids: list[UUID], changed: int) -> HTTPSeeOther:
        if not changed:  # sorted by somebody else a moment ago, or gone
            self.request.journal_nothing()
            return self._there("deja", [])
        self.request.journal(ids[0], what=done, number=changed)
        return self._there(done, ids)

    @view_config(request_method="POST", request_param="annuler", journal="watch.undo")
    def undo(self) -> HTTPSeeOther:
        to, by = BEFORE.get(self.filters.view), self.request.identity.person_id
        ids = self._ids("annuler")
        changed = tray.undo(self.db, ids, to, by=by) if to and ids else 0
        if not changed:
            self.request.journal_nothing()
            return self._there("deja", [])
        self.request.journal(ids[0], number=changed)
        return self._there("annuler", [])


@view_defaults(route_name="veille.link", permission=Permission.NETWORK_COORDINATE, renderer="templates/link.jinja2")
class LinkPages:
    """An entry becomes a link."""

    def __init__(self, request: Request) -> None:
        self.request = request
        news = tray.find(request.db, UUID(request.matchdict["id"]))
        if news is None:
            raise HTTPNotFound
        if not turning.is_open(news):
            raise HTTPSeeOther(request.script_name + "/gestion/veille?etat=liens&fait=deja-lien")
        self.news = news
        theme = news.item.theme if vocabulary("themes").get(news.item.theme) else ""
        self.form = LinkForm(request, titre=news.item.title[:150], theme=theme)

    def _page(self, refusal: str = "") -> dict[str, Any]:
        return {"news": self.news, "form": self.form, "refusal": refusal}

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="watch.turn")
    def make(self) -> Any:
        if not self.form.validate():
            return refuse(self.request, **self._page())
        said = (self.form.titre.data, self.form.vaut.data, self.form.theme.data)
        content = turning.link_of(self.news, *said, self.request.lang, self.request.config.timezone)
        now = self.request.registry["clock"]()
        try:
            made, published = turning.turn(
                self.request.db, self.news, content, self.request.identity, self.request.config, now
            )
        except ContentError as error:
            return refuse(self.request, **self._page(sentence(error, Wording.of(self.request.lang))))
        self.request.journal(made.id)
        after = f"/gestion/veille?fait={'lien' if published else 'brouillon'}&lien={self.news.item.id}"
        return HTTPSeeOther(self.request.script_name + after)
