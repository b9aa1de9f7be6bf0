"""Publishing, withdrawing, saying that it is still right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import services
from resources.base.models import State
from resources.base.routes import ResourceContext
from resources.writing import reviewing, sending
from resources.writing.page import WritingPage
from resources.writing.publish_page import PublishPage

if TYPE_CHECKING:
    from pyramid.request import Request


class _Base:
    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource, self.db = context.resource, request.db
        self.now = request.registry["clock"]()
        self.by = request.identity.person_id

    def to(self, suffix: str) -> HTTPSeeOther:
        """Show that page of the resource next."""
        return HTTPSeeOther(f"{self.request.script_name}{self.context.path}{suffix}")


@view_defaults(permission=Permission.RESOURCE_EDIT, renderer="templates/publish.jinja2")
class PublishPages(_Base):
    """What lacks, what changed, who reads it."""

    @view_config(route_name="writing.publish", request_method="GET")
    def page(self) -> dict[str, Any]:
        return {"page": PublishPage(self.request, self.context)}

    @view_config(route_name="writing.publish", request_method="POST", journal="resource.publish")
    def publish(self) -> Any:
        sent = sending.posted(self.request)
        if sent.has("renoncer"):
            self.request.journal_nothing()
            reviewing.take_back(self.db, self.resource)
            return self.to("/modifier?renonce=1")
        page = PublishPage(self.request, self.context, sent.pairs)
        if "garder" in self.request.GET or sent.has("effacer"):
            return self._typed(page, sent)
        if not page.publish():
            page.keep_typed(sent.pairs)
            return refuse(self.request, page=page)
        page.drop_typed()
        self.request.journal(self.resource.id, **page.detail)
        return self.to("?publie=1" if page.published else "/publier?demande=1")

    def _typed(self, page: PublishPage, sent: sending.Sent) -> Any:
        """Keep what is typed as one types, or throw it away."""
        self.request.journal_nothing()
        if sent.has("effacer"):
            page.drop_typed()
            return self.to("/publier")
        page.keep_typed(sent.pairs)
        return HTTPNoContent()

    @view_config(route_name="writing.withdraw", request_method="GET", renderer="templates/withdraw.jinja2")
    def confirm(self) -> dict[str, Any]:
        return {"page": WritingPage(self.request, self.context)}

    @view_config(route_name="writing.withdraw", request_method="POST", journal="resource.withdraw")
    def withdraw(self) -> Any:
        if services.withdraw(self.db, self.resource, self.now):
            self.request.journal(self.resource.id)
        else:
            self.request.journal_nothing()  # it was not published, or somebody was faster
        return self.to("/modifier?retire=1")

    @view_config(route_name="writing.verify", request_method="GET", renderer="templates/verify.jinja2")
    def ask(self) -> dict[str, Any]:
        return {"page": WritingPage(self.request, self.context)}

    @view_config(route_name="writing.verify", request_method="POST", journal="resource.verify")
    def verify(self) -> Any:
        if self.resource.state != State.PUBLISHED.value:
            raise HTTPNotFound
        services.lock(self.db, self.resource)
        services.verify(self.db, self.resource, by=self.by, now=self.now)
        self.request.journal(self.resource.id)
        return self.to("?verifie=1")
