"""Relays, for the coordination: which structures, their codes and sums, their contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from feeds.newsletter.models import Relay
from feeds.newsletter.relaying import services
from feeds.newsletter.relaying.forms import RelayForm
from feeds.newsletter.subscribing import inviting
from reseau.core.ids import parse_id
from reseau.core.letters import Site
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

LIST = "/gestion/relais"
DONE = {
    "cree": _("Ce relais est créé. Invitez ses contacts : ils recevront l’édition à transmettre."),
    "actif": _("Ce relais transmet de nouveau la lettre."),
    "arrete": _("Ce relais ne transmet plus la lettre : son adresse d’abonnement mène à la page de tous."),
}
NONE = _("Aucune structure de l’annuaire ne correspond. Vérifiez le nom, ou collez l’adresse de sa fiche.")
MANY = _("Plusieurs structures correspondent : choisissez.")
TAKEN = _("Cette structure est déjà un relais.")


@view_defaults(route_name="relays.desk", permission=Permission.NETWORK_COORDINATE, renderer="templates/desk.jinja2")
class RelaysPages:
    """The list; a relay more."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db

    def _page(self, form: RelayForm | None = None, **more: Any) -> dict[str, Any]:
        page = page_number(self.request)
        found, total = services.listed(self.db, page)
        pages = max(1, -(-total // services.PAGE))
        return {"found": found, "total": total, "page": page, "pages": pages, "form": form or RelayForm(self.request),
                "taken": None, **more}  # fmt: skip

    @view_config(request_method="GET")
    def listed(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="relay.make")
    def make(self) -> Any:
        form = RelayForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        structure_id = self._meant(form)
        if structure_id is None:
            return refuse(self.request, **self._page(form))
        by, now = self.request.identity.person_id, self.request.registry["clock"]()
        try:
            made = services.make(self.db, structure_id, by, now)
        except services.Already as error:
            form.structure.errors = [self.request.gettext(TAKEN)]
            return refuse(self.request, **self._page(form, taken=error.relay_id))
        self.request.journal(made.id)
        return HTTPSeeOther(f"{self.request.script_name}{LIST}/{made.id}?fait=cree")

    def _meant(self, form: RelayForm) -> UUID | None:
        """The structure; None: none, or several, and the form says so."""
        found = services.candidates(self.db, form.structure.data or "")
        chosen = form.choix.data if form.choix.data in dict(found) else ""
        if len(found) == 1 or chosen:
            return parse_id(chosen or found[0][0])
        if found:
            form.offer(found)
            form.choix.errors = [self.request.gettext(MANY)]
        else:
            form.structure.errors = [self.request.gettext(NONE)]
        return None


@view_defaults(route_name="relays.desk.one", permission=Permission.NETWORK_COORDINATE, renderer="templates/one.jinja2")
class RelayPages:
    """One relay."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        found = request.db.get(Relay, UUID(request.matchdict["id"]))
        if found is None:
            raise HTTPNotFound
        self.relay: Relay = found

    def _page(self, **more: Any) -> dict[str, Any]:
        shown = services.Shown(self.relay, services.named(self.db, self.relay),
                               *services.numbers(self.db, [self.relay.id])[self.relay.id])  # fmt: skip
        url = Site.of(self.request.config).url
        asked = self.request.GET
        return {"shown": shown, "subscribe": f"{url}/lettre?r={self.relay.code}", "typed": "", "problem": "",
                "sent": asked.get("invites", "") if asked.get("invites", "").isdecimal() else "",
                "done": DONE.get(asked.get("fait", ""), ""), **more}  # fmt: skip

    @view_config(request_method="GET")
    def read(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="relay.state")
    def turn(self) -> Any:
        active = self.request.POST.get("actif") == "oui"
        if services.set_active(self.db, self.relay, active):
            self.request.journal(self.relay.id, active=active)
        else:
            self.request.journal_nothing()
        return self._back(f"fait={'actif' if active else 'arrete'}")

    @view_config(request_method="POST", request_param="adresses", journal="relay.invite")
    def invite(self) -> Any:
        """Contacts are invited, never subscribed: they say yes themselves."""
        typed = self.request.POST["adresses"]
        typed = typed if isinstance(typed, str) else ""
        try:
            read = inviting.read(typed)
        except inviting.Unreadable:
            read = None
        if read is None or not read.emails:
            said = self.request.gettext(_("Écrivez au moins une adresse, par exemple nom@exemple.fr."))
            return refuse(self.request, **self._page(typed=typed[:5000], problem=said))
        now, by = self.request.registry["clock"](), self.request.identity.person_id
        done = inviting.invite(self.db, read.emails, self.relay.id, by, Site.of(self.request.config), now)
        self.request.journal(self.relay.id, sent=len(done.new))
        return self._back(f"invites={len(done.new)}")

    def _back(self, query: str) -> HTTPSeeOther:
        return HTTPSeeOther(f"{self.request.script_name}{LIST}/{self.relay.id}?{query}")
