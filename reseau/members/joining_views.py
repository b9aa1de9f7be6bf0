"""Coming in: an invitation is accepted, a person asks to join a place, or proposes one that is not there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPTooManyRequests
from pyramid.view import view_config, view_defaults

from reseau.core.limits import Limit, allow
from reseau.directory import present
from reseau.directory.routes import SheetContext
from reseau.members import invitations, joining_news, places, proposals, requests, signin
from reseau.members.invitations import State
from reseau.members.joining_emails import ROLE_NAMES, ROLE_SENTENCES
from reseau.members.joining_forms import AcceptForm, JoinForm, ProposeForm
from reseau.members.joining_routes import InvitationContext, id_of
from reseau.members.models import Person, PersonState
from reseau.members.team_views import sheet_path, to_present_address
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

JOIN_LIMIT = Limit("join", 10, timedelta(days=1))
PROPOSE_LIMIT = Limit("proposal", 5, timedelta(days=1))
_STATUS = {"accepted": 200, "suspended": 403, "unknown": 404, "expired": 410, "revoked": 410}


def landing(request: Request, told: invitations.Pending) -> str:
    """Where someone goes who has just accepted: to work. A référent to the form of the sheet."""
    if told.place is None:
        return str(request.script_name) + ("/gestion" if told.role in ("coordinator", "administrator") else "/compte")
    path = str(request.script_name) + present.path(told.place["slug"], told.place["id"])
    return f"{path}/modifier?bienvenue=1" if told.role == "referent" else f"{path}/equipe?fait=welcome"


@view_defaults(route_name="members.invitation", permission=Permission.ACCOUNT_ENTER)
class InvitationPages:
    """The page that the mail of an invitation opens."""

    def __init__(self, context: InvitationContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()

    def _page(self, form: AcceptForm | None = None) -> dict[str, Any]:
        row = self.context.invitation
        if row is None:
            return {"state": "unknown", "told": None}
        told = invitations.told(self.request.db, row)
        account = signin.by_address(self.request.db, row.email)
        identity, landed = self.request.identity, landing(self.request, told)
        suspended = account is not None and account.state != PersonState.ACTIVE.value
        state = "suspended" if suspended else invitations.current(self.request.db, row, self.now).value
        return {
            "state": state, "told": told, "has_account": account is not None,
            "form": form or AcceptForm(self.request, nom=account.name if account else row.name),
            "other": identity if identity and identity.email != row.email else None,
            "mine": bool(identity and identity.email == row.email), "landing": landed,
            "sign_in": f"{self.request.script_name}/connexion?suite={quote(landed, safe='')}",
            "sign_in_first": f"{self.request.script_name}/connexion?suite={quote(self.request.path, safe='')}",
            "role": ROLE_NAMES[row.role], "sentence": ROLE_SENTENCES[row.role],
        }  # fmt: skip

    @view_config(request_method="GET", renderer="templates/invitation.jinja2")
    def page(self) -> dict[str, Any]:
        page = self._page()
        if page["state"] != State.OPEN.value:
            self.request.response.status_int = _STATUS[page["state"]]
        return page

    def _again(self) -> HTTPSeeOther:
        """Nothing was done, the page says why."""
        self.request.journal_nothing()
        return HTTPSeeOther(self.request.path)

    @view_config(request_method="POST", renderer="templates/invitation.jinja2", journal="invitation.accept")
    def accept(self) -> Any:
        row = self.context.invitation
        if row is None:
            return self._again()
        told, form = invitations.told(self.request.db, row), AcceptForm(self.request)
        if signin.by_address(self.request.db, row.email):
            identity = self.request.identity
            if identity is None or identity.email != row.email:
                return self._again()  # a link of 30 days opens no account that is there: one of 15 minutes does
        elif not form.validate():
            return refuse(self.request, **self._page(form))
        person = invitations.accept(self.request.db, row.id, self.now, name=form.nom.data or "", lang=self.request.lang)
        if not isinstance(person, Person):
            return self._again()
        self.request.journal(row.id, person=str(person.id), role=row.role)
        joining_news.tell_inviter(self.request.db, row, person, self.request.config, self.now)
        return signin.enter(self.request, person, HTTPSeeOther(landing(self.request, told)))


@view_config(
    route_name="members.invitation.own", request_method="POST", permission=Permission.ACCOUNT_OWN,
    journal="invitation.accept",
)  # fmt: skip
def accept_own(request: Request) -> HTTPSeeOther:
    """From the account: the address is proven already, and must be that of the invitation."""
    row, now = invitations.get(request.db, id_of(request)), request.registry["clock"]()
    if row is None or row.email != request.identity.email:
        raise HTTPNotFound
    told = invitations.told(request.db, row)
    request.journal(row.id, role=row.role)
    done = invitations.accept(request.db, row.id, now)
    if isinstance(done, Person):
        joining_news.tell_inviter(request.db, row, done, request.config, now)
        return HTTPSeeOther(landing(request, told))
    request.journal_nothing()
    return HTTPSeeOther(f"{request.script_name}/compte")


@view_defaults(permission=Permission.STRUCTURE_JOIN, renderer="templates/rejoindre.jinja2")
class JoinPages:
    """« Vous travaillez ici ? »"""

    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()
        to_present_address(context, request)

    def _page(self, form: JoinForm | None = None) -> dict[str, Any]:
        db, id_, person = self.request.db, self.context.structure_id, self.request.identity.person_id
        return {
            "row": invitations.place_of(db, id_), "form": form or JoinForm(self.request),
            "belongs": places.belongs(db, person, id_) is not None, "asked": requests.open_request(db, person, id_),
            "orphan": not places.referents(db, [id_]), "sent": "merci" in self.request.GET,
        }  # fmt: skip

    def _back(self, query: str = "") -> HTTPSeeOther:
        return HTTPSeeOther(self.request.script_name + sheet_path(self.context, "/rejoindre") + query)

    @view_config(route_name="members.join", request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._page()

    @view_config(route_name="members.join", request_method="POST", journal="request.create")
    def ask(self) -> Any:
        form, id_, person = JoinForm(self.request), self.context.structure_id, self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(form))
        if not places.is_active(self.request.db, id_):
            return self._back()  # the page says that the place is closed
        if not allow(self.request.db, JOIN_LIMIT, str(person), self.now):
            raise HTTPTooManyRequests
        made = requests.ask(self.request.db, person, id_, form.message.data or "", self.request.config, self.now)
        if made is None:
            self.request.journal_nothing()
        return self._back("?merci=1")

    @view_config(route_name="members.join.withdraw", request_method="POST", journal="request.withdraw")
    def withdraw(self) -> HTTPSeeOther:
        person = self.request.identity.person_id
        row = requests.open_request(self.request.db, person, self.context.structure_id)
        if row is None or not requests.withdraw(self.request.db, row, self.now):
            self.request.journal_nothing()
        return self._back()


@view_defaults(route_name="members.propose", permission=Permission.STRUCTURE_JOIN, renderer="templates/proposer.jinja2")
class ProposePages:
    """A place that is not in the directory: first, is it really not there?"""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    def _page(self, form: ProposeForm, found: list[Any], *, searched: bool, warned: bool = False) -> dict[str, Any]:
        seen = form.seen | {str(row["id"]) for row in found}
        return {
            "form": form, "found": found, "searched": searched, "warned": warned, "vus": ",".join(sorted(seen)),
            "sent": "merci" in self.request.GET,
        }  # fmt: skip

    @view_config(request_method="GET")
    def search(self) -> dict[str, Any]:
        """Step 1 looks for the name and commune of the address; step 2, under what it found, is the form."""
        name, commune = (self.request.GET.get(key, "").replace("\x00", "")[:255] for key in ("nom", "commune"))
        form = ProposeForm(self.request, nom=" ".join(name.split()), commune=" ".join(commune.split()))
        searched = bool(form.nom.data and form.commune.data)
        meant = proposals.read_commune(form.commune.data) if searched else None
        if meant:
            form.commune.data = meant.name
            form.code_postal.data = meant.postcodes[0] if len(meant.postcodes) == 1 else ""
        found = proposals.similar(self.request.db, form.nom.data, meant, None) if searched else []
        return self._page(form, found, searched=searched)

    @view_config(request_method="POST", journal="proposal.create")
    def propose(self) -> Any:
        form = ProposeForm(self.request)
        valid = form.validate()
        meant = proposals.read_commune(form.commune.data or "", form.code_postal.data or "")
        if valid and meant is None:
            field = form.code_postal if not form.code_postal.data else form.commune
            text = _("Nous ne connaissons pas cette ville. Vérifiez son nom et le code postal.")
            field.errors = [self.request.gettext(text)]
            valid = False
        found = proposals.similar(self.request.db, form.nom.data or "", meant, form.phone)
        if not valid or meant is None:
            return refuse(self.request, **self._page(form, found, searched=True))
        if {str(row["id"]) for row in found} - form.seen:
            return refuse(self.request, **self._page(form, found, searched=True, warned=True))
        person = self.request.identity.person_id
        if not allow(self.request.db, PROPOSE_LIMIT, str(person), self.now):
            raise HTTPTooManyRequests
        message = form.message.data or ""
        made = proposals.propose(self.request.db, person, form.values(meant), message, self.request.config, self.now)
        self.request.journal(made.id)
        return HTTPSeeOther(f"{self.request.script_name}/proposer-un-lieu?merci=1")
