"""Deciding: requests to join a place, places that are proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.vocabularies import vocabulary
from reseau.members import proposals, requests
from reseau.members.joining_forms import DecideForm, RefuseForm
from reseau.members.joining_routes import RequestContext, id_of
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

ALREADY = {
    "accepted": _("%(name)s a déjà accepté cette demande."),
    "refused": _("%(name)s a déjà refusé cette demande."),
    "withdrawn": _("La personne a retiré sa demande."),
}
DONE = {
    "accepted": _("C’est accepté : la personne est prévenue par mail."),
    "refused": _("C’est refusé : la personne a reçu votre réponse par mail."),
}


class _Deciding:
    request: Request

    def _answered(self, decided: requests.Decided | None, page: str) -> Any:
        """Back to the list; who comes second is told who decided.

        :raises HTTPNotFound: there is no such request.
        """
        if decided is None:
            raise HTTPNotFound
        if decided.done:
            return HTTPSeeOther(f"{self.request.script_name}{page}?fait={decided.state}")
        name = decided.by or self.request.gettext(_("Un ancien membre"))
        text = self.request.gettext(ALREADY[decided.state], name=name)
        return refuse(self.request, **self._page(problem=text))

    def _page(self, *, problem: str = "", failed: tuple[UUID, RefuseForm] | None = None) -> dict[str, Any]:
        raise NotImplementedError

    def _done(self) -> str:
        return DONE.get(self.request.GET.get("fait", ""), "")


@view_defaults(permission=Permission.TEAM_MANAGE, request_method="POST", renderer="templates/liste_demandes.jinja2")
class RequestPages(_Deciding):
    """People who ask to join a place."""

    def __init__(self, context: RequestContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()

    def _page(self, *, problem: str = "", failed: tuple[UUID, RefuseForm] | None = None) -> dict[str, Any]:
        everywhere = self.request.allows(Permission.NETWORK_COORDINATE)
        where = None if everywhere else self.request.identity.refers_to
        return {
            "waiting": requests.waiting(self.request.db, where), "problem": problem, "failed": failed,
            "done": self._done(), "everywhere": everywhere,
        }  # fmt: skip

    @view_config(route_name="members.requests", request_method="GET", permission=Permission.DESK_READ)
    def page(self) -> dict[str, Any]:
        return self._page()

    @view_config(route_name="members.request.accept", journal="request.accept")
    def accept(self) -> Any:
        form, by = DecideForm(self.request), self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(problem=form.refused[0].errors[0]))
        self.request.journal(self.context.structure_id, asked=str(self.context.id), role=form.role.data)
        decided = requests.accept(self.request.db, self.context.id, form.role.data, by, self.request.config, self.now)
        return self._answered(decided, "/gestion/demandes")

    @view_config(route_name="members.request.refuse", journal="request.refuse")
    def refuse(self) -> Any:
        form, by = RefuseForm(self.request), self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(failed=(self.context.id, form)))
        self.request.journal(self.context.structure_id, asked=str(self.context.id))
        decided = requests.refuse(self.request.db, self.context.id, form.motif.data, by, self.request.config, self.now)
        return self._answered(decided, "/gestion/demandes")


@view_defaults(
    permission=Permission.NETWORK_COORDINATE, request_method="POST", renderer="templates/liste_propositions.jinja2"
)
class ProposalPages(_Deciding):
    """Places that people propose."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    def _page(self, *, problem: str = "", failed: tuple[UUID, RefuseForm] | None = None) -> dict[str, Any]:
        waiting, lang = requests.proposals(self.request.db), self.request.lang
        words = {term.code: term.label(lang) for term in vocabulary("services").terms}
        return {
            "waiting": waiting, "likely": proposals.likely(self.request.db, waiting), "problem": problem,
            "failed": failed, "done": self._done(), "words": words,
        }  # fmt: skip

    @view_config(route_name="members.proposals", request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._page()

    @view_config(route_name="members.proposal.accept", journal="proposal.accept")
    def accept(self) -> Any:
        decided = proposals.accept(
            self.request.db, id_of(self.request), self.request.actor, self.request.config, self.now
        )
        if decided and decided.structure_id:
            self.request.journal(decided.structure_id, asked=str(id_of(self.request)))
        return self._answered(decided, "/gestion/propositions")

    @view_config(route_name="members.proposal.refuse", journal="proposal.refuse")
    def refuse(self) -> Any:
        form, by = RefuseForm(self.request), self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(failed=(id_of(self.request), form)))
        self.request.journal(id_of(self.request))
        decided = proposals.refuse(
            self.request.db, id_of(self.request), form.motif.data, by, self.request.config, self.now
        )
        return self._answered(decided, "/gestion/propositions")
