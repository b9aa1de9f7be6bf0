"""Deciding: requests to join a place, places that are proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.core.vocabularies import vocabulary
from reseau.members import invitations, proposals, requests
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
    path: str

    @property
    def number(self) -> int:
        """The page of the list, of ``?page=``, in the address of the forms too: a refusal comes back to its place."""
        page = self.request.GET.get("page", "")
        return int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1

    def _list(self, page: int | None = None) -> str:
        """The address of a page of the list, wherever the form that is answered went."""
        return f"{self.request.script_name}{self.path}" + (f"?page={page}" if page and page > 1 else "")

    def _place(self) -> Any | None:
        """The place that was decided of, of ``?lieu=``, for who may read it anyway."""
        id_ = parse_id(self.request.GET.get("lieu", "")) if self._done() else None
        return invitations.place_of(self.request.db, id_) if id_ else None

    def _answered(self, decided: requests.Decided | None) -> Any:
        """Back to the list; who comes second is told who decided.

        :raises HTTPNotFound: there is no such request.
        """
        if decided is None:
            raise HTTPNotFound
        if decided.done:
            query = {"fait": decided.state} | ({"page": self.number} if self.number > 1 else {})
            query |= {"lieu": str(decided.structure_id)} if decided.structure_id else {}
            return HTTPSeeOther(f"{self._list()}?{urlencode(query)}")
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

    path = "/gestion/demandes"

    def __init__(self, context: RequestContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()

    def _page(self, *, problem: str = "", failed: tuple[UUID, RefuseForm] | None = None) -> dict[str, Any]:
        everywhere = self.request.allows(Permission.NETWORK_COORDINATE)
        where = None if everywhere else self.request.identity.refers_to
        return {
            "waiting": requests.waiting(self.request.db, where, self.number), "place": self._place(),
            "problem": problem, "failed": failed,
            "done": self._done(), "list_address": self._list, "everywhere": everywhere,
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
        return self._answered(decided)

    @view_config(route_name="members.request.refuse", journal="request.refuse")
    def refuse(self) -> Any:
        form, by = RefuseForm(self.request), self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(failed=(self.context.id, form)))
        self.request.journal(self.context.structure_id, asked=str(self.context.id))
        decided = requests.refuse(self.request.db, self.context.id, form.motif.data, by, self.request.config, self.now)
        return self._answered(decided)


@view_defaults(
    permission=Permission.NETWORK_COORDINATE, request_method="POST", renderer="templates/liste_propositions.jinja2"
)
class ProposalPages(_Deciding):
    """Places that people propose."""

    path = "/gestion/propositions"

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    def _page(self, *, problem: str = "", failed: tuple[UUID, RefuseForm] | None = None) -> dict[str, Any]:
        waiting, lang = requests.proposals(self.request.db, self.number), self.request.lang
        words = {term.code: term.label(lang) for term in vocabulary("services").terms}
        return {
            "waiting": waiting, "likely": proposals.likely(self.request.db, waiting.rows), "problem": problem,
            "place": self._place(), "failed": failed, "done": self._done(), "words": words, "list_address": self._list,
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
        return self._answered(decided)

    @view_config(route_name="members.proposal.refuse", journal="proposal.refuse")
    def refuse(self) -> Any:
        form, by = RefuseForm(self.request), self.request.identity.person_id
        if not form.validate():
            return refuse(self.request, **self._page(failed=(id_of(self.request), form)))
        self.request.journal(id_of(self.request))
        decided = proposals.refuse(
            self.request.db, id_of(self.request), form.motif.data, by, self.request.config, self.now
        )
        return self._answered(decided)
