"""How to follow a search: the addresses of its feed for everybody, by mail for who has an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.view import view_config, view_defaults

from feeds.syndication.catalogue import Offered
from feeds.syndication.following import saved
from feeds.syndication.following.forms import FollowForm
from feeds.syndication.publishers import Place
from feeds.syndication.searches import Search, Tools, search
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

UNKNOWN = (
    _("Cette recherche ne peut pas être suivie"),
    _("Elle demande quelque chose que le site ne connaît pas ou que vous ne pouvez pas lire. "
      "Refaites votre recherche, puis choisissez « Suivre cette recherche »."),
)  # fmt: skip
TOO_MANY = _("Vous suivez déjà 20 recherches. Arrêtez-en une pour en suivre une autre.")
TOO_LONG = _("Cette recherche est trop longue pour être suivie par mail. Enlevez des mots ou des filtres.")


@view_defaults(route_name="following.search", renderer="templates/suivre.jinja2")
class SearchPages:
    """One search, as its reader may follow it."""

    def __init__(self, request: Request) -> None:
        self.request, self.db, self.config = request, request.db, request.config
        self.now, self.room = request.registry["clock"](), request.matchdict["room"]
        self.who = request.identity
        self.found = self._search(self._place(own=True))
        if self.found is None:
            error = HTTPUnprocessableEntity()
            error.words, error.links = UNKNOWN, [(_("Revenir à la liste"), f"{request.script_name}/{self.room}")]
            raise error

    @view_config(request_method="GET", permission=Permission.DIRECTORY_READ)
    def page(self) -> dict[str, Any]:
        return self._shown(None)

    @view_config(request_method="POST", permission=Permission.ACCOUNT_OWN, journal="search.follow")
    def follow(self) -> Any:
        form, refused = FollowForm(self.request), ""
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        assert self.found is not None
        try:
            made = saved.follow(
                self.db, self.who.person_id, self.room, self.found.query, saved.Pace(form.rythme.data), self.now,
                self.config.timezone,
            )  # fmt: skip
        except saved.TooManyError:
            refused = TOO_MANY
        except saved.TooLongError:
            refused = TOO_LONG
        if refused:
            form.rythme.errors = [self.request.gettext(refused)]
            return refuse(self.request, **self._shown(form))
        self.request.journal(made.id)
        return HTTPSeeOther(self.request.route_path("following.saved", _query={"fait": "suivie"}))

    def _place(self, *, own: bool) -> Place:
        network = own and self.request.allows(Permission.NETWORK_READ)
        return Place(
            self.config.site_name, self.config.public_url.rstrip("/"), self.request.lang, self.config.timezone,
            self.config.country, network, self.who.person_id if self.who and network else None,
        )  # fmt: skip

    def _search(self, place: Place) -> Search | None:
        tools = Tools.of(self.request.registry)
        try:
            return search(self.db, tools, self.room, self.request.query_items, place, self.now)
        except LookupError:
            return None

    def _shown(self, form: FollowForm | None) -> dict[str, Any]:
        found, place = self.found, self._place(own=True)
        assert found is not None
        # Of a topic of the network, there is no feed for everybody.
        public = self._search(self._place(own=False)) is not None if place.network else True
        lang = "" if self.request.lang == self.config.default_language else self.request.lang
        known = saved.one_of(self.db, self.who.person_id, self.room, found.query) if self.who else None
        pace = saved.pace_of(known) if known else saved.Pace.WEEKLY
        feed = Offered("", f"/flux/{self.room}", found.query)
        here = f"/suivre/{self.room}" + (f"?{found.query}" if found.query else "")
        return {
            "title": saved.title(self.room, found.words, self.request.lang), "path": saved.path(self.room, found.query),
            "here": here, "sign_in": f"/connexion?{urlencode({'suite': self.request.script_name + here})}",
            "feeds": [(name, place.url + feed.at(end, lang)) for name, end in (("Atom", "atom"), ("JSON Feed", "json"))]
            if public else [],
            "network": place.network, "known": known, "stopped": bool(known and saved.is_off(known)),
            "form": form or (FollowForm(self.request, rythme=pace.value) if self.who else None),
        }  # fmt: skip
