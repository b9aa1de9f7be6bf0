"""The personal addresses of the feeds of the network: a person makes one, sees it once, revokes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults
from webob.multidict import MultiDict

from feeds.syndication.following import keys
from feeds.syndication.following.forms import KeyForm
from feeds.syndication.publishers import Place
from reseau.core.ids import parse_id
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

TOO_MANY = _("Vous avez déjà 10 adresses. Supprimez-en une pour en créer une autre.")


@view_defaults(permission=Permission.ACCOUNT_OWN)
class KeyPages:
    """One's own addresses."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.now, self.person_id = request.registry["clock"](), request.identity.person_id
        self.network = request.allows(Permission.NETWORK_READ)

    @view_config(route_name="following.keys", request_method="GET", renderer="templates/flux_personnels.jinja2")
    def page(self) -> dict[str, Any]:
        return self._shown(KeyForm(self.request))

    @view_config(
        route_name="following.keys", request_method="POST", renderer="templates/flux_personnels.jinja2",
        permission=Permission.NETWORK_READ, journal="feed-key.make",
    )  # fmt: skip
    def make(self) -> dict[str, Any]:
        """The answer is the only page that ever says the address: it is kept nowhere."""
        form = KeyForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        try:
            key, secret = keys.make(self.db, self.person_id, form.nom.data, self.now)
        except keys.TooManyError:
            form.nom.errors = [self.request.gettext(TOO_MANY)]
            return refuse(self.request, **self._shown(form))
        self.request.journal(key.id)
        place = self._place()
        made = {"name": key.name, "url": place.url, "opml": f"{place.url}{keys.PATH}{secret}/flux.opml",
                "groups": keys.offered(self.db, secret, place)}  # fmt: skip
        return self._shown(KeyForm(self.request, formdata=MultiDict()), made)

    @view_config(route_name="following.revoke", request_method="POST", journal="feed-key.revoke")
    def revoke(self) -> Any:
        id_ = parse_id(self.request.matchdict["id"])
        if id_ is None or not keys.revoke(self.db, self.person_id, id_, self.now):
            raise HTTPNotFound
        self.request.journal(id_)
        return HTTPSeeOther(self.request.route_path("following.keys", _query={"fait": "revoquee"}))

    def _place(self) -> Place:
        config = self.request.config
        return Place(config.site_name, config.public_url.rstrip("/"), self.request.lang, config.timezone,
                     config.country, self.network, self.person_id)  # fmt: skip

    def _shown(self, form: KeyForm, made: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"form": form, "made": made, "network": self.network, "keys": keys.mine(self.db, self.person_id),
                "revoked": self.request.GET.get("fait") == "revoquee"}  # fmt: skip
