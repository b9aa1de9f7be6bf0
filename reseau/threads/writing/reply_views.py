"""An answer to a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.threads.base.routes import AGAIN
from reseau.threads.writing.new_views import A_DRAFT, receive
from reseau.threads.writing.page import posted
from reseau.threads.writing.reply_page import ReplyPage
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
        led = AGAIN in self.request.GET  # from a thread that others read: who writes looks again at who will read it
        page.previewed = page.previewed or led
        return receive(page, self._written, look=led)

    def _written(self, post: Post) -> None:
        """For the journal; and who answers has read up to there."""
        self.request.journal(post.id)
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
