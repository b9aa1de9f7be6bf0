"""The team of a place: who is in it, inviting, roles, leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPMovedPermanently, HTTPNotFound, HTTPSeeOther, HTTPTooManyRequests
from pyramid.view import view_config, view_defaults

from reseau.core.limits import Limit, allow
from reseau.directory import present
from reseau.directory.routes import SheetContext
from reseau.members import invitations, places, requests, team
from reseau.members.invitations import Invited, Wanted
from reseau.members.joining_emails import ROLE_NAMES
from reseau.members.joining_forms import InviteForm, RoleForm
from reseau.members.joining_routes import id_of
from reseau.members.models import Invitation
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

INVITE_LIMIT = Limit("invitation", 40, timedelta(days=1))
AGAIN_LIMIT = Limit("invitation-again", 3, timedelta(days=1))

#: What ``?fait=`` says: a redirection follows each change.
DONE = {
    "sent": _("L’invitation est partie par mail."),
    "member": _("Cette personne est déjà dans l’équipe."),
    "pending": _("Cette personne a déjà une invitation en attente."),
    "role": _("Le rôle est changé."),
    "removed": _("La personne ne fait plus partie de l’équipe."),
    "revoked": _("L’invitation est annulée."),
    "again": _("L’invitation est repartie par mail. Elle est valable 30 jours."),
    "answered": _("Cette invitation avait déjà eu une réponse."),
    "welcome": _("Bienvenue : vous faites maintenant partie de l’équipe."),
}
LAST_REFERENT = _(
    "Il faut au moins un référent pour tenir la fiche à jour. Donnez d’abord ce rôle à quelqu’un d’autre."
)


def to_present_address(context: SheetContext, request: Request) -> None:
    """An old name, or a place that was merged into another, leads to the present address.

    :raises HTTPMovedPermanently: on a GET only: a form would be lost.
    """
    id_, slug = context.present
    if request.method in ("GET", "HEAD") and (request.matchdict["id"], request.matchdict["slug"]) != (str(id_), slug):
        raise HTTPMovedPermanently(request.route_path(request.matched_route.name, id=str(id_), slug=slug))


def sheet_path(context: SheetContext, suffix: str = "") -> str:
    """The path of the place where it is now."""
    id_, slug = context.present
    return present.path(slug, id_) + suffix


@view_defaults(permission=Permission.TEAM_MANAGE, request_method="POST", renderer="templates/equipe.jinja2")
class TeamPages:
    """One place and its people."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()
        to_present_address(context, request)

    @property
    def id(self) -> UUID:
        """The place, where it is now."""
        return self.context.structure_id

    def _page(self, form: InviteForm | None = None, problem: str = "") -> dict[str, Any]:
        db, manages = self.request.db, self.request.allows(Permission.TEAM_MANAGE, self.id)
        return {
            "row": invitations.place_of(db, self.id), "team": places.team(db, self.id), "manages": manages,
            "invitations": invitations.of_place(db, self.id) if manages else [], "now": self.now,
            "requests": requests.of_place(db, self.id) if manages else None,
            "form": form or self._inviting(), "problem": problem, "roles": ROLE_NAMES,
            "done": DONE.get(self.request.GET.get("fait", ""), ""),
        }  # fmt: skip

    def _inviting(self) -> InviteForm:
        """A new form; the first to come to a place without a référent is asked to be one."""
        role = "member" if places.referents(self.request.db, [self.id]) else "referent"
        form = InviteForm(self.request)
        form.process(None, role=role)
        return form

    def _back(self, done: str) -> HTTPSeeOther:
        address = self.request.script_name + sheet_path(self.context, "/equipe")
        return HTTPSeeOther(f"{address}?fait={done}")

    def _changed(self, done: team.Done, word: str) -> Any:
        if done is team.Done.NOT_THERE:
            raise HTTPNotFound
        if done is team.Done.LAST_REFERENT:
            return refuse(self.request, **self._page(problem=self.request.gettext(LAST_REFERENT)))
        return self._back(word)

    @property
    def _may_orphan(self) -> bool:
        return bool(self.request.allows(Permission.NETWORK_COORDINATE))

    @view_config(route_name="members.team", request_method="GET", permission=Permission.TEAM_READ)
    def page(self) -> dict[str, Any]:
        return self._page()

    @view_config(route_name="members.team.invite", journal="team.invite")
    def invite(self) -> Any:
        form = InviteForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        by = self.request.identity.person_id
        if not allow(self.request.db, INVITE_LIMIT, str(by), self.now):
            raise HTTPTooManyRequests
        wanted = Wanted(form.address, form.role.data, self.id, form.nom.data or "", form.langue.data)
        done = invitations.invite(self.request.db, wanted, by, self.request.config, self.now)
        self.request.journal(self.id, role=wanted.role, sent=done is Invited.SENT)
        return self._back(done.value)

    @view_config(route_name="members.team.role", journal="team.role")
    def role(self) -> Any:
        form = RoleForm(self.request)
        if not form.validate():
            return self._page_with(form)
        person = id_of(self.request, "person")
        done = team.set_role(self.request.db, self.id, person, form.role.data, self.now, may_orphan=self._may_orphan)
        self.request.journal(self.id, person=str(person), role=form.role.data)
        return self._changed(done, "role")

    def _page_with(self, form: RoleForm) -> Any:
        return refuse(self.request, **self._page(problem=form.refused[0].errors[0]))

    @view_config(route_name="members.team.remove", journal="team.remove")
    def remove(self) -> Any:
        person = id_of(self.request, "person")
        self.request.journal(self.id, person=str(person))
        done = team.remove(self.request.db, self.id, person, self.now, may_orphan=self._may_orphan)
        return self._changed(done, "removed")

    @view_config(route_name="members.team.leave", permission=Permission.TEAM_READ, journal="team.leave")
    def leave(self) -> Any:
        person = self.request.identity.person_id
        done = team.remove(self.request.db, self.id, person, self.now, may_orphan=self._may_orphan)
        if done is team.Done.DONE:
            return HTTPSeeOther(self.request.script_name + sheet_path(self.context))
        return self._changed(done, "removed")

    def _invitation(self) -> Invitation:
        """The invitation of the address, if it is one of this place.

        :raises HTTPNotFound: it is another place's: managing one team gives no right on another.
        """
        row = invitations.lock(self.request.db, id_of(self.request, "invitation"))
        place = invitations.place_of(self.request.db, row.structure_id) if row and row.structure_id else None
        if row is None or place is None or place["id"] != self.id:
            raise HTTPNotFound
        return row

    @view_config(route_name="members.team.revoke", journal="invitation.revoke")
    def revoke(self) -> HTTPSeeOther:
        row = self._invitation()
        self.request.journal(row.id)
        return self._back("revoked" if invitations.revoke(self.request.db, row, self.now) else "answered")

    @view_config(route_name="members.team.again", journal="invitation.resend")
    def again(self) -> HTTPSeeOther:
        row = self._invitation()
        if not allow(self.request.db, AGAIN_LIMIT, str(row.id), self.now):
            raise HTTPTooManyRequests
        self.request.journal(row.id)
        by = self.request.identity.person_id
        sent = invitations.again(self.request.db, row, by, self.request.config, self.now)
        return self._back("again" if sent else "answered")
