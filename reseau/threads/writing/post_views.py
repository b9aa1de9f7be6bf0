"""One's own message: changed, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNoContent, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.threads.base import services
from reseau.threads.base.models import PostState, ThreadState
from reseau.threads.writing import enclosed
from reseau.threads.writing.edit_page import CHANGED, EditPage
from reseau.threads.writing.new_views import A_DRAFT
from reseau.threads.writing.page import posted
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import PostContext


class _Base:
    def __init__(self, context: PostContext, request: Request) -> None:
        self.context, self.request = context, request
        if context.post.state == PostState.DELETED.value:
            raise HTTPNotFound

    def page(self, *, sent: bool) -> EditPage:
        """The form. :raises HTTPForbidden: the message was hidden: its author may not bring it back."""
        hidden = self.context.thread.state == ThreadState.HIDDEN.value
        if hidden or self.context.post.state not in CHANGED:
            raise HTTPForbidden
        return EditPage(self.request, self.context, posted(self.request) if sent else None)


@view_defaults(route_name="threads.post.edit", permission=Permission.POST_EDIT, renderer="templates/edit.jinja2")
class EditPages(_Base):
    """Changing it."""

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return {"page": self.page(sent=False)}

    @view_config(request_method="POST", journal="post.edit", takes_files=True)
    def save(self) -> Any:
        page = self.page(sent=True)
        page.take()
        if page.has_button and not page.file_error:
            self.request.journal_nothing()
            page.keep()
            return {"page": page}
        try:
            saved = page.save()
        except LookupError:
            raise HTTPNotFound from None
        if not saved:
            page.keep()
            return refuse(self.request, page=page)
        self.request.journal(page.post.id)
        return HTTPSeeOther(page.post_url)

    @view_config(
        route_name="threads.post.edit.draft", request_method="POST", renderer=None, journal_exempt_reason=A_DRAFT
    )
    def keep(self) -> Any:
        page = self.page(sent=True)
        if "effacer" in page.said:
            page.forget()
            return HTTPSeeOther(page.url)
        page.keep()
        return HTTPNoContent()


@view_defaults(route_name="threads.post.delete", permission=Permission.POST_EDIT)
class DeletePages(_Base):
    """Taking it away."""

    @view_config(request_method="GET", renderer="templates/delete.jinja2")
    def ask(self) -> dict[str, Any]:
        post, thread = self.context.post, self.context.thread
        alone = post.first and thread.replies == 0
        back = f"{self.request.script_name}{self.context.path}"
        return {"post": post, "thread": thread, "alone": alone, "thread_url": back}

    @view_config(request_method="POST", journal="post.delete")
    def delete(self) -> HTTPSeeOther:
        request, session, id_ = self.request, self.request.db, self.context.post.id
        thread = services.lock(session, self.context.post.thread_id)
        post = session.get_one(type(self.context.post), id_, populate_existing=True)
        request.journal(id_)
        if post.state == PostState.DELETED.value:
            request.journal_nothing()
        else:
            services.remove(session, post, by=request.identity.person_id, now=request.registry["clock"]())
            enclosed.drop_all(session, id_)
        if thread.state == ThreadState.DELETED.value:
            return HTTPSeeOther(f"{request.script_name}/echanges?supprime=1")
        return HTTPSeeOther(f"{request.script_name}{self.context.path}?supprime=1#message-{id_}")
