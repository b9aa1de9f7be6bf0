"""Pages of one's own account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.core.letters import Site
from reseau.members import account, emails, export, governance, invitations, leaving, profile, sessions, signin
from reseau.members.forms import AddressForm, LeaveForm, ProfileForm
from reseau.members.signin_views import GONE, too_many
from reseau.web.caching import conditional
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


class _Own:
    """A page of the person who is signed in."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.now = request.registry["clock"]()
        self.site = Site.of(request.config)
        self.person = profile.active(request.db, request.identity.person_id)

    def to(self, route: str, **query: str) -> HTTPSeeOther:
        """Show that page next."""
        return HTTPSeeOther(self.request.route_path(route, _query=query or None))


@view_defaults(route_name="members.account", permission=Permission.ACCOUNT_OWN, renderer="templates/compte.jinja2")
class AccountPages(_Own):
    """My places, what I was writing, what I say of myself, where I am signed in."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.kinds = account.mail_choices(self.person.roles, refers=bool(request.identity.refers_to))

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        person = self.person
        form = ProfileForm(
            self.request, self.kinds, nom=person.name, langues=person.languages, langue_mails=person.lang,
            mails=profile.wanted(person),
        )  # fmt: skip
        return self._shown(form)

    @view_config(request_method="POST", journal="person.update")
    def save(self) -> Any:
        form = ProfileForm(self.request, self.kinds)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        profile.update(
            self.person, name=form.nom.data, lang=form.langue_mails.data, languages=form.langues.data or (),
            mails=(form.mails and form.mails.data) or (), offered=[kind for kind, _label in self.kinds],
        )  # fmt: skip
        return self.to("members.account", enregistre="1")

    def _shown(self, form: ProfileForm) -> dict[str, Any]:
        return {
            "form": form,
            "person": self.person,
            "saved": "enregistre" in self.request.GET,
            "places": profile.my_places(self.db, self.person.id),
            "invitations": invitations.pending_for(self.db, self.person.email or "", self.now),
            "drafts": account.my_drafts(
                self.db, self.person.id, self.request.script_name, self.request.registry.get("drafts.named")
            ),
            "asked": account.requests_of(self.db, self.person.id),
            "roles": account.roles_of(self.person.roles),
            "sessions": sessions.open_sessions(self.db, self.person.id, self.now),
        }


@view_defaults(permission=Permission.ACCOUNT_OWN, request_method="POST")
class SessionPages(_Own):
    """Signing out, here or elsewhere."""

    @view_config(route_name="members.account.session", journal="session.end")
    def end(self) -> Any:
        id_ = parse_id(self.request.matchdict["id"])
        if id_ is None or not sessions.end_session(self.db, id_, self.person.id, self.now):
            raise HTTPNotFound
        if id_ == self.request.identity.session_id:
            return signin.leave(self.request, self.to("members.sign_in", deconnecte="1"))
        return HTTPSeeOther(self.request.route_path("members.account", _anchor="sessions"))

    @view_config(route_name="members.sign_out.everywhere", journal="session.end-all")
    def everywhere(self) -> Any:
        self.request.journal(self.person.id, sessions=sessions.end_all(self.db, self.person.id, self.now))
        return signin.leave(self.request, self.to("members.sign_in", deconnecte="1"))


@view_config(
    route_name="members.sign_out", permission=Permission.ACCOUNT_ENTER, request_method="POST", journal="session.end"
)
def sign_out(request: Request) -> Any:
    """Sign out of this browser; whoever is signed out already is told the same."""
    if who := request.identity:
        request.journal(who.person_id)
        sessions.end_session(request.db, who.session_id, who.person_id, request.registry["clock"]())
    response = HTTPSeeOther(request.route_path("members.sign_in", _query={"deconnecte": "1"}))
    return signin.leave(request, response)


@view_defaults(
    route_name="members.account.address", permission=Permission.ACCOUNT_OWN, renderer="templates/compte_adresse.jinja2"
)
class AddressPages(_Own):
    """Ask to use another mail address."""

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return {"form": AddressForm(self.request), "person": self.person, "sent": "envoye" in self.request.GET}

    @view_config(request_method="POST", journal="address.ask")
    def send(self) -> Any:
        form = AddressForm(self.request)
        if not form.validate():
            return refuse(self.request, form=form, person=self.person, sent=False)
        if not profile.may_change(self.db, self.person.id, self.now):
            raise too_many()
        secret = self.request.config.secret
        profile.ask_address(self.db, self.person, form.adresse.data, secret=secret, site=self.site, now=self.now)
        return self.to("members.account.address", envoye="1")


@view_defaults(
    route_name="members.account.address.link", permission=Permission.ACCOUNT_OWN,
    renderer="templates/compte_adresse_lien.jinja2",
)  # fmt: skip
class NewAddressPages(_Own):
    """The page of the link that was mailed to the new address: one button."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.token, self.secret = request.matchdict["token"], request.config.secret

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        new = profile.asked_address(self.person, self.token, secret=self.secret, now=self.now)
        return {"new": new} if new else self._dead()

    @view_config(request_method="POST", journal="address.change")
    def change(self) -> Any:
        here = self.request.identity.session_id
        if not profile.change_address(
            self.db, self.person, self.token, secret=self.secret, site=self.site, now=self.now, here=here
        ):
            return self._dead()
        return self.to("members.account", enregistre="1")

    def _dead(self) -> dict[str, Any]:
        self.request.response.status_int = GONE
        return {"new": None}


@view_config(route_name="members.account.data", permission=Permission.ACCOUNT_OWN, request_method="GET")
def my_data(request: Request) -> Response:
    """Everything that is held about me, as a file."""
    found = export.everything(request.db, request.identity.person_id, request.registry["clock"]())
    response = Response(json.dumps(found, ensure_ascii=False, indent=2).encode(), content_type="application/json")
    response.content_disposition = 'attachment; filename="mes-donnees.json"'
    return response


@view_defaults(
    route_name="members.account.delete", permission=Permission.ACCOUNT_OWN, renderer="templates/compte_supprimer.jinja2"
)
class LeavePages(_Own):
    """Delete my account."""

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._page(LeaveForm(self.request))

    def _page(self, form: LeaveForm, *, last: bool = False) -> dict[str, Any]:
        """:param last: nobody else administers the site."""
        return {"form": form, "last": last, "alone": leaving.alone_at(self.db, self.person.id)}

    @view_config(request_method="POST", journal="person.leave")
    def leave(self) -> Any:
        form, letter = LeaveForm(self.request), emails.account_deleted(self.person.lang)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        if not leaving.leave(self.db, self.person, letter, site=self.site, now=self.now):
            return refuse(self.request, **self._page(form, last=True))
        self.request.journal(self.person.id)
        return signin.leave(self.request, self.to("members.personal_data", supprime="1"))


@view_config(
    route_name="members.personal_data", permission=Permission.DIRECTORY_READ, cache="public", request_method="GET",
    renderer="templates/donnees_personnelles.jinja2",
)  # fmt: skip
def personal_data(request: Request) -> dict[str, Any]:
    """What is kept about people, why, and for how long."""
    known = governance.read(request.db)
    conditional(request, *sorted(known.items()))
    return {"governance": known, "deleted": "supprime" in request.GET}
