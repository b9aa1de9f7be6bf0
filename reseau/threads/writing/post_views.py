"""One's own message: changed, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNoContent, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.threads.base import services
from reseau.threads.base.addresses import anchor, path_of
from reseau.threads.base.models import PostState, ThreadState
from reseau.threads.writing import enclosed
from reseau.threads.writing.edit_page import CHANGED, EditPage
from reseau.threads.writing.new_views import A_DRAFT
from reseau.threads.writing.page import posted
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.files import forming

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import PostContext


class _Base:
    def __init__(self, context: PostContext, request: Request) -> None:
        self.context, self.request = context, request
        if context.post.state == PostState.DELETED.value:
            raise HTTPNotFound

    def page(self, *, sent: bool) -> EditPage:
        """The form. :raises HTTPForbidden: the message was hidden: its author may not bring it back. What a closed
        thread says stays as it is, and what an archived topic does; closed meanwhile, the form gives the text back."""
        state, archived = self.context.thread.state, self.context.topic.archived_at is not None
        shut = state == ThreadState.CLOSED.value or archived
        if state == ThreadState.HIDDEN.value or self.context.post.state not in CHANGED or (shut and not sent):
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
            if page.asks:
                self.request.journal_nothing()
                return {"page": page}
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
        thread, post = services.locked(session, id_)
        request.journal(id_)
        if post.state == PostState.DELETED.value:
            request.journal_nothing()
        else:
            services.remove(session, post, by=request.identity.person_id, now=request.registry["clock"]())
            forming.drop_all(session, (enclosed.OWNER, id_), request.identity.person_id)
        if thread.state == ThreadState.DELETED.value:
            return HTTPSeeOther(f"{request.script_name}/echanges?fait=supprime")
        return HTTPSeeOther(f"{request.script_name}{path_of(thread)}?message={id_}&fait=supprime#{anchor(post)}")
