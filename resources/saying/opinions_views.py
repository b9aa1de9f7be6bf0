"""Opinions: read by all who read the resource, said by whoever is signed in, hidden by those who keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.markdown import to_html
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base.models import Opinion
from resources.base.routes import ResourceContext
from resources.saying import opinions
from resources.saying.forms import HideForm, OpinionForm
from resources.saying.routes import CommentContext, page_number
from resources.saying.services import counts
from resources.saying.telling import tell_hidden

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(route_name="saying.opinions")
class OpinionPages:
    """All opinions of a resource, and mine."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource = context.published.resource

    def _mine(self) -> Opinion | None:
        identity = self.request.identity
        return opinions.mine(self.request.db, self.resource.id, identity.person_id) if identity else None

    def _page(self, form: OpinionForm | None, mine: Opinion | None) -> dict[str, Any]:
        request, session = self.request, self.request.db
        keeps = request.identity is not None and self.context.may_edit
        found = opinions.page(session, self.resource.id, page_number(request), hidden=keeps)
        return {
            "form": form, "mine": mine, "resource": self.resource, "here": request.script_name + self.context.path,
            "found": found, "counts": counts(session, [self.resource.id])[self.resource.id], "keeps": keeps,
            "network": request.allows("network:read"), "done": request.GET.get("fait"),
            "markdown": to_html,
        }  # fmt: skip

    @view_config(
        request_method="GET", permission=Permission.RESOURCE_READ, cache="public", renderer="templates/opinions.jinja2"
    )
    def show(self) -> dict[str, Any]:
        if self.request.identity is None:
            return self._page(None, None)
        mine = self._mine()
        before = {"utile": str(mine.grade), "commentaire": mine.comment} if mine else {}
        return self._page(OpinionForm(self.request, data=before), mine)

    @view_config(
        request_method="POST", permission=Permission.RESOURCE_SAY, journal="resource.opinion",
        renderer="templates/opinions.jinja2",
    )  # fmt: skip
    def say(self) -> Any:
        request = self.request
        form = OpinionForm(request)
        if not form.validate():
            return refuse(request, **self._page(form, self._mine()))
        opinions.save(
            request.db, self.resource, request.identity.person_id, int(form.utile.data), form.commentaire.data or "",
            request.registry["clock"](),
        )  # fmt: skip
        request.journal(self.resource.id)
        return HTTPSeeOther(f"{request.script_name}{self.context.path}/avis?fait=avis#commentaires")

    @view_config(
        route_name="saying.opinion.remove", request_method="POST", permission=Permission.RESOURCE_SAY,
        journal="resource.opinion.remove",
    )  # fmt: skip
    def remove(self) -> HTTPSeeOther:
        request = self.request
        request.journal(self.resource.id)
        if not opinions.remove(request.db, self.resource.id, request.identity.person_id):
            request.journal_nothing()
        return HTTPSeeOther(f"{request.script_name}{self.context.path}/avis?fait=retire")


@view_defaults(permission=Permission.RESOURCE_EDIT)
class CommentPages:
    """A comment that harms: those who keep the resource hide it, and say why to who wrote it."""

    def __init__(self, context: CommentContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource = context.published.resource
        self.comment = context.comment

    def _page(self, form: HideForm) -> dict[str, Any]:
        return {"form": form, "comment": self.comment, "resource": self.resource,
                "here": self.request.script_name + self.context.path, "network": True, "markdown": to_html}  # fmt: skip

    @view_config(route_name="saying.opinion.hide", request_method="GET", renderer="templates/hide.jinja2")
    def ask(self) -> dict[str, Any]:
        return self._page(HideForm(self.request))

    @view_config(
        route_name="saying.opinion.hide", request_method="POST", renderer="templates/hide.jinja2",
        journal="resource.opinion.hide",
    )  # fmt: skip
    def hide(self) -> Any:
        request, now = self.request, self.request.registry["clock"]()
        form = HideForm(request)
        if not form.validate():
            return refuse(request, **self._page(form))
        request.journal(self.resource.id)
        if opinions.set_hidden(request.db, self.resource.id, self.comment.person_id, now):
            tell_hidden(request.db, self.resource, self.comment.person_id, form.motif.data, request.config, now)
        else:
            request.journal_nothing()  # somebody was faster
        return HTTPSeeOther(f"{request.script_name}{self.context.path}/avis?fait=masque#commentaires")

    @view_config(route_name="saying.opinion.show", request_method="POST", journal="resource.opinion.show")
    def show_again(self) -> HTTPSeeOther:
        request = self.request
        request.journal(self.resource.id)
        if not opinions.set_hidden(request.db, self.resource.id, self.comment.person_id, None):
            request.journal_nothing()
        return HTTPSeeOther(f"{request.script_name}{self.context.path}/avis?fait=montre#commentaires")
