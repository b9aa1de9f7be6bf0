"""Pages with which the coordination keeps somebody out, with a reason, and lets them in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.members import suspending
from reseau.members.governance import Done
from reseau.members.joining_forms import SuspendForm
from reseau.members.joining_routes import PersonContext
from reseau.members.models import PersonState
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

PROBLEMS = {
    suspending.Refused.ONESELF: _("C’est votre compte : une autre personne de la coordination peut le suspendre."),
    suspending.Refused.ADMINISTRATOR: _(
        "Cette personne administre le site : une autre personne qui l’administre décide."
    ),
    Done.LAST_ADMINISTRATOR: _("Il faut au moins une personne pour administrer le site."),
}


@view_defaults(permission=Permission.NETWORK_COORDINATE, renderer="templates/suspendre.jinja2")
class SuspendingPages:
    """The access of one person."""

    def __init__(self, context: PersonContext, request: Request) -> None:
        self.person, self.request = context.person, request
        self.by, self.now = request.identity.person_id, request.registry["clock"]()
        self.administers = request.allows(Permission.SITE_ADMINISTER)

    def _page(self, form: SuspendForm, problem: Any = None) -> dict[str, Any]:
        problem = problem or suspending.may_suspend(self.person, self.by, self.administers)
        return {
            "person": self.person, "form": form, "out": self.person.state == PersonState.SUSPENDED.value,
            "problem": PROBLEMS.get(problem, ""), "done": "fait" in self.request.GET,
        }  # fmt: skip

    def _back(self) -> HTTPSeeOther:
        return HTTPSeeOther(
            self.request.route_path("members.people.access", id=str(self.person.id), _query={"fait": "1"})
        )

    @view_config(route_name="members.people.access", request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._page(SuspendForm(self.request))

    @view_config(route_name="members.people.access", request_method="POST", journal="person.suspend")
    def suspend(self) -> Any:
        form = SuspendForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        done = suspending.suspend(self.request.db, self.person.id, form.motif.data, by=self.by,
                                  administers=self.administers, settings=self.request.config, now=self.now)  # fmt: skip
        if done in PROBLEMS:
            return refuse(self.request, **self._page(form, done))
        return self._done(done)

    @view_config(route_name="members.people.access.restore", request_method="POST", journal="person.restore")
    def restore(self) -> Any:
        settings = self.request.config
        return self._done(suspending.restore(self.request.db, self.person.id, settings=settings, now=self.now))

    def _done(self, done: Any) -> HTTPSeeOther:
        if done is Done.NOT_THERE:
            raise HTTPNotFound
        if done is Done.NOTHING:
            self.request.journal_nothing()
        else:
            self.request.journal(self.person.id)
        return self._back()
