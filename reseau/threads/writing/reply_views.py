"""An answer to a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.threads.writing.new_views import A_DRAFT
from reseau.threads.writing.page import posted
from reseau.threads.writing.reply_page import ReplyPage
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.models import Post
    from reseau.threads.base.routes import ThreadContext


@view_defaults(route_name="threads.reply", permission=Permission.THREAD_WRITE, renderer="templates/reply.jinja2")
class ReplyPages:
    """The form, its preview, the answer."""

    def __init__(self, context: ThreadContext, request: Request) -> None:
        self.context, self.request = context, request

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return {"page": ReplyPage(self.request, self.context)}

    @view_config(request_method="POST", journal="post.write", takes_files=True)
    def publish(self) -> Any:
        page = ReplyPage(self.request, self.context, posted(self.request))
        if page.already is not None:
            self.request.journal_nothing()
            return HTTPSeeOther(page.written(page.already))
        page.take()
        if page.has_button and not page.file_error:
            self.request.journal_nothing()
            page.keep()
            return {"page": page}
        post = page.publish()
        if post is None:
            page.keep()
            return refuse(self.request, page=page)
        self.request.journal(post.id)
        self._mark(post)
        return HTTPSeeOther(page.written(post))

    def _mark(self, post: Post) -> None:
        """Who answers has read up to there."""
        marks = self.request.registry.get("threads.marks")
        if marks is not None:
            marks.add(self.request.identity.person_id, post.thread_id, post.at)


@view_config(
    route_name="threads.reply.draft", request_method="POST", permission=Permission.THREAD_WRITE,
    journal_exempt_reason=A_DRAFT,
)  # fmt: skip
def keep(context: ThreadContext, request: Request) -> Any:
    """What is typed is kept, or thrown away."""
    page = ReplyPage(request, context, posted(request))
    if "effacer" in page.said:
        page.forget()
        return HTTPSeeOther(page.thread_url)
    page.keep()
    return HTTPNoContent()
