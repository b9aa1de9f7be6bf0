"""The searches that a person follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.view import view_config, view_defaults

from feeds.syndication.following import saved
from feeds.syndication.models import SavedSearch
from feeds.syndication.publishers import Place
from reseau.core.ids import parse_id
from reseau.notices import services as notices
from reseau.web.forms import OWN_WORDS
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

DONE = {
    "suivie": _("Vous suivez cette recherche : un mail vous dira ce qu’il y a de nouveau."),
    "rythme": _("C’est changé."),
    "arretee": _("Vous ne suivez plus cette recherche."),
}
_CHOOSE = (_("Choisissez un rythme"), OWN_WORDS["Not a valid choice."])


@view_defaults(permission=Permission.ACCOUNT_OWN)
class SavedPages:
    """List, pace, end."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.now, self.person_id = request.registry["clock"](), request.identity.person_id

    @view_config(route_name="following.saved", request_method="GET", renderer="templates/recherches.jinja2")
    def page(self) -> dict[str, Any]:
        config, network = self.request.config, self.request.allows(Permission.NETWORK_READ)
        place = Place(config.site_name, config.public_url, self.request.lang, network=network,
                      person_id=self.person_id)  # fmt: skip
        mine = saved.mine(self.db, self.person_id)
        titles = saved.titles(self.db, mine, place)
        choice = notices.choice_of(self.db, self.person_id)
        return {
            "searches": [
                {"id": one.id, "title": titles[one.id], "path": saved.path(one.room, one.query),
                 "follow": f"/suivre/{saved.path(one.room, one.query).lstrip('/')}", "pace": saved.pace_of(one).value,
                 "off": saved.is_off(one), "due_at": one.due_at}
                for one in mine
            ],
            "paces": [(pace.value, words) for pace, words in saved.PACES.items()], "network": network,
            "silent": choice is not None and choice.off_at is not None, "done": DONE.get(self.request.GET.get("fait")),
        }  # fmt: skip

    @view_config(route_name="following.pace", request_method="POST", journal="search.pace")
    def pace(self) -> Any:
        said = self.request.POST.get("rythme")
        if said not in [pace.value for pace in saved.Pace]:
            error = HTTPUnprocessableEntity()
            error.words, error.links = _CHOOSE, [(_("Mes recherches"), self.request.route_path("following.saved"))]
            raise error
        found = self._theirs()
        saved.set_pace(self.db, found, saved.Pace(said), self.now, self.request.config.timezone)
        self.request.journal(found.id)
        return self._back("rythme")

    @view_config(route_name="following.end", request_method="POST", journal="search.end")
    def end(self) -> Any:
        found = self._theirs()
        self.request.journal(found.id)
        self.db.delete(found)
        return self._back("arretee")

    def _theirs(self) -> SavedSearch:
        id_ = parse_id(self.request.matchdict["id"])
        found = saved.theirs(self.db, self.person_id, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found

    def _back(self, done: str) -> HTTPSeeOther:
        return HTTPSeeOther(self.request.route_path("following.saved", _query={"fait": done}))
