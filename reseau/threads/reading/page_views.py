"""A thread on screen, on paper, as Markdown; the permanent address of a post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.threads.base.addresses import anchor
from reseau.threads.base.routes import PostContext, ThreadContext
from reseau.threads.reading.export import markdown
from reseau.threads.reading.page import PAPER, ThreadPage
from reseau.threads.reading.posts import Window
from reseau.threads.reading.routes import settle
from reseau.web.security import Permission
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request


def page_of(context: ThreadContext, request: Request, wanted: Window | None = None) -> ThreadPage:
    """What is asked of a thread: which posts, translated into which language."""
    if wanted is None:
        asked = (request.GET.get(name, "") for name in ("apres", "avant", "message"))
        wanted = Window.asked(*asked)
    lang = langs.tag(request.GET.get("traduction", "")) or request.lang
    return ThreadPage(request, context, wanted, lang)


@view_defaults(permission=Permission.THREAD_READ, request_method="GET", cache="public")
class ThreadPages:
    """A thread, for people and printers."""

    def __init__(self, context: ThreadContext, request: Request) -> None:
        self.context, self.request = context, request

    @view_config(route_name="threads.thread", renderer="templates/page.jinja2")
    def read(self) -> dict[str, Any]:
        settle(self.context, self.request)
        page = page_of(self.context, self.request)
        shown = {"page": page, "thread": page.thread, "posts": page.posts, "refused": "",
                 "done": self.request.GET.get("fait")}  # fmt: skip
        page.mark_read()
        return shown

    @view_config(route_name="threads.print", renderer="templates/print.jinja2")
    def paper(self) -> dict[str, Any]:
        page = page_of(self.context, self.request, PAPER)
        return {"page": page, "thread": page.thread, "posts": page.posts}

    @view_config(route_name="threads.markdown")
    def as_markdown(self) -> Response:
        page = page_of(self.context, self.request, PAPER)
        text = markdown(page, self.request)
        found = Response(text.encode(), content_type="text/markdown", charset="utf-8")
        found.content_disposition = f'attachment; filename="{page.thread.slug or "fil"}.md"'
        return found


@view_config(route_name="threads.post", permission=Permission.THREAD_READ, request_method="GET")
def permalink(context: PostContext, request: Request) -> HTTPSeeOther:
    """The page that holds a post, wherever its thread is today."""
    path, post = context.path, context.post
    done = "&fait=publie" if request.GET.get("fait") == "publie" else ""
    return HTTPSeeOther(f"{request.script_name}{path}?message={post.id}{done}#{anchor(post)}")
