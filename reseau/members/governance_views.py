"""Governance: who runs this site, as a public page and as a form; who holds which role on the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.contacts import clean_phone
from reseau.core.ids import parse_id
from reseau.core.markdown import to_html
from reseau.members import governance, invitations, people
from reseau.members.governance import Done
from reseau.members.joining_emails import ROLE_NAMES, ROLE_SENTENCES
from reseau.members.joining_forms import AddRoleForm, GovernanceForm, RemoveRoleForm
from reseau.members.joining_routes import id_of
from reseau.web.caching import conditional
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

SENTENCES = {
    "kept": _("C’est enregistré."),
    Done.DONE.value: _("C’est fait."),
    Done.INVITED.value: _("Cette adresse n’a pas encore de compte : une invitation est partie par mail."),
    Done.NOTHING.value: _("Il n’y avait rien à changer."),
    "revoked": _("L’invitation est annulée."),
}
LAST = _("Il faut au moins une personne pour administrer le site. Donnez d’abord ce rôle à quelqu’un d’autre.")
SUSPENDED = _("Ce compte est suspendu. Rétablissez-le d’abord.")


@view_config(
    route_name="members.about", request_method="GET", permission=Permission.DIRECTORY_READ, cache="public",
    renderer="templates/qui_sommes_nous.jinja2",
)  # fmt: skip
def about(request: Request) -> dict[str, Any]:
    """Who runs this site, how to reach them, who decides what."""
    said = governance.read(request.db)
    conditional(request, *said.values())
    html = {name: to_html(said[name]) if said[name].strip() else "" for name in ("pilote_texte", "charte")}
    return {"said": said, "html": html, "phone": clean_phone(said["contact_telephone"]).value}


@view_defaults(permission=Permission.SITE_ADMINISTER, request_method="POST", renderer="templates/gouvernance.jinja2")
class GovernancePages:
    """The page of governance and what can be done from it."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    def _page(
        self, form: GovernanceForm | None = None, adding: AddRoleForm | None = None, problem: str = ""
    ) -> dict[str, Any]:
        if form is None:
            form = GovernanceForm(self.request)
            form.process(None, data=governance.read(self.request.db))
        if adding is None:
            adding = AddRoleForm(self.request)
            adding.process(None)
        words = self.request.GET.get("q", "")[:200].replace("\x00", "").strip()
        found = people.listed(self.request.db, words, 1) if words else None
        return {
            "form": form, "adding": adding, "problem": problem, "words": words, "found": found, "now": self.now,
            "holders": governance.holders(self.request.db), "invitations": invitations.of_site(self.request.db),
            "names": ROLE_NAMES, "sentences": ROLE_SENTENCES,
            "done": SENTENCES.get(self.request.GET.get("fait", ""), ""),
        }  # fmt: skip

    def _back(self, done: str) -> HTTPSeeOther:
        return HTTPSeeOther(f"{self.request.script_name}/gestion/gouvernance?fait={done}")

    def _changed(self, done: Done, adding: AddRoleForm | None = None) -> Any:
        if done is Done.NOT_THERE:
            raise HTTPNotFound
        problem = {Done.LAST_ADMINISTRATOR: LAST, Done.SUSPENDED: SUSPENDED}.get(done)
        if problem:
            return refuse(self.request, **self._page(adding=adding, problem=self.request.gettext(problem)))
        if done is Done.NOTHING:
            self.request.journal_nothing()
        return self._back(done.value)

    @view_config(route_name="members.governance", request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._page()

    @view_config(route_name="members.governance", journal="governance.edit")
    def write(self) -> Any:
        form = GovernanceForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        by = self.request.identity.person_id
        changed = governance.write(self.request.db, form.values, by, self.now)
        self.request.journal(keys=changed)
        return self._back("kept")

    @view_config(route_name="members.governance.add", journal="role.add")
    def add(self) -> Any:
        form, by = AddRoleForm(self.request), self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(adding=form))
        wanted = (form.address, form.role.data, form.langue.data)
        given = governance.add_role(self.request.db, *wanted, by, self.request.config, self.now)
        self.request.journal(given.to, role=form.role.data)
        return self._changed(given.done, form)

    @view_config(route_name="members.governance.remove", journal="role.remove")
    def remove(self) -> Any:
        form = RemoveRoleForm(self.request)
        person = parse_id(form.personne.data or "")
        if person is None:
            raise HTTPNotFound
        self.request.journal(person, role=(form.role.data or "")[:20])
        return self._changed(governance.remove_role(self.request.db, person, form.role.data or "", self.now))

    @view_config(route_name="members.governance.revoke", journal="invitation.revoke")
    def revoke(self) -> Any:
        row = invitations.lock(self.request.db, id_of(self.request))
        if row is None or row.structure_id is not None:
            raise HTTPNotFound
        self.request.journal(row.id)
        done = invitations.revoke(self.request.db, row, self.now)
        return self._back("revoked" if done else Done.NOTHING.value)

    @view_config(route_name="members.people.suspend", journal="person.suspend")
    def suspend(self) -> Any:
        person = id_of(self.request)
        self.request.journal(person)
        return self._changed(governance.suspend(self.request.db, person, self.now))

    @view_config(route_name="members.people.restore", journal="person.restore")
    def restore(self) -> Any:
        person = id_of(self.request)
        self.request.journal(person)
        return self._changed(governance.restore(self.request.db, person))
