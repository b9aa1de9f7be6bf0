"""A new thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.threads.writing.new_page import NewPage
from reseau.threads.writing.page import posted
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyramid.request import Request

    from reseau.threads.base.models import Post
    from reseau.threads.writing.reply_page import ReplyPage

A_DRAFT = "a draft changes nothing that others see"


def receive(page: NewPage | ReplyPage, journal: Callable[[Post], None], *, look: bool = False) -> Any:
    """A form was sent: the page again, or to what it wrote. :param journal: what is told to it of what was written.
    :param look: whatever button was pressed, it is only shown as it will be."""
    request = page.request
    if page.already is not None:
        request.journal_nothing()
        return HTTPSeeOther(page.written(page.already))
    page.take()
    if (page.has_button or look) and not page.file_error:
        request.journal_nothing()
        page.keep()
        return {"page": page}
    post = page.publish()
    if post is None:
        page.keep()
        if page.asks:
            request.journal_nothing()
            return {"page": page}
        return refuse(request, page=page)
    journal(post)
    return HTTPSeeOther(page.written(post))


@view_defaults(route_name="threads.new", permission=Permission.THREAD_WRITE, renderer="templates/new.jinja2")
class NewPages:
    """The form, its preview, the thread."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return {"page": NewPage(self.request)}

    @view_config(request_method="POST", journal="thread.start", takes_files=True)
    def publish(self) -> Any:
        page = NewPage(self.request, posted(self.request))
        return receive(page, lambda post: self.request.journal(post.thread_id, kind=page.said.get("type", "")))


@view_config(
    route_name="threads.new.draft", request_method="POST", permission=Permission.THREAD_WRITE,
    journal_exempt_reason=A_DRAFT,
)  # fmt: skip
def keep(request: Request) -> Any:
    """What is typed is kept, or thrown away."""
    page = NewPage(request, posted(request))
    if "effacer" in page.said:
        page.forget()
        return HTTPSeeOther(page.url + (f"?objet={page.objet}" if page.objet else ""))
    page.keep()
    return HTTPNoContent()
