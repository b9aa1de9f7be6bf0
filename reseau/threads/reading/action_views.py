"""What readers do on a thread: small forms, each back to where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther, HTTPTooManyRequests
from pyramid.view import view_config, view_defaults

from reseau.core.limits import allow
from reseau.notices import following
from reseau.threads.base import services
from reseau.threads.base.addresses import anchor, path_of
from reseau.threads.base.models import KIND
from reseau.threads.base.routes import PostContext, ThreadContext
from reseau.threads.base.shapes import THANKS_PER_HOUR
from reseau.threads.reading import gestures, polls
from reseau.threads.reading.page_views import page_of
from reseau.threads.reading.routes import AnswerContext, WordsContext
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request


def wanted(request: Request, name: str) -> bool:
    """Whether a button says yes. :raises HTTPBadRequest: it says neither yes nor no."""
    said = request.POST.get(name)
    if said not in ("0", "1"):
        raise HTTPBadRequest
    return bool(said == "1")


@view_defaults(request_method="POST", permission=Permission.ACCOUNT_OWN)
class ThreadActions:
    """Of a whole thread."""

    def __init__(self, context: ThreadContext, request: Request) -> None:
        self.context, self.request = context, request
        self.thread = context.thread
        self.now, self.person = request.registry["clock"](), request.identity.person_id
        request.journal(self.thread.id)

    def _back(self, place: str) -> HTTPSeeOther:
        return HTTPSeeOther(f"{self.request.script_name}{self.context.path}#{place}")

    @view_config(route_name="threads.follow", journal="thread.follow")
    def follow(self) -> HTTPSeeOther:
        say = following.follow if wanted(self.request, "suivre") else following.unfollow
        say(self.request.db, self.person, (KIND, self.thread.id), self.now)
        return self._back("suivre")

    @view_config(route_name="threads.bookmark", journal="thread.bookmark")
    def bookmark(self) -> HTTPSeeOther:
        kept = wanted(self.request, "favori")
        if not gestures.bookmark(self.request.db, self.thread.id, self.person, kept, self.now):
            self.request.journal_nothing()
        return self._back("suivre")

    @view_config(
        route_name="threads.vote", journal="thread.vote", permission=Permission.THREAD_WRITE,
        renderer="templates/page.jinja2",
    )  # fmt: skip
    def vote(self) -> Any:
        request = self.request
        try:
            polls.vote(request.db, self.thread.id, self.person, request.POST.getall("choix"), self.now)
        except polls.Refused as refused:
            page = page_of(self.context, request)
            why = request.gettext(str(refused.args[0]))
            return refuse(request, page=page, thread=page.thread, posts=page.posts, refused=why, done="")
        return self._back("sondage")


@view_defaults(request_method="POST", permission=Permission.ACCOUNT_OWN)
class PostActions:
    """Of one post."""

    def __init__(self, context: PostContext, request: Request) -> None:
        self.context, self.request = context, request
        self.thread, self.post = context.thread, context.post
        self.now, self.person = request.registry["clock"](), request.identity.person_id
        request.journal(self.post.id)

    def _back(self, done: str = "") -> HTTPSeeOther:
        path = f"{self.request.script_name}{self.context.path}"
        return HTTPSeeOther(f"{path}?message={self.post.id}{done}#{anchor(self.post)}")

    def _counted(self, limit: Any) -> None:
        if not allow(self.request.db, limit, str(self.person), self.now):
            raise HTTPTooManyRequests

    @view_config(route_name="threads.thank", journal="post.thank")
    def thank(self) -> HTTPSeeOther:
        said = wanted(self.request, "merci")
        self._counted(THANKS_PER_HOUR)
        if not gestures.thank(self.request.db, self.post, self.person, said, self.now):
            self.request.journal_nothing()
        return self._back("" if said else "&fait=merci-retire")


@view_config(
    route_name="threads.answer", journal="thread.answer", permission=Permission.THREAD_ANSWERED, request_method="POST"
)
def answer(context: AnswerContext, request: Request) -> HTTPSeeOther:
    """The author of the thread, or a coordinator, says which post helped; or that it did not after all."""
    said, now = wanted(request, "reponse"), request.registry["clock"]()
    thread, post = services.locked(request.db, context.post.id)
    request.journal(thread.id, post=str(post.id))
    moved = thread.id != context.thread.id  # meanwhile: of another thread, its own author says what helped
    changed = not moved and (said or thread.answer_id == post.id)
    if not changed or not services.mark_answer(request.db, thread, post if said else None, now=now):
        request.journal_nothing()
    return HTTPSeeOther(f"{request.script_name}{path_of(thread)}?message={post.id}#{anchor(post)}")


@view_config(route_name="threads.wish", journal="post.wish", permission=Permission.ACCOUNT_OWN, request_method="POST")
def wish(context: WordsContext, request: Request) -> HTTPSeeOther:
    """A reader asks for a post in their language."""
    lang, person = langs.tag(request.POST.get("langue", "")), request.identity.person_id
    _ = context.words
    post, now = context.post, request.registry["clock"]()
    if lang is None or lang == post.lang:
        raise HTTPBadRequest
    if not allow(request.db, gestures.WISHES_PER_HOUR, str(person), now):
        raise HTTPTooManyRequests
    request.journal(post.id, lang=lang)
    if not gestures.wish(request.db, post, lang, person, now):
        request.journal_nothing()
    return HTTPSeeOther(f"{request.script_name}{context.path}?message={post.id}#{anchor(post)}")
